//! *Não fui eu* of a notice to a registered contact (R29).

use crate::{
    api::{enrolment::NotMe, request},
    components::layout::{Frame, Speech, page},
    routes,
    view::NotMeView,
};
use leptos::prelude::*;

/// Asks before it blocks: mail scanners open links.
#[component]
pub fn NotMePage() -> impl IntoView {
    let facts = request::facts();
    let token = super::token_of_path();
    page(
        async move { request::backend().enrolment.not_me_page(facts, token).await },
        |speech, view| {
            let t = speech.t;
            match view {
                NotMeView::Refused(why) => super::refused(speech, why),
                NotMeView::Ask {
                    token,
                    who,
                    activated,
                } => {
                    let what = if activated {
                        t.not_me_activated
                    } else {
                        t.not_me_started
                    };
                    let what = speech.fill(what, &[("who", &who)]);
                    view! {
                        <Frame speech title=t.not_me_title>
                            <h1>{t.not_me_title}</h1>
                            <p class="lead">{what}</p>
                            <p>{t.not_me_effect}</p>
                            <div class="actions">
                                {super::token_form::<NotMe>("button danger", t.not_me_button, token)}
                            </div>
                            <p>{t.not_me_was_me}</p>
                        </Frame>
                    }
                    .into_any()
                }
            }
        },
    )
}

/// After the block.
#[component]
pub fn ReportedPage() -> impl IntoView {
    let speech = Speech::of_request();
    let t = speech.t;
    view! {
        <Frame speech title=t.reported_title>
            <h1>{t.reported_title}</h1>
            <p>{t.reported_text}</p>
            <p><a href=routes::SIGN_IN>{t.back_to_sign_in}</a></p>
        </Frame>
    }
}
