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
    let Some(route) = PageRoute::of_path(path) else {
        let view = PageView::Fault(FaultView::NotFound);
        return show(StatusCode::NOT_FOUND, Box::new(view));
    };
    if query == CHECK_NOW {
        context.cookies.form = None;
    }
    match portal.backend.page(context, route).await {
        Ok(Page::Show(view)) => show(StatusCode::OK, view),
        Ok(Page::Redirect(path)) => LoadedPage::Redirect(path),
        Err(error) => {
            let fault = match error {
                ApiError::Unavailable { reference } => FaultView::Failed { reference },
                ApiError::Gone => FaultView::Failed {
                    reference: String::new(),
                },
                ApiError::Busy { .. } => FaultView::Busy,
            };
            let view = Box::new(PageView::Fault(fault));
            show(StatusCode::SERVICE_UNAVAILABLE, view)
        }
    }
}
