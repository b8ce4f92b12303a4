//! The page behind the mailed link: opening it changes nothing, a button does.

use crate::{
    api::enrolment::{ConfirmActivation, DenyActivation},
    components::frame::{DrawnPage, PageFrame},
    routes,
    speech::Speech,
    view::LinkView,
};
use leptos::prelude::*;

/// *Confirma a ativação da autenticação em 2 fatores?*
pub fn draw(speech: &Speech, view: LinkView) -> DrawnPage {
    let t = speech.texts();
    let (token, who, at, browser, address, until) = match view {
        LinkView::Refused(why) => return super::refused(speech, why),
        LinkView::Ask {
            token,
            who,
            at,
            browser,
            address,
            until,
        } => (token, who, at, browser, address, until),
    };
    let locale = speech.locale;
    let known = |text: String| {
        if text.is_empty() {
            t.unknown_client().to_owned()
        } else {
            text
        }
    };
    PageFrame::new(speech, t.link_title())
        .with_step(4)
        .around(view! {
            <h1>{t.link_question()}</h1>
            <dl class="facts">
                <div><dt>{t.link_who()}</dt><dd>{who}</dd></div>
                <div><dt>{t.link_at()}</dt><dd>{locale.day_and_time(at)}</dd></div>
                <div><dt>{t.link_browser()}</dt><dd>{known(browser)}</dd></div>
                <div><dt>{t.link_address()}</dt><dd>{known(address)}</dd></div>
                <div><dt>{t.link_until()}</dt><dd>{locale.until(until)}</dd></div>
            </dl>
            <p>{t.link_nothing_yet()}</p>
            <div class="actions">
                {super::token_form::<ConfirmActivation>("button primary", t.confirm(), token.clone())}
                {super::token_form::<DenyActivation>("button", t.not_me(), token)}
            </div>
        })
        .erased()
}

/// After *Não fui eu*.
pub fn draw_denied(speech: &Speech) -> DrawnPage {
    let t = speech.texts();
    PageFrame::new(speech, t.denied_title())
        .around(view! {
            <h1>{t.denied_title()}</h1>
            <p>{t.denied_text()}</p>
            <p><a href=routes::SIGN_IN>{t.back_to_sign_in()}</a></p>
        })
        .erased()
}
