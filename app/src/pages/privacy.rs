//! What is done with personal data (LGPD).

use crate::{
    components::layout::{Frame, Speech},
    routes,
};
use leptos::prelude::*;

/// Purposes, cookies, logs, rights.
#[component]
pub fn PrivacyPage() -> impl IntoView {
    let speech = Speech::of_request();
    let t = speech.t;
    view! {
        <Frame speech title=t.privacy_title>
            <h1>{t.privacy_title}</h1>
            <p>{t.privacy_email}</p>
            <p>{t.privacy_cookies}</p>
            <p>{t.privacy_log}</p>
            <p>{t.privacy_rights}</p>
            <p><a href=routes::SIGN_IN>{t.back_to_sign_in}</a></p>
        </Frame>
    }
}
