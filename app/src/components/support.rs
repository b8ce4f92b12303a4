//! Links to the support team, shown where a person cannot go on alone.

use crate::page_context::PageContext;
use crate::support::Support;
use leptos::prelude::*;

/// The support team's telephone number as a link.
pub fn phone_link(support: &Support) -> impl IntoView + use<> {
    view! { <a class="tel" href=support.phone_uri()>{support.phone.clone()}</a> }
}

/// `(61) 3313-9144 ou eproc@…` with both as links, for the end of a sentence that sends the person to the support team.
pub fn support_links(page_context: &PageContext) -> impl IntoView + use<> {
    let support = &page_context.support;
    let mail = format!("mailto:{}", support.email);
    view! {
        {phone_link(support)}
        {format!(" {} ", page_context.texts().support_or())}
        <a href=mail>{support.email.clone()}</a>
    }
}

/// The button that calls the support team. It is a primary one where nothing else helps.
#[cfg(feature = "ssr")]
pub fn call_link(page_context: &PageContext, class: &'static str) -> impl IntoView + use<> {
    let support = &page_context.support;
    let label = page_context.fill(page_context.texts().call(), &[("phone", &support.phone)]);
    view! { <a class=class href=support.phone_uri()>{label}</a> }
}
