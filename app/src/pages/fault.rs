//! What did not work: refused, incomplete, failed, not there. One page for all, so that each looks
//! like the others and is told in both ways of moving.

use crate::{
    components::{
        frame::{DrawnPage, PageFrame},
        support::support_links,
    },
    routes,
    speech::Speech,
    view::FaultView,
};
use leptos::prelude::*;

/// What happened, what became of it, and the way back.
pub fn draw(speech: &Speech, view: FaultView) -> DrawnPage {
    let t = speech.texts();
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
        FaultView::NotFound => (t.not_found_title(), t.not_found_text(), None),
    };
    let reference = match view {
        FaultView::Failed { reference } if !reference.is_empty() => {
            let text = speech.fill(t.fault_reference(), &[("reference", &reference)]);
            Some(view! { <p>{text}" "{support_links(speech)}"."</p> })
        }
        _ => None,
    };
    PageFrame::new(speech, title)
        .around(view! {
            <h1>{title}</h1>
            <p class="lead">{text}</p>
            <div class="actions">
                <a class="button primary" href=routes::SIGN_IN>{t.back_to_sign_in()}</a>
            </div>
            {why.map(|why| view! { <p>{why}</p> })}
            {reference}
        })
        .erased()
}
