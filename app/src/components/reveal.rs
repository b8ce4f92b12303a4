//! The button that shows a password.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsCast as _;
use web_sys::HtmlInputElement;

/// Shows and hides the password in the field with the id `field`. Without JavaScript the button is hidden.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reveal {
    /// Id of the password field.
    pub field: String,
    /// Text of the button while the password is hidden.
    pub show: String,
    /// Text of the button while the password is shown.
    pub hide: String,
    /// Accessible name while the password is hidden.
    pub show_label: String,
    /// Accessible name while the password is shown.
    pub hide_label: String,
}

impl Reveal {
    pub fn view(self) -> impl IntoView {
        let (awake, wake) = signal(false);
        let (shown, set_shown) = signal(false);
        Effect::new(move || wake.set(true));
        let toggle = move |_| {
            let input = document()
                .get_element_by_id(&self.field)
                .and_then(|element| element.dyn_into::<HtmlInputElement>().ok());
            if let Some(input) = input {
                let now_shown = !shown.get();
                input.set_type(if now_shown { "text" } else { "password" });
                set_shown.set(now_shown);
            }
        };
        view! {
            <button
                type="button"
                class="button quiet"
                hidden=move || !awake.get()
                aria-label=move || if shown.get() { self.hide_label.clone() } else { self.show_label.clone() }
                on:click=toggle
            >
                {move || if shown.get() { self.hide.clone() } else { self.show.clone() }}
            </button>
        }
    }
}
