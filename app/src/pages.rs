//! The screens of the manual and what is around them, one file each: load the view, draw it.

pub mod activated;
pub mod change_address;
pub mod code;
pub mod enrol;
pub mod home;
pub mod link;
pub mod mail_sent;
pub mod not_me;
pub mod notice;
pub mod privacy;
pub mod sign_in;

use crate::{
    components::layout::{Frame, Speech, action},
    routes,
    view::{FormState, LinkRefusal, Problem},
};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::hooks::use_params_map;

/// The token in the path of a link page.
fn token_of_path() -> String {
    use_params_map()
        .read_untracked()
        .get("token")
        .unwrap_or_default()
}

/// A form with one button and nothing to fill in.
fn button_form<F: ServerFn>(class: &'static str, label: &'static str) -> impl IntoView {
    view! {
        <form method="post" action={action::<F>()}>
            <button class=class>{label}</button>
        </form>
    }
}

/// A form with one button that carries a link's token.
fn token_form<F: ServerFn>(
    class: &'static str,
    label: &'static str,
    token: String,
) -> impl IntoView {
    view! {
        <form method="post" action={action::<F>()}>
            <input type="hidden" name="token" value=token/>
            <button class=class>{label}</button>
        </form>
    }
}

/// The question about an address that looks mistyped: take the suggestion or insist. An answer
/// that was given stays given while something else is mended.
fn address_question(speech: &Speech, form: &FormState) -> impl IntoView + use<> {
    let t = speech.t;
    let Some(Problem::AddressSuggestion { suggestion }) = form.problem("email") else {
        let answer = form.value("confirmed");
        return (!answer.is_empty())
            .then(|| view! { <input type="hidden" name="confirmed" value=answer/> })
            .into_any();
    };
    let typed = form.value("email");
    let choices = [
        (
            speech.fill(t.email_use, &[("suggestion", suggestion)]),
            suggestion.clone(),
        ),
        (speech.fill(t.email_keep, &[("typed", &typed)]), typed),
    ]
    .map(|(label, value)| {
        view! {
            <label class="choice">
                <input type="radio" name="confirmed" value=value/>
                {label}
            </label>
        }
    });
    view! {
        <fieldset class="choices" aria-describedby="email-error">
            <legend>{t.email_question}</legend>
            {choices.into_iter().collect_view()}
        </fieldset>
    }
    .into_any()
}

/// The page of a link that does not work: why, and a way on.
fn refused(speech: Speech, why: LinkRefusal) -> AnyView {
    let t = speech.t;
    let sentence = match why {
        LinkRefusal::Unknown => t.refused_unknown,
        LinkRefusal::Expired => t.refused_expired,
        LinkRefusal::Used => t.refused_used,
        LinkRefusal::NewerQr => t.refused_newer,
        LinkRefusal::AddressCorrected => t.refused_address,
        LinkRefusal::Cancelled => t.refused_cancelled,
    };
    view! {
        <Frame speech title=t.refused_title>
            <h1>{t.refused_title}</h1>
            <p>{sentence}</p>
            <p><a class="button primary" href=routes::SIGN_IN>{t.back_to_sign_in}</a></p>
        </Frame>
    }
    .into_any()
}
