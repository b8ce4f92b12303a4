//! **Não fui eu** of a security alert (R29).

use crate::{
    api::enrolment::NotMe,
    components::{
        frame::{DrawnPage, PageFrame},
        support::call_button,
    },
    model::LinkRefusal,
    page_context::PageContext,
    routes,
};
use leptos::prelude::*;

/// The page behind **Não fui eu** of a security alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotMeView {
    Ask {
        /// The token, for the form.
        token: String,
        /// The person: first name and masked sigla.
        who: String,
        /// Whether a factor is active already.
        activated: bool,
    },
    Refused(LinkRefusal),
}

/// Asks before it blocks, because mail scanners open links.
pub fn draw(page_context: &PageContext, view: NotMeView) -> DrawnPage {
    let t = page_context.texts();
    let (token, who, activated) = match view {
        NotMeView::Refused(why) => return super::refused(page_context, why),
        NotMeView::Ask {
            token,
            who,
            activated,
        } => (token, who, activated),
    };
    let what = if activated {
        t.not_me_activated()
    } else {
        t.not_me_started()
    };
    let what = page_context.fill(what, &[("who", &who)]);
    PageFrame::new(page_context, t.not_me_title())
        .around(view! {
            <h1>{t.not_me_title()}</h1>
            <p class="lead">{what}</p>
            <p>{t.not_me_effect()}</p>
            <div class="actions">
                {super::token_form::<NotMe>("button danger", t.not_me_button(), token)}
            </div>
            <p>{t.not_me_undone()}</p>
            <p>{t.not_me_was_me()}</p>
        })
        .erased()
}

/// The page after the block.
pub fn draw_reported(page_context: &PageContext) -> DrawnPage {
    let t = page_context.texts();
    PageFrame::new(page_context, t.reported_title())
        .around(view! {
            <h1>{t.reported_title()}</h1>
            <p class="lead">{t.reported_text()}</p>
            <div class="actions">
                {call_button(page_context)}
                <a class="button quiet" href=routes::SIGN_IN>{t.back_to_sign_in()}</a>
            </div>
        })
        .erased()
}
