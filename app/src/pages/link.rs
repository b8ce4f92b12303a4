//! The page behind the mailed link: opening it changes nothing, a button does.

use crate::{
    api::{
        enrolment::{ConfirmActivation, DenyActivation},
        request,
    },
    components::layout::{Frame, Speech, page},
    routes,
    view::LinkView,
};
use leptos::prelude::*;

/// *Confirma a ativação da autenticação em 2 fatores?*
#[component]
pub fn LinkPage() -> impl IntoView {
    let facts = request::facts();
    let token = super::token_of_path();
    page(
        async move { request::backend().enrolment.link_page(facts, token).await },
        |speech, view| {
            let t = speech.t;
            match view {
                LinkView::Refused(why) => super::refused(speech, why),
                LinkView::Ask {
                    token,
                    who,
                    at,
                    browser,
                    address,
                    until,
                } => {
                    let locale = speech.locale;
                    let known = |text: String| {
                        if text.is_empty() {
                            t.unknown_client.to_owned()
                        } else {
                            text
                        }
                    };
                    view! {
                        <Frame speech title=t.link_title step=4>
                            <h1>{t.link_question}</h1>
                            <dl class="facts">
                                <div><dt>{t.link_who}</dt><dd>{who}</dd></div>
                                <div><dt>{t.link_at}</dt><dd>{locale.day_and_time(at)}</dd></div>
                                <div><dt>{t.link_browser}</dt><dd>{known(browser)}</dd></div>
                                <div><dt>{t.link_address}</dt><dd>{known(address)}</dd></div>
                                <div><dt>{t.link_until}</dt><dd>{locale.until(until)}</dd></div>
                            </dl>
                            <p>{t.link_nothing_yet}</p>
                            <div class="actions">
                                {super::token_form::<ConfirmActivation>("button primary", t.confirm, token.clone())}
                                {super::token_form::<DenyActivation>("button", t.not_me, token)}
                            </div>
                        </Frame>
                    }
                    .into_any()
                }
            }
        },
    )
}

/// After *Não fui eu*.
#[component]
pub fn DeniedPage() -> impl IntoView {
    let speech = Speech::of_request();
    let t = speech.t;
    view! {
        <Frame speech title=t.denied_title>
            <h1>{t.denied_title}</h1>
            <p>{t.denied_text}</p>
            <p><a href=routes::SIGN_IN>{t.back_to_sign_in}</a></p>
        </Frame>
    }
}
