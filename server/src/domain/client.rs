//! Browser and system of a client in two plain words, for mails and session lists. They are a hint for people and no
//! evidence: a client can send any user agent.

use super::ClientNetwork;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Browser and ip of a request, as sessions and mails keep them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientInfo {
    /// The browser in plain words, such as `Firefox, Windows`; empty when it is unknown.
    pub browser: String,
    /// The ip of the client; `None` when there was no request of a browser, as for a change from a peer.
    pub ip: Option<IpAddr>,
}

impl ClientInfo {
    /// Reads the header `User-Agent`; an unknown browser gives an empty text.
    pub fn new(user_agent: &str, ip: Option<IpAddr>) -> Self {
        let known = describe_user_agent(user_agent);
        let browser = if known == UserAgent::default() {
            String::new()
        } else {
            known.label()
        };
        Self { browser, ip }
    }

    pub fn network(&self) -> ClientNetwork {
        ClientNetwork::of(self.ip)
    }

    /// The ip as text; empty when there is none.
    pub fn ip_text(&self) -> String {
        self.ip.map_or_else(String::new, |ip| ip.to_string())
    }
}

/// Browser and system; `None` where the user agent does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UserAgent {
    /// For example `Firefox`.
    pub browser: Option<&'static str>,
    /// For example `Windows`.
    pub system: Option<&'static str>,
}

/// Only this many bytes of the header are read; real user agents have fewer than 300.
const MAX_BYTES: usize = 512;

/// Marks in order of precedence: browsers that build on Chrome or Safari carry those marks too.
const BROWSERS: [(&str, &str); 18] = [
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("Edg/", "Edge"),
    ("Edge/", "Edge"),
    ("OPR/", "Opera"),
    ("OPT/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("YaBrowser/", "Yandex"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("Ddg/", "DuckDuckGo"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Trident/", "Internet Explorer"),
    ("MSIE ", "Internet Explorer"),
];

/// Marks in order of precedence: Android also says Linux, iPhone and iPad also say *like Mac OS X*.
const SYSTEMS: [(&str, &str); 9] = [
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("iPod", "iPod"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"),
    ("FreeBSD", "FreeBSD"),
    ("Linux", "Linux"),
];

/// Reads the header `User-Agent`; only its first 512 bytes count.
pub fn describe_user_agent(user_agent: &str) -> UserAgent {
    let seen = &user_agent[..user_agent.floor_char_boundary(MAX_BYTES)];
    let first = |marks: &[(&'static str, &'static str)]| {
        marks
            .iter()
            .find(|(mark, _)| seen.contains(mark))
            .map(|(_, name)| *name)
    };
    // nearly every user agent carries Safari's mark, but only Safari has Version/ beside it; Android's old browser has
    // both and is excluded
    let safari =
        seen.contains("Version/") && seen.contains(" Safari/") && !seen.contains("Android");
    UserAgent {
        browser: first(&BROWSERS).or(safari.then_some("Safari")),
        system: first(&SYSTEMS),
    }
}

impl UserAgent {
    /// `Firefox, Windows`; an unknown part is left out, and `?` means that both are unknown. The names are the same in
    /// every language.
    pub fn label(&self) -> String {
        match (self.browser, self.system) {
            (Some(browser), Some(system)) => format!("{browser}, {system}"),
            (Some(one), None) | (None, Some(one)) => one.to_owned(),
            (None, None) => "?".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_the_usual_ones() {
        for (label, user_agent) in [
            (
                "Firefox, Windows",
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
            ),
            (
                "Firefox, Linux",
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            ),
            (
                "Firefox, Android",
                "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0",
            ),
            (
                "Firefox, iPhone",
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/140.0 Mobile/15E148 Safari/605.1.15",
            ),
            (
                "Chrome, Windows",
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36",
            ),
            (
                "Chrome, Android",
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36",
            ),
            (
                "Chrome, iPhone",
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/138.0.0.0 Mobile/15E148 Safari/604.1",
            ),
            (
                "Chrome, ChromeOS",
                "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36",
            ),
            (
                "Edge, Windows",
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0",
            ),
            (
                "Opera, Windows",
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Safari/537.36 OPR/120.0.0.0",
            ),
            (
                "Samsung Internet, Android",
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
            ),
            (
                "Safari, iPhone",
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
            ),
            (
                "Safari, macOS",
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
            ),
            (
                "Internet Explorer, Windows",
                "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko",
            ),
            (
                "Android",
                "Mozilla/5.0 (Linux; U; Android 4.0.3) AppleWebKit/534.30 (KHTML, like Gecko) Version/4.0 Mobile Safari/534.30",
            ),
            ("?", "curl/8.14.1"),
            ("?", ""),
        ] {
            assert_eq!(
                describe_user_agent(user_agent).label(),
                label,
                "{user_agent}"
            );
        }
    }

    #[test]
    fn looks_at_a_bounded_part_only() {
        assert_eq!(
            describe_user_agent(&format!("{}Firefox/1", " ".repeat(600))),
            UserAgent::default()
        );
        // a character of two bytes that crosses the bound
        assert_eq!(
            describe_user_agent(&format!("{}ç", " ".repeat(511))),
            UserAgent::default()
        );
    }

    proptest! {
        #[test]
        fn any_input_gives_a_short_plain_label(user_agent in "(?s).{0,700}") {
            let label = describe_user_agent(&user_agent).label();
            prop_assert!(label.len() <= 40 && label.chars().all(|c| c == ' ' || c.is_ascii_graphic()));
        }
    }
}
