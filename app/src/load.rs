//! From a path to the page's view.

use crate::{
    api::{
        backend::{Page, Portal, RequestContext},
        error::ApiError,
    },
    pages::mail_sent::CHECK_NOW,
    routes::PageRoute,
    view::{FaultView, PageView},
};
use http::StatusCode;

/// What an address leads to.
pub enum LoadedPage {
    /// A page and the HTTP status of a document that shows it.
    Show {
        /// Status of the document.
        status: StatusCode,
        view: Box<PageView>,
    },
    /// Another page, by its path.
    Redirect(String),
}

/// Loads the page at an address (path with query). Who may see it is decided by the use case behind the page.
pub async fn load_page(portal: &Portal, address: &str, mut context: RequestContext) -> LoadedPage {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let show = |status, view| LoadedPage::Show {
        status,
        view: Box::new(view),
    };
    let Some(route) = PageRoute::of_path(path) else {
        let view = PageView::Fault(FaultView::NotFound);
        return show(StatusCode::NOT_FOUND, view);
    };
    if query == CHECK_NOW {
        context.cookies.form = None;
    }
    match portal.backend.page(context, route).await {
        Ok(Page::Show(view)) => show(StatusCode::OK, view),
        Ok(Page::Redirect(path)) => LoadedPage::Redirect(path),
        Err(error) => {
            let reference = match error {
                ApiError::Unavailable { reference } => reference,
                ApiError::Gone => String::new(),
            };
            let view = PageView::Fault(FaultView::Failed { reference });
            show(StatusCode::SERVICE_UNAVAILABLE, view)
        }
    }
}
