//! From a path to the page's view: one call of the backend each.

use crate::{
    api::{
        backend::{Facts, Page, Portal, Reply},
        error::ApiError,
    },
    routes::PageRoute,
    view::{ClientPage, FaultView, PageView},
};
use http::StatusCode;

/// What an address leads to.
pub enum LoadedPage {
    /// A page, with the status of a document that shows it.
    Show {
        /// Status.
        status: StatusCode,
        /// The page.
        view: Box<PageView>,
    },
    /// Another page, by its path.
    Go(String),
}

/// Loads the page at an address (path with query). Stage and person are checked by the use case
/// behind the page; whoever may not see it is led on.
pub async fn load_page(portal: &Portal, address: &str, facts: Facts) -> LoadedPage {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let Some(route) = PageRoute::of_path(path) else {
        return LoadedPage::Show {
            status: StatusCode::NOT_FOUND,
            view: Box::new(PageView::Fault(FaultView::NotFound)),
        };
    };
    match load_route(portal, route, query, facts).await {
        Ok(Page::Show(view)) => LoadedPage::Show {
            status: StatusCode::OK,
            view: Box::new(view),
        },
        Ok(Page::Go(path)) => LoadedPage::Go(path),
        Err(error) => {
            let reference = match error {
                ApiError::Unavailable { reference } => reference,
                ApiError::Gone => String::new(),
            };
            LoadedPage::Show {
                status: StatusCode::SERVICE_UNAVAILABLE,
                view: Box::new(PageView::Fault(FaultView::Failed { reference })),
            }
        }
    }
}

async fn load_route(
    portal: &Portal,
    route: PageRoute,
    query: &str,
    mut facts: Facts,
) -> Reply<Page<PageView>> {
    let sign_in = &portal.backend.sign_in;
    let enrolment = &portal.backend.enrolment;
    Ok(match route {
        PageRoute::SignIn => sign_in.sign_in_page(facts).await?.map(PageView::SignIn),
        PageRoute::Code => sign_in.code_page(facts).await?.map(PageView::Code),
        PageRoute::Home => sign_in.home_page(facts).await?.map(PageView::Home),
        PageRoute::Account => sign_in.home_page(facts).await?.map(PageView::Account),
        PageRoute::Notice => enrolment.notice_page(facts).await?.map(PageView::Notice),
        PageRoute::Enrol => enrolment
            .enrol_page(facts)
            .await?
            .map(|view| PageView::Client(ClientPage::Enrol(view))),
        PageRoute::MailSent => {
            if query == crate::pages::mail_sent::CHECK_NOW {
                facts.form = None;
            }
            enrolment
                .mail_sent_page(facts)
                .await?
                .map(|view| PageView::Client(ClientPage::MailSent(view)))
        }
        PageRoute::ChangeAddress => enrolment
            .change_address_page(facts)
            .await?
            .map(PageView::ChangeAddress),
        PageRoute::Activated => enrolment
            .activated_page(facts)
            .await?
            .map(|view| PageView::Client(ClientPage::Activated { view })),
        PageRoute::ActivationLink(token) => {
            enrolment.link_page(facts, token).await?.map(PageView::Link)
        }
        PageRoute::NotMeLink(token) => enrolment
            .not_me_page(facts, token)
            .await?
            .map(PageView::NotMe),
        PageRoute::Denied => Page::Show(PageView::Denied),
        PageRoute::Reported => Page::Show(PageView::Reported),
        PageRoute::Privacy => Page::Show(PageView::Privacy),
    })
}
