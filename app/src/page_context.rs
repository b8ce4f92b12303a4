//! How a page speaks: the name of the instance, the language and its texts, local time. The same
//! on the server and in the browser.

use crate::{
    support::Support,
    text::{Locale, Texts, fill},
};
use serde::{Deserialize, Serialize};

/// What a drawn page needs besides its view. In the browser it comes with each page: the clock is
/// the server's, whatever the device believes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageContext {
    /// Name of the instance in titles and on the bar: `e-Proc/JMU`.
    pub label: String,
    /// The support team, named where somebody may be stuck.
    pub support: Support,
    /// Language, time zone, and the server's time.
    pub locale: Locale,
}

impl PageContext {
    /// The texts of the page's language.
    pub const fn texts(&self) -> Texts {
        self.locale.language.texts()
    }

    /// A text with its holes filled.
    pub fn fill(&self, text: &str, values: &[(&str, &str)]) -> String {
        fill(text, values).into_owned()
    }
}
