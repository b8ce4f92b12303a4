//! Sends the one request of a step.

use crate::navigation::Step;
use app::navigation::{
    AnswerProblem, CONTENT_TYPE, HEADER, NavigationReply, RunningDocument, read_reply,
};
use js_sys::Uint8Array;
use leptos::prelude::window;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, RequestInit, RequestRedirect, Response};

/// Sends a step and reads the reply. Redirects are not followed: our server redirects no request with this header, so a
/// redirect comes from another party.
pub async fn send(
    step: &Step,
    document: &RunningDocument,
    signal: &AbortSignal,
) -> Result<NavigationReply, AnswerProblem> {
    let (status, kind, body) = fetch(step, document, signal)
        .await
        .map_err(|_| AnswerProblem::NoAnswer)?;
    read_reply(status, &kind, &body)
}

/// Status, media type and body of the answer.
async fn fetch(
    step: &Step,
    document: &RunningDocument,
    signal: &AbortSignal,
) -> Result<(u16, String, Vec<u8>), JsValue> {
    let headers = Headers::new()?;
    headers.set("accept", CONTENT_TYPE)?;
    headers.set(HEADER, &document.to_header())?;
    let init = RequestInit::new();
    init.set_redirect(RequestRedirect::Manual);
    init.set_signal(Some(signal));
    let url = match step {
        Step::Page { address } => address,
        Step::Form { action, body } => {
            init.set_method("POST");
            headers.set("content-type", "application/x-www-form-urlencoded")?;
            init.set_body(&JsValue::from_str(body));
            action
        }
    };
    init.set_headers(&headers);
    let response = JsFuture::from(window().fetch_with_str_and_init(url, &init)).await?;
    let response: Response = response.dyn_into()?;
    let kind = response.headers().get("content-type").ok().flatten();
    let body = JsFuture::from(response.array_buffer()?).await?;
    let body = Uint8Array::new(&body).to_vec();
    Ok((response.status(), kind.unwrap_or_default(), body))
}
