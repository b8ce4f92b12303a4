//! The bar and the footer around `<main>`. They stay while pages change, so the browser never draws them; a page in another
//! language carries new ones ([`Surroundings`]).

use super::support::phone_link;
use crate::api::sign_in::SetLanguage;
use crate::model::Language;
use crate::navigation::Surroundings;
use crate::page_context::PageContext;
use crate::{Site, routes};
use leptos::prelude::*;

/// What stands in `<body>` before `<main>`: the link that skips to it, and the bar.
pub fn header(page_context: &PageContext) -> impl IntoView + use<> {
    let t = page_context.texts();
    view! {
        <a class="skip" href="#main">{t.skip()}</a>
        <header class="bar">
            <div class="bar-inner">
                <span class="bar-mark" aria-hidden="true"></span>
                <span class="bar-name">{page_context.label.clone()}</span>
            </div>
        </header>
    }
}

/// The footer: support, the other language, privacy. `address` is the page's path with its query; the language buttons lead
/// back to it.
pub fn footer(site: &Site, page_context: &PageContext, address: &str) -> impl IntoView + use<> {
    let t = page_context.texts();
    let other = if page_context.locale.language == Language::Pt {
        Language::En
    } else {
        Language::Pt
    };
    let back = address.split('?').next().unwrap_or_default().to_owned();
    let desk = site.demo_desk.clone();
    let support = &page_context.support;
    view! {
        <footer class="foot">
            <div class="foot-inner">
                <address class="foot-support">
                    <strong>{support.name.clone()}</strong>
                    <br/>
                    {t.support_phone()}" "{phone_link(support)}
                    <br/>
                    {t.support_email()}" "
                    <a href=format!("mailto:{}", support.email)>{support.email.clone()}</a>
                </address>
                <nav class="foot-nav" aria-label=t.page_options()>
                    <form method="post" action={super::action::<SetLanguage>()}>
                        <input type="hidden" name="back" value=back/>
                        <button
                            class="linklike"
                            name="lang"
                            value=other.code()
                            lang=t.other_language_tag()
                        >
                            {t.other_language()}
                        </button>
                    </form>
                    <a href=routes::PRIVACY>{t.privacy_title()}</a>
                    {desk.map(|desk| view! { <a href=desk>{t.demo_desk()}</a> })}
                </nav>
                <p class="foot-system">{t.system()}" ("{page_context.label.clone()}")"</p>
            </div>
        </footer>
    }
}

/// Bar and footer as HTML, for a running document in another language.
pub fn surroundings(site: &Site, page_context: &PageContext, address: &str) -> Surroundings {
    Surroundings {
        header: header(page_context).to_html(),
        footer: footer(site, page_context, address).to_html(),
    }
}
