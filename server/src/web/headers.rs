//! Headers of every answer (R12), and the log line of every request (R22).

use app::Site;
use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

/// Nothing from elsewhere and no script inside a page: stricter than R12 asks, because no nonce
/// is needed.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
    object-src 'none'; frame-ancestors 'none'";

/// Under `cargo leptos watch` only: its inline reload script and socket.
const WATCH_POLICY: &str = "default-src 'none'; script-src 'self' 'unsafe-inline' \
    'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; connect-src 'self' ws:; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Sets them, without overriding what a service set itself (caching of files).
pub(super) async fn headers(State(site): State<Site>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    // the route, never the path: link tokens stay out of the log (R14)
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "(none)".to_owned(), |path| path.as_str().to_owned());
    let mut response = next.run(request).await;
    tracing::debug!(%method, route, status = response.status().as_u16(), "request");
    let link_page = route.starts_with("/ativar/") || route.starts_with("/nao-fui-eu/");
    let policy = if site.reload.is_some() { WATCH_POLICY } else { POLICY };
    let fixed = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // R14: the Origin of the confirming post stays valid, the token travels in no Referer
        (header::REFERRER_POLICY, if link_page { "strict-origin" } else { "same-origin" }),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        ),
    ];
    let headers = response.headers_mut();
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if site.https {
        const YEAR: HeaderValue = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, YEAR);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
