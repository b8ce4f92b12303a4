//! The forms of the support team, and of the link that is mailed after the waiting time.

use super::backend::{ServiceBackend, signed_in_response};
use super::forms::Form;
use crate::domain::{SecretText, Token};
use crate::services::Stop;
use crate::services::sign_in::ProofForm;
use crate::services::support_desk::{Approved, LONGEST_REASON};
use app::api::backend::{ApiResult, FormResponse, RequestContext};
use app::model::{EntryRefusal, IdentityCheck};
use app::routes;
use app::view::{EntryView, FormState, Problem};

/// The form with which a member of the support team approves a request.
pub(super) struct TypedApproval {
    pub number: String,
    pub check: String,
    pub reason: String,
    pub code: String,
}

impl ServiceBackend {
    pub(super) async fn use_recovery_link(
        &self,
        context: &RequestContext,
        token: &str,
        password: String,
    ) -> ApiResult<FormResponse> {
        let services = &self.0;
        let password = SecretText::new(password);
        // put into a path only when it has the shape of a token
        let page = Token::parse(token).map_or_else(
            || routes::recovery_link("usado"),
            |token| routes::recovery_link(token.expose()),
        );
        match services.use_recovery_link(context, token, password).await {
            Ok(signed_in) => Ok(signed_in_response(signed_in)),
            // the page of the link tells why it does not work
            Err(Stop::LinkRefused(_)) => Ok(FormResponse::redirect(page)),
            Err(Stop::Invalid(problems)) => {
                let state = FormState {
                    problems,
                    ..FormState::default()
                };
                Ok(Form::RecoveryLink.send_back_to(services, state, &page))
            }
            Err(stop) => {
                let stopped: Result<(), _> = Err(stop);
                self.respond(Form::RecoveryLink, FormState::default(), stopped, |()| {
                    FormResponse::redirect(routes::SIGN_IN)
                })
            }
        }
    }

    pub(super) async fn find_entry(
        &self,
        context: &RequestContext,
        number: &str,
    ) -> ApiResult<FormResponse> {
        let found = self.entry_view(context, number).await;
        let kept = FormState::default().keep("number", &bounded(number));
        self.respond(Form::SupportDesk, kept, found, |view| {
            FormResponse::redirect(routes::entry(&view.number))
        })
    }

    /// The view of a request, without its form.
    pub(super) async fn entry_view(
        &self,
        context: &RequestContext,
        number: &str,
    ) -> Result<EntryView, Stop> {
        if number.trim().is_empty() {
            self.0.for_support(context).await?;
            return Err(Stop::invalid("number", Problem::Missing));
        }
        self.0.for_support(context).await?.entry(number).await
    }

    /// Checks what was typed, then the member's own code, and only then approves.
    pub(super) async fn approve_entry(
        &self,
        context: &RequestContext,
        typed: TypedApproval,
    ) -> ApiResult<FormResponse> {
        let services = &self.0;
        let page = routes::entry(&typed.number);
        let mut state = FormState::default()
            .keep("check", &bounded(&typed.check))
            .keep("reason", &bounded(&typed.reason));
        let desk = match services.for_support(context).await {
            Ok(desk) => desk,
            Err(stop) => {
                let stopped: Result<(), _> = Err(stop);
                return self.respond(Form::Entry, state, stopped, |()| {
                    FormResponse::redirect(routes::HOME)
                });
            }
        };
        let check = IdentityCheck::from_code(&typed.check).filter(|check| desk.allows(*check));
        let reason = typed
            .reason
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        if check.is_none() {
            state.add("check", Problem::Missing);
        }
        if reason.is_empty() {
            state.add("reason", Problem::Missing);
        } else if reason.chars().count() > LONGEST_REASON || reason.chars().any(char::is_control) {
            state.add("reason", Problem::TooLong);
        }
        let Some(check) = check.filter(|_| !state.is_rejected()) else {
            return Ok(Form::Entry.send_back_to(services, state, &page));
        };
        let signed_in = match services
            .check_proof(context, &typed.code, ProofForm::Identity)
            .await
        {
            Ok(signed_in) => signed_in,
            Err(Stop::Invalid(problems)) => {
                state.problems = problems;
                return Ok(Form::Entry.send_back_to(services, state, &page));
            }
            Err(stop) => {
                let stopped: Result<(), _> = Err(stop);
                return self.respond(Form::Entry, state, stopped, |()| {
                    FormResponse::redirect(routes::HOME)
                });
            }
        };
        let approved = match desk.approve(context, &typed.number, check, &reason).await {
            Ok(approved) => approved,
            Err(stop) => {
                let stopped: Result<(), _> = Err(stop);
                return self.respond(Form::Entry, state, stopped, |()| {
                    FormResponse::redirect(routes::HOME)
                });
            }
        };
        // the code was used up, and the session has a new id whatever follows
        let mut response = signed_in_response(signed_in);
        let told = match approved {
            Ok(approved) => {
                let outcome = match approved {
                    Approved::Done => "done",
                    Approved::SecondNeeded => "second",
                };
                let done = FormState::default().keep("approved", outcome);
                Form::SupportDesk.send_back(services, done)
            }
            Err(EntryRefusal::Unknown) => {
                let problem = Problem::Entry(EntryRefusal::Unknown);
                Form::SupportDesk.send_back(services, FormState::with("number", problem))
            }
            Err(refusal) => {
                state.add("", Problem::Entry(refusal));
                Form::Entry.send_back_to(services, state, &page)
            }
        };
        response.redirect_to = told.redirect_to;
        response.cookies.extend(told.cookies);
        Ok(response)
    }
}

/// What is kept of a text that comes back with a form.
pub(super) fn bounded(text: &str) -> String {
    text.chars().take(LONGEST_REASON).collect()
}
