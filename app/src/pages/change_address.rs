//! Another address for the same enrolment.

use crate::{
    api::enrolment::ChangeAddress,
    components::{
        action,
        field::{Field, Kind},
        frame::{DrawnPage, PageFrame},
        problems::{ErrorPlace, error_summary},
    },
    routes,
    speech::Speech,
    view::ChangeAddressView,
};
use leptos::prelude::*;

/// The address, to be corrected.
pub fn draw(speech: &Speech, view: ChangeAddressView) -> DrawnPage {
    let t = speech.texts();
    let form = view.form;
    PageFrame::new(speech, t.change_title())
        .with_form(&form)
        .with_step(3)
        .around(view! {
            <h1>{t.change_title()}</h1>
            {error_summary(speech, &form, &["email"])}
            <form class="form" method="post" action={action::<ChangeAddress>()} novalidate>
                <Field
                    kind=Kind::Email
                    speech=speech.clone()
                    form=form.clone()
                    label=t.email_label()
                    hint=speech.email_rule(&view.suffixes)
                    error_place=ErrorPlace::Summary
                    value=view.address
                />
                {super::address_question(speech, &form)}
                <div class="actions">
                    <button class="button primary">{t.change_send()}</button>
                    <a class="button quiet" href=routes::MAIL_SENT>{t.back()}</a>
                </div>
                <p class="small muted">{t.change_lead()}" "{t.email_purpose()}</p>
            </form>
        })
        .erased()
}
