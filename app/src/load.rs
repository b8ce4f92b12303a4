//! Loads the view of a page by its path.

use crate::api::backend::{Page, Portal, RequestContext};
use crate::api::error::ApiError;
use crate::pages::mail_sent::CHECK_NOW;
use crate::routes::PageRoute;
use crate::view::{FaultView, PageView};
use http::StatusCode;

/// What an address leads to.
pub enum LoadedPage {
    Show {
        status: StatusCode,
        view: Box<PageView>,
    },
    /// Another page, by its path.
    Redirect(String),
}

/// Loads the page at `address`, a path with query. The use case behind the page decides who may see it.
pub async fn load_page(portal: &Portal, address: &str, mut context: RequestContext) -> LoadedPage {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let show = |status, view| LoadedPage::Show { status, view };
    let fault = |status, fault| show(status, Box::new(PageView::Fault(fault)));
    let Some(route) = PageRoute::of_path(path) else {
        return fault(StatusCode::NOT_FOUND, FaultView::NotFound);
    };
    if query == CHECK_NOW {
        context.cookies.form = None;
    }
    match portal.backend.page(context, route).await {
        Ok(Page::Show(view)) => show(StatusCode::OK, view),
        Ok(Page::Redirect(path)) => LoadedPage::Redirect(path),
        Err(ApiError::Busy { .. }) => fault(StatusCode::SERVICE_UNAVAILABLE, FaultView::Busy),
        Err(error) => {
            let reference = match error {
                ApiError::Unavailable { reference } => reference,
                _ => String::new(),
            };
            let failed = FaultView::Failed { reference };
            fault(StatusCode::SERVICE_UNAVAILABLE, failed)
        }
    }
}
