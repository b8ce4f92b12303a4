//! Server functions of enrolling and activating.

use super::error::ApiError;
use crate::{
    navigation::NavigationReply,
    view::{Progress, SyncReport},
};
use leptos::{prelude::server, server_fn::codec::Postcard};

/// **Prosseguir**. Needs a password-only session without an active factor, or a full one.
#[server(endpoint = "enrolment-begin", output = Postcard)]
pub async fn begin_enrolment() -> Result<NavigationReply, ApiError> {
    use super::request;
    let backend = request::portal().backend;
    request::respond(backend.begin_enrolment(request::request_context()).await).await
}

/// Code and address. Needs the session and the cookie of the browser that began.
#[server(endpoint = "enrolment-submit", output = Postcard)]
pub async fn submit_enrolment(
    #[server(default)] code: String,
    #[server(default)] email: String,
    #[server(default)] confirmed: String,
) -> Result<NavigationReply, ApiError> {
    use super::{backend::TypedEmail, request};
    let backend = request::portal().backend;
    let typed = TypedEmail { email, confirmed };
    let context = request::request_context();
    request::respond(backend.submit_enrolment(context, code, typed).await).await
}

/// More time. Needs the password-only session of an enrolment. What was typed comes back.
#[server(endpoint = "enrolment-extend", output = Postcard)]
pub async fn extend_session(
    #[server(default)] email: String,
    #[server(default)] confirmed: String,
) -> Result<NavigationReply, ApiError> {
    use super::{backend::TypedEmail, request};
    let backend = request::portal().backend;
    let typed = TypedEmail { email, confirmed };
    request::respond(
        backend
            .extend_session(request::request_context(), typed)
            .await,
    )
    .await
}

/// Another link to the same address. Needs the session of the person who enrols.
#[server(endpoint = "enrolment-resend", output = Postcard)]
pub async fn resend_link() -> Result<NavigationReply, ApiError> {
    use super::request;
    let backend = request::portal().backend;
    request::respond(backend.resend_link(request::request_context()).await).await
}

/// Another address. Needs the session and the cookie of the browser that began.
#[server(endpoint = "enrolment-address", output = Postcard)]
pub async fn change_email(
    #[server(default)] email: String,
    #[server(default)] confirmed: String,
) -> Result<NavigationReply, ApiError> {
    use super::{backend::TypedEmail, request};
    let backend = request::portal().backend;
    let typed = TypedEmail { email, confirmed };
    request::respond(
        backend
            .change_email(request::request_context(), typed)
            .await,
    )
    .await
}

/// **Cancelar**. Needs the session of the person who enrols.
#[server(endpoint = "enrolment-cancel", output = Postcard)]
pub async fn cancel_enrolment() -> Result<NavigationReply, ApiError> {
    use super::request;
    let backend = request::portal().backend;
    request::respond(backend.cancel_enrolment(request::request_context()).await).await
}

/// **Confirmar**. The authority is the token of the link; no session is needed (R14).
#[server(endpoint = "activation-confirm", output = Postcard)]
pub async fn confirm_activation(
    #[server(default)] token: String,
) -> Result<NavigationReply, ApiError> {
    use super::request;
    let backend = request::portal().backend;
    request::respond(
        backend
            .confirm_activation(request::request_context(), token)
            .await,
    )
    .await
}

/// **Não fui eu** on an activation link. The authority is the token.
#[server(endpoint = "activation-deny", output = Postcard)]
pub async fn deny_activation(
    #[server(default)] token: String,
) -> Result<NavigationReply, ApiError> {
    use super::request;
    let backend = request::portal().backend;
    request::respond(
        backend
            .deny_activation(request::request_context(), token)
            .await,
    )
    .await
}

/// **Não fui eu** of a notice. The authority is the token.
#[server(endpoint = "not-me", output = Postcard)]
pub async fn not_me(#[server(default)] token: String) -> Result<NavigationReply, ApiError> {
    use super::request;
    let backend = request::portal().backend;
    request::respond(
        backend
            .report_not_me(request::request_context(), token)
            .await,
    )
    .await
}

/// What the waiting page asks. Changes nothing; needs the cookie of the browser that began.
#[server(endpoint = "enrolment-progress", output = Postcard)]
pub async fn enrolment_progress() -> Result<Progress, ApiError> {
    use super::request;
    let backend = request::portal().backend;
    backend.enrolment_progress(request::request_context()).await
}

/// What the activated page asks. Changes nothing; needs the receipt, or the cookie of the browser
/// that began.
#[server(endpoint = "sync-progress", output = Postcard)]
pub async fn sync_progress() -> Result<SyncReport, ApiError> {
    use super::request;
    let backend = request::portal().backend;
    backend.sync_progress(request::request_context()).await
}
