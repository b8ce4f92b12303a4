//! The page of a request that failed: refused, incomplete, server error, not found. It is one page for all, as a document and
//! within a running document.

use crate::components::frame::{DrawnPage, PageFrame};
use crate::components::support::support_links;
use crate::page_context::PageContext;
use crate::routes;
use leptos::prelude::*;

/// Why a request has no page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultView {
    /// No page of this web origin sent the request.
    Forbidden,
    /// The form arrived incomplete, doubled, too long, or with another content type.
    BadForm,
    /// The server failed.
    Failed {
        /// Reference for the help desk; empty when the framework failed.
        reference: String,
    },
    /// Too many people at once; nothing was counted or changed.
    Busy,
    /// No page has this path.
    NotFound,
}

/// Tells what happened, what was kept, and the way back.
pub fn draw(page_context: &PageContext, view: FaultView) -> DrawnPage {
    let t = page_context.texts();
    let (title, text, why) = match &view {
        FaultView::Forbidden => (
            t.forbidden_title(),
            t.forbidden_text(),
            Some(t.forbidden_why()),
        ),
        FaultView::BadForm => (
            t.bad_form_title(),
            t.bad_form_text(),
            Some(t.bad_form_why()),
        ),
        FaultView::Failed { .. } => (t.fault_title(), t.fault_text(), Some(t.fault_kept())),
        FaultView::Busy => (t.busy_title(), t.busy_text(), Some(t.busy_why())),
        FaultView::NotFound => (t.not_found_title(), t.not_found_text(), None),
    };
    let reference = match view {
        FaultView::Failed { reference } if !reference.is_empty() => {
            let text = page_context.fill(t.fault_reference(), &[("reference", &reference)]);
            Some(view! { <p>{text}" "{support_links(page_context)}"."</p> })
        }
        _ => None,
    };
    PageFrame::new(page_context, title).headed(view! {
        <p class="lead">{text}</p>
        <div class="actions">
            <a class="button primary" href=routes::SIGN_IN>{t.back_to_sign_in()}</a>
        </div>
        {why.map(|why| view! { <p>{why}</p> })}
        {reference}
    })
}
