//! The code, after the password.

use crate::{
    api::sign_in::{SignOut, VerifyCode},
    components::{
        action,
        field::{Field, Kind},
        frame::{DrawnPage, PageFrame},
    },
    routes,
    speech::Speech,
    text::times,
    view::{CodeView, Problem},
};
use leptos::prelude::*;

/// Asks for the code, or says how long the account waits.
pub fn draw(speech: &Speech, view: CodeView) -> DrawnPage {
    match view.locked {
        Some(until) => locked(speech, until),
        None => ask(speech, view),
    }
}

/// The same page for a right and a wrong code (R4).
fn locked(speech: &Speech, until: Option<i64>) -> DrawnPage {
    let t = speech.texts();
    let sentence = speech.locale.problem("code", &Problem::Locked { until });
    PageFrame::new(speech, t.code_locked_title())
        .around(view! {
            <h1>{t.code_locked_title()}</h1>
            <div class="note" data-tone="warning"><p>{sentence}</p></div>
            <p>{t.code_lost()}</p>
            <div class="actions">
                {until.map(|_| view! {
                    <a class="button primary" href=routes::CODE>{t.code_retry()}</a>
                })}
                {super::button_form::<SignOut>("button", t.leave())}
            </div>
        })
        .erased()
}

fn ask(speech: &Speech, view: CodeView) -> DrawnPage {
    let t = speech.texts();
    let form = view.form;
    let lead = speech.fill(
        t.code_for(),
        &[("sigla", &view.sigla), ("entry", &view.entry)],
    );
    let provisional = view.provisional_left.map(|left| {
        speech.fill(
            t.code_provisional(),
            &[("times", &times(speech.locale.lang, left))],
        )
    });
    PageFrame::new(speech, t.code_title())
        .with_form(&form)
        .around(view! {
            <h1>{t.code_title()}</h1>
            <p>{lead}</p>
            {provisional.map(|text| view! {
                <div class="note" data-tone="info">
                    <p>{text}</p>
                    <p><a href=routes::MAIL_SENT>{t.factor_go_pending()}</a></p>
                </div>
            })}
            <form class="form" method="post" action={action::<VerifyCode>()} novalidate>
                <Field
                    kind=Kind::Code
                    speech=speech.clone()
                    form=form.clone()
                    label=t.code_field()
                    hint=t.code_hint()
                />
                <div class="actions">
                    <button class="button primary">{t.code_submit()}</button>
                </div>
            </form>
            <p class="small">{t.code_lost()}</p>
            {super::button_form::<SignOut>("button quiet", t.leave())}
        })
        .erased()
}
