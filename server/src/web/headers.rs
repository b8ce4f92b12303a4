//! Headers of every answer (R12) and the log line of every request (R22).

use app::Site;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

/// Nonce of the only inline script, which exists under `cargo leptos watch` only. It is an extension of the response.
#[derive(Clone)]
pub(super) struct Nonce(pub String);

/// The content security policy: nothing from other origins and no script inside a page. Under `cargo leptos watch` it also
/// allows the reload script with this answer's nonce, and its socket.
fn policy(nonce: Option<&str>, watched: bool) -> String {
    let nonce = nonce.map_or_else(String::new, |nonce| format!(" 'nonce-{nonce}'"));
    let socket = if watched { " ws:" } else { "" };
    format!(
        "default-src 'none'; script-src 'self'{nonce} 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self'; font-src 'self'; connect-src 'self'{socket}; form-action 'self'; \
         base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
    )
}

/// Sets the headers. A `Cache-Control` that a service set itself, such as for files, stays.
pub(super) async fn headers(State(site): State<Site>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    // the route and not the path, so that link tokens are not in the log (R14)
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "(none)".to_owned(), |path| path.as_str().to_owned());
    let known = request.extensions().get::<MatchedPath>().is_some();
    let mut response = next.run(request).await;
    tracing::debug!(%method, route, status = response.status().as_u16(), "request");
    // a path that is no route may be a misspelled link
    let link_page = !known || app::routes::is_link_page(&route);
    let nonce = response.extensions_mut().remove::<Nonce>();
    let nonce = nonce.as_ref().map(|nonce| nonce.0.as_str());
    let policy = policy(nonce, site.reload.is_some());
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // R14: the confirming post still has a valid Origin, and no Referer has the token
        (
            header::REFERRER_POLICY,
            if link_page {
                "strict-origin"
            } else {
                "same-origin"
            },
        ),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        ),
    ];
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if site.https {
        let year = HeaderValue::from_static(if site.hsts_subdomains {
            "max-age=31536000; includeSubDomains"
        } else {
            "max-age=31536000"
        });
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}
