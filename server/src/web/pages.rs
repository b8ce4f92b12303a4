//! Pages as answers: a document, or the reply to a running document (`app::navigation`).

use super::headers::Nonce;
use crate::services::Services;
use app::api::backend::{Backend, Portal, RequestContext};
use app::api::request;
use app::navigation::{self, NavigationAnswer, RunningDocument};
use app::view::{FaultView, PageView};
use app::{LoadedPage, Site, document, load_page};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use std::sync::Arc;

/// One instance as the web layer holds it; each request gets a [`Portal`] with its own time.
#[derive(Clone)]
pub(super) struct Portals {
    pub site: Site,
    pub backend: Arc<dyn Backend>,
    pub services: Arc<Services>,
}

impl Portals {
    /// The instance at the present time.
    pub(super) fn portal(&self) -> Portal {
        Portal {
            site: self.site.clone(),
            backend: self.backend.clone(),
            now: self.services.now().0,
        }
    }
}

/// The form of answer that a request needs.
pub(super) enum Wanted {
    /// A whole document: a browser loads a page or posts a plain form.
    Document,
    /// By a reply to a running document.
    Reply(RunningDocument),
    /// By a status alone: a server function was called for its data.
    Status,
}

impl Wanted {
    pub(super) fn of(parts: &Parts) -> Self {
        if let Some(document) = request::running_document(&parts.headers) {
            return Self::Reply(document);
        }
        let html = parts
            .headers
            .get(header::ACCEPT)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|accept| accept.contains("text/html"));
        if html { Self::Document } else { Self::Status }
    }
}

/// Answers a GET of any path, also of a path without a page.
pub(super) async fn page(State(portals): State<Portals>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let portal = portals.portal();
    let context = request::request_context_of(&parts, &portal);
    let address = parts
        .uri
        .path_and_query()
        .map_or_else(|| parts.uri.path(), |address| address.as_str());
    if let Some(running) = request::running_document(&parts.headers) {
        return reply(
            &navigation::answer_running_document(&portal, &running, address, context).await,
        );
    }
    match load_page(&portal, address, context.clone()).await {
        LoadedPage::Redirect(path) => match HeaderValue::from_str(&path) {
            Ok(path) => (StatusCode::SEE_OTHER, [(header::LOCATION, path)]).into_response(),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        },
        LoadedPage::Show { status, view } => {
            whole_document(&portal, &context, address, status, *view)
        }
    }
}

/// Answers a request that never reached a page.
pub(super) fn fault(
    portal: &Portal,
    wanted: &Wanted,
    context: &RequestContext,
    status: StatusCode,
    fault: FaultView,
) -> Response {
    match wanted {
        Wanted::Status => status.into_response(),
        Wanted::Reply(running) => {
            let view = PageView::Fault(fault);
            reply(&navigation::show_view(
                portal, running, None, context, status, view,
            ))
        }
        // the path of a form is no page, so the language buttons lead to the sign-in page
        Wanted::Document => whole_document(portal, context, "", status, PageView::Fault(fault)),
    }
}

fn whole_document(
    portal: &Portal,
    context: &RequestContext,
    address: &str,
    status: StatusCode,
    view: PageView,
) -> Response {
    let secret = view.holds_secret();
    let drawn = document(
        &portal.site,
        &portal.page_context(context.locale),
        address,
        view,
    );
    let mut response = (status, Html(drawn.html)).into_response();
    if let Some(nonce) = drawn.nonce {
        response.extensions_mut().insert(Nonce(nonce.to_string()));
    }
    keep_secret(response, secret)
}

fn reply(answer: &NavigationAnswer) -> Response {
    let Ok(body) = postcard::to_allocvec(&answer.reply) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let kind = [(header::CONTENT_TYPE, navigation::CONTENT_TYPE)];
    keep_secret(
        (answer.status, kind, body).into_response(),
        answer.holds_secret,
    )
}

fn keep_secret(mut response: Response, secret: bool) -> Response {
    if secret {
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, request::SECRET);
    }
    response
}
