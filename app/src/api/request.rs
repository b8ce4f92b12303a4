//! Server functions' side of HTTP: what a request brought along, and how a form is answered.

use super::{
    backend::{ApiResult, Destination, FormResponse, Portal, RequestContext},
    cookies::{CookieKind, Cookies, SetCookie, set_cookie_header},
    error::ApiError,
};
use crate::{
    model::Language,
    navigation::{self, NavigationAnswer, NavigationReply, RunningDocument},
};
use http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts};
use leptos::prelude::{expect_context, use_context};
use leptos_axum::ResponseOptions;
use std::net::IpAddr;

/// The client's network address, an extension that the server's listener puts into each request.
#[derive(Clone, Copy, Debug)]
pub struct ClientIp(pub IpAddr);

/// Most characters of the header `User-Agent` that are looked at.
const USER_AGENT_CHARS: usize = 400;
/// How long the choice of a language is kept, in seconds: a year.
const LANGUAGE_MAX_AGE: i64 = 365 * 86_400;

/// Header by which a fault of a form reaches the layer that draws its page; it never leaves the server.
pub const FAULT: HeaderName = HeaderName::from_static("eproc-fault");

/// Value of `Cache-Control` of a response with a secret in it: the compression layer, and whatever stands in
/// front, leaves it as it is (BREACH).
pub const SECRET: HeaderValue = HeaderValue::from_static("no-store, no-transform");

/// The instance, as the server put it into the context of server functions.
pub fn portal() -> Portal {
    expect_context::<Portal>()
}

/// What this request brought along, in a server function.
pub fn request_context() -> RequestContext {
    let portal = portal();
    use_context::<Parts>().map_or_else(RequestContext::default, |parts| {
        request_context_of(&parts, &portal)
    })
}

/// What a request brought along.
pub fn request_context_of(parts: &Parts, portal: &Portal) -> RequestContext {
    let header_text = |name| parts.headers.get(name)?.to_str().ok();
    let cookies = Cookies::of_headers(&parts.headers, &portal.site);
    let language = cookies
        .language
        .or_else(|| header_text(header::ACCEPT_LANGUAGE).map(Language::preferred))
        .unwrap_or_default();
    let user_agent = header_text(header::USER_AGENT).unwrap_or_default();
    RequestContext {
        cookies,
        locale: portal.locale(language),
        user_agent: user_agent.chars().take(USER_AGENT_CHARS).collect(),
        ip: parts.extensions.get::<ClientIp>().map(|client| client.0),
    }
}

/// The running document that a request says it comes from; `None` for a plain request.
pub fn running_document(headers: &HeaderMap) -> Option<RunningDocument> {
    RunningDocument::of_header(headers.get(navigation::HEADER)?.to_str().ok()?)
}

/// Ends every form: sets the cookies, and leads to the next page. A running document gets that page in the same
/// response, made with the new cookies in place of the old ones; a plain form gets a redirect.
pub async fn respond(result: ApiResult<FormResponse>) -> Result<NavigationReply, ApiError> {
    let response = expect_context::<ResponseOptions>();
    let form = result.inspect_err(|error| {
        if let ApiError::Unavailable { reference } = error
            && let Ok(value) = HeaderValue::from_str(reference)
        {
            response.insert_header(FAULT, value);
        }
    })?;
    let portal = portal();
    for cookie in &form.cookies {
        if let Ok(value) = HeaderValue::from_str(&set_cookie_header(&portal.site, cookie)) {
            response.append_header(header::SET_COOKIE, value);
        }
    }
    let document = use_context::<Parts>().and_then(|parts| running_document(&parts.headers));
    let path = match form.redirect_to {
        Destination::Page(path) => path,
        Destination::OtherOrigin(url) => {
            if document.is_none() {
                leptos_axum::redirect(&url);
            }
            return Ok(NavigationReply::LeaveOrigin { url });
        }
    };
    let Some(document) = document else {
        leptos_axum::redirect(&path);
        return Ok(NavigationReply::LoadDocument { address: path });
    };
    let mut context = request_context();
    context.cookies = context.cookies.after(&form.cookies);
    if let Some(language) = context.cookies.language {
        context.locale.language = language;
    }
    let NavigationAnswer {
        status,
        reply,
        holds_secret,
    } = navigation::answer_running_document(&portal, &document, &path, context).await;
    response.set_status(status);
    if holds_secret {
        response.insert_header(header::CACHE_CONTROL, SECRET);
    }
    Ok(reply)
}

/// The response to the language buttons: back to the page they stood on.
pub fn language_response(language: Language, back: &str) -> FormResponse {
    let to = if crate::routes::is_page(back) {
        back
    } else {
        crate::routes::SIGN_IN
    };
    let mut response = FormResponse::redirect(to);
    response.cookies.push(SetCookie {
        kind: CookieKind::Language,
        value: Some(language.code().to_owned()),
        max_age: Some(LANGUAGE_MAX_AGE),
    });
    response
}
