//! The intro page (manual: *Após ler a mensagem exibida pelo sistema, clique em prosseguir*).

use crate::api::enrolment::{BeginEnrolment, CancelEnrolment};
use crate::components::frame::DrawnPage;
use crate::components::problems::PageForm;
use crate::components::shops::authenticator_shops;
use crate::page_context::PageContext;
use crate::view::FormState;
use leptos::prelude::*;

/// The intro page before an enrolment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntroView {
    /// The form as it comes back.
    pub form: FormState,
    /// Whether the policy requires a second factor of this person.
    pub required: bool,
    /// Whether another enrolment is pending, which a new QR code voids.
    pub voids_another: bool,
    /// Whether this browser's own enrolment has expired.
    pub expired: bool,
}

/// A free program that makes codes on a computer (docs/authenticators.md).
const PROGRAM: &str = "https://ente.io/auth/";

/// Tells what will happen and what is needed.
pub fn draw(page_context: &PageContext, view: &IntroView) -> DrawnPage {
    let t = page_context.texts();
    let expired = page_context.fill(t.intro_expired(), &[("entry", &page_context.label)]);
    let form = PageForm::new(page_context, &view.form, &[]);
    form.frame(t.intro_title()).with_step(1).headed(view! {
        {view.required.then(|| view! {
            <div class="note" data-tone="info"><p>{t.intro_required()}</p></div>
        })}
        {view.expired.then(|| view! {
            <div class="note" data-tone="warning"><p>{expired}</p></div>
        })}
        <p>{t.intro_lead()}</p>
        // a person whose enrolment has expired has the app already
        {(!view.expired).then(|| view! {
            <p>{t.intro_stores()}</p>
            {authenticator_shops()}
            <p>{t.intro_mail()}</p>
        })}
        {view.voids_another.then(|| view! {
            <div class="note" data-tone="warning"><p>{t.intro_voids()}</p></div>
        })}
        <div class="actions">
            {super::button_form::<BeginEnrolment>("button primary", t.proceed())}
            {super::button_form::<CancelEnrolment>("button quiet", t.cancel())}
        </div>
        <details class="more">
            <summary>{t.no_phone()}</summary>
            <p>{t.no_phone_help()}</p>
            <p><a href=PROGRAM rel="noreferrer">{t.no_phone_link()}</a></p>
        </details>
    })
}
