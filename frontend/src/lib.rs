//! The browser's part: moves from page to page within one document (docs/decisions/0013,
//! docs/flows.md). Pages, texts and the types of what comes from the server are `app`'s.
//!
//! Every page works without it: forms are plain forms, links are plain links, and whatever this
//! crate does not take in hand, or cannot finish, the browser does as it always has.

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

/// Called once by `public/boot.js`. `life` ends all listeners when the wasm trapped: from then on
/// the browser's own navigation is back.
#[wasm_bindgen]
pub fn start(life: &AbortSignal) {
    history::start();
    page::start();
    draft::restore();
    draft::back_from_app();
    listen::start(life);
}
