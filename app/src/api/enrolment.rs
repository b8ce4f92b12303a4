//! Server functions of enrolment and activation.

#[cfg(feature = "ssr")]
use super::backend::{SyncPage, TypedEmail};
use super::error::ApiResult;
#[cfg(feature = "ssr")]
use super::request::{call, respond};
use crate::navigation::NavigationReply;
use crate::view::{Progress, SyncReport};
use leptos::prelude::server;
use leptos::server_fn::codec::Postcard;

/// **Prosseguir**. Needs a session in any stage, of a person without an active factor.
#[server(endpoint = "enrolment-begin", output = Postcard)]
pub async fn begin_enrolment() -> ApiResult<NavigationReply> {
    let (backend, context) = call();
    respond(backend.begin_enrolment(context).await).await
}

/// Takes the first code and the email. Needs such a session and the cookie of the browser that began the enrolment.
#[server(endpoint = "enrolment-submit", output = Postcard)]
pub async fn submit_enrolment(
    #[server(default)] code: String,
    #[server(default)] email: String,
    #[server(default)] confirmed: String,
) -> ApiResult<NavigationReply> {
    let (backend, context) = call();
    let typed = TypedEmail { email, confirmed };
    respond(backend.submit_enrolment(context, code, typed).await).await
}

/// Gives a password-only session its full time again. Needs a session of a person without an active factor. The typed email
/// comes back.
#[server(endpoint = "enrolment-extend", output = Postcard)]
pub async fn extend_session(
    #[server(default)] email: String,
    #[server(default)] confirmed: String,
) -> ApiResult<NavigationReply> {
    let (backend, context) = call();
    let typed = TypedEmail { email, confirmed };
    respond(backend.extend_session(context, typed).await).await
}

/// Mails another link to the same email. Needs a session of a person without an active factor.
#[server(endpoint = "enrolment-resend", output = Postcard)]
pub async fn resend_link() -> ApiResult<NavigationReply> {
    let (backend, context) = call();
    respond(backend.resend_link(context).await).await
}

/// Changes the email. Needs such a session and the cookie of the browser that began the enrolment.
#[server(endpoint = "enrolment-address", output = Postcard)]
pub async fn change_email(
    #[server(default)] email: String,
    #[server(default)] confirmed: String,
) -> ApiResult<NavigationReply> {
    let (backend, context) = call();
    let typed = TypedEmail { email, confirmed };
    respond(backend.change_email(context, typed).await).await
}

/// **Cancelar**. Needs a session of a person without an active factor.
#[server(endpoint = "enrolment-cancel", output = Postcard)]
pub async fn cancel_enrolment() -> ApiResult<NavigationReply> {
    let (backend, context) = call();
    respond(backend.cancel_enrolment(context).await).await
}

/// **Confirmar**. The token of the link is the authority; no session is needed (R14).
#[server(endpoint = "activation-confirm", output = Postcard)]
pub async fn confirm_activation(#[server(default)] token: String) -> ApiResult<NavigationReply> {
    let (backend, context) = call();
    respond(backend.confirm_activation(context, token).await).await
}

/// **Não fui eu** on an activation link. The token is the authority.
#[server(endpoint = "activation-deny", output = Postcard)]
pub async fn deny_activation(#[server(default)] token: String) -> ApiResult<NavigationReply> {
    let (backend, context) = call();
    respond(backend.deny_activation(context, token).await).await
}

/// **Não fui eu** of a security alert. The token is the authority.
#[server(endpoint = "not-me", output = Postcard)]
pub async fn not_me(#[server(default)] token: String) -> ApiResult<NavigationReply> {
    let (backend, context) = call();
    respond(backend.report_not_me(context, token).await).await
}

/// Asked by the page that waits for the link. It changes nothing and needs the cookie of the browser that began the
/// enrolment, or a session of its person.
#[server(endpoint = "enrolment-progress", output = Postcard)]
pub async fn enrolment_progress() -> ApiResult<Progress> {
    let (backend, context) = call();
    backend.enrolment_progress(context).await
}

/// Asked by the activated page. It changes nothing and needs the receipt, or the cookie of the browser that began the
/// enrolment.
#[server(endpoint = "sync-progress", output = Postcard)]
pub async fn sync_progress() -> ApiResult<SyncReport> {
    let (backend, context) = call();
    backend.sync_progress(context, SyncPage::Activated).await
}

/// Asked by the pages of the account. It changes nothing and needs a full session. A function of its own, because one with an argument
/// would bring two kilobytes of code into the wasm.
#[server(endpoint = "account-sync-progress", output = Postcard)]
pub async fn account_sync_progress() -> ApiResult<SyncReport> {
    let (backend, context) = call();
    backend.sync_progress(context, SyncPage::Account).await
}
