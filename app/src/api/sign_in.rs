//! Server functions of signing in and out. Authorisation: stage checks are the use cases' own
//! (R7); none of these functions decides anything.

#![expect(
    missing_docs,
    reason = "the macro makes a struct of each function's arguments"
)]

use super::error::ApiError;
use crate::navigation::NavigationReply;
use leptos::{prelude::server, server_fn::codec::Postcard};

/// User and password, with the button that was pressed. Open to all.
#[server(endpoint = "sign-in", output = Postcard)]
pub async fn sign_in(
    #[server(default)] login: String,
    #[server(default)] password: String,
    #[server(default)] intent: String,
) -> Result<NavigationReply, ApiError> {
    use super::{backend::Intent, request};
    let intent = if intent == "second-factor" {
        Intent::SecondFactor
    } else {
        Intent::Enter
    };
    let sign_in = request::portal().backend.sign_in;
    request::answer(
        sign_in
            .sign_in(request::facts(), login, password, intent)
            .await,
    )
    .await
}

/// The code. Needs a password-only session with an active or provisional factor.
#[server(endpoint = "verify-code", output = Postcard)]
pub async fn verify_code(#[server(default)] code: String) -> Result<NavigationReply, ApiError> {
    use super::request;
    let sign_in = request::portal().backend.sign_in;
    request::answer(sign_in.verify_code(request::facts(), code).await).await
}

/// Sign-out. Ends whatever session the cookie names.
#[server(endpoint = "sign-out", output = Postcard)]
pub async fn sign_out() -> Result<NavigationReply, ApiError> {
    use super::request;
    let sign_in = request::portal().backend.sign_in;
    request::answer(sign_in.sign_out(request::facts()).await).await
}

/// Language of the pages. Open to all.
#[server(endpoint = "language", output = Postcard)]
pub async fn set_language(
    #[server(default)] lang: String,
    #[server(default)] back: String,
) -> Result<NavigationReply, ApiError> {
    use super::request;
    let lang = crate::text::Lang::from_code(&lang).unwrap_or_default();
    request::answer(Ok(request::language_answer(lang, &back))).await
}
