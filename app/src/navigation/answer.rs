//! The server's part: makes the page to which a step leads, in the same request.

use super::{NavigationReply, PageContent, RunningDocument, ShownPage};
use crate::api::backend::{Portal, RequestContext};
use crate::components::layout;
use crate::load::{LoadedPage, load_page};
use crate::pages;
use crate::routes::is_link_page;
use crate::view::{FaultView, PageView};
use http::StatusCode;

/// Longest chain of pages that lead to each other; the longest of ours is three.
const MOST_REDIRECTS: usize = 6;

/// A reply with what its HTTP answer needs.
pub struct NavigationAnswer {
    /// Status of the answer, which is the status of the page.
    pub status: StatusCode,
    pub reply: NavigationReply,
    /// Whether the reply has a secret ([`PageView::holds_secret`]).
    pub holds_secret: bool,
}

/// The reply for a page of ours. `context` is the request's, with the cookies that this answer sets in place of the old ones;
/// `address` is a path with query.
pub async fn answer_running_document(
    portal: &Portal,
    document: &RunningDocument,
    address: &str,
    context: RequestContext,
) -> NavigationAnswer {
    let mut address = address.to_owned();
    for _ in 0..MOST_REDIRECTS {
        let path = address.split('?').next().unwrap_or_default();
        if is_link_page(path) || document.release != portal.site.assets.release() {
            return NavigationAnswer {
                status: StatusCode::OK,
                reply: NavigationReply::LoadDocument { address },
                holds_secret: false,
            };
        }
        match load_page(portal, &address, context.clone()).await {
            LoadedPage::Redirect(next) => address = next,
            LoadedPage::Show { status, view } => {
                return show_view(portal, document, Some(address), &context, status, *view);
            }
        }
    }
    let reference = String::new();
    let view = PageView::Fault(FaultView::Failed { reference });
    let status = StatusCode::LOOP_DETECTED;
    show_view(portal, document, None, &context, status, view)
}

/// The reply that shows this view. `address` is `None` for a fault: the running document keeps its address.
pub fn show_view(
    portal: &Portal,
    document: &RunningDocument,
    address: Option<String>,
    context: &RequestContext,
    status: StatusCode,
    view: PageView,
) -> NavigationAnswer {
    let page_context = portal.page_context(context.locale);
    let holds_secret = view.holds_secret();
    let drawn = match view {
        PageView::Client(page) => PageContent::Data(page),
        view => pages::render(|| {
            let page = pages::draw(&page_context, view);
            PageContent::Html {
                title: page.title,
                main: pages::to_html(page.main),
            }
        }),
    };
    let surroundings = (document.language != context.locale.language).then(|| {
        let address = address.as_deref().unwrap_or(crate::routes::SIGN_IN);
        pages::render(|| layout::surroundings(&portal.site, &page_context, address))
    });
    NavigationAnswer {
        status,
        reply: NavigationReply::Show(Box::new(ShownPage {
            address,
            page_context,
            surroundings,
            content: drawn,
        })),
        holds_secret,
    }
}
