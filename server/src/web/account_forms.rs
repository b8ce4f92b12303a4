//! The forms of the account pages, and of the page for a lost phone.

use super::backend::{ServiceBackend, enrolling_response, signed_in_response};
use super::forms::{CODES_LIFETIME, Form};
use super::support_forms::{TypedApproval, bounded};
use crate::domain::RecoveryCode;
use crate::services::Stop;
use crate::services::recovery_codes::MadeCodes;
use crate::services::sign_in::ProofForm;
use app::api::backend::{AccountForm, ApiResult, FormResponse, RequestContext};
use app::api::cookies::CookieKind;
use app::routes;
use app::view::{AuthenticatorsView, FormState, RecoveryCodesView, ShownCodes};

/// The values under which a form carries recovery codes that were just made.
const CODES: &str = "codes";
const SIGLA: &str = "sigla";
/// Whose they are, so that they are shown to nobody else who uses the browser.
const PERSON: &str = "person";
/// When they were made: a refused form sends them back, and must not prolong their time.
const MADE: &str = "made";

impl ServiceBackend {
    pub(super) async fn account_form(
        &self,
        context: RequestContext,
        form: AccountForm,
    ) -> ApiResult<FormResponse> {
        let services = &self.0;
        let empty = FormState::default;
        match form {
            AccountForm::UseRecoveryCode(code) => {
                let (form, page) = (ProofForm::RecoveryCode, Form::LostPhone);
                self.sign_in_by_proof(&context, &code, form, page).await
            }
            AccountForm::AskSupport { is_stolen } => {
                let asked = services.ask_support(&context, is_stolen).await;
                self.led_to(routes::LOST_PHONE, asked)
            }
            AccountForm::AskMailbox => {
                self.led_to(routes::LOST_PHONE, services.ask_mailbox(&context).await)
            }
            AccountForm::ReportStolen(code) => {
                let (form, page) = (ProofForm::StolenPhone, Form::StolenPhone);
                self.sign_in_by_proof(&context, &code, form, page).await
            }
            AccountForm::UseRecoveryLink { token, password } => {
                self.use_recovery_link(&context, &token, password).await
            }
            AccountForm::FindEntry(number) => self.find_entry(&context, &number).await,
            AccountForm::ApproveEntry {
                number,
                check,
                reason,
                code,
            } => {
                let typed = TypedApproval {
                    number,
                    check,
                    reason,
                    code,
                };
                self.approve_entry(&context, typed).await
            }
            AccountForm::ConfirmIdentity { code, to } => {
                self.confirm_identity(&context, &code, account_page(&to))
                    .await
            }
            AccountForm::MakeRecoveryCodes => {
                let made = services.make_recovery_codes(&context).await;
                self.respond(Form::RecoveryCodes, empty(), made, |made| {
                    Form::RecoveryCodes.send_back(services, shown_once(&made, services.now().0))
                })
            }
            AccountForm::KeepRecoveryCodes(code) => {
                // only while the page shows them: elsewhere the answer would tell a guesser which codes are right
                let shown = self.form_with_codes(&context);
                if shown.value(CODES).is_empty() {
                    return Ok(FormResponse::redirect(routes::RECOVERY_CODES));
                }
                let kept = services.keep_recovery_codes(&context, &code).await;
                self.respond(Form::RecoveryCodes, shown, kept, |()| {
                    Form::RecoveryCodes.send_back(services, FormState::done())
                })
            }
            AccountForm::HideCodesOffer => {
                self.led_to(routes::HOME, services.hide_codes_offer(&context).await)
            }
            AccountForm::BeginNewPhone { replaces, label } => {
                let begun = services.begin_new_phone(&context, &replaces, &label).await;
                let kept = empty().keep("label", &bounded(&label));
                self.respond(Form::NewPhone, kept, begun, |token| {
                    enrolling_response(&token)
                })
            }
            AccountForm::RenameAuthenticator { id, label } => {
                let renamed = services.rename_authenticator(&context, &id, &label).await;
                let kept = empty()
                    .keep("id", &bounded(&id))
                    .keep("label", &bounded(&label));
                self.respond(Form::Authenticators, kept, renamed, |()| {
                    Form::Authenticators.send_back(services, FormState::done())
                })
            }
            AccountForm::RevokeAuthenticator { id } => {
                let removed = services.revoke_authenticator(&context, &id).await;
                self.respond(Form::Authenticators, empty(), removed, |()| {
                    Form::Authenticators.send_back(services, FormState::done())
                })
            }
            AccountForm::EndSession { id } => self.led_to(
                routes::SESSIONS,
                services.end_own_session(&context, &id).await,
            ),
            AccountForm::EndOtherSessions => self.led_to(
                routes::SESSIONS,
                services.end_other_sessions(&context).await,
            ),
            AccountForm::BlockAccount => {
                let blocked = services.block_own_account(&context).await;
                self.respond(Form::Proof, empty(), blocked, |()| {
                    FormResponse::redirect(routes::BLOCKED)
                        .drop_cookie(CookieKind::Session)
                        .drop_cookie(CookieKind::Form)
                })
            }
        }
    }

