//! The server's side: makes the page that a step led to, in the same request.

use super::{NavigationReply, PageContent, RunningDocument, ShownPage};
use crate::{
    api::backend::{Facts, Portal},
    components::layout,
    load::{LoadedPage, load_page},
    pages,
    routes::PageRoute,
    view::{FaultView, PageView},
};
use http::StatusCode;

/// Longest chain of pages that lead to each other; the longest of ours is three.
const MOST_REDIRECTS: usize = 6;

/// A reply with what its HTTP answer needs to know.
pub struct NavigationAnswer {
    /// Status of the answer: that of the page.
    pub status: StatusCode,
    /// The reply.
    pub reply: NavigationReply,
    /// Whether the reply holds a secret ([`PageView::holds_secret`]).
    pub holds_secret: bool,
}

impl From<NavigationReply> for NavigationAnswer {
    fn from(reply: NavigationReply) -> Self {
        Self {
            status: StatusCode::OK,
            reply,
            holds_secret: false,
        }
    }
}

/// The reply for a page of ours. `facts` are those of the request, with the cookies that this
/// answer sets already in place of the old ones; `address` is a path with query.
pub async fn answer_running_document(
    portal: &Portal,
    document: &RunningDocument,
    address: &str,
    facts: Facts,
) -> NavigationAnswer {
    let mut address = address.to_owned();
    for _ in 0..MOST_REDIRECTS {
        let path = address.split('?').next().unwrap_or_default();
        let link = PageRoute::of_path(path).is_some_and(|route| route.is_link());
        if link || document.release != portal.site.assets.release() {
            return NavigationReply::LoadDocument { address }.into();
        }
        match load_page(portal, &address, facts.clone()).await {
            LoadedPage::Go(next) => address = next,
            LoadedPage::Show { status, view } => {
                return show(portal, document, Some(address), &facts, status, *view);
            }
        }
    }
    let failed = FaultView::Failed {
        reference: String::new(),
    };
    show_fault(portal, document, &facts, StatusCode::LOOP_DETECTED, failed)
}

/// The reply for what did not work; the running document keeps its address.
pub fn show_fault(
    portal: &Portal,
    document: &RunningDocument,
    facts: &Facts,
    status: StatusCode,
    fault: FaultView,
) -> NavigationAnswer {
    show(
        portal,
        document,
        None,
        facts,
        status,
        PageView::Fault(fault),
    )
}

fn show(
    portal: &Portal,
    document: &RunningDocument,
    address: Option<String>,
    facts: &Facts,
    status: StatusCode,
    view: PageView,
) -> NavigationAnswer {
    let speech = portal.speech(facts.lang);
    let holds_secret = view.holds_secret();
    let content = match view {
        PageView::Client(page) => PageContent::Data(page),
        view => pages::render(|| {
            let drawn = pages::draw(&speech, view);
            PageContent::Html {
                title: drawn.title,
                main: pages::to_html(drawn.main),
            }
        }),
    };
    let surroundings = (document.lang != facts.lang).then(|| {
        let address = address.as_deref().unwrap_or(crate::routes::SIGN_IN);
        pages::render(|| layout::surroundings(&portal.site, &speech, address))
    });
    NavigationAnswer {
        status,
        reply: NavigationReply::Show(Box::new(ShownPage {
            address,
            speech,
            surroundings,
            content,
        })),
        holds_secret,
    }
}
