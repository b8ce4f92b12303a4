//! The document around a page. It is made for the first page, for mailed links, and for every step without JavaScript.

use crate::Site;
use crate::components::layout::{footer, header};
use crate::page_context::PageContext;
use crate::pages::{self, render, to_html};
use crate::routes::PageRoute;
use crate::view::PageView;
use leptos::nonce::{Nonce, provide_nonce, use_nonce};
use leptos::prelude::*;

pub struct Document {
    pub html: String,
    /// Nonce of the reload script, for the policy of this answer; `None` unless `cargo leptos watch` runs. No page has
    /// another inline script (R12).
    pub nonce: Option<Nonce>,
}

/// Draws the document of a page. `address` is the requested path with query.
pub fn document(
    site: &Site,
    page_context: &PageContext,
    address: &str,
    view: PageView,
) -> Document {
    render(|| {
        let reload = site.reload.clone().map(|options| {
            provide_nonce();
            view! { <AutoReload options/> }
        });
        let nonce = use_nonce();
        let path = address.split('?').next().unwrap_or_default();
        let assets = &site.assets;
        // a script is always a file and never inline
        let script = match PageRoute::of_path(path) {
            // behind a mailed link no wasm: the script removes the token from the history after the link is used
            Some(route) if route.is_link() => {
                view! { <script type="module" src="/link.js"></script> }.into_any()
            }
            // loads the wasm, which then moves from page to page
            Some(_) => view! {
                <script
                    type="module"
                    src="/boot.js"
                    id="boot"
                    data-js=assets.js.clone()
                    data-wasm=assets.wasm.clone()
                    data-release=assets.release()
                ></script>
            }
            .into_any(),
            // none, because a path that is no page may be a misspelled mailed link
            None => ().into_any(),
        };
        let drawn = pages::draw(page_context, view);
        let body = view! {
            <!DOCTYPE html>
            <html lang=page_context.locale.language.tag()>
                <head>
                    <meta charset="utf-8"/>
                    <meta name="viewport" content="width=device-width, initial-scale=1"/>
                    <meta name="color-scheme" content="light dark"/>
                    <meta name="robots" content="noindex"/>
                    <title>{drawn.title}</title>
                    <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                    <link rel="stylesheet" href=assets.css.clone()/>
                    {script}
                    {reload}
                </head>
                <body>
                    {header(page_context)}
                    <main id="main" class="page">{drawn.main}</main>
                    {footer(site, page_context, address)}
                </body>
            </html>
        };
        Document {
            html: to_html(body),
            nonce,
        }
    })
}
