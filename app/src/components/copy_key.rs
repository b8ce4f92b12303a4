//! The button that copies the setup key, and says so.

use leptos::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// Copies `key`; the outcome is announced. Without JavaScript the key is selected and copied by
/// hand, so the button is not shown then.
#[component]
pub fn CopyKey(
    /// The key without spaces.
    key: String,
    /// Text of the button.
    label: String,
    /// Announced when it worked.
    copied: String,
    /// Announced when it did not.
    failed: String,
) -> impl IntoView {
    let (awake, wake) = signal(false);
    let (said, say) = signal(String::new());
    Effect::new(move || wake.set(true));
    let copy = move |_| {
        let (key, copied, failed) = (key.clone(), copied.clone(), failed.clone());
        // emptied first: the same words twice are announced twice
        say.set(String::new());
        leptos::task::spawn_local(async move {
            let written = JsFuture::from(window().navigator().clipboard().write_text(&key)).await;
            say.set(if written.is_ok() { copied } else { failed });
        });
    };
    view! {
        <button type="button" class="button" hidden=move || !awake.get() on:click=copy>
            {label}
        </button>
        <p role="status" class="small">{said}</p>
    }
}
