//! The one guard for unsafe requests (R11), and the net under server functions: whatever the
//! framework could not decode gets a page of ours and changes nothing.

use super::pages::{Portals, Wanted, fault};
use crate::domain::envelope;
use app::{
    api::request::{FAULT, facts_of},
    navigation,
    view::FaultView,
};
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
    pub portals: Portals,
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
            let (parts, _) = request.into_parts();
            let portal = guard.portals.portal();
            fault(
                &portal,
                &Wanted::of(&parts),
                &facts_of(&parts, &portal.site),
                StatusCode::FORBIDDEN,
                FaultView::Forbidden,
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
    let (mut parts, body) = request.into_parts();
    let portal = guard.portals.portal();
    let (wanted, facts) = (Wanted::of(&parts), facts_of(&parts, &portal.site));
    if matches!(wanted, Wanted::Reply(_)) {
        // the framework redirects whoever accepts HTML; a running document wants data
        let data = HeaderValue::from_static(navigation::CONTENT_TYPE);
        parts.headers.insert(header::ACCEPT, data);
    }
    let instead = |status, view| fault(&portal, &wanted, &facts, status, view);
    if parts.method == Method::POST {
        let form = parts
            .headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
        if !form {
            return instead(StatusCode::UNSUPPORTED_MEDIA_TYPE, FaultView::BadForm);
        }
    }
    // read here, so that a long or broken body is told apart from one that cannot be decoded
    let Ok(bytes) = axum::body::to_bytes(body, LONGEST_FORM).await else {
        return instead(StatusCode::PAYLOAD_TOO_LARGE, FaultView::BadForm);
    };
    let mut response = next.run(Request::from_parts(parts, bytes.into())).await;
    if let Some(reference) = response.headers_mut().remove(FAULT) {
        let reference = reference.to_str().unwrap_or_default().to_owned();
        return instead(
            StatusCode::SERVICE_UNAVAILABLE,
            FaultView::Failed { reference },
        );
    }
    let undecoded = match wanted {
        Wanted::Document => {
            let led_back = response
                .headers()
                .get(header::LOCATION)
                .and_then(|location| location.to_str().ok())
                .is_some_and(|location| location.contains("__err="));
            led_back || response.status().is_server_error()
        }
        // a page that could not be shown has a status of its own, and is a reply all the same
        Wanted::Reply(_) => response.status() == StatusCode::INTERNAL_SERVER_ERROR,
        Wanted::Status => false,
    };
    if undecoded {
        return instead(StatusCode::BAD_REQUEST, FaultView::BadForm);
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
