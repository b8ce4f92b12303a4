//! What did not work: refused, incomplete, failed, not there. One page for all, so that each looks
//! like the others and is told in both ways of moving.

use crate::{
    components::frame::{DrawnPage, PageFrame},
    routes,
    speech::Speech,
    view::FaultView,
};
use leptos::prelude::*;

/// What happened, what became of it, and the way back.
pub fn draw(speech: &Speech, view: FaultView) -> DrawnPage {
    let t = speech.texts();
    let (title, text) = match view {
        FaultView::Forbidden => (t.forbidden_title(), t.forbidden_text()),
        FaultView::BadForm => (t.bad_form_title(), t.bad_form_text()),
        FaultView::Failed { .. } => (t.fault_title(), t.fault_text()),
        FaultView::NotFound => (t.not_found_title(), t.not_found_text()),
    };
    let reference = match view {
        FaultView::Failed { reference } if !reference.is_empty() => {
            Some(speech.fill(t.fault_reference(), &[("reference", &reference)]))
        }
        _ => None,
    };
    PageFrame::new(speech, title)
        .around(view! {
            <h1>{title}</h1>
            <p>{text}</p>
            {reference.map(|text| view! { <p>{text}</p> })}
            <p><a href=routes::SIGN_IN>{t.back_to_sign_in()}</a></p>
        })
        .erased()
}
