//! One instance's router: pages, server functions, files, sync, health.

use super::{
    backend::Pages,
    guards::{Guard, LONGEST_FORM, forms, guard},
    headers::headers,
    sync_api,
};
use crate::{
    domain::envelope::{self, Receiver},
    services::Services,
};
use app::{
    App, Site,
    api::{backend::Backend, request::PeerAddress},
    components::layout::Now,
    routes, shell,
};
use axum::{
    Router,
    extract::{ConnectInfo, DefaultBodyLimit, Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::Response,
    routing::{get, post},
};
use leptos::{config::LeptosOptions, prelude::provide_context};
use leptos_axum::{LeptosRoutes as _, generate_route_list};
use std::{net::SocketAddr, path::PathBuf, sync::Arc};
use tower_http::{
    compression::CompressionLayer,
    services::{ServeDir, ServeFile},
    set_header::SetResponseHeaderLayer,
};

/// What one instance is made of, for the web.
#[derive(Clone)]
pub struct Instance {
    /// Its use cases.
    pub services: Arc<Services>,
    /// What its pages are told.
    pub site: Site,
    /// Opens what peers send.
    pub receiver: Arc<Receiver>,
    /// Scheme, host and port of `public_url`.
    pub origin: String,
    /// Folder of the built files.
    pub files: PathBuf,
    /// Whether names in `/pkg` carry a hash of their content.
    pub hashed: bool,
}

/// The router of one instance. The same for `serve`, the demonstration and the tests.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the router owns its instance"
)]
pub fn router(instance: Instance) -> Router {
    let options = LeptosOptions::builder().output_name("eproc-2fa").build();
    let pages = Arc::new(Pages {
        services: instance.services.clone(),
        utc_offset_hours: instance.site.utc_offset_hours,
    });
    let backend = Backend {
        sign_in: pages.clone(),
        enrolment: pages,
    };
    let (site, services) = (instance.site.clone(), instance.services.clone());
    let context = move || {
        provide_context(site.clone());
        provide_context(backend.clone());
        provide_context(Now(services.now().0));
    };
    let site = instance.site.clone();
    let guarded = Guard {
        site: site.clone(),
        origin: instance.origin.clone(),
    };
    let pages = Router::new()
        .leptos_routes_with_context(&options, generate_route_list(App), context.clone(), {
            let site = site.clone();
            move || shell(&site)
        })
        .layer(CompressionLayer::new().br(true).gzip(true))
        // not compressed: a page with a secret may be asked for under another spelling of its path
        .fallback(leptos_axum::render_app_async_with_context(context, {
            let site = site.clone();
            move || shell(&site)
        }))
        .with_state(options)
        .layer(middleware::from_fn(keep_secrets_uncompressed));
    let peers = Router::new()
        .route(envelope::PATH, post(sync_api::receive))
        .layer(DefaultBodyLimit::max(envelope::MAX_TOKEN_BYTES))
        .route("/health/live", get(|| async { StatusCode::NO_CONTENT }))
        .route("/health/ready", get(ready))
        .with_state(instance.clone());
    pages
        .merge(peers)
        .merge(static_files(&instance))
        .layer(DefaultBodyLimit::max(LONGEST_FORM))
        .layer(middleware::from_fn_with_state(guarded.clone(), forms))
        .layer(middleware::from_fn_with_state(guarded, guard))
        .layer(middleware::from_fn(note_peer))
        .layer(middleware::from_fn_with_state(site, headers))
}

/// The built files: hashed names never change, the others are asked for again.
pub fn static_files(instance: &Instance) -> Router {
    let caching = |value: &'static str| {
        SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, HeaderValue::from_static(value))
    };
    let age = if instance.hashed {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let pkg = ServeDir::new(instance.files.join("pkg"))
        .precompressed_br()
        .precompressed_gzip();
    let public = |name: &str| ServeFile::new(instance.files.join(name));
    Router::new()
        .nest_service("/pkg", pkg)
        .layer(caching(age))
        .merge(
            Router::new()
                .route_service("/boot.js", public("boot.js"))
                .route_service("/favicon.svg", public("favicon.svg"))
                .layer(caching("public, max-age=3600")),
        )
}

/// The page with the secret reflects what was typed: it is never compressed (BREACH).
async fn keep_secrets_uncompressed(mut request: Request, next: Next) -> Response {
    if request.uri().path() == routes::ENROL {
        request.headers_mut().remove(header::ACCEPT_ENCODING);
    }
    next.run(request).await
}

/// Puts the peer's address where pages read it. Forwarded-for headers are not believed.
async fn note_peer(mut request: Request, next: Next) -> Response {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|peer| peer.0);
    if let Some(peer) = peer {
        let address = PeerAddress(peer.ip().to_canonical().to_string());
        request.extensions_mut().insert(address);
    }
    next.run(request).await
}

async fn ready(State(instance): State<Instance>) -> StatusCode {
    match instance.services.is_ready().await {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(error) => {
            tracing::error!(%error, "not ready");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}
