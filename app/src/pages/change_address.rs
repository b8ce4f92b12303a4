//! Another address for the same enrolment.

use crate::{
    api::{enrolment::ChangeAddress, request},
    components::{
        field::{Field, Kind},
        layout::{Frame, action, page},
    },
    routes,
};
use leptos::prelude::*;

/// The address, to be corrected.
#[component]
pub fn ChangeAddressPage() -> impl IntoView {
    let facts = request::facts();
    page(
        async move {
            request::backend()
                .enrolment
                .change_address_page(facts)
                .await
        },
        |speech, view| {
            let t = speech.t;
            let form = view.form;
            view! {
                <Frame speech=speech.clone() title=t.change_title form=Some(form.clone()) step=3>
                    <h1>{t.change_title}</h1>
                    <p>{t.change_lead}</p>
                    <form class="form" method="post" action={action::<ChangeAddress>()} novalidate>
                        <Field
                            kind=Kind::Email
                            speech=speech.clone()
                            form=form.clone()
                            label=t.email_label
                            hint=t.email_rule
                            note=t.email_purpose
                            value=view.address
                        />
                        {super::address_question(&speech, &form)}
                        <div class="actions">
                            <button class="button primary">{t.change_send}</button>
                            <a class="button" href=routes::MAIL_SENT>{t.back}</a>
                        </div>
                    </form>
                </Frame>
            }
        },
    )
}
