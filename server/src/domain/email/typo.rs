//! *Did you mean …?* for the personal mail providers that are common in Brazil. It only suggests: no email is refused
//! or changed because of it.

use super::Email;

/// A provider: its name, its ending, and the endings that are typing errors after this name.
struct Provider {
    name: &'static str,
    ending: &'static str,
    slips: &'static [&'static str],
}

const fn provider(
    name: &'static str,
    ending: &'static str,
    slips: &'static [&'static str],
) -> Provider {
    Provider {
        name,
        ending,
        slips,
    }
}

const PROVIDERS: [Provider; 14] = [
    provider("gmail", "com", &["com.br", "br"]),
    provider("hotmail", "com", &["br"]),
    provider("outlook", "com", &["br"]),
    provider("yahoo", "com.br", &["br"]),
    provider("yahoo", "com", &[]),
    provider("icloud", "com", &["com.br", "br"]),
    provider("uol", "com.br", &["com", "br"]),
    provider("bol", "com.br", &["br"]),
    provider("terra", "com.br", &["br"]),
    provider("live", "com", &["br"]),
    provider("proton", "me", &[]),
    provider("protonmail", "com", &["com.br", "br"]),
    provider("globo", "com", &["br"]),
    provider("ig", "com.br", &["br"]),
];

/// Real domains of other owners that the rules below would take for typing errors.
const REAL: [&str; 7] = [
    "grail.com",
    "hotmart.com",
    "globe.com",
    "glob.com",
    "tetra.com.br",
    "tera.com.br",
    "photon.me",
];

/// Returns `address` with the domain of the provider that was probably meant; `None` when the domain is a known
/// provider's or clearly another one.
pub fn suggestion(address: &Email) -> Option<String> {
    let domain = address.domain();
    let (name, ending) = domain.split_once('.')?;
    if REAL.contains(&domain)
        || PROVIDERS
            .iter()
            .any(|known| known.name == name && known.ending == ending)
    {
        return None;
    }
    PROVIDERS
        .iter()
        .filter_map(|known| {
            Some((
                slips_in_name(name, known.name)? + slips_in_ending(ending, known)?,
                known,
            ))
        })
        .filter(|(slips, _)| *slips <= 2)
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, known)| format!("{}@{}.{}", address.local(), known.name, known.ending))
}

/// Counts the typing errors between the names; `None` when there are too many for the length. Short names have
/// neighbours that are real names (`live`, `love`; `uol`, `aol`), and so have names with another first letter (`gmail`,
/// `email`, `ymail`).
fn slips_in_name(typed: &str, known: &str) -> Option<usize> {
    let allowed = match known.len() {
        0..=4 => 0,
        5..=6 => 1,
        _ => 2,
    };
    let slips = distance(typed, known)?;
    let same_start = typed.as_bytes().first() == known.as_bytes().first();
    (slips <= allowed && (slips == 0 || same_start)).then_some(slips)
}

/// Counts the typing errors in the ending; `None` when it is another ending. Endings of other countries (`com.ar`)
/// count as meant.
fn slips_in_ending(typed: &str, known: &Provider) -> Option<usize> {
    if typed == known.ending {
        return Some(0);
    }
    let last = typed.rsplit('.').next().unwrap_or_default();
    let possible = match known.ending {
        "com" => !typed.contains('.'),
        "com.br" => last == "br" || last == "rb" || last.len() != 2,
        _ => false,
    };
    let near = possible && distance(typed, known.ending).is_some_and(|slips| slips <= 1);
    (near || known.slips.contains(&typed)).then_some(1)
}

