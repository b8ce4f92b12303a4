//! The page behind a link that lets one browser try to sign in (R31). Opening it changes nothing; a button does.

use crate::api::sign_in::UseSignInLink;
use crate::components::frame::{DrawnPage, PageFrame};
use crate::model::LinkRefusal;
use crate::page_context::PageContext;
use leptos::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInLinkView {
    Ask {
        /// The token, for the form.
        token: String,
        /// The person: first name and masked sigla.
        who: String,
    },
    /// The button was pressed in this browser.
    Done,
    Refused(LinkRefusal),
}

pub fn draw(page_context: &PageContext, view: SignInLinkView) -> DrawnPage {
    let t = page_context.texts();
    match view {
        SignInLinkView::Refused(why) => super::refused(page_context, why),
        SignInLinkView::Done => {
            let (title, sentence) = (t.sign_in_link_done_title(), t.sign_in_link_done());
            super::leads_to_sign_in(page_context, title, sentence)
        }
        SignInLinkView::Ask { token, who } => {
            let asked = page_context.fill(t.sign_in_link_asked(), &[("who", &who)]);
            PageFrame::new(page_context, t.sign_in_link_title()).headed(view! {
                <p class="lead">{asked}</p>
                <div class="actions">
                    {super::token_form::<UseSignInLink>(
                        "button primary",
                        t.sign_in_link_button(),
                        token,
                    )}
                </div>
                <p>{t.sign_in_link_warning()}</p>
            })
        }
    }
}
