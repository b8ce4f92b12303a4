//! What every page needs to speak: the name of the instance, the language with its texts, and local time. It is the same on
//! the server and in the browser.

use crate::{
    support::Support,
    text::{Locale, Texts, fill},
};
use serde::{Deserialize, Serialize};

/// What a drawn page needs besides its view. The browser gets it with each page, so that the server's clock counts and not
/// the device's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageContext {
    /// Name of the instance in titles and on the bar: `e-Proc/JMU`.
    pub label: String,
    pub support: Support,
    /// Language, time zone, and the server's time.
    pub locale: Locale,
}

impl PageContext {
    /// The texts in the language of the page.
    pub const fn texts(&self) -> Texts {
        self.locale.language.texts()
    }

    /// Replaces each `{name}` in a text by its value.
    pub fn fill(&self, text: &str, values: &[(&str, &str)]) -> String {
        fill(text, values).into_owned()
    }
}