/// Adjacent transpositions count as one slip (optimal string alignment); `None` when the lengths alone put it above 2, so that
/// nobody has long texts compared.
fn distance(a: &str, b: &str) -> Option<usize> {
    (a.len().abs_diff(b.len()) <= 2).then(|| strsim::osa_distance(a, b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn meant(domain: &str) -> Option<String> {
        let address = Email::parse(&format!("Maria@{domain}")).unwrap();
        suggestion(&address).map(|text| text.strip_prefix("Maria@").unwrap().to_owned())
    }

    #[test]
    fn guesses_what_was_probably_meant() {
        for (typed, known) in [
            ("gmail.com.br", "gmail.com"),
            ("gmail.co", "gmail.com"),
            ("gmail.con", "gmail.com"),
            ("gmail.cm", "gmail.com"),
            ("gmail.br", "gmail.com"),
            ("gmail.comm", "gmail.com"),
            ("gmai.com", "gmail.com"),
            ("gmal.com", "gmail.com"),
            ("gmial.com", "gmail.com"),
            ("gamil.com", "gmail.com"),
            ("gnail.com", "gmail.com"),
            ("gmaill.com", "gmail.com"),
            ("GMIAL.con", "gmail.com"),
            ("hotmial.com", "hotmail.com"),
            ("hotmal.com", "hotmail.com"),
            ("hotamil.com", "hotmail.com"),
            ("homtail.com", "hotmail.com"),
            ("hotmaill.con", "hotmail.com"),
            ("outlok.com", "outlook.com"),
            ("outllok.com", "outlook.com"),
            ("outlook.con", "outlook.com"),
            ("yaho.com.br", "yahoo.com.br"),
            ("yahoo.con.br", "yahoo.com.br"),
            ("yahoo.com.b", "yahoo.com.br"),
            ("yahoo.combr", "yahoo.com.br"),
            ("yaho.com", "yahoo.com"),
            ("yahoo.con", "yahoo.com"),
            ("icoud.com", "icloud.com"),
            ("icloud.com.br", "icloud.com"),
            ("uol.con.br", "uol.com.br"),
            ("uol.com", "uol.com.br"),
            ("bol.com.rb", "bol.com.br"),
            ("tera.con.br", "terra.com.br"),
            ("live.con", "live.com"),
            ("protonmal.com", "protonmail.com"),
            ("protn.me", "proton.me"),
            ("globo.con", "globo.com"),
            ("ig.con.br", "ig.com.br"),
        ] {
            assert_eq!(meant(typed).as_deref(), Some(known), "{typed}");
        }
    }

    #[test]
    fn leaves_known_and_plainly_different_domains_alone() {
        for domain in PROVIDERS
            .iter()
            .map(|known| format!("{}.{}", known.name, known.ending))
        {
            assert_eq!(meant(&domain), None, "{domain}");
        }
        for domain in [
            "mail.com",
            "email.com",
            "ymail.com",
            "gmx.com",
            "gmx.net",
            "live.com.br",
            "hotmail.com.br",
            "outlook.com.br",
            "hotmail.co.uk",
            "hotmail.fr",
            "hotmail.it",
            "outlook.pt",
            "outlook.fr",
            "yahoo.com.ar",
            "yahoo.es",
            "yahoo.co.uk",
            "live.com.pt",
            "live.nl",
            "aol.com",
            "msn.com",
            "me.com",
            "mac.com",
            "pm.me",
            "proton.ch",
            "zoho.com",
            "love.com",
            "life.com",
            "bol.com",
            "ig.com",
            "oi.com.br",
            "r7.com",
            "zipmail.com.br",
            "globomail.com",
            "ibest.com.br",
            "fastmail.com",
            "hushmail.com",
            "hotel.com",
            "cloud.com",
            "grail.com",
            "hotmart.com",
            "globe.com",
            "tetra.com.br",
            "terra.es",
            "terra.com.ar",
            "silva.adv.br",
            "example.com",
            "a.io",
            "mail.gmail.com",
            "tecnologia.com.br",
            "xn--advocacia-so-dcb.com.br",
        ] {
            assert_eq!(meant(domain), None, "{domain}");
        }
    }

    #[test]
    fn distance_counts_swaps_as_one() {
        for (a, b, slips) in [
            ("", "", 0),
            ("ab", "ba", 1),
            ("gmail", "gmial", 1),
            ("a", "", 1),
            ("abc", "adc", 1),
            ("hotmail", "homtial", 2),
        ] {
            assert_eq!(distance(a, b), Some(slips), "{a} {b}");
        }
        assert_eq!(distance("a", "abcd"), None);
    }

    proptest! {
        #[test]
        fn a_suggestion_is_itself_known_and_keeps_the_name(name in "[a-z]{1,10}", ending in "com|con|co|com\\.br|br|me") {
            let address = Email::parse(&format!("Ana@{name}.{ending}")).unwrap();
            if let Some(text) = suggestion(&address) {
                let again = Email::parse(&text).unwrap();
                prop_assert!(text.starts_with("Ana@") && again != address);
                prop_assert_eq!(suggestion(&again), None);
            }
        }

        #[test]
        fn distance_is_symmetric(a in "[a-c]{0,6}", b in "[a-c]{0,6}") {
            prop_assert_eq!(distance(&a, &b), distance(&b, &a));
        }
    }
}
