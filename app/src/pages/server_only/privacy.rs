//! How personal data is used (LGPD).

use crate::components::frame::{DrawnPage, PageFrame};
use crate::components::support::support_links;
use crate::page_context::PageContext;
use crate::routes;
use leptos::prelude::*;

/// Purposes, cookies, logs, rights.
pub fn draw(page_context: &PageContext) -> DrawnPage {
    let t = page_context.texts();
    PageFrame::new(page_context, t.privacy_title()).headed(view! {
        <p>{t.privacy_email()}</p>
        <p>{t.privacy_cookies()}</p>
        <p>{t.privacy_log()}</p>
        <p>{t.privacy_rights()}" "{support_links(page_context)}"."</p>
        <p><a href=routes::SIGN_IN>{t.back_to_sign_in()}</a></p>
    })
}
