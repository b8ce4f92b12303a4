//! What pages and server functions need from an instance: one trait. The server implements it over its use cases
//! (`server::web::backend`), the tests of the pages with fixed views.

use super::cookies::{CookieKind, Cookies, SetCookie};
pub use super::error::ApiResult;
use crate::Site;
use crate::model::{Language, SignInPurpose, UnixTime};
use crate::page_context::PageContext;
use crate::routes::PageRoute;
use crate::text::Locale;
use crate::view::{PageView, Progress, SyncReport};
use async_trait::async_trait;
use std::net::IpAddr;
use std::sync::Arc;

/// One request as the use cases see it. All of it is told by the client, except the ip.
#[derive(Clone, Default)]
pub struct RequestContext {
    pub cookies: Cookies,
    /// Language, time zone and time of the answer.
    pub locale: Locale,
    /// The header `User-Agent`, cut to 400 characters.
    pub user_agent: String,
    /// The client's ip; `None` where the server did not put one into the request.
    pub ip: Option<IpAddr>,
}

/// Where a form leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// A page of this instance, by its path with query.
    Page(String),
    /// Another web origin, by its absolute URL. It comes from the configuration, never from a request.
    OtherOrigin(String),
}

/// The response to a form. Every outcome of a form is one of these (decision 5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormResponse {
    pub redirect_to: Destination,
    /// Cookies that the response sets or drops.
    pub cookies: Vec<SetCookie>,
}

impl FormResponse {
    pub fn redirect(path: impl Into<String>) -> Self {
        Self {
            redirect_to: Destination::Page(path.into()),
            cookies: Vec::new(),
        }
    }

    /// A response that leads to another web origin. `url` must come from the configuration.
    pub fn leave_origin(url: impl Into<String>) -> Self {
        Self {
            redirect_to: Destination::OtherOrigin(url.into()),
            cookies: Vec::new(),
        }
    }

    /// Sets a cookie. `max_age` is in seconds; `None` keeps the cookie until the browser is closed.
    #[must_use]
    pub fn set_cookie(
        mut self,
        kind: CookieKind,
        value: impl Into<String>,
        max_age: Option<i64>,
    ) -> Self {
        self.cookies.push(SetCookie {
            kind,
            value: Some(value.into()),
            max_age,
        });
        self
    }

    #[must_use]
    pub fn drop_cookie(mut self, kind: CookieKind) -> Self {
        self.cookies.push(SetCookie {
            kind,
            value: None,
            max_age: None,
        });
        self
    }
}

/// The result of a request for a page.
pub enum Page {
    Show(Box<PageView>),
    /// The person must go to another page; this is its path.
    Redirect(String),
}

/// What becomes of a form.
pub type FormResult = ApiResult<FormResponse>;

/// What was typed into a form with an email.
#[derive(Clone, Default)]
pub struct TypedEmail {
    /// The personal email.
    pub email: String,
    /// The answer to the question about a probable typing error: the email that the person chose; empty without an answer.
    pub confirmed: String,
}

/// A form of the account pages, or of the page for a lost phone, as it was posted. Unless a variant says something else it needs a
/// full session; what changes the ways into the account also needs a code of the last minutes.
pub enum AccountForm {
    /// Signs in with a recovery code in place of a one-time code. Needs a password-only session.
    UseRecoveryCode(String),
    /// Asks the support team for an entry by number. Needs a password-only session.
    AskSupport {
        is_stolen: bool,
    },
    /// Asks for a link by the personal email. Needs a password-only session.
    AskMailbox,
    /// The phone was stolen; a recovery code, or a code of another authenticator. Needs a password-only session.
    ReportStolen(String),
    /// The link that was mailed, and the password. The two are the authority.
    UseRecoveryLink {
        token: String,
        password: String,
    },
    /// Looks for a request by its number. For members of the support team.
    FindEntry(String),
    /// Approves a request, with a code of the member. For members of the support team.
    ApproveEntry {
        number: String,
        check: String,
        reason: String,
        code: String,
    },
    /// One more code, for the account page at `to`.
    ConfirmIdentity {
        code: String,
        to: String,
    },
    /// Makes recovery codes in place of the earlier ones.
    MakeRecoveryCodes,
    /// One recovery code as a sign that they are kept.
    KeepRecoveryCodes(String),
    /// Hides the home page's offer of recovery codes.
    HideCodesOffer,
    /// Begins the enrolment of an authenticator: in place of the one with the id `replaces`, or beside all when it is empty.
    BeginNewPhone {
        replaces: String,
        label: String,
    },
    RenameAuthenticator {
        id: String,
        label: String,
    },
    RevokeAuthenticator {
        id: String,
    },
    EndSession {
        id: String,
    },
    EndOtherSessions,
    /// **Bloquear minha conta**.
    BlockAccount,
}

