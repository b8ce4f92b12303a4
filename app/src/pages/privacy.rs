//! What is done with personal data (LGPD).

use crate::{
    components::{
        frame::{DrawnPage, PageFrame},
        support::support_links,
    },
    routes,
    speech::Speech,
};
use leptos::prelude::*;

/// Purposes, cookies, logs, rights.
pub fn draw(speech: &Speech) -> DrawnPage {
    let t = speech.texts();
    PageFrame::new(speech, t.privacy_title())
        .around(view! {
            <h1>{t.privacy_title()}</h1>
            <p>{t.privacy_email()}</p>
            <p>{t.privacy_cookies()}</p>
            <p>{t.privacy_log()}</p>
            <p>{t.privacy_rights()}" "{support_links(speech)}"."</p>
            <p><a href=routes::SIGN_IN>{t.back_to_sign_in()}</a></p>
        })
        .erased()
}
