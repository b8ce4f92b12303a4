//! The backend of the pages over the use cases: a request in, a view or a response out.

use super::forms::Form;
use crate::domain::{SecretText, Stage, Token};
use crate::services::sign_in::{LONGEST_LOGIN, ProofForm, SignedIn};
use crate::services::{ServiceError, Services, Stop};
use app::api::backend::{
    AccountForm, ApiResult, Backend, FormResponse, Page, RequestContext, SyncPage, TypedEmail,
};
use app::api::cookies::CookieKind;
use app::api::error::ApiError;
use app::model::SignInPurpose;
use app::routes::{self, PageRoute};
use app::view::{
    ClientPage, FormState, PageView, Problem, Progress, RecoveryLinkView, SignInView,
    SupportDeskView, SyncReport,
};
use async_trait::async_trait;
use std::sync::Arc;

/// How long the cookie of a known browser lives, in seconds: a year.
const KNOWN_BROWSER_MAX_AGE: i64 = 365 * 86_400;
/// How long the cookie of the browser that began an enrolment lives, in seconds: a day.
const ENROLMENT_MAX_AGE: i64 = 86_400;
/// After how many seconds a request that found too many others may come again (texts `busy_text`).
const RETRY_AFTER: u32 = 10;
/// Most characters of a typed email that a form shows again; an email has at most 254 bytes.
const EMAIL_CHARS: usize = 320;

/// The use cases of one instance, as the pages call them.
#[derive(Clone)]
pub(super) struct ServiceBackend(pub Arc<Services>);

#[async_trait]
impl Backend for ServiceBackend {
    async fn page(&self, context: RequestContext, route: PageRoute) -> ApiResult<Page> {
        match self.view_of(&context, route).await {
            Ok(view) => Ok(Page::Show(Box::new(view))),
            Err(Stop::Failed(error)) => Err(self.failure(&error)),
            Err(Stop::Redirect(path)) => Ok(Page::Redirect(path.to_owned())),
            Err(Stop::SessionOver) => Ok(Page::Redirect(routes::SIGN_IN.to_owned())),
            Err(Stop::EnrolmentGone | Stop::LinkRefused(_) | Stop::Invalid(_)) => {
                Ok(Page::Redirect(routes::INTRO.to_owned()))
            }
        }
    }

    async fn sign_in(
        &self,
        context: RequestContext,
        login: String,
        password: String,
        purpose: SignInPurpose,
    ) -> ApiResult<FormResponse> {
        let typed: String = login.chars().take(LONGEST_LOGIN).collect();
        let typed = FormState::default()
            .keep("login", &typed)
            .keep("intent", purpose.code());
        let password = SecretText::new(password);
        let signed_in = self.0.sign_in(&context, &login, password, purpose);
        self.respond(Form::SignIn, typed, signed_in.await, signed_in_response)
    }

    async fn verify_code(&self, context: RequestContext, code: String) -> ApiResult<FormResponse> {
        let signed_in = self.0.check_proof(&context, &code, ProofForm::Code).await;
        self.respond(
            Form::Code,
            FormState::default(),
            signed_in,
            signed_in_response,
        )
    }

    async fn account(&self, context: RequestContext, form: AccountForm) -> ApiResult<FormResponse> {
        self.account_form(context, form).await
    }

    async fn sign_out(&self, context: RequestContext) -> ApiResult<FormResponse> {
        self.or_failure(self.0.sign_out(&context).await)?;
        Ok(FormResponse::redirect(routes::SIGN_IN)
            .drop_cookie(CookieKind::Session)
            .drop_cookie(CookieKind::Form))
    }

    async fn begin_enrolment(&self, context: RequestContext) -> ApiResult<FormResponse> {
        let begun = self.0.begin_enrolment(&context).await;
        self.respond(Form::Intro, FormState::default(), begun, |token| {
            token.map_or_else(
                || FormResponse::redirect(routes::ENROL),
                |token| enrolling_response(&token),
            )
        })
    }

    async fn submit_enrolment(
        &self,
        context: RequestContext,
        code: String,
        typed: TypedEmail,
    ) -> ApiResult<FormResponse> {
        let submitted = self.0.submit_enrolment(&context, &code, &typed).await;
        let kept = self.keep_email(FormState::default(), &typed);
        self.respond(Form::Enrol, kept, submitted, |()| {
            FormResponse::redirect(routes::MAIL_SENT).drop_cookie(CookieKind::Form)
        })
    }

