//! The part in the browser: it moves from page to page within one document (decision 13, docs/flows.md). Pages, texts and the
//! types of the server's answers come from `app`.
//!
//! Every page works without it: forms and links are plain, and the browser handles everything that this crate does not handle
//! or cannot finish.

mod dom;
mod draft;
mod feedback;
mod form;
mod history;
mod island;
mod listen;
mod navigation;
mod page;
mod request;

use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::AbortSignal;

/// `public/boot.js` calls this once. `life` ends all listeners after a trap in the wasm; from then on the browser navigates
/// by itself.
#[wasm_bindgen]
pub fn start(life: &AbortSignal) {
    history::start();
    page::start();
    draft::restore();
    draft::back_from_app();
    listen::start(life);
}
