//! QR code, setup key, code and address: the only page with a secret in it (R6).

use crate::{
    api::enrolment::{CancelEnrolment, ExtendSession, SubmitEnrolment},
    components::{
        action,
        field::{Field, Kind},
        frame::{Done, DrawnPage, PageFrame},
        island::Island,
        qr_code::QrCode,
    },
    speech::Speech,
    view::EnrolView,
};
use leptos::prelude::*;

/// QR, key, code, address.
pub fn draw(speech: &Speech, view: EnrolView) -> DrawnPage<impl IntoView + use<>> {
    let t = speech.texts();
    let entry = speech.fill(t.enrol_entry(), &[("entry", &view.entry)]);
    let until = speech.locale.until(view.session_until);
    let ending = Island::Ending {
        seconds: view.session_until - speech.locale.now,
        text: t.enrol_ending().to_owned(),
    };
    let form = view.form.clone();
    PageFrame::new(speech, t.enrol_title())
        .with_form(&form)
        .with_step(2)
        .around(view! {
            <h1>{t.enrol_title()}</h1>
            {form.is_done().then(|| view! {
                <Done sentence=speech.fill(t.enrol_extended(), &[("until", &until)])/>
            })}
            <section aria-labelledby="scan">
                <h2 id="scan">{t.enrol_scan_title()}</h2>
                <p>{t.enrol_scan()}</p>
                {app_part(speech, view)}
                <p class="small muted">{entry}</p>
            </section>
            <section aria-labelledby="prove">
                <h2 id="prove">{t.enrol_form_title()}</h2>
                <form class="form" method="post" action={action::<SubmitEnrolment>()} novalidate>
                    <Field
                        kind=Kind::Code
                        speech=speech.clone()
                        form=form.clone()
                        label=t.code_label()
                        hint=t.code_hint()
                    />
                    <Field
                        kind=Kind::Email
                        speech=speech.clone()
                        form=form.clone()
                        label=t.email_label()
                        hint=t.email_rule()
                        note=t.email_purpose()
                    />
                    {super::address_question(speech, &form)}
                    <div class="actions">
                        <button class="button primary">{t.enrol_send()}</button>
                    </div>
                    <p class="small muted">
                        {speech.fill(t.enrol_session(), &[("until", &until)])}
                    </p>
                    {ending.place()}
                    <div class="actions">
                        // in the same form: what was typed is kept
                        <button class="button quiet" formaction={action::<ExtendSession>()}>
                            {t.enrol_extend()}
                        </button>
                    </div>
                </form>
            </section>
            <div class="actions">
                {super::button_form::<CancelEnrolment>("button quiet", t.cancel())}
            </div>
        })
}

/// The code and, of the same worth, the key in groups of four, the link for the phone itself.
fn app_part(speech: &Speech, view: EnrolView) -> impl IntoView + use<> {
    let t = speech.texts();
    let groups = view
        .setup_key
        .as_bytes()
        .chunks(4)
        .map(|group| view! { <li>{String::from_utf8_lossy(group).into_owned()}</li> })
        .collect_view();
    let copy = Island::CopyKey {
        key: view.setup_key,
        label: t.enrol_copy().to_owned(),
        copied: t.enrol_copied().to_owned(),
        failed: t.enrol_copy_failed().to_owned(),
    };
    view! {
        <div class="pair">
            <div class="pair-side">
                <h3>{t.enrol_on_phone()}</h3>
                <p><a class="button" href=view.uri.clone()>{t.enrol_open_app()}</a></p>
                <h3>{t.enrol_key_title()}</h3>
                <ol class="key" aria-label=t.enrol_key_label()>{groups}</ol>
                {copy.place()}
            </div>
            // before the other on wide screens; a phone cannot read a code off its own
            <figure class="qr"><QrCode text=view.uri label=t.enrol_qr_alt().to_owned()/></figure>
        </div>
    }
}
