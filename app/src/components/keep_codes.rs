//! Buttons that copy and print what a person should keep.

use super::copy_key::CopyKey;
use leptos::prelude::*;

/// Copies `text`, or prints the page. Without JavaScript both buttons are hidden: the text can be selected, and the browser prints.
#[component]
pub fn KeepCodes(
    text: String,
    copy: String,
    /// Announced after copying.
    copied: String,
    /// Announced when copying failed.
    failed: String,
    print: String,
) -> impl IntoView {
    let (awake, wake) = signal(false);
    Effect::new(move || wake.set(true));
    view! {
        <button
            type="button"
            class="button"
            hidden=move || !awake.get()
            on:click=move |_| drop(window().print())
        >
            {print}
        </button>
        " "
        // last, because what it announces takes a line
        <CopyKey key=text label=copy copied failed/>
    }
}