/// The use cases of an instance, one method for each form and one for all pages. Each decides itself who may call it, by the
/// cookies of the request (R7).
#[async_trait]
pub trait Backend: Send + Sync {
    /// The view of a page, or the page to which the person must go instead. It changes nothing (R11).
    async fn page(&self, context: RequestContext, route: PageRoute) -> ApiResult<Page>;
    /// Checks user and password. Everyone may call it.
    async fn sign_in(
        &self,
        context: RequestContext,
        login: String,
        password: String,
        purpose: SignInPurpose,
    ) -> FormResult;
    /// Checks the one-time code of a sign-in. Needs a password-only session.
    async fn verify_code(&self, context: RequestContext, code: String) -> FormResult;
    /// A form of the account pages, or of the page for a lost phone.
    async fn account(&self, context: RequestContext, form: AccountForm) -> FormResult;
    /// Ends the session of the request, if there is one.
    async fn sign_out(&self, context: RequestContext) -> FormResult;
    /// **Prosseguir** on the intro page.
    async fn begin_enrolment(&self, context: RequestContext) -> FormResult;
    /// Checks the first code and the personal email, and mails the activation link.
    async fn submit_enrolment(
        &self,
        context: RequestContext,
        code: String,
        typed: TypedEmail,
    ) -> FormResult;
    /// Gives an enrolment its full time again; the typed email comes back.
    async fn extend_session(&self, context: RequestContext, typed: TypedEmail) -> FormResult;
    /// Mails another activation link to the same email.
    async fn resend_link(&self, context: RequestContext) -> FormResult;
    /// Changes the email of the enrolment and mails an activation link to it.
    async fn change_email(&self, context: RequestContext, typed: TypedEmail) -> FormResult;
    /// **Cancelar** during an enrolment.
    async fn cancel_enrolment(&self, context: RequestContext) -> FormResult;
    /// **Confirmar** on the page of an activation link. The token is the authority.
    async fn confirm_activation(&self, context: RequestContext, token: String) -> FormResult;
    /// **Não fui eu** on the page of an activation link. The token is the authority.
    async fn deny_activation(&self, context: RequestContext, token: String) -> FormResult;
    /// **Não fui eu** of a security alert. The token is the authority.
    async fn report_not_me(&self, context: RequestContext, token: String) -> FormResult;
    /// The button on the page of a link that lets one browser try to sign in. The token is the authority.
    async fn use_sign_in_link(&self, context: RequestContext, token: String) -> FormResult;
    /// The state of an enrolment, which the page that waits for the link asks again and again.
    async fn enrolment_progress(&self, context: RequestContext) -> ApiResult<Progress>;
    /// The outcomes at the other instances, which this page asks until all are final.
    async fn sync_progress(&self, context: RequestContext, page: SyncPage)
    -> ApiResult<SyncReport>;
}

/// A page that shows the outcomes at the other instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncPage {
    Activated,
    /// The home page or the account page.
    Account,
}

/// One instance as its pages see it, at the time of one request.
#[derive(Clone)]
pub struct Portal {
    pub site: Site,
    pub backend: Arc<dyn Backend>,
    /// The time of the request by the server's clock.
    pub now: UnixTime,
}

impl Portal {
    /// Language, time zone and time for a page in this language.
    pub fn locale(&self, language: Language) -> Locale {
        Locale {
            language,
            utc_offset_hours: self.site.utc_offset_hours,
            now: self.now,
        }
    }

    /// What a page in this language needs besides its view.
    pub fn page_context(&self, locale: Locale) -> PageContext {
        PageContext {
            label: self.site.label.clone(),
            support: self.site.support.clone(),
            locale,
        }
    }
}
