//! Links to the authenticator app in the app shops.

use leptos::prelude::*;

const ANDROID: &str =
    "https://play.google.com/store/apps/details?id=com.google.android.apps.authenticator2";
const IPHONE: &str = "https://apps.apple.com/app/google-authenticator/id388497605";

/// Links to Google Authenticator, which the manual names, in the two shops.
pub fn authenticator_shops() -> impl IntoView {
    view! {
        <p class="shops">
            <a class="button" href=ANDROID rel="noreferrer">"Android"</a>
            <a class="button" href=IPHONE rel="noreferrer">"iPhone"</a>
        </p>
    }
}
