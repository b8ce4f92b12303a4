//! **Não fui eu** of a security alert (R29).

use crate::api::enrolment::NotMe;
use crate::components::frame::{DrawnPage, PageFrame};
use crate::model::LinkRefusal;
use crate::page_context::PageContext;
use leptos::prelude::*;

/// The page behind **Não fui eu** of a security alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotMeView {
    Ask {
        /// The token, for the form.
        token: String,
        /// The person: first name and masked sigla.
        who: String,
        /// What the alert told.
        reported: ReportedAct,
    },
    /// The button was pressed, and the account was blocked.
    Reported {
        /// Other instances at which the authenticator that was taken back here still works.
        still_active_at: Vec<String>,
    },
    Refused(LinkRefusal),
}

/// What a security alert told, of which its reader says that somebody else did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportedAct {
    EnrolmentStarted,
    FactorActivated,
    /// The password was right, and no code followed (R33).
    PasswordWithoutCode,
    /// Something else that guards the account was changed.
    SecurityChanged,
}

/// Asks before it blocks, because mail scanners open links.
pub fn draw(page_context: &PageContext, view: NotMeView) -> DrawnPage {
    let t = page_context.texts();
    let (token, who, reported) = match view {
        NotMeView::Refused(why) => return super::refused(page_context, why),
        NotMeView::Reported { still_active_at } => {
            return draw_reported(page_context, &still_active_at);
        }
        NotMeView::Ask {
            token,
            who,
            reported,
        } => (token, who, reported),
    };
    let (what, undone) = match reported {
        ReportedAct::EnrolmentStarted => (t.not_me_started(), t.not_me_undone()),
        ReportedAct::FactorActivated => (t.not_me_activated(), t.not_me_undone()),
        ReportedAct::PasswordWithoutCode => (t.not_me_password(), t.not_me_sessions()),
        ReportedAct::SecurityChanged => (t.not_me_changed(), t.not_me_changes_undone()),
    };
    let what = page_context.fill(what, &[("who", &who)]);
    PageFrame::new(page_context, t.not_me_title()).headed(view! {
        <p class="lead">{what}</p>
        <p>{t.not_me_effect()}</p>
        <div class="actions">
            {super::token_form::<NotMe>("button danger", t.not_me_button(), token)}
        </div>
        <p>{undone}</p>
        <p>{t.not_me_was_me()}</p>
    })
}

/// The page after the block. `still_active_at` are other instances at which the authenticator that was taken back here still works.
pub fn draw_reported(page_context: &PageContext, still_active_at: &[String]) -> DrawnPage {
    let t = page_context.texts();
    let still_active = (!still_active_at.is_empty()).then(|| {
        let instances = still_active_at.join(", ");
        let sentence = page_context.fill(t.reported_still_active(), &[("instances", &instances)]);
        view! { <p>{sentence}</p> }
    });
    PageFrame::new(page_context, t.reported_title()).headed(view! {
        <p class="lead">{t.reported_text()}</p>
        {still_active}
        {super::call_or_sign_in(page_context)}
    })
}
