//! The one file that touches cookies, headers and redirects.

use super::{
    backend::{Answer, CookieKind, Destination, Facts, Page, Portal, Reply, SetCookie},
    error::ApiError,
};
use crate::{
    Site,
    navigation::{self, NavigationAnswer, NavigationReply, RunningDocument},
    text::Lang,
};
use http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts};
use leptos::prelude::{expect_context, use_context};
use leptos_axum::ResponseOptions;

/// Network address of the peer, put into the request by the server's listener.
#[derive(Clone, Debug)]
pub struct PeerAddress(pub String);

/// Longest `User-Agent` looked at.
const USER_AGENT: usize = 400;
/// Longest cookie value looked at; a rejected form is the longest of ours.
const COOKIE: usize = 3500;

/// The installation and its use cases, as put into the context of server functions.
pub fn portal() -> Portal {
    expect_context::<Portal>()
}

/// What this request brought along, in a server function.
pub fn facts() -> Facts {
    use_context::<Parts>().map_or_else(Facts::default, |parts| facts_of(&parts, &portal().site))
}

/// What a request brought along. A cookie that is there twice counts as absent: nobody can tell
/// which one is ours.
pub fn facts_of(parts: &Parts, site: &Site) -> Facts {
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

/// The running document that a request says it comes from; `None` for a plain request.
pub fn running_document(headers: &HeaderMap) -> Option<RunningDocument> {
    RunningDocument::of_header(headers.get(navigation::HEADER)?.to_str().ok()?)
}

/// Header by which a fault of a form reaches the layer that draws its page; it never leaves the
/// server.
pub const FAULT: HeaderName = HeaderName::from_static("eproc-fault");

/// Value of `Cache-Control` of an answer with a secret in it: the compression layer, and whatever
/// stands in front, leaves it as it is (BREACH).
pub const SECRET: HeaderValue = HeaderValue::from_static("no-store, no-transform");

/// Ends every form: sets the cookies, and leads to the next page. A running document gets that page
/// in the same answer, made with the cookies of the answer in place of the old ones; a plain form
/// gets a redirect.
pub async fn answer(outcome: Reply<Answer>) -> Result<NavigationReply, ApiError> {
    let response = expect_context::<ResponseOptions>();
    let outcome = outcome.inspect_err(|error| {
        if let ApiError::Unavailable { reference } = error
            && let Ok(value) = HeaderValue::from_str(reference)
        {
            response.insert_header(FAULT, value);
        }
    })?;
    let portal = portal();
    for cookie in &outcome.cookies {
        if let Ok(value) = HeaderValue::from_str(&portal.site.set_cookie(cookie)) {
            response.append_header(header::SET_COOKIE, value);
        }
    }
    let document = use_context::<Parts>().and_then(|parts| running_document(&parts.headers));
    let path = match outcome.go {
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
    let facts = facts().with_cookies(&outcome.cookies);
    let NavigationAnswer {
        status,
        reply,
        holds_secret,
    } = navigation::answer_running_document(&portal, &document, &path, facts).await;
    response.set_status(status);
    if holds_secret {
        response.insert_header(header::CACHE_CONTROL, SECRET);
    }
    Ok(reply)
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

impl<V> Page<V> {
    /// The same page, its view as part of another.
    pub fn map<W>(self, view: impl FnOnce(V) -> W) -> Page<W> {
        match self {
            Self::Show(shown) => Page::Show(view(shown)),
            Self::Go(path) => Page::Go(path),
        }
    }
}
