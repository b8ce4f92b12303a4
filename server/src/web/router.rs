//! The router of one instance: pages, server functions, files, sync, health.

use super::backend::ServiceBackend;
use super::guards::{Guard, LONGEST_FORM, form_guard, machine_guard, method_guard};
use super::headers::headers;
use super::pages::{Portals, page};
use super::static_files::static_files;
use super::sync_api;
use crate::domain::envelope;
use crate::domain::{ClientIpSource, Receiver};
use crate::services::Services;
use app::api::request::{ClientIp, SECRET};
use app::{Site, routes};
use axum::Router;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Request, State};
use axum::http::{Extensions, HeaderMap, StatusCode, Version, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use leptos::prelude::provide_context;
use leptos::server_fn::axum::server_fn_paths;
use leptos_axum::handle_server_fns_with_context;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate as _};
use tower_http::timeout::TimeoutLayer;

/// Longest time until the answer to a request begins (R32). A sign-in may wait 25 s of it for its turn.
const REQUEST_TIME: Duration = Duration::from_secs(30);
/// The header in which proxies say for whom they ask.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// One instance as the web layer serves it.
#[derive(Clone)]
pub struct ServedInstance {
    pub services: Arc<Services>,
    pub site: Site,
    /// Opens the messages of peers.
    pub receiver: Arc<Receiver>,
    /// Scheme, host and port of `public_url`.
    pub web_origin: String,
    /// How the ip of a client is found.
    pub client_ip_source: ClientIpSource,
    /// Folder of the built files.
    pub files: PathBuf,
    /// Whether names in `/pkg` contain a hash of their content.
    pub hashed: bool,
}

/// The router of one instance, the same for `serve`, the demonstration and the tests.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the router owns its instance"
)]
pub fn router(instance: ServedInstance) -> Router {
    let portals = Portals {
        site: instance.site.clone(),
        backend: Arc::new(ServiceBackend(instance.services.clone())),
        services: instance.services.clone(),
    };
    let guarded = Guard {
        portals: portals.clone(),
        web_origin: instance.web_origin.clone(),
    };
    let pages = routes::patterns()
        .fold(Router::new(), |router, path| router.route(&path, get(page)))
        .merge(server_functions(&portals))
        .layer(
            CompressionLayer::new()
                // files are compressed when they are built; brotli for pages would add 1.6 MB to the program for a few bytes
                .gzip(true)
                .compress_when(DefaultPredicate::new().and(holds_no_secret)),
        )
        .fallback(get(page))
        .with_state(portals);
    let machines = Router::new()
        .route(
            envelope::PATH,
            post(sync_api::receive)
                .get(sync_api::probe)
                .route_layer(middleware::from_fn(machine_guard)),
        )
        .layer(DefaultBodyLimit::max(envelope::MAX_BATCH_BYTES))
        .route("/health/live", get(|| async { StatusCode::NO_CONTENT }))
        .route("/health/ready", get(ready))
        .with_state(instance.clone());
    pages
        .merge(machines)
        .merge(static_files(&instance))
        .layer(DefaultBodyLimit::max(LONGEST_FORM))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            REQUEST_TIME,
        ))
        .layer(middleware::from_fn_with_state(guarded.clone(), form_guard))
        .layer(middleware::from_fn_with_state(guarded, method_guard))
        .layer(middleware::from_fn_with_state(
            Arc::new(instance.client_ip_source.clone()),
            note_client_ip,
        ))
        .layer(middleware::from_fn_with_state(
            instance.site.clone(),
            headers,
        ))
}

/// The server functions at their paths. Each gets the [`Portal`](app::api::backend::Portal) of its request as context.
fn server_functions(portals: &Portals) -> Router<Portals> {
    let portals = portals.clone();
    let handle = move |request: Request| {
        let portals = portals.clone();
        handle_server_fns_with_context(move || provide_context(portals.portal()), request)
    };
    server_fn_paths().fold(Router::new(), |router, (path, _)| {
        router.route(path, post(handle.clone()))
    })
}

/// An answer with a secret is never compressed, because it also repeats what was typed (BREACH).
fn holds_no_secret(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    headers.get(header::CACHE_CONTROL) != Some(&SECRET)
}

/// Stores the client's ip where pages read it (R31). `Forwarded` is not read: a proxy that writes only `X-Forwarded-For` would
/// hand on what a client put there.
async fn note_client_ip(
    State(source): State<Arc<ClientIpSource>>,
    mut request: Request,
    next: Next,
) -> Response {
    let connection = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|client| client.0.ip());
    let forwarded = request.headers().get_all(FORWARDED_FOR);
    // bytes that are no text are no address
    let forwarded = forwarded
        .iter()
        .map(|value| value.to_str().unwrap_or_default())
        .collect::<Vec<_>>();
    let ip = connection.and_then(|ip| source.client_ip(ip, forwarded.into_iter()));
    if let Some(ip) = ip {
        request.extensions_mut().insert(ClientIp(ip));
    }
    next.run(request).await
}

async fn ready(State(instance): State<ServedInstance>) -> StatusCode {
    match instance.services.is_ready().await {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(error) => {
            tracing::error!(%error, "not ready");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}
