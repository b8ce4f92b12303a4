//! Cookies. Only this module names, reads and writes them (R10, decision 7).

use crate::Site;
use crate::model::Language;
use http::{HeaderMap, header};

/// Longest cookie value in bytes that is read; the longest one of ours is a form that comes back.
const LONGEST_VALUE: usize = 3500;

/// The cookies of an instance. No script can read them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CookieKind {
    Session,
    /// The token of the browser that began an enrolment (R6).
    Enrolment,
    /// The receipt that opens the activated page of one activation (R14).
    Receipt,
    /// The token of a known browser (R4).
    Browser,
    /// A refused form on its way back to its page, sealed (decision 5).
    Form,
    Language,
}

impl CookieKind {
    const fn suffix(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Enrolment => "enrolment",
            Self::Receipt => "receipt",
            Self::Browser => "browser",
            Self::Form => "form",
            Self::Language => "language",
        }
    }
}

/// A cookie that a response sets or drops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetCookie {
    pub kind: CookieKind,
    /// `None` drops the cookie.
    pub value: Option<String>,
    /// Its lifetime in seconds; `None` keeps it until the browser is closed.
    pub max_age: Option<i64>,
}

/// The values of a request's cookies. Those that are tokens are not parsed here.
#[derive(Clone, Default)]
pub struct Cookies {
    pub session: Option<String>,
    pub enrolment: Option<String>,
    pub receipt: Option<String>,
    pub browser: Option<String>,
    pub form: Option<String>,
    /// `None` also for a value that is no language.
    pub language: Option<Language>,
}

impl Cookies {
    /// Reads the header fields of a request. A cookie that is sent twice counts as absent, because nobody can tell which one
    /// is ours.
    pub fn of_headers(headers: &HeaderMap, site: &Site) -> Self {
        let value = |kind: CookieKind| {
            let name = cookie_name(site, kind);
            let mut found = headers
                .get_all(header::COOKIE)
                .iter()
                .filter_map(|value| value.to_str().ok())
                .flat_map(|line| line.split(';'))
                .filter_map(|pair| pair.trim().split_once('='))
                .filter(|(key, _)| *key == name)
                .map(|(_, value)| value.to_owned());
            found
                .next()
                .filter(|value| found.next().is_none() && value.len() <= LONGEST_VALUE)
        };
        Self {
            session: value(CookieKind::Session),
            enrolment: value(CookieKind::Enrolment),
            receipt: value(CookieKind::Receipt),
            browser: value(CookieKind::Browser),
            form: value(CookieKind::Form),
            language: value(CookieKind::Language).and_then(|code| Language::from_code(&code)),
        }
    }

    /// The cookies of the browser's next request, after a response that sets `cookies`.
    #[must_use]
    pub fn after(mut self, cookies: &[SetCookie]) -> Self {
        for cookie in cookies {
            let value = cookie.value.clone();
            match cookie.kind {
                CookieKind::Session => self.session = value,
                CookieKind::Enrolment => self.enrolment = value,
                CookieKind::Receipt => self.receipt = value,
                CookieKind::Browser => self.browser = value,
                CookieKind::Form => self.form = value,
                CookieKind::Language => {
                    self.language = value.and_then(|code| Language::from_code(&code));
                }
            }
        }
        self
    }
}

/// Name of a cookie. The instance is part of it, because browsers do not separate cookies by port.
fn cookie_name(site: &Site, kind: CookieKind) -> String {
    let prefix = if site.https { "__Host-" } else { "" };
    format!("{prefix}{}-{}", site.instance.to_lowercase(), kind.suffix())
}

/// The value of the header `Set-Cookie` for this cookie.
pub fn set_cookie_header(site: &Site, cookie: &SetCookie) -> String {
    let name = cookie_name(site, cookie.kind);
    let value = cookie.value.as_deref().unwrap_or_default();
    let age = match (&cookie.value, cookie.max_age) {
        (None, _) => "; Max-Age=0".to_owned(),
        (_, Some(age)) => format!("; Max-Age={age}"),
        (_, None) => String::new(),
    };
    let secure = if site.https { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}")
}
