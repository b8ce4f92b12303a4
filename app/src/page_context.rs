//! What every page needs to speak: the name of the instance, the language with its texts, and local time. It is the same on
//! the server and in the browser.

use crate::support::Support;
use crate::text::{Locale, Texts, fill};
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

    /// What the field for a personal e-mail address says about institutional suffixes; nothing
    /// where none is configured.
    pub fn email_rule(&self, suffixes: &[String]) -> String {
        let quoted: Vec<_> = suffixes.iter().map(|one| format!("\"{one}\"")).collect();
        let Some((last, before)) = quoted.split_last() else {
            return String::new();
        };
        let listed = match before {
            [] => last.clone(),
            _ => [&before.join(", "), self.texts().email_rule_last(), last].concat(),
        };
        self.fill(self.texts().email_rule(), &[("suffixes", &listed)])
    }

    /// A text with its holes filled.
    pub fn fill(&self, text: &str, values: &[(&str, &str)]) -> String {
        fill(text, values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Language;

    #[test]
    fn the_rule_for_addresses_names_the_configured_suffixes() {
        let rule = |language, suffixes: &[&str]| {
            let page_context = PageContext {
                label: String::new(),
                support: Support::default(),
                locale: Locale {
                    language,
                    utc_offset_hours: -3,
                    now: 0,
                },
            };
            let suffixes: Vec<_> = suffixes.iter().map(|one| (*one).to_owned()).collect();
            page_context.email_rule(&suffixes)
        };
        // the manual's words
        assert_eq!(
            rule(Language::Pt, &["jus.br", "gov.br"]),
            "* Não são aceitos sufixos institucionais, como \"jus.br\" e \"gov.br\"."
        );
        assert_eq!(
            rule(Language::En, &["jus.br", "gov.br"]),
            "* Not an institutional address, such as one ending in \"jus.br\" or \"gov.br\"."
        );
        assert!(rule(Language::Pt, &["mil.br"]).ends_with("como \"mil.br\"."));
        assert!(
            rule(Language::Pt, &["a.br", "b.br", "c.br"])
                .ends_with("\"a.br\", \"b.br\" e \"c.br\".")
        );
        assert_eq!(rule(Language::Pt, &[]), "");
    }
}
