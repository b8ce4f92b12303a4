//! The code, after the password.

use crate::{
    api::{
        request,
        sign_in::{SignOut, VerifyCode},
    },
    components::{
        field::{Field, Kind},
        layout::{Frame, Speech, action, page},
    },
    routes,
    text::times,
    view::{CodeView, Problem},
};
use leptos::prelude::*;

/// Asks for the code, or says how long the account waits.
#[component]
pub fn CodePage() -> impl IntoView {
    let facts = request::facts();
    page(
        async move { request::backend().sign_in.code_page(facts).await },
        |speech, view| match view.locked {
            Some(until) => locked(&speech, until).into_any(),
            None => ask(&speech, view).into_any(),
        },
    )
}

/// The same page for a right and a wrong code (R4).
fn locked(speech: &Speech, until: Option<i64>) -> impl IntoView + use<> {
    let t = speech.t;
    let sentence = speech.locale.problem("code", &Problem::Locked { until });
    view! {
        <Frame speech=speech.clone() title=t.code_locked_title>
            <h1>{t.code_locked_title}</h1>
            <div class="note" data-tone="warning"><p>{sentence}</p></div>
            <p>{t.code_lost}</p>
            <div class="actions">
                {until.map(|_| view! {
                    <a class="button primary" href=routes::CODE>{t.code_retry}</a>
                })}
                {super::button_form::<SignOut>("button", t.leave)}
            </div>
        </Frame>
    }
}

fn ask(speech: &Speech, view: CodeView) -> impl IntoView + use<> {
    let speech = speech.clone();
    let t = speech.t;
    let form = view.form;
    let lead = speech.fill(
        t.code_for,
        &[("sigla", &view.sigla), ("entry", &view.entry)],
    );
    let provisional = view.provisional_left.map(|left| {
        speech.fill(
            t.code_provisional,
            &[("times", &times(speech.locale.lang, left))],
        )
    });
    view! {
        <Frame speech=speech.clone() title=t.code_title form=Some(form.clone())>
            <h1>{t.code_title}</h1>
            <p>{lead}</p>
            {provisional.map(|text| view! {
                <div class="note" data-tone="info">
                    <p>{text}</p>
                    <p><a href=routes::MAIL_SENT>{t.factor_go_pending}</a></p>
                </div>
            })}
            <form class="form" method="post" action={action::<VerifyCode>()} novalidate>
                <Field
                    kind=Kind::Code
                    speech=speech.clone()
                    form
                    label=t.code_field
                    hint=t.code_hint
                />
                <div class="actions">
                    <button class="button primary">{t.code_submit}</button>
                </div>
            </form>
            <p class="small">{t.code_lost}</p>
            {super::button_form::<SignOut>("button quiet", t.leave)}
        </Frame>
    }
}
