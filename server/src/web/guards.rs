//! The guard for unsafe requests (R11), and the guard around server functions: a form that the framework cannot decode gets a
//! page of ours and changes nothing.

use super::pages::{Portals, Wanted, fault};
use crate::domain::envelope;
use app::api::request::{FAULT, request_context_of};
use app::navigation;
use app::view::FaultView;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use std::time::Duration;

/// Longest time until a form is there (R32).
const BODY_TIME: Duration = Duration::from_secs(15);
/// Longest body of a form in bytes.
pub(super) const LONGEST_FORM: usize = 16 * 1024;

/// Routes for machines. Their requests carry an authority of their own, such as a peer's signature, and pass
/// [`machine_guard`].
const MACHINE_ROUTES: [&str; 1] = [envelope::PATH];

/// What the guards need to know of an instance.
#[derive(Clone)]
pub(super) struct Guard {
    pub portals: Portals,
    /// Scheme, host and port of `public_url`.
    pub web_origin: String,
}

/// The decision on a request, made from method, path and headers alone.
#[derive(Debug, PartialEq, Eq)]
enum CsrfDecision {
    Pass,
    Method,
    Forbidden,
}

fn csrf_decision(
    method: &Method,
    path: &str,
    headers: &HeaderMap,
    web_origin: &str,
) -> CsrfDecision {
    if method == Method::GET || method == Method::HEAD {
        return CsrfDecision::Pass;
    }
    if method != Method::POST {
        return CsrfDecision::Method;
    }
    if MACHINE_ROUTES.contains(&path) {
        return CsrfDecision::Pass;
    }
    let text = |name| {
        headers
            .get(name)
            .map(|value: &HeaderValue| value.to_str().unwrap_or("?"))
    };
    let ours = match (text("sec-fetch-site"), text(header::ORIGIN.as_str())) {
        (Some(site), _) => site == "same-origin",
        (None, Some(sent)) => sent == web_origin,
        (None, None) => false,
    };
    if ours {
        CsrfDecision::Pass
    } else {
        CsrfDecision::Forbidden
    }
}

/// Refuses unsafe requests that no page of this web origin sent, and all methods but GET, HEAD and POST.
pub(super) async fn method_guard(
    State(guard): State<Guard>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    match csrf_decision(
        request.method(),
        request.uri().path(),
        headers,
        &guard.web_origin,
    ) {
        CsrfDecision::Pass => next.run(request).await,
        CsrfDecision::Method => StatusCode::METHOD_NOT_ALLOWED.into_response(),
        CsrfDecision::Forbidden => {
            tracing::warn!(
                site = ?headers.get("sec-fetch-site"),
                "an unsafe request of another site was refused"
            );
            let (parts, _) = request.into_parts();
            let portal = guard.portals.portal();
            fault(
                &portal,
                &Wanted::of(&parts),
                &request_context_of(&parts, &portal),
                StatusCode::FORBIDDEN,
                FaultView::Forbidden,
            )
        }
    }
}

/// Guards the routes for machines. No browser calls them, so a request that says it comes from a page is refused. Cookies are
/// removed, so that a session can never give authority there.
pub(super) async fn machine_guard(mut request: Request, next: Next) -> Response {
    let headers = request.headers_mut();
    if headers.contains_key("sec-fetch-site") || headers.contains_key(header::ORIGIN) {
        return StatusCode::FORBIDDEN.into_response();
    }
    headers.remove(header::COOKIE);
    next.run(request).await
}

/// Shows a page when a form could not be decoded or a use case failed. The framework would redirect to the Referer with the
/// error in the URL (decision 5).
pub(super) async fn form_guard(
    State(guard): State<Guard>,
    request: Request,
    next: Next,
) -> Response {
    if !request.uri().path().starts_with("/api/") {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let portal = guard.portals.portal();
    let (wanted, context) = (Wanted::of(&parts), request_context_of(&parts, &portal));
    if matches!(wanted, Wanted::Reply(_)) {
        // the framework redirects whoever accepts HTML; a running document wants data
        let data = HeaderValue::from_static(navigation::CONTENT_TYPE);
        parts.headers.insert(header::ACCEPT, data);
    }
    let instead = |status, view| fault(&portal, &wanted, &context, status, view);
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
    // read here, so that a body that is too long is told apart from one that cannot be decoded
    let bytes = axum::body::to_bytes(body, LONGEST_FORM);
    let bytes = match tokio::time::timeout(BODY_TIME, bytes).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(_)) => return instead(StatusCode::PAYLOAD_TOO_LARGE, FaultView::BadForm),
        Err(_) => return instead(StatusCode::REQUEST_TIMEOUT, FaultView::BadForm),
    };
    let mut response = next.run(Request::from_parts(parts, bytes.into())).await;
    if let Some(reference) = response.headers_mut().remove(FAULT) {
        let reference = reference.to_str().unwrap_or_default().to_owned();
        return instead(
            StatusCode::SERVICE_UNAVAILABLE,
            FaultView::Failed { reference },
        );
    }
    if let Some(after) = response.headers_mut().remove(header::RETRY_AFTER) {
        let mut busy = instead(StatusCode::SERVICE_UNAVAILABLE, FaultView::Busy);
        busy.headers_mut().insert(header::RETRY_AFTER, after);
        return busy;
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

    fn ruled(method: &Method, path: &str, sent: &[(&'static str, &'static str)]) -> CsrfDecision {
        let headers = sent
            .iter()
            .map(|(name, value)| ((*name).parse().unwrap(), (*value).parse().unwrap()))
            .collect();
        csrf_decision(method, path, &headers, OURS)
    }

    #[test]
    fn r11_unsafe_requests_come_from_our_own_pages() {
        let post = |sent: &[_]| ruled(&Method::POST, "/api/sign-in", sent);
        assert_eq!(
            post(&[("sec-fetch-site", "same-origin")]),
            CsrfDecision::Pass
        );
        assert_eq!(post(&[("origin", OURS)]), CsrfDecision::Pass);
        for bad in [
            &[][..],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site"), ("origin", OURS)],
            &[("sec-fetch-site", "none")],
            &[("origin", "null")],
            &[("origin", "https://2fa.example.evil")],
            &[("origin", "http://2fa.example")],
        ] {
            assert_eq!(post(bad), CsrfDecision::Forbidden, "{bad:?}");
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
                CsrfDecision::Method
            );
        }
        assert_eq!(ruled(&Method::GET, "/", &[]), CsrfDecision::Pass);
    }

    #[test]
    fn r11_the_only_route_for_machines_is_the_sync_endpoint() {
        assert_eq!(MACHINE_ROUTES, [envelope::PATH]);
        assert_eq!(
            ruled(&Method::POST, envelope::PATH, &[]),
            CsrfDecision::Pass
        );
        assert_eq!(
            ruled(&Method::POST, "/sync/v2/events/", &[]),
            CsrfDecision::Forbidden
        );
    }
}
