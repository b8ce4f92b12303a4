//! What the pages and server functions need from the server, as one narrow trait per capability;
//! the server implements them over its use cases (`server::web::backend`).

use super::error::ApiError;
use crate::{
    Site,
    speech::Speech,
    text::{Lang, Locale},
    view::{
        ActivatedView, ChangeAddressView, CodeView, EnrolView, HomeView, LinkView, MailSentView,
        NotMeView, NoticeView, Progress, SignInView, SyncReport,
    },
};
use async_trait::async_trait;
use std::sync::Arc;

/// What a request brought along.
#[derive(Clone, Default)]
pub struct Facts {
    /// Session cookie.
    pub session: Option<String>,
    /// Cookie of the browser that began an enrolment.
    pub enrolment: Option<String>,
    /// Receipt of an activation.
    pub receipt: Option<String>,
    /// Cookie of a browser that signed in before.
    pub browser: Option<String>,
    /// A form that comes back, sealed.
    pub form: Option<String>,
    /// Language of the page.
    pub lang: Lang,
    /// `User-Agent`, bounded.
    pub user_agent: String,
    /// Network address of the peer.
    pub address: String,
}

impl Facts {
    /// The same request with the cookies of an answer in place of the old ones, as the browser will
    /// send the next one.
    #[must_use]
    pub fn with_cookies(mut self, cookies: &[SetCookie]) -> Self {
        for cookie in cookies {
            let value = cookie.value.clone();
            match cookie.kind {
                CookieKind::Session => self.session = value,
                CookieKind::Enrolment => self.enrolment = value,
                CookieKind::Receipt => self.receipt = value,
                CookieKind::Browser => self.browser = value,
                CookieKind::Form => self.form = value,
                CookieKind::Language => {
                    self.lang = value
                        .and_then(|code| Lang::from_code(&code))
                        .unwrap_or_default();
                }
            }
        }
        self
    }
}

/// The cookies there are; names and attributes are made in one place (R10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CookieKind {
    /// Session id.
    Session,
    /// Browser that began an enrolment.
    Enrolment,
    /// Receipt of an activation.
    Receipt,
    /// Browser that signed in before.
    Browser,
    /// A form that comes back.
    Form,
    /// Language.
    Language,
}

impl CookieKind {
    /// The last part of its name.
    pub const fn code(self) -> &'static str {
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

/// A cookie to be set, or dropped when `value` is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetCookie {
    /// Which.
    pub kind: CookieKind,
    /// Value.
    pub value: Option<String>,
    /// Lifetime in seconds; `None`: with the browser.
    pub max_age: Option<i64>,
}

/// Where a form leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// A page of ours, by its path with query.
    Page(String),
    /// Another origin, by its absolute URL. The use case takes it from the configuration, never
    /// from a request.
    OtherOrigin(String),
}

/// What a form answers: every outcome ends in one (house decision 5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Where it leads.
    pub go: Destination,
    /// Cookies to set.
    pub cookies: Vec<SetCookie>,
}

impl Answer {
    /// Leads to a page.
    pub fn to(path: impl Into<String>) -> Self {
        Self {
            go: Destination::Page(path.into()),
            cookies: Vec::new(),
        }
    }

    /// Leaves for another origin.
    pub fn leave(url: impl Into<String>) -> Self {
        Self {
            go: Destination::OtherOrigin(url.into()),
            cookies: Vec::new(),
        }
    }

    /// Sets a cookie on the way.
    #[must_use]
    pub fn set(mut self, kind: CookieKind, value: impl Into<String>, max_age: Option<i64>) -> Self {
        self.cookies.push(SetCookie {
            kind,
            value: Some(value.into()),
            max_age,
        });
        self
    }

    /// Drops a cookie on the way.
    #[must_use]
    pub fn drop(mut self, kind: CookieKind) -> Self {
        self.cookies.push(SetCookie {
            kind,
            value: None,
            max_age: None,
        });
        self
    }
}

/// A page, or the page to show instead.
pub enum Page<V> {
    /// Show it.
    Show(V),
    /// Go there.
    Go(String),
}

/// Result of a call.
pub type Reply<T> = Result<T, ApiError>;

/// What was pressed on the sign-in form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// **Entrar**.
    Enter,
    /// **Autenticação em dois fatores**.
    SecondFactor,
}

impl Intent {
    /// Value of the form's `intent`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Enter => "enter",
            Self::SecondFactor => "second-factor",
        }
    }
}

