//! Server functions of sign-in and sign-out. They decide nothing: the use cases check the stage of the session (R7).

use super::error::ApiResult;
#[cfg(feature = "ssr")]
use super::request::{call, language_response, respond};
#[cfg(feature = "ssr")]
use crate::model::{Language, SignInPurpose};
use crate::navigation::NavigationReply;
use leptos::prelude::server;
use leptos::server_fn::codec::Postcard;

/// Checks user and password, with the button that was pressed. Everyone may call it.
#[server(endpoint = "sign-in", output = Postcard)]
pub async fn sign_in(
    #[server(default)] login: String,
    #[server(default)] password: String,
    #[server(default)] intent: String,
) -> ApiResult<NavigationReply> {
    let purpose = SignInPurpose::from_code(&intent).unwrap_or_default();
    let (backend, context) = call();
    respond(backend.sign_in(context, login, password, purpose).await).await
}

/// Checks the code. Needs a password-only session of a person with an active or provisional factor.
#[server(endpoint = "verify-code", output = Postcard)]
pub async fn verify_code(#[server(default)] code: String) -> ApiResult<NavigationReply> {
    let (backend, context) = call();
    respond(backend.verify_code(context, code).await).await
}

/// Lets this browser try to sign in. The token of the link is the authority; no session is needed (R14, R31).
#[server(endpoint = "sign-in-link", output = Postcard)]
pub async fn use_sign_in_link(#[server(default)] token: String) -> ApiResult<NavigationReply> {
    let (backend, context) = call();
    respond(backend.use_sign_in_link(context, token).await).await
}

/// Ends the session that the cookie names, if there is one.
#[server(endpoint = "sign-out", output = Postcard)]
pub async fn sign_out() -> ApiResult<NavigationReply> {
    let (backend, context) = call();
    respond(backend.sign_out(context).await).await
}

/// Sets the language of the pages. Everyone may call it.
#[server(endpoint = "language", output = Postcard)]
pub async fn set_language(
    #[server(default)] lang: String,
    #[server(default)] back: String,
) -> ApiResult<NavigationReply> {
    let language = Language::from_code(&lang).unwrap_or_default();
    respond(Ok(language_response(language, &back))).await
}
