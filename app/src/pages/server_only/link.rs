//! The page behind a mailed activation link. Opening it changes nothing; a button does.

use crate::api::enrolment::{ConfirmActivation, DenyActivation};
use crate::components::frame::{DrawnPage, PageFrame};
use crate::model::{LinkRefusal, UnixTime};
use crate::page_context::PageContext;
use leptos::prelude::*;

/// The page behind an activation link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkView {
    Ask {
        /// The token, for the two forms.
        token: String,
        /// The person: first name and masked sigla.
        who: String,
        /// When this link was made.
        at: UnixTime,
        /// The browser that began the enrolment; empty when it is unknown.
        browser: String,
        /// The ip from which the enrolment was begun; empty when it is unknown.
        ip: String,
        /// When the link expires.
        until: UnixTime,
    },
    Refused(LinkRefusal),
}

/// *Confirma a ativação da autenticação em 2 fatores?*
pub fn draw(page_context: &PageContext, view: LinkView) -> DrawnPage {
    let t = page_context.texts();
    let (token, who, at, browser, ip, until) = match view {
        LinkView::Refused(why) => return super::refused(page_context, why),
        LinkView::Ask {
            token,
            who,
            at,
            browser,
            ip,
            until,
        } => (token, who, at, browser, ip, until),
    };
    let locale = page_context.locale;
    let at = locale.day_and_time(at);
    let asked = page_context.fill(
        t.link_summary(),
        &[
            ("who", &who),
            ("at", &at),
            ("browser", &t.known_client(browser)),
        ],
    );
    PageFrame::new(page_context, t.link_title())
        .with_step(4)
        .around(view! {
            <h1>{t.link_question()}</h1>
            // who asked for the link stands before the button, because it decides which one to press
            <p class="lead asked">{asked}</p>
            <div class="actions">
                {super::token_form::<ConfirmActivation>("button primary", t.confirm(), token.clone())}
                {super::token_form::<DenyActivation>("button", t.not_me(), token)}
            </div>
            <p>{t.link_nothing_yet()}</p>
            <dl class="facts">
                <div><dt>{t.link_address()}</dt><dd>{t.known_client(ip)}</dd></div>
                <div><dt>{t.link_until()}</dt><dd>{locale.until(until)}</dd></div>
            </dl>
        })
        .erased()
}

/// The page after **Não fui eu**.
pub fn draw_denied(page_context: &PageContext) -> DrawnPage {
    let t = page_context.texts();
    PageFrame::new(page_context, t.denied_title()).headed(view! {
        <p class="lead">{t.denied_text()}</p>
        {super::call_or_sign_in(page_context)}
        <p>{t.denied_next()}</p>
    })
}