    async fn extend_session(
        &self,
        context: RequestContext,
        typed: TypedEmail,
    ) -> ApiResult<FormResponse> {
        let extended = self.0.extend_session(&context).await;
        let done = self.keep_email(FormState::done(), &typed);
        self.respond(Form::Enrol, FormState::default(), extended, |()| {
            Form::Enrol.send_back(&self.0, done)
        })
    }

    async fn resend_link(&self, context: RequestContext) -> ApiResult<FormResponse> {
        let resent = self.0.resend_link(&context).await;
        self.respond(Form::MailSent, FormState::default(), resent, |()| {
            Form::MailSent.send_back(&self.0, FormState::done())
        })
    }

    async fn change_email(
        &self,
        context: RequestContext,
        typed: TypedEmail,
    ) -> ApiResult<FormResponse> {
        let changed = self.0.change_email(&context, &typed).await;
        // when only a wait was refused the form comes back without what was typed, as its page shows it
        let kept = match &changed {
            Err(Stop::Invalid(problems)) if problems.iter().any(|p| p.field == "email") => {
                self.keep_email(FormState::default(), &typed)
            }
            _ => FormState::default(),
        };
        self.respond(Form::ChangeEmail, kept, changed, |()| {
            Form::MailSent.send_back(&self.0, FormState::done())
        })
    }

    async fn cancel_enrolment(&self, context: RequestContext) -> ApiResult<FormResponse> {
        let cancelled = self.0.cancel_enrolment(&context).await;
        self.respond(Form::Intro, FormState::default(), cancelled, |stage| {
            let response = match stage {
                Stage::Full => FormResponse::redirect(routes::HOME),
                Stage::Password => {
                    FormResponse::redirect(routes::SIGN_IN).drop_cookie(CookieKind::Session)
                }
            };
            response
                .drop_cookie(CookieKind::Enrolment)
                .drop_cookie(CookieKind::Form)
        })
    }

    async fn confirm_activation(
        &self,
        context: RequestContext,
        token: String,
    ) -> ApiResult<FormResponse> {
        let receipt_max_age = self.0.settings().enrolments.receipt.0;
        let confirmed = self.0.confirm_activation(&context, &token).await;
        self.respond_to_link(&token, routes::activation_link, confirmed, |receipt| {
            FormResponse::redirect(routes::ACTIVATED).set_cookie(
                CookieKind::Receipt,
                receipt.expose(),
                Some(receipt_max_age),
            )
        })
    }

    async fn deny_activation(
        &self,
        context: RequestContext,
        token: String,
    ) -> ApiResult<FormResponse> {
        let denied = self.0.deny_activation(&context, &token).await;
        self.respond_to_link(&token, routes::activation_link, denied, |()| {
            FormResponse::redirect(routes::DENIED)
        })
    }

    async fn report_not_me(
        &self,
        context: RequestContext,
        token: String,
    ) -> ApiResult<FormResponse> {
        let reported = self.0.report_not_me(&context, &token).await;
        // the page of a used link says what was done
        self.respond_to_link(&token, routes::not_me_link, reported, |()| {
            FormResponse::redirect(routes::not_me_link(&token))
        })
    }

    async fn use_sign_in_link(
        &self,
        context: RequestContext,
        token: String,
    ) -> ApiResult<FormResponse> {
        let used = self.0.use_sign_in_link(&context, &token).await;
        self.respond_to_link(&token, routes::sign_in_link, used, |browser| {
            FormResponse::redirect(routes::sign_in_link(&token)).set_cookie(
                CookieKind::Browser,
                browser.expose(),
                Some(KNOWN_BROWSER_MAX_AGE),
            )
        })
    }

    async fn enrolment_progress(&self, context: RequestContext) -> ApiResult<Progress> {
        self.or_failure(self.0.enrolment_progress(&context).await)
    }

    async fn sync_progress(
        &self,
        context: RequestContext,
        page: SyncPage,
    ) -> ApiResult<SyncReport> {
        let report = match page {
            SyncPage::Activated => {
                let activated = self.or_failure(self.0.activated_page(&context).await)?;
                activated.map(|view| view.sync)
            }
            SyncPage::Account => self.or_failure(self.0.account_sync(&context).await)?,
        };
        report.ok_or(ApiError::Gone)
    }
}

