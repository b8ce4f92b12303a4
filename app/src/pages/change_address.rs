//! Another address for the same enrolment.

use crate::{
    api::enrolment::ChangeAddress,
    components::{
        action,
        field::{Field, Kind},
        frame::{DrawnPage, PageFrame},
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
            <p>{t.change_lead()}</p>
            <form class="form" method="post" action={action::<ChangeAddress>()} novalidate>
                <Field
                    kind=Kind::Email
                    speech=speech.clone()
                    form=form.clone()
                    label=t.email_label()
                    hint=t.email_rule()
                    note=t.email_purpose()
                    value=view.address
                />
                {super::address_question(speech, &form)}
                <div class="actions">
                    <button class="button primary">{t.change_send()}</button>
                    <a class="button" href=routes::MAIL_SENT>{t.back()}</a>
                </div>
            </form>
        })
        .erased()
}
