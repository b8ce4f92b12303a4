//! The one file that touches cookies, headers and redirects.

use super::{
    backend::{Answer, Backend, CookieKind, Facts, Page, Reply, SetCookie},
    error::ApiError,
};
use crate::{Site, text::Lang, view::Went};
use http::{HeaderName, HeaderValue, StatusCode, header, request::Parts};
use leptos::prelude::{expect_context, use_context};
use leptos_axum::ResponseOptions;

/// Network address of the peer, put into the request by the server's listener.
#[derive(Clone, Debug)]
pub struct PeerAddress(pub String);

/// Longest `User-Agent` looked at.
const USER_AGENT: usize = 400;
/// Longest cookie value looked at; a rejected form is the longest of ours.
const COOKIE: usize = 3500;

/// The server's side of pages and server functions.
pub fn backend() -> Backend {
    expect_context::<Backend>()
}

/// The installation that this request came to.
pub fn site() -> Site {
    expect_context::<Site>()
}

/// What this request brought along. A cookie that is there twice counts as absent: nobody can
/// tell which one is ours.
pub fn facts() -> Facts {
    let Some(parts) = use_context::<Parts>() else {
        return Facts::default();
    };
    let site = site();
    let cookie = |kind: CookieKind| {
        let name = site.cookie_name(kind);
        let mut found = parts
            .headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(key, _)| *key == name)
            .map(|(_, value)| value.to_owned());
        found
            .next()
            .filter(|value| found.next().is_none() && value.len() <= COOKIE)
    };
    let user_agent = parts
        .headers
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok());
    Facts {
        session: cookie(CookieKind::Session),
        enrolment: cookie(CookieKind::Enrolment),
        receipt: cookie(CookieKind::Receipt),
        browser: cookie(CookieKind::Browser),
        form: cookie(CookieKind::Form),
        lang: cookie(CookieKind::Language)
            .and_then(|code| Lang::from_code(&code))
            .or_else(|| {
                let wanted = parts.headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
                Some(Lang::preferred(wanted))
            })
            .unwrap_or_default(),
        user_agent: user_agent
            .unwrap_or_default()
            .chars()
            .take(USER_AGENT)
            .collect(),
        address: parts
            .extensions
            .get::<PeerAddress>()
            .map(|peer| peer.0.clone())
            .unwrap_or_default(),
    }
}

/// Path of the page being rendered.
pub fn current_path() -> String {
    use_context::<Parts>().map_or_else(|| "/".to_owned(), |parts| parts.uri.path().to_owned())
}

/// Header by which a fault of a plain form reaches the layer that draws its page; it never leaves
/// the server.
pub const FAULT: HeaderName = HeaderName::from_static("eproc-fault");

/// Ends every form: sets the cookies, and leads a plain form to the next page; a fetch gets the
/// path as data.
pub fn answer(outcome: Reply<Answer>) -> Result<Went, ApiError> {
    let response = expect_context::<ResponseOptions>();
    let outcome = outcome.inspect_err(|error| {
        if let ApiError::Unavailable { reference } = error
            && let Ok(value) = HeaderValue::from_str(reference)
        {
            response.insert_header(FAULT, value);
        }
    })?;
    let site = site();
    for cookie in &outcome.cookies {
        if let Ok(value) = HeaderValue::from_str(&site.set_cookie(cookie)) {
            response.append_header(header::SET_COOKIE, value);
        }
    }
    leptos_axum::redirect(&outcome.go);
    Ok(Went { to: outcome.go })
}

/// The answer of the language buttons: a year, back to the page they stood on.
pub fn language_answer(lang: Lang, back: &str) -> Answer {
    let to = if crate::routes::is_page(back) {
        back
    } else {
        crate::routes::SIGN_IN
    };
    let mut answer = Answer::to(to);
    answer.cookies.push(SetCookie {
        kind: CookieKind::Language,
        value: Some(lang.code().to_owned()),
        max_age: Some(365 * 86_400),
    });
    answer
}

/// A page's view, or the redirect it answered with.
pub fn show<V>(page: Page<V>) -> Option<V> {
    match page {
        Page::Show(view) => Some(view),
        Page::Go(path) => {
            // not the framework's redirect: it looks at `Accept`, and a page has no other answer
            let response = expect_context::<ResponseOptions>();
            if let Ok(value) = HeaderValue::from_str(&path) {
                response.insert_header(header::LOCATION, value);
                response.set_status(StatusCode::SEE_OTHER);
            }
            None
        }
    }
}

/// Header by which the nonce of a page reaches the layer that writes its policy; it never leaves
/// the server.
pub const NONCE: HeaderName = HeaderName::from_static("eproc-nonce");

/// Lets the framework's scripts of this page run.
pub fn allow_nonce(nonce: &str) {
    if let (Some(response), Ok(value)) = (
        use_context::<ResponseOptions>(),
        HeaderValue::from_str(nonce),
    ) {
        response.insert_header(NONCE, value);
    }
}

/// Sets the status of the page being rendered.
pub fn status(code: StatusCode) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(code);
    }
}
