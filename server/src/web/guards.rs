//! The one guard for unsafe requests (R11), and the net under server functions: whatever the
//! framework could not decode gets a page of ours and changes nothing.

use super::fault::{Fault, answer, language, wants_page};
use crate::domain::envelope;
use app::{Site, api::request::FAULT};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

/// Longest body of a form, in bytes.
pub(super) const LONGEST_FORM: usize = 16 * 1024;

/// Requests that are not from a browser and carry their own authority: peers sign what they send.
const EXCEPTIONS: [&str; 1] = [envelope::PATH];

/// What the guard knows of an installation.
#[derive(Clone)]
pub(super) struct Guard {
    pub site: Site,
    /// Scheme, host and port of `public_url`.
    pub origin: String,
}

/// What is to be done with a request, by method, path and headers alone.
#[derive(Debug, PartialEq, Eq)]
enum Ruling {
    Pass,
    Method,
    Forbidden,
}

fn rule(method: &Method, path: &str, headers: &HeaderMap, origin: &str) -> Ruling {
    if method == Method::GET || method == Method::HEAD {
        return Ruling::Pass;
    }
    if method != Method::POST {
        return Ruling::Method;
    }
    if EXCEPTIONS.contains(&path) {
        return Ruling::Pass;
    }
    let text = |name| {
        headers
            .get(name)
            .map(|value: &HeaderValue| value.to_str().unwrap_or("?"))
    };
    let ours = match (text("sec-fetch-site"), text(header::ORIGIN.as_str())) {
        (Some(site), _) => site == "same-origin",
        (None, Some(sent)) => sent == origin,
        (None, None) => false,
    };
    if ours {
        Ruling::Pass
    } else {
        Ruling::Forbidden
    }
}

/// Refuses unsafe requests that no page of ours sent.
pub(super) async fn guard(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    match rule(
        request.method(),
        request.uri().path(),
        headers,
        &guard.origin,
    ) {
        Ruling::Pass => next.run(request).await,
        Ruling::Method => StatusCode::METHOD_NOT_ALLOWED.into_response(),
        Ruling::Forbidden => {
            tracing::warn!(
                site = ?headers.get("sec-fetch-site"),
                "an unsafe request of another site was refused"
            );
            answer(
                &guard.site,
                language(headers),
                wants_page(headers),
                &Fault::Forbidden,
            )
        }
    }
}

/// Draws a page where a form could not be decoded or a use case failed; the framework would send
/// the browser back to its Referer with the error in the address (docs/decisions/0005).
pub(super) async fn forms(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    if !request.uri().path().starts_with("/api/") {
        return next.run(request).await;
    }
    let headers = request.headers();
    let (page, lang) = (wants_page(headers), language(headers));
    let fault = |fault: &Fault<'_>| answer(&guard.site, lang, page, fault);
    if request.method() == Method::POST {
        let form = headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
        if !form {
            return fault(&Fault::BadForm(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
    }
    let (parts, body) = request.into_parts();
    // read here, so that a long or broken body is told apart from one that cannot be decoded
    let Ok(bytes) = axum::body::to_bytes(body, LONGEST_FORM).await else {
        return fault(&Fault::BadForm(StatusCode::PAYLOAD_TOO_LARGE));
    };
    let mut response = next.run(Request::from_parts(parts, bytes.into())).await;
    if let Some(reference) = response.headers_mut().remove(FAULT) {
        return fault(&Fault::Failed(reference.to_str().unwrap_or_default()));
    }
    let undecoded = response
        .headers()
        .get(header::LOCATION)
        .is_some_and(|location| {
            location
                .to_str()
                .is_ok_and(|location| location.contains("__err="))
        });
    if undecoded || (page && response.status().is_server_error()) {
        return fault(&Fault::BadForm(StatusCode::BAD_REQUEST));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "https://2fa.example";

    fn ruled(method: &Method, path: &str, sent: &[(&'static str, &'static str)]) -> Ruling {
        let headers = sent
            .iter()
            .map(|(name, value)| ((*name).parse().unwrap(), (*value).parse().unwrap()))
            .collect();
        rule(method, path, &headers, OURS)
    }

    #[test]
    fn r11_unsafe_requests_come_from_our_own_pages() {
        let post = |sent: &[_]| ruled(&Method::POST, "/api/sign-in", sent);
        assert_eq!(post(&[("sec-fetch-site", "same-origin")]), Ruling::Pass);
        assert_eq!(post(&[("origin", OURS)]), Ruling::Pass);
        for bad in [
            &[][..],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site"), ("origin", OURS)],
            &[("sec-fetch-site", "none")],
            &[("origin", "null")],
            &[("origin", "https://2fa.example.evil")],
            &[("origin", "http://2fa.example")],
        ] {
            assert_eq!(post(bad), Ruling::Forbidden, "{bad:?}");
        }
    }

    #[test]
    fn r11_other_methods_do_nothing() {
        for method in [
            Method::PUT,
            Method::DELETE,
            Method::PATCH,
            Method::OPTIONS,
            Method::TRACE,
        ] {
            assert_eq!(
                ruled(&method, "/", &[("sec-fetch-site", "same-origin")]),
                Ruling::Method
            );
        }
        assert_eq!(ruled(&Method::GET, "/", &[]), Ruling::Pass);
    }

    #[test]
    fn r11_the_exception_list_is_the_sync_endpoint_alone() {
        assert_eq!(EXCEPTIONS, [envelope::PATH]);
        assert_eq!(ruled(&Method::POST, envelope::PATH, &[]), Ruling::Pass);
        assert_eq!(
            ruled(&Method::POST, "/sync/v1/events/", &[]),
            Ruling::Forbidden
        );
    }
}
