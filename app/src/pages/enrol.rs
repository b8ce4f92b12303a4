//! QR code, setup key, code and address: the only page with a secret in it (R6).

use crate::{
    api::enrolment::{CancelEnrolment, ExtendSession, SubmitEnrolment},
    components::{
        action,
        field::{Field, Kind},
        frame::{Done, DrawnPage, PageFrame},
        island::Island,
        problems::{ErrorPlace, code_cures, error_summary},
        qr_code::QrCode,
        shops::authenticator_shops,
    },
    speech::Speech,
    view::EnrolView,
};
use leptos::prelude::*;

/// Four acts: open the app, add the account, type what it shows, the personal mailbox; in two
/// columns where there is room. After a refusal the account is in the app already: what was typed
/// comes first, what may be the cause after it, and the first two acts are folded away.
pub fn draw(speech: &Speech, view: EnrolView) -> DrawnPage<impl IntoView + use<>> {
    let t = speech.texts();
    let until = speech.locale.until(view.session_until);
    let form = view.form.clone();
    let typed = typed_acts(speech, &view);
    let cures = code_cures(speech, &form, &view.entry);
    let app = app_acts(speech, view);
    let (before, after) = if form.is_rejected() {
        let after = view! {
            <div class="after">
                {cures}
                // opens what follows
                <details class="more">
                    <summary>{t.enrol_again()}</summary>
                </details>
                {app}
            </div>
        };
        (None, Some(after))
    } else {
        (Some(app), None)
    };
    PageFrame::new(speech, t.enrol_title())
        .with_form(&form)
        .with_step(2)
        .around(view! {
            <h1>{t.enrol_title()}</h1>
            {form.is_done().then(|| view! {
                <Done sentence=speech.fill(t.enrol_extended(), &[("until", &until)])/>
            })}
            <form class="enrol" method="post" action={action::<SubmitEnrolment>()} novalidate>
                {before}
                {typed}
                {after}
            </form>
        })
}

/// The acts in the app. On a phone the first one opens it, and the QR code, which a phone cannot
/// read off its own screen, is folded away; on a wide screen the phone is another device.
fn app_acts(speech: &Speech, view: EnrolView) -> impl IntoView + use<> {
    let t = speech.texts();
    let key = key(speech, view.setup_key, &view.entry);
    view! {
        <ol class="acts">
            <li class="act-app">
                <p class="alone">
                    <a class="button primary" href=view.uri.clone()>{t.enrol_open_app()}</a>
                </p>
                // opens what follows: the sentence below, and the next act
                <details class="more other-device">
                    <summary>{t.enrol_other_device()}</summary>
                </details>
                <p class="camera">{t.enrol_add()}</p>
                <details class="more">
                    <summary>{t.enrol_no_app()}</summary>
                    <p>{t.enrol_no_app_help()}</p>
                    {authenticator_shops()}
                </details>
            </li>
            <li class="act-scan">
                <p>{t.enrol_scan()}</p>
                <div class="qr"><QrCode text=view.uri label=t.enrol_qr_alt().to_owned()/></div>
                <details class="more">
                    <summary>{t.enrol_cannot_scan()}</summary>
                    {key}
                </details>
            </li>
        </ol>
    }
}

/// The acts that are typed, with what was wrong.
fn typed_acts(speech: &Speech, view: &EnrolView) -> impl IntoView + use<> {
    let t = speech.texts();
    let form = &view.form;
    // alone, the code's message stands directly above its field
    let (place, above): (_, &[&str]) = if form.problems.len() == 1 {
        (ErrorPlace::Summary, &["code"])
    } else {
        (ErrorPlace::Field, &[])
    };
    view! {
        <div class="typed">
            {error_summary(speech, form, above)}
            <ol class="acts">
                <li>
                    <Field
                        kind=Kind::Code
                        speech=speech.clone()
                        form=form.clone()
                        label=t.code_label()
                        error_place=place
                    />
                </li>
                <li>
                    <Field
                        kind=Kind::Email
                        speech=speech.clone()
                        form=form.clone()
                        label=t.email_label()
                        hint=speech.email_rule(&view.suffixes)
                        error_place=ErrorPlace::Field
                    />
                    {super::address_question(speech, form)}
                    {end(speech, view.session_until)}
                </li>
            </ol>
        </div>
    }
}

/// The primary button, and what is said and can be done below it. All in the same form: what was
/// typed is kept.
fn end(speech: &Speech, session_until: i64) -> impl IntoView + use<> {
    let t = speech.texts();
    let until = speech.locale.until(session_until);
    let ending = Island::Ending {
        seconds: session_until - speech.locale.now,
        text: t.enrol_ending().to_owned(),
    };
    view! {
        <div class="actions">
            <button class="button primary send">{t.enrol_send()}</button>
        </div>
        <p class="small muted">{t.email_purpose()}</p>
        <p class="small muted">{speech.fill(t.enrol_session(), &[("until", &until)])}</p>
        {ending.place()}
        <div class="actions quiet-row">
            <button class="button quiet" formaction={action::<ExtendSession>()}>
                {t.enrol_extend()}
            </button>
            <button class="button quiet" formaction={action::<CancelEnrolment>()}>
                {t.cancel()}
            </button>
        </div>
    }
}

/// The setup key in groups of four, of the same worth as the QR code, with a button that copies it.
fn key(speech: &Speech, setup_key: String, entry: &str) -> impl IntoView + use<> {
    let t = speech.texts();
    let groups = setup_key
        .as_bytes()
        .chunks(4)
        .map(|group| view! { <li>{String::from_utf8_lossy(group).into_owned()}</li> })
        .collect_view();
    let copy = Island::CopyKey {
        key: setup_key,
        label: t.enrol_copy().to_owned(),
        copied: t.enrol_copied().to_owned(),
        failed: t.enrol_copy_failed().to_owned(),
    };
    view! {
        <ol class="key" aria-label=t.enrol_key_label()>{groups}</ol>
        {copy.place()}
        <p>{speech.fill(t.enrol_key_help(), &[("entry", entry)])}</p>
    }
}
