//! The button that copies the setup key and announces the result.

use leptos::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// Copies `key` and announces the result. Without JavaScript the button is hidden, because the key can be selected and copied
/// by hand.
#[component]
pub fn CopyKey(
    /// The setup key without spaces.
    key: String,
    label: String,
    /// Announced after success.
    copied: String,
    /// Announced after a failure.
    failed: String,
) -> impl IntoView {
    let (awake, wake) = signal(false);
    let (said, say) = signal(String::new());
    Effect::new(move || wake.set(true));
    let copy = move |_| {
        let (key, copied, failed) = (key.clone(), copied.clone(), failed.clone());
        // emptied first, because the same words twice would be announced once
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