/// What was typed into the enrol form.
#[derive(Clone, Default)]
pub struct EnrolForm {
    /// The six digits.
    pub code: String,
    /// The personal address.
    pub email: String,
    /// The address that the user confirmed although it looked mistyped.
    pub confirmed: String,
}

/// Signing in and out.
#[async_trait]
pub trait SignIn: Send + Sync {
    /// The sign-in page.
    async fn sign_in_page(&self, facts: Facts) -> Reply<Page<SignInView>>;
    /// User and password.
    async fn sign_in(
        &self,
        facts: Facts,
        login: String,
        password: String,
        intent: Intent,
    ) -> Reply<Answer>;
    /// The code page.
    async fn code_page(&self, facts: Facts) -> Reply<Page<CodeView>>;
    /// The code.
    async fn verify_code(&self, facts: Facts, code: String) -> Reply<Answer>;
    /// Sign-out.
    async fn sign_out(&self, facts: Facts) -> Reply<Answer>;
    /// Home and account page.
    async fn home_page(&self, facts: Facts) -> Reply<Page<HomeView>>;
}

/// Enrolling and activating.
#[async_trait]
pub trait Enrolment: Send + Sync {
    /// The notice.
    async fn notice_page(&self, facts: Facts) -> Reply<Page<NoticeView>>;
    /// **Prosseguir**.
    async fn begin(&self, facts: Facts) -> Reply<Answer>;
    /// The enrol page.
    async fn enrol_page(&self, facts: Facts) -> Reply<Page<EnrolView>>;
    /// Code and address.
    async fn submit(&self, facts: Facts, form: EnrolForm) -> Reply<Answer>;
    /// More time while enrolling.
    async fn extend(&self, facts: Facts, email: String, confirmed: String) -> Reply<Answer>;
    /// The page that waits for the link.
    async fn mail_sent_page(&self, facts: Facts) -> Reply<Page<MailSentView>>;
    /// What that page asks while it waits.
    async fn progress(&self, facts: Facts) -> Reply<Progress>;
    /// Another link.
    async fn resend(&self, facts: Facts) -> Reply<Answer>;
    /// The page to correct the address on.
    async fn change_address_page(&self, facts: Facts) -> Reply<Page<ChangeAddressView>>;
    /// Another address.
    async fn change_address(&self, facts: Facts, email: String, confirmed: String)
    -> Reply<Answer>;
    /// **Cancelar**.
    async fn cancel(&self, facts: Facts) -> Reply<Answer>;
    /// The page behind an activation link.
    async fn link_page(&self, facts: Facts, token: String) -> Reply<Page<LinkView>>;
    /// **Confirmar**.
    async fn confirm(&self, facts: Facts, token: String) -> Reply<Answer>;
    /// **Não fui eu** on an activation link.
    async fn deny(&self, facts: Facts, token: String) -> Reply<Answer>;
    /// The activated page; none without a receipt (R14).
    async fn activated_page(&self, facts: Facts) -> Reply<Page<Option<ActivatedView>>>;
    /// What that page asks until everything is settled.
    async fn sync_progress(&self, facts: Facts) -> Reply<SyncReport>;
    /// The page behind *Não fui eu* of a notice.
    async fn not_me_page(&self, facts: Facts, token: String) -> Reply<Page<NotMeView>>;
    /// **Não fui eu** of a notice.
    async fn not_me(&self, facts: Facts, token: String) -> Reply<Answer>;
}

/// What pages and server functions may call of an instance: its two capabilities.
#[derive(Clone)]
pub struct Backend {
    /// Signing in and out.
    pub sign_in: Arc<dyn SignIn>,
    /// Enrolling and activating.
    pub enrolment: Arc<dyn Enrolment>,
}

/// One instance as its pages see it, at the time of one request.
#[derive(Clone)]
pub struct Portal {
    /// The installation.
    pub site: Site,
    /// Its use cases.
    pub backend: Backend,
    /// The server's clock, seconds since the Unix epoch.
    pub now: i64,
}

impl Portal {
    /// How a page in this language speaks now.
    pub fn speech(&self, lang: Lang) -> Speech {
        Speech {
            label: self.site.label.clone(),
            support: self.site.support.clone(),
            locale: Locale {
                lang,
                utc_offset_hours: self.site.utc_offset_hours,
                now: self.now,
            },
        }
    }
}
