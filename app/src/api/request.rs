//! The HTTP side of server functions: reading a request and answering a form.

use super::backend::{Backend, Destination, FormResponse, FormResult, Portal, RequestContext};
use super::cookies::{CookieKind, Cookies, set_cookie_header};
use super::error::{ApiError, ApiResult};
use crate::model::Language;
use crate::navigation::{self, NavigationAnswer, NavigationReply, RunningDocument};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use leptos::prelude::{expect_context, use_context};
use leptos_axum::ResponseOptions;
use std::net::IpAddr;
use std::sync::Arc;

/// The client's ip. The server's listener puts it into each request as an extension.
#[derive(Clone, Copy, Debug)]
pub struct ClientIp(pub IpAddr);

/// Most characters of the header `User-Agent` that are read.
const USER_AGENT_CHARS: usize = 400;
/// How long the cookie of the language lives, in seconds: a year.
const LANGUAGE_MAX_AGE: i64 = 365 * 86_400;

/// Header that carries the reference of a failed form to the layer that draws its page. It never leaves the server.
pub const FAULT: HeaderName = HeaderName::from_static("eproc-fault");

/// Value of `Cache-Control` of a response with a secret. The compression layer and proxies must not compress it (BREACH).
pub const SECRET: HeaderValue = HeaderValue::from_static("no-store, no-transform");

/// The instance, which the server puts into the context of server functions.
pub fn portal() -> Portal {
    expect_context::<Portal>()
}

/// The context of this request, inside a server function.
pub fn request_context() -> RequestContext {
    let portal = portal();
    use_context::<Parts>().map_or_else(RequestContext::default, |parts| {
        request_context_of(&parts, &portal)
    })
}

/// The backend and the context of this request: what every server function begins with.
pub fn call() -> (Arc<dyn Backend>, RequestContext) {
    (portal().backend, request_context())
}

/// Reads the cookies, language, user agent and ip of a request.
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

/// The running document from which a request comes; `None` for a plain request.
pub fn running_document(headers: &HeaderMap) -> Option<RunningDocument> {
    RunningDocument::of_header(headers.get(navigation::HEADER)?.to_str().ok()?)
}

/// Ends every form: sets the cookies and leads to the next page. A running document gets that page in the same response, made
/// with the new cookies in place of the old ones. A plain form gets a redirect.
pub async fn respond(result: FormResult) -> ApiResult<NavigationReply> {
    let response = expect_context::<ResponseOptions>();
    let form = result.inspect_err(|error| match error {
        ApiError::Unavailable { reference } => {
            if let Ok(value) = HeaderValue::from_str(reference) {
                response.insert_header(FAULT, value);
            }
        }
        ApiError::Busy { retry_after } => {
            response.insert_header(header::RETRY_AFTER, HeaderValue::from(*retry_after));
        }
        ApiError::Gone => {}
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

/// The response to the language buttons: back to the page on which they were pressed, or to sign-in when `back` is no page of
/// ours.
pub fn language_response(language: Language, back: &str) -> FormResponse {
    let to = if crate::routes::is_page(back) {
        back
    } else {
        crate::routes::SIGN_IN
    };
    FormResponse::redirect(to).set_cookie(
        CookieKind::Language,
        language.code(),
        Some(LANGUAGE_MAX_AGE),
    )
}
