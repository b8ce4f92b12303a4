//! Buttons that copy and print what a person should keep.

use super::copy_key::CopyKey;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// Copies the codes, or prints the page. Without JavaScript both buttons are hidden: the text can be selected, and the browser prints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeepCodes {
    pub copy: CopyKey,
    pub print: String,
}

impl KeepCodes {
    pub fn view(self) -> impl IntoView {
        let (awake, wake) = signal(false);
        Effect::new(move || wake.set(true));
        view! {
            <button
                type="button"
                class="button"
                hidden=move || !awake.get()
                on:click=move |_| drop(window().print())
            >
                {self.print}
            </button>
            " "
            // last, because what it announces takes a line
            {self.copy.view()}
        }
    }
}
