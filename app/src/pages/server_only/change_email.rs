//! The page to correct the email of a pending enrolment.

use crate::api::enrolment::ChangeEmail;
use crate::components::action;
use crate::components::field::Kind;
use crate::components::frame::DrawnPage;
use crate::components::problems::PageForm;
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
pub fn draw(page_context: &PageContext, view: &ChangeEmailView) -> DrawnPage {
    let t = page_context.texts();
    let form = PageForm::new(page_context, &view.form, &["email"]);
    let rule = page_context.email_rule(&view.suffixes);
    form.frame(t.change_title()).with_step(3).headed(view! {
        <form class="form" method="post" action={action::<ChangeEmail>()} novalidate>
            {form.field_with(Kind::Email, t.email_label(), &rule, &view.email, None)}
            {super::address_question(form)}
            {super::send_or_leave(t.change_send(), routes::MAIL_SENT, t.back())}
            <p class="small muted">{t.change_lead()}" "{t.email_purpose()}</p>
        </form>
    })
}