impl ServiceBackend {
    async fn view_of(&self, context: &RequestContext, route: PageRoute) -> Result<PageView, Stop> {
        let services = &self.0;
        // a form that comes back is shown on its own page only
        let form = |form: Form| form.come_back(services, context);
        Ok(match route {
            PageRoute::SignIn => {
                let form = form(Form::SignIn);
                if !form.is_rejected() && services.is_signed_in(context).await? {
                    return Err(Stop::Redirect(routes::HOME));
                }
                PageView::SignIn(SignInView { form })
            }
            PageRoute::Code => {
                let mut view = services.code_page(context).await?;
                view.form = form(Form::Code);
                PageView::Code(view)
            }
            PageRoute::Home => PageView::Home(services.home_page(context).await?),
            PageRoute::Account => PageView::Account(services.home_page(context).await?),
            PageRoute::Intro => {
                let mut view = services.intro_page(context).await?;
                let form = form(Form::Intro);
                if form.is_rejected() {
                    view.form = form;
                }
                PageView::Intro(view)
            }
            PageRoute::Enrol => {
                let mut view = services.enrol_page(context).await?;
                view.form = form(Form::Enrol);
                PageView::Client(ClientPage::Enrol(view))
            }
            PageRoute::MailSent => {
                let mut view = services.mail_sent_page(context).await?;
                view.form = form(Form::MailSent);
                PageView::Client(ClientPage::MailSent(view))
            }
            PageRoute::ChangeEmail => {
                let mut view = services.change_email_page(context).await?;
                view.form = form(Form::ChangeEmail);
                PageView::ChangeEmail(view)
            }
            PageRoute::Activated => {
                let view = services.activated_page(context).await?;
                PageView::Client(ClientPage::Activated { view })
            }
            PageRoute::ActivationLink(token) => PageView::Link(services.link_page(&token).await?),
            PageRoute::SignInLink(token) => {
                PageView::SignInLink(services.sign_in_link_page(context, &token).await?)
            }
            PageRoute::NotMeLink(token) => PageView::NotMe(services.not_me_page(&token).await?),
            PageRoute::Denied => PageView::Denied,
            PageRoute::Privacy => PageView::Privacy,
            route => self.account_view_of(context, route).await?,
        })
    }

    /// The view of a page of the account, of a lost phone or of the support team.
    async fn account_view_of(
        &self,
        context: &RequestContext,
        route: PageRoute,
    ) -> Result<PageView, Stop> {
        let services = &self.0;
        let form = |form: Form| form.come_back(services, context);
        Ok(match route {
            PageRoute::RecoveryCodes => {
                PageView::RecoveryCodes(self.recovery_codes_view(context).await?)
            }
            PageRoute::NewPhone => {
                PageView::NewPhone(self.authenticators_view(context, Form::NewPhone).await?)
            }
            PageRoute::Authenticators => PageView::Authenticators(
                self.authenticators_view(context, Form::Authenticators)
                    .await?,
            ),
            PageRoute::Sessions => PageView::Sessions(services.sessions_page(context).await?),
            PageRoute::History => PageView::History(services.history_page(context).await?),
            PageRoute::Block => {
                services.sessions_page(context).await?;
                PageView::Block
            }
            PageRoute::Blocked => PageView::Blocked,
            PageRoute::LostPhone => {
                let mut view = services.lost_phone_page(context).await?;
                view.form = form(Form::LostPhone);
                PageView::LostPhone(view)
            }
            PageRoute::StolenPhone => {
                let mut view = services.lost_phone_page(context).await?;
                view.form = form(Form::StolenPhone);
                PageView::StolenPhone(view)
            }
            PageRoute::SupportDesk => {
                services.for_support(context).await?;
                PageView::SupportDesk(SupportDeskView {
                    form: form(Form::SupportDesk),
                })
            }
            PageRoute::Entry(number) => match self.entry_view(context, &number).await {
                Err(Stop::Invalid(_)) => return Err(Stop::Redirect(routes::SUPPORT_DESK)),
                found => {
                    let mut view = found?;
                    view.form = form(Form::Entry);
                    PageView::Entry(view)
                }
            },
            PageRoute::RecoveryLink(token) => {
                let mut view = services.recovery_link_page(&token).await?;
                if let RecoveryLinkView::Ask { form: shown, .. } = &mut view {
                    *shown = form(Form::RecoveryLink);
                }
                PageView::RecoveryLink(view)
            }
            // the pages of the journey are above
            _ => return Err(Stop::Redirect(routes::SIGN_IN)),
        })
    }

