//! What pages and server functions need from an instance: one trait, which the server implements over its use
//! cases (`server::web::backend`) and the tests of the pages by what they want to see.

use super::{
    cookies::{CookieKind, Cookies, SetCookie},
    error::ApiError,
};
use crate::{
    Site,
    model::{Language, SignInPurpose, UnixTime},
    page_context::PageContext,
    routes::PageRoute,
    text::Locale,
    view::{PageView, Progress, SyncReport},
};
use async_trait::async_trait;
use std::{net::IpAddr, sync::Arc};

/// One request as the use cases see it. Everything in it is the client's word, except the IP address.
#[derive(Clone, Default)]
pub struct RequestContext {
    /// The request's cookies.
    pub cookies: Cookies,
    /// Language, time zone and time of the answer.
    pub locale: Locale,
    /// The header `User-Agent`, at most 400 characters of it.
    pub user_agent: String,
    /// The client's network address; `None` where the server did not put one into the request.
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

/// The response to a form: every outcome of a form ends in one (decision 5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormResponse {
    /// Where the form leads.
    pub redirect_to: Destination,
    /// Cookies to set on the way.
    pub cookies: Vec<SetCookie>,
}

impl FormResponse {
    /// A response that leads to a page of this instance.
    pub fn redirect(path: impl Into<String>) -> Self {
        Self {
            redirect_to: Destination::Page(path.into()),
            cookies: Vec::new(),
        }
    }

    /// A response that leads to another web origin.
    pub fn leave_origin(url: impl Into<String>) -> Self {
        Self {
            redirect_to: Destination::OtherOrigin(url.into()),
            cookies: Vec::new(),
        }
    }

    /// Sets a cookie; `max_age` in seconds, `None` until the browser ends.
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

    /// Drops a cookie.
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

/// What a path leads to.
pub enum Page {
    /// This page is shown.
    Show(PageView),
    /// The person belongs on another page, by its path.
    Redirect(String),
}

/// Result of a call of the backend.
pub type ApiResult<T> = Result<T, ApiError>;

/// What was typed into a form with an e-mail address.
#[derive(Clone, Default)]
pub struct TypedEmail {
    /// The personal address.
    pub email: String,
    /// The address that the person confirmed although it looked mistyped.
    pub confirmed: String,
}

/// The use cases of an instance, one method per form and one for all pages. Each decides itself who may call it,
/// by the cookies of the request (R7).
#[async_trait]
pub trait Backend: Send + Sync {
    /// The view of a page, or where the person belongs instead. Changes nothing (R11).
    async fn page(&self, context: RequestContext, route: PageRoute) -> ApiResult<Page>;
    /// User and password.
    async fn sign_in(
        &self,
        context: RequestContext,
        login: String,
        password: String,
        purpose: SignInPurpose,
    ) -> ApiResult<FormResponse>;
    /// The one-time code of a sign-in.
    async fn verify_code(&self, context: RequestContext, code: String) -> ApiResult<FormResponse>;
    /// Ends the session.
    async fn sign_out(&self, context: RequestContext) -> ApiResult<FormResponse>;
    /// **Prosseguir** on the intro page.
    async fn begin_enrolment(&self, context: RequestContext) -> ApiResult<FormResponse>;
    /// The first code and the personal e-mail address.
    async fn submit_enrolment(
        &self,
        context: RequestContext,
        code: String,
        typed: TypedEmail,
    ) -> ApiResult<FormResponse>;
    /// More time while enrolling; what was typed comes back.
    async fn extend_session(
        &self,
        context: RequestContext,
        typed: TypedEmail,
    ) -> ApiResult<FormResponse>;
    /// Another activation link to the same address.
    async fn resend_link(&self, context: RequestContext) -> ApiResult<FormResponse>;
    /// An activation link to another address.
    async fn change_email(
        &self,
        context: RequestContext,
        typed: TypedEmail,
    ) -> ApiResult<FormResponse>;
    /// **Cancelar** while enrolling.
    async fn cancel_enrolment(&self, context: RequestContext) -> ApiResult<FormResponse>;
    /// **Confirmar** behind an activation link.
    async fn confirm_activation(
        &self,
        context: RequestContext,
        token: String,
    ) -> ApiResult<FormResponse>;
    /// **Não fui eu** behind an activation link.
    async fn deny_activation(
        &self,
        context: RequestContext,
        token: String,
    ) -> ApiResult<FormResponse>;
    /// **Não fui eu** of a security alert.
    async fn report_not_me(
        &self,
        context: RequestContext,
        token: String,
    ) -> ApiResult<FormResponse>;
    /// What the page that waits for the link asks.
    async fn enrolment_progress(&self, context: RequestContext) -> ApiResult<Progress>;
    /// What the activated page asks until every other instance answered.
    async fn sync_progress(&self, context: RequestContext) -> ApiResult<SyncReport>;
}

/// One instance as its pages see it, at the time of one request.
#[derive(Clone)]
pub struct Portal {
    /// What the installation tells its pages.
    pub site: Site,
    /// Its use cases.
    pub backend: Arc<dyn Backend>,
    /// The server's clock.
    pub now: UnixTime,
}

impl Portal {
    /// Language, time zone and time of a page in this language.
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
