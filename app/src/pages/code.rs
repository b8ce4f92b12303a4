//! The code, after the password.

use crate::{
    api::sign_in::{SignOut, VerifyCode},
    components::{
        action,
        field::{Field, Kind},
        frame::{DrawnPage, PageFrame},
        problems::{ErrorPlace, code_cures, error_summary},
        support::{call_button, support_links},
    },
    routes,
    speech::Speech,
    text::times,
    view::CodeView,
};
use leptos::{either::Either, prelude::*};

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
    let (sentence, way_on) = match until {
        Some(until) => {
            let until = speech.locale.until(until);
            let sentence = speech.fill(t.code_locked_until(), &[("until", &until)]);
            let retry = view! { <a class="button primary" href=routes::CODE>{t.code_retry()}</a> };
            (sentence, Either::Left(retry))
        }
        None => (
            t.code_locked_for_good().to_owned(),
            Either::Right(call_button(speech)),
        ),
    };
    PageFrame::new(speech, t.code_locked_title())
        .around(view! {
            <h1>{t.code_locked_title()}</h1>
            <p class="lead">{sentence}</p>
            <div class="actions">
                {way_on}
                {super::button_form::<SignOut>("button quiet", t.leave())}
            </div>
            {phone_lost(speech)}
        })
        .erased()
}

fn ask(speech: &Speech, view: CodeView) -> DrawnPage {
    let t = speech.texts();
    let form = view.form;
    let hint = speech.fill(
        t.code_for(),
        &[("sigla", &view.sigla), ("entry", &view.entry)],
    );
    // what is so important has to be heard with the field, which has the focus
    let hint = match view.provisional_left {
        Some(left) => {
            let times = times(speech.locale.lang, left);
            let provisional = speech.fill(t.code_provisional(), &[("times", &times)]);
            format!("{provisional} {hint}")
        }
        None => hint,
    };
    PageFrame::new(speech, t.code_title())
        .with_form(&form)
        .around(view! {
            <h1><label for="code">{t.code_title()}</label></h1>
            {error_summary(speech, &form, &["code"])}
            <form class="form" method="post" action={action::<VerifyCode>()} novalidate>
                <Field
                    kind=Kind::Code
                    speech=speech.clone()
                    form=form.clone()
                    label=t.code_title()
                    hint=hint
                    error_place=ErrorPlace::Summary
                    main=true
                />
                <div class="actions">
                    <button class="button primary">{t.code_submit()}</button>
                </div>
            </form>
            {code_cures(speech, &form, &view.entry)}
            {view.provisional_left.is_some().then(|| view! {
                <p><a href=routes::MAIL_SENT>{t.factor_go_pending()}</a></p>
            })}
            {phone_lost(speech)}
            <div class="actions quiet-row">
                {super::button_form::<SignOut>("button quiet", t.code_other_person())}
            </div>
        })
        .erased()
}

/// What to do without the phone.
fn phone_lost(speech: &Speech) -> impl IntoView + use<> {
    let t = speech.texts();
    view! {
        <details class="more">
            <summary>{t.code_lost()}</summary>
            <p>{t.code_lost_help()}" "{support_links(speech)}"."</p>
        </details>
    }
}
