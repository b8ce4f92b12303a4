//! The page to correct the email of a pending enrolment.

use crate::api::enrolment::ChangeEmail;
use crate::components::action;
use crate::components::field::{Field, Kind};
use crate::components::frame::{DrawnPage, PageFrame};
use crate::components::problems::{ErrorPlace, error_summary};
use crate::page_context::PageContext;
use crate::routes;
use crate::view::FormState;
use leptos::prelude::*;

/// The page to correct the email.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeEmailView {
    /// The form as it comes back.
    pub form: FormState,
    /// The present email, as its owner typed it.
    pub email: String,
    /// Domains whose addresses are not personal.
    pub suffixes: Vec<String>,
}

/// Shows the present email, to be corrected.
pub fn draw(page_context: &PageContext, view: ChangeEmailView) -> DrawnPage {
    let t = page_context.texts();
    let form = view.form;
    PageFrame::new(page_context, t.change_title())
        .with_form(&form)
        .with_step(3)
        .around(view! {
            <h1>{t.change_title()}</h1>
            {error_summary(page_context, &form, &["email"])}
            <form class="form" method="post" action={action::<ChangeEmail>()} novalidate>
                <Field
                    kind=Kind::Email
                    page_context=page_context.clone()
                    form=form.clone()
                    label=t.email_label()
                    hint=page_context.email_rule(&view.suffixes)
                    error_place=ErrorPlace::Summary
                    value=view.email
                />
                {super::address_question(page_context, &form)}
                <div class="actions">
                    <button class="button primary">{t.change_send()}</button>
                    <a class="button quiet" href=routes::MAIL_SENT>{t.back()}</a>
                </div>
                <p class="small muted">{t.change_lead()}" "{t.email_purpose()}</p>
            </form>
        })
        .erased()
}