    /// The response to a form that signs in with a proof other than that of the code page.
    async fn sign_in_by_proof(
        &self,
        context: &RequestContext,
        typed: &str,
        proof: ProofForm,
        form: Form,
    ) -> ApiResult<FormResponse> {
        let signed_in = self.0.check_proof(context, typed, proof).await;
        self.respond(form, FormState::default(), signed_in, signed_in_response)
    }

    async fn confirm_identity(
        &self,
        context: &RequestContext,
        code: &str,
        to: &'static str,
    ) -> ApiResult<FormResponse> {
        let services = &self.0;
        match services
            .check_proof(context, code, ProofForm::Identity)
            .await
        {
            Err(Stop::Invalid(problems)) => {
                let state = FormState {
                    problems,
                    ..FormState::default()
                };
                Ok(Form::Proof.send_back_to(services, state, to))
            }
            confirmed => self.respond(
                Form::Proof,
                FormState::default(),
                confirmed,
                |mut signed_in| {
                    signed_in.next = to;
                    signed_in_response(signed_in)
                },
            ),
        }
    }

    /// The response to a form without fields that leads to another page after success.
    fn led_to(&self, path: &str, result: Result<(), Stop>) -> ApiResult<FormResponse> {
        self.respond(Form::Proof, FormState::default(), result, |()| {
            FormResponse::redirect(path).drop_cookie(CookieKind::Form)
        })
    }

    /// The view of one of the two pages about authenticators, with its form.
    pub(super) async fn authenticators_view(
        &self,
        context: &RequestContext,
        form: Form,
    ) -> Result<AuthenticatorsView, Stop> {
        let mut view = self.0.authenticators_page(context).await?;
        let form = if view.needs_proof { Form::Proof } else { form };
        view.form = form.come_back(&self.0, context);
        Ok(view)
    }

    /// The form that came back with codes that were just made, without its problems; an empty one once their time is over.
    fn form_with_codes(&self, context: &RequestContext) -> FormState {
        let services = &self.0;
        let mut form = Form::RecoveryCodes.come_back(services, context);
        form.problems.clear();
        let made: Option<i64> = form.value(MADE).parse().ok();
        let is_over = made.is_some_and(|made| services.now().0 - made >= CODES_LIFETIME);
        if is_over { FormState::default() } else { form }
    }

    pub(super) async fn recovery_codes_view(
        &self,
        context: &RequestContext,
    ) -> Result<RecoveryCodesView, Stop> {
        let services = &self.0;
        let (mut view, person) = services.recovery_codes_page(context).await?;
        let mut form = self.form_with_codes(context);
        let codes = form.value(CODES);
        if !codes.is_empty() {
            form.problems = Form::RecoveryCodes.come_back(services, context).problems;
        }
        if !codes.is_empty() && form.value(PERSON) == person.to_string() {
            view.shown = Some(ShownCodes {
                codes: codes.split(' ').map(str::to_owned).collect(),
                sigla: form.value(SIGLA),
            });
        }
        view.form = if view.needs_proof && view.shown.is_none() {
            Form::Proof.come_back(services, context)
        } else {
            FormState {
                values: form
                    .is_done()
                    .then(FormState::done)
                    .unwrap_or_default()
                    .values,
                ..form
            }
        };
        Ok(view)
    }
}

/// The form that carries codes to the page that shows them.
fn shown_once(made: &MadeCodes, now: i64) -> FormState {
    let codes: Vec<_> = made.codes.iter().map(RecoveryCode::shown).collect();
    FormState::default()
        .keep(CODES, &codes.join(" "))
        .keep(SIGLA, &made.sigla)
        .keep(PERSON, &made.person.to_string())
        .keep(MADE, &now.to_string())
}

/// The account page that asks for one more code; the account page itself for any other text.
fn account_page(path: &str) -> &'static str {
    [
        routes::RECOVERY_CODES,
        routes::NEW_PHONE,
        routes::AUTHENTICATORS,
    ]
    .into_iter()
    .find(|page| *page == path)
    .unwrap_or(routes::ACCOUNT)
}
