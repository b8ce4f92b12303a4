//! Mounts the islands in the HTML of a page.

use crate::navigation::{self, Cause, Navigation};
use app::components::island::{DATA, ELEMENT, Island};
use app::components::poll::Navigate;
use leptos::mount::mount_to;
use leptos::prelude::{Callback, IntoView, provide_context, window};
use std::any::Any;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement};

/// A mounted view. Dropping it ends its timers and requests and removes its nodes.
pub type Mounted = Box<dyn Any>;

/// Mounts a view under `parent`, with [`Navigate`] as context.
pub fn mount<V: IntoView + 'static>(
    parent: HtmlElement,
    view: impl FnOnce() -> V + 'static,
) -> Mounted {
    let handle = mount_to(parent, move || {
        provide_context(Navigate(Callback::new(|address: String| {
            navigation::begin(Navigation::to_page(address, Cause::Program));
        })));
        view()
    });
    Box::new(handle)
}

/// Decodes base64 with the browser's `atob`, whose result has one character for each byte.
fn base64(text: &str) -> Option<Vec<u8>> {
    let bytes = window().atob(text).ok()?;
    bytes.chars().map(|char| u8::try_from(char).ok()).collect()
}

/// Mounts every island in `root` in place of what the server drew.
pub fn mount_all(root: &Element) -> Vec<Mounted> {
    let Ok(found) = root.query_selector_all(&format!("{ELEMENT}[{DATA}]")) else {
        return Vec::new();
    };
    (0..found.length())
        .filter_map(|at| found.get(at)?.dyn_into::<HtmlElement>().ok())
        .filter_map(|element| {
            // an island that cannot be read stays as the server drew it
            let island = Island::from_bytes(&base64(&element.get_attribute(DATA)?)?)?;
            element.set_inner_html("");
            Some(mount(element, move || island.view()))
        })
        .collect()
}
