//! *A autenticação em 2 fatores foi ativada.*, and how each other instance took it.

use crate::{
    api::request,
    components::{
        layout::{Frame, page},
        poll::WaitForSync,
    },
    routes,
};
use leptos::prelude::*;

/// Opened by the receipt or by the browser that began; no id in the address (R14).
#[component]
pub fn ActivatedPage() -> impl IntoView {
    let facts = request::facts();
    page(
        async move { request::backend().enrolment.activated_page(facts).await },
        |speech, view| {
            let t = speech.t;
            let Some(view) = view else {
                return view! {
                    <Frame speech title=t.activated_gone_title>
                        <h1>{t.activated_gone_title}</h1>
                        <p>{t.activated_gone}</p>
                        <p><a class="button primary" href=routes::SIGN_IN>{t.back_to_sign_in}</a></p>
                    </Frame>
                }
                .into_any();
            };
            let entry = speech.fill(t.activated_entry, &[("entry", &view.entry)]);
            view! {
                <Frame speech title=t.activated_title>
                    <div class="outcome" data-tone="success">
                        <h1>{t.activated}</h1>
                    </div>
                    {(!view.sync.lines.is_empty()).then(|| view! {
                        <h2>{t.sync_title}</h2>
                        <WaitForSync
                            initial=view.sync
                            reload=t.sync_reload.to_owned()
                            page=routes::ACTIVATED.to_owned()
                        />
                    })}
                    <p>{t.activated_next}</p>
                    <p>{entry}</p>
                    <div class="actions">
                        {if view.may_enter {
                            view! { <a class="button primary" href=routes::CODE>{t.activated_enter}</a> }
                        } else {
                            view! { <a class="button primary" href=routes::SIGN_IN>{t.back_to_sign_in}</a> }
                        }}
                    </div>
                </Frame>
            }
            .into_any()
        },
    )
}
