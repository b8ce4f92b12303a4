//! Server functions of signing in and out. Authorisation: stage checks are the use cases' own
//! (R7); none of these functions decides anything.

#![cfg_attr(
    feature = "ssr",
    expect(
        clippy::unused_async,
        reason = "server functions are async by contract"
    )
)]
#![expect(
    missing_docs,
    reason = "the macro makes a struct of each function's arguments"
)]

use super::error::ApiError;
use crate::view::Went;
use leptos::prelude::server;

/// User and password, with the button that was pressed. Open to all.
#[server(endpoint = "sign-in")]
pub async fn sign_in(
    #[server(default)] login: String,
    #[server(default)] password: String,
    #[server(default)] intent: String,
) -> Result<Went, ApiError> {
    use super::{backend::Intent, request};
    let intent = if intent == "second-factor" {
        Intent::SecondFactor
    } else {
        Intent::Enter
    };
    let sign_in = request::backend().sign_in;
    request::answer(
        sign_in
            .sign_in(request::facts(), login, password, intent)
            .await,
    )
}

/// The code. Needs a password-only session with an active or provisional factor.
#[server(endpoint = "verify-code")]
pub async fn verify_code(#[server(default)] code: String) -> Result<Went, ApiError> {
    use super::request;
    let sign_in = request::backend().sign_in;
    request::answer(sign_in.verify_code(request::facts(), code).await)
}

/// Sign-out. Ends whatever session the cookie names.
#[server(endpoint = "sign-out")]
pub async fn sign_out() -> Result<Went, ApiError> {
    use super::request;
    let sign_in = request::backend().sign_in;
    request::answer(sign_in.sign_out(request::facts()).await)
}

/// Language of the pages. Open to all.
#[server(endpoint = "language")]
pub async fn set_language(
    #[server(default)] lang: String,
    #[server(default)] back: String,
) -> Result<Went, ApiError> {
    use super::request;
    let lang = crate::text::Lang::from_code(&lang).unwrap_or_default();
    request::answer(Ok(request::language_answer(lang, &back)))
}
