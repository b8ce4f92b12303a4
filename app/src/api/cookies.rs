//! Cookies: the one place that names, reads and writes them (R10, decision 7).

use crate::{Site, model::Language};
use http::{HeaderMap, header};

/// Longest cookie value that is looked at, in bytes; a form that comes back is the longest of ours.
const LONGEST_VALUE: usize = 3500;

/// The cookies of an instance. None of them can be read by a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CookieKind {
    /// The session id.
    Session,
    /// The token of the browser that began an enrolment (R6).
    Enrolment,
    /// The receipt that opens the page of one activation (R14).
    Receipt,
    /// The token of a browser that signed in before (R4).
    Browser,
    /// A refused form on its way back to its page, sealed (decision 5).
    Form,
    /// The language of the pages.
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

/// A cookie of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetCookie {
    /// Which cookie is set.
    pub kind: CookieKind,
    /// Its value; `None` drops the cookie.
    pub value: Option<String>,
    /// Its lifetime in seconds; `None` ends it with the browser.
    pub max_age: Option<i64>,
}

/// The values of a request's cookies. Those that hold a token are not parsed here.
#[derive(Clone, Default)]
pub struct Cookies {
    /// Value of [`CookieKind::Session`].
    pub session: Option<String>,
    /// Value of [`CookieKind::Enrolment`].
    pub enrolment: Option<String>,
    /// Value of [`CookieKind::Receipt`].
    pub receipt: Option<String>,
    /// Value of [`CookieKind::Browser`].
    pub browser: Option<String>,
    /// Value of [`CookieKind::Form`].
    pub form: Option<String>,
    /// Value of [`CookieKind::Language`], if it is a language.
    pub language: Option<Language>,
}

impl Cookies {
    /// Reads a request's header fields. A cookie that is there twice counts as absent: nobody can tell which
    /// one is ours.
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

    /// The cookies that the browser sends next, after a response that sets `cookies`.
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

/// Name of a cookie. The instance is in it, because ports do not separate cookies.
fn cookie_name(site: &Site, kind: CookieKind) -> String {
    let prefix = if site.https { "__Host-" } else { "" };
    format!("{prefix}{}-{}", site.instance.to_lowercase(), kind.suffix())
}

/// The value of `Set-Cookie` for this cookie.
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