    /// The response to a form: from `done` after success, else from the stop. `typed` is what the form may show again.
    pub(super) fn respond<T>(
        &self,
        form: Form,
        mut typed: FormState,
        result: Result<T, Stop>,
        done: impl FnOnce(T) -> FormResponse,
    ) -> ApiResult<FormResponse> {
        let services = &self.0;
        Ok(match result {
            Ok(value) => done(value),
            Err(Stop::Failed(error)) => return Err(self.failure(&error)),
            Err(Stop::Invalid(problems)) => {
                typed.problems = problems;
                form.send_back(services, typed)
            }
            Err(Stop::Redirect(path)) => FormResponse::redirect(path).drop_cookie(CookieKind::Form),
            Err(Stop::SessionOver) => Form::SignIn
                .send_back(services, FormState::with("", Problem::SessionOver))
                .drop_cookie(CookieKind::Session),
            Err(Stop::EnrolmentGone | Stop::LinkRefused(_)) => {
                Form::Intro.send_back(services, FormState::with("", Problem::Gone))
            }
        })
    }

    /// The response to a form behind a mailed link. The page of the link tells why it does not work. The posted token is put
    /// into a path only when it has the shape of a token.
    fn respond_to_link<T>(
        &self,
        token: &str,
        page: fn(&str) -> String,
        result: Result<T, Stop>,
        done: impl FnOnce(T) -> FormResponse,
    ) -> ApiResult<FormResponse> {
        if let Err(Stop::LinkRefused(_)) = result {
            let token = Token::parse(token);
            let token = token.as_ref().map_or("usado", Token::expose);
            return Ok(FormResponse::redirect(page(token)));
        }
        self.respond(Form::Proof, FormState::default(), result, done)
    }

    /// Keeps the email as typed, with the answer to the question about it. When the suggestion was taken the field shows the
    /// suggestion from then on. An answer about an email that was edited since is dropped.
    fn keep_email(&self, form: FormState, typed: &TypedEmail) -> FormState {
        let bounded = |text: &str| text.chars().take(EMAIL_CHARS).collect::<String>();
        let typed = TypedEmail {
            email: bounded(&typed.email),
            confirmed: bounded(&typed.confirmed),
        };
        let is_confirmed = self
            .0
            .judge_email(&typed)
            .is_ok_and(|email| email.as_typed() == typed.confirmed.trim());
        if is_confirmed {
            form.keep("email", &typed.confirmed)
                .keep("confirmed", &typed.confirmed)
        } else {
            form.keep("email", &typed.email)
        }
    }

    /// Logs the cause once, under a reference that the user can tell the help desk (decision 4).
    fn failure(&self, error: &ServiceError) -> ApiError {
        if let ServiceError::Busy = error {
            return ApiError::Busy {
                retry_after: RETRY_AFTER,
            };
        }
        let reference = self.0.failure_reference();
        tracing::error!(%error, %reference, "a use case failed");
        ApiError::Unavailable { reference }
    }

    fn or_failure<T>(&self, result: Result<T, impl Into<ServiceError>>) -> ApiResult<T> {
        result.map_err(|error| self.failure(&error.into()))
    }
}

/// Leads to the enrol page, with the cookie of the browser that began the enrolment.
pub(super) fn enrolling_response(token: &Token) -> FormResponse {
    FormResponse::redirect(routes::ENROL)
        .set_cookie(
            CookieKind::Enrolment,
            token.expose(),
            Some(ENROLMENT_MAX_AGE),
        )
        .drop_cookie(CookieKind::Form)
}

pub(super) fn signed_in_response(signed_in: SignedIn) -> FormResponse {
    let response = FormResponse::redirect(signed_in.next)
        .set_cookie(CookieKind::Session, signed_in.session.expose(), None)
        .drop_cookie(CookieKind::Form);
    match signed_in.browser {
        Some(browser) => response.set_cookie(
            CookieKind::Browser,
            browser.expose(),
            Some(KNOWN_BROWSER_MAX_AGE),
        ),
        None => response,
    }
}
