//! Institutional suffixes. An email there belongs to an office and is lost with it, so it is not accepted as personal
//! email.

use super::{Email, EmailError, ascii_domain};
use serde::Deserialize;

/// Domains that are refused with all their subdomains; the list belongs to the operator.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct InstitutionalSuffixes(Vec<String>);

impl InstitutionalSuffixes {
    /// Takes domains in the forms that operators write (`jus.br`, `.jus.br`, `*.jus.br`, `@jus.br`, in any case or
    /// script) and brings them to lower-case punycode. A text that is no domain is an error, and so is a top-level
    /// domain alone, because it would exclude a whole country.
    pub fn new<S: AsRef<str>>(list: impl IntoIterator<Item = S>) -> Result<Self, EmailError> {
        let domain = |text: S| {
            let text = text.as_ref().trim();
            let text = text.strip_prefix('*').unwrap_or(text);
            let text = text.strip_prefix(['.', '@']).unwrap_or(text);
            ascii_domain(text.strip_suffix('.').unwrap_or(text))
        };
        list.into_iter()
            .map(domain)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The domains, for pages.
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// The suffix that refuses `address`, if one does. Compared label by label: with `gov.br` in
    /// the list, `gov.br` and `x.gov.br` are refused, `notgov.br` and `gov.br.example.com` are not.
    pub fn refuses(&self, address: &Email) -> Option<&str> {
        let under = |suffix: &&String| {
            let before = address.domain().strip_suffix(suffix.as_str());
            before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
        };
        self.0.iter().find(under).map(String::as_str)
    }
}

impl TryFrom<Vec<String>> for InstitutionalSuffixes {
    type Error = String;

    fn try_from(list: Vec<String>) -> Result<Self, String> {
        Self::new(list).map_err(|error| format!("holds something that is no domain: {error}"))
    }
}

/// `jus.br` and `gov.br`.
impl Default for InstitutionalSuffixes {
    fn default() -> Self {
        Self(vec!["jus.br".to_owned(), "gov.br".to_owned()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn refused(domain: &str) -> Option<String> {
        let address = Email::parse(&format!("maria@{domain}")).unwrap();
        InstitutionalSuffixes::default()
            .refuses(&address)
            .map(str::to_owned)
    }

    #[test]
    fn r16_suffixes_are_compared_label_by_label() {
        for domain in [
            "gov.br",
            "x.gov.br",
            "a.b.gov.br",
            "GOV.BR",
            "X.Gov.bR",
            "gov.br.",
            "x.gov.br.",
            "stm｡gov．br",
            "ｇｏｖ.ｂｒ",
            "x。gov。br。",
        ] {
            assert_eq!(refused(domain).as_deref(), Some("gov.br"), "{domain}");
        }
        for domain in ["stm.jus.br", "jus.br", "trf4.jus.br"] {
            assert_eq!(refused(domain).as_deref(), Some("jus.br"), "{domain}");
        }
        for domain in [
            "notgov.br",
            "gov.br.example.com",
            "gov.br.com",
            "xgov.br",
            "gov-br.com",
            "mil.br",
            "gmail.com",
            "jus.com.br",
        ] {
            assert_eq!(refused(domain), None, "{domain}");
        }
    }

    #[test]
    fn the_list_belongs_to_the_operator() {
        let list = InstitutionalSuffixes::new([" *.MIL.br", "@Justiça.br", ".mp.br."]).unwrap();
        for (domain, suffix) in [
            ("eb.mil.br", "mil.br"),
            ("x.justiça.br", "xn--justia-0ua.br"),
            ("mp.br", "mp.br"),
        ] {
            let address = Email::parse(&format!("m@{domain}")).unwrap();
            assert_eq!(list.refuses(&address), Some(suffix));
        }
        let address = Email::parse("m@stm.jus.br").unwrap();
        assert_eq!(list.refuses(&address), None);
        assert_eq!(
            InstitutionalSuffixes::new([""; 0])
                .unwrap()
                .refuses(&address),
            None
        );
        for wrong in ["", "br", "jus br", "*.*.br", "1.2.3.4"] {
            assert!(InstitutionalSuffixes::new([wrong]).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn every_subdomain_is_refused_and_no_lookalike(label in "[a-z][a-z0-9]{0,8}", suffix in "jus\\.br|gov\\.br|Gov\\.BR") {
            let below = format!("{label}.{suffix}");
            prop_assert!(refused(&below).is_some());
            let lookalike = format!("{label}{suffix}");
            prop_assert!(refused(&lookalike).is_none());
            let above = format!("{suffix}.{label}");
            prop_assume!(!above.to_lowercase().ends_with(".gov.br"));
            prop_assert!(refused(&above).is_none());
        }
    }
}
