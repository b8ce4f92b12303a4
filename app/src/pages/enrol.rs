//! QR code, setup key, code and address: the only page with a secret in it (R6).

use crate::{
    api::{
        enrolment::{CancelEnrolment, ExtendSession, SubmitEnrolment},
        request,
    },
    components::{
        copy_key::CopyKey,
        ending::Ending,
        field::{Field, Kind},
        layout::{Done, Frame, Speech, action, page},
        qr_code::{QrCode, QrCodeProps},
    },
    view::EnrolView,
};
use leptos::prelude::*;

/// QR, key, code, address.
#[component]
pub fn EnrolPage() -> impl IntoView {
    let facts = request::facts();
    page(
        async move { request::backend().enrolment.enrol_page(facts).await },
        |speech, view| {
            let t = speech.t;
            let entry = speech.fill(t.enrol_entry, &[("entry", &view.entry)]);
            let until = speech.locale.until(view.session_until);
            let left = view.session_until - speech.locale.now;
            let form = view.form.clone();
            view! {
                <Frame speech=speech.clone() title=t.enrol_title form=Some(form.clone()) step=2>
                    <h1>{t.enrol_title}</h1>
                    {form.is_done().then(|| view! {
                        <Done sentence=speech.fill(t.enrol_extended, &[("until", &until)])/>
                    })}
                    <section aria-labelledby="scan">
                        <h2 id="scan">{t.enrol_scan_title}</h2>
                        <p>{t.enrol_scan}</p>
                        {app_part(&speech, &view)}
                        <p class="small muted">{entry}</p>
                    </section>
                    <section aria-labelledby="prove">
                        <h2 id="prove">{t.enrol_form_title}</h2>
                        <form class="form" method="post" action={action::<SubmitEnrolment>()} novalidate>
                            <Field
                                kind=Kind::Code
                                speech=speech.clone()
                                form=form.clone()
                                label=t.code_label
                                hint=t.code_hint
                            />
                            <Field
                                kind=Kind::Email
                                speech=speech.clone()
                                form=form.clone()
                                label=t.email_label
                                hint=t.email_rule
                                note=t.email_purpose
                            />
                            {super::address_question(&speech, &form)}
                            <div class="actions">
                                <button class="button primary">{t.enrol_send}</button>
                            </div>
                            <p class="small muted">
                                {speech.fill(t.enrol_session, &[("until", &until)])}
                            </p>
                            <Ending seconds=left text=t.enrol_ending.to_owned()/>
                            <div class="actions">
                                // in the same form: what was typed is kept
                                <button class="button quiet" formaction={action::<ExtendSession>()}>
                                    {t.enrol_extend}
                                </button>
                            </div>
                        </form>
                    </section>
                    <div class="actions">
                        {super::button_form::<CancelEnrolment>("button quiet", t.cancel)}
                    </div>
                </Frame>
            }
        },
    )
}

/// The code and, of the same worth, the key in groups of four, the link for the phone itself.
fn app_part(speech: &Speech, view: &EnrolView) -> impl IntoView + use<> {
    let t = speech.t;
    let groups = view
        .setup_key
        .as_bytes()
        .chunks(4)
        .map(|group| view! { <li>{String::from_utf8_lossy(group).into_owned()}</li> })
        .collect_view();
    let qr = QrCode(QrCodeProps {
        text: view.uri.clone(),
        label: t.enrol_qr_alt.to_owned(),
    });
    view! {
        <div class="pair">
            <div class="pair-side">
                <h3>{t.enrol_on_phone}</h3>
                <p><a class="button" href=view.uri.clone()>{t.enrol_open_app}</a></p>
                <h3>{t.enrol_key_title}</h3>
                <ol class="key" aria-label=t.enrol_key_label>{groups}</ol>
                <CopyKey
                    key=view.setup_key.clone()
                    label=t.enrol_copy.to_owned()
                    copied=t.enrol_copied.to_owned()
                    failed=t.enrol_copy_failed.to_owned()
                />
            </div>
            // before the other on wide screens; a phone cannot read a code off its own
            <figure class="qr">{qr}</figure>
        </div>
    }
}
