//! Says in time that a page is about to run out (WCAG 2.2.1).

use leptos::prelude::*;
use std::time::Duration;

/// How long before the end it is said, in seconds.
const WARNING: i64 = 300;

/// Stays silent until five minutes before the end. Without JavaScript the page says from the start
/// until when it is valid.
#[component]
pub fn Ending(
    /// Seconds from now to the end.
    seconds: i64,
    /// What is said.
    text: String,
) -> impl IntoView {
    let (said, say) = signal(String::new());
    Effect::new(move || {
        let text = text.clone();
        let wait = u64::try_from(seconds - WARNING).unwrap_or_default();
        let timer = set_timeout_with_handle(move || say.set(text), Duration::from_secs(wait));
        // the page may be left before
        if let Ok(timer) = timer {
            on_cleanup(move || timer.clear());
        }
    });
    view! { <p role="status" class="ending">{said}</p> }
}
