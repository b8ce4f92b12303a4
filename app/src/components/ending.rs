//! Announces in time that a page will expire (WCAG 2.2.1).

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long before the end it is announced, in seconds.
const WARNING: i64 = 300;

/// Announces `text` five minutes before the end and shows nothing before. Without JavaScript the page itself tells until when
/// it works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// Seconds from now to the end.
    pub seconds: i64,
    pub text: String,
}

impl Ending {
    pub fn view(self) -> impl IntoView {
        let (said, say) = signal(String::new());
        Effect::new(move || {
            let text = self.text.clone();
            let wait = u64::try_from(self.seconds - WARNING).unwrap_or_default();
            let timer = set_timeout_with_handle(move || say.set(text), Duration::from_secs(wait));
            // the page may be left before the timer ends
            if let Ok(timer) = timer {
                on_cleanup(move || timer.clear());
            }
        });
        view! { <p role="status" class="ending">{said}</p> }
    }
}
