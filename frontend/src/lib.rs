//! The browser's entry: nothing but the islands of `app` (docs/decisions/0013).

// keeps the islands' exports in the wasm
use app as _;
use wasm_bindgen::prelude::wasm_bindgen;

/// Called once by `public/boot.js` before it wakes the islands.
#[wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
