//! The button that copies the setup key and announces the result.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use wasm_bindgen_futures::JsFuture;

/// Copies `key` and announces the result. Without JavaScript the button is hidden, because the key can be selected and copied
/// by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyKey {
    /// The setup key without spaces.
    pub key: String,
    pub label: String,
    /// Announced after success.
    pub copied: String,
    /// Announced after a failure.
    pub failed: String,
}

impl CopyKey {
    pub fn view(self) -> impl IntoView {
        let (awake, wake) = signal(false);
        let (said, say) = signal(String::new());
        Effect::new(move || wake.set(true));
        let copy = move |_| {
            let (key, copied, failed) =
                (self.key.clone(), self.copied.clone(), self.failed.clone());
            // emptied first, because the same words twice would be announced once
            say.set(String::new());
            leptos::task::spawn_local(async move {
                let written =
                    JsFuture::from(window().navigator().clipboard().write_text(&key)).await;
                say.set(if written.is_ok() { copied } else { failed });
            });
        };
        view! {
            <button type="button" class="button" hidden=move || !awake.get() on:click=copy>
                {self.label}
            </button>
            <p role="status" class="small">{said}</p>
        }
    }
}
