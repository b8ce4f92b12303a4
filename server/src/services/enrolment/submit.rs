//! The first code and the email: judged in one transaction, in which the link is mailed too (R8, R16, R17).

use super::mailing::ActivationMail;
use crate::domain::email;
use crate::domain::{
    Actor, AuditEvent, Email, EmailError, EnrolmentPurpose, EnrolmentState, OneTimeCode, Timestamp,
};
use crate::services::request::token_hash;
use crate::services::{Services, Stop};
use crate::storage::{Reader, StoreResult, Tx, UnitOfWork};
use app::api::backend::{RequestContext, TypedEmail};
use app::model::{CodeRefusal, EmailRefusal};
use app::routes;
use app::view::{FieldProblem, Problem};
use async_trait::async_trait;

impl Services {
    /// Judges a typed email (R16). `confirmed` is the answer to the question about a probable typing error: the email as
    /// typed, or the suggestion, which then replaces it.
    pub fn judge_email(&self, typed: &TypedEmail) -> Result<Email, EmailRefusal> {
        let (text, confirmed) = (typed.email.trim(), typed.confirmed.trim());
        if text.is_empty() {
            return Err(EmailRefusal::Missing);
        }
        let parsed = Email::parse(&typed.email).map_err(|error| match error {
            EmailError::TooLong => EmailRefusal::TooLong,
            _ => EmailRefusal::Malformed,
        })?;
        self.check_suffix(&parsed)?;
        match email::suggestion(&parsed) {
            // the suggestion has another domain, so it is judged like a typed email
            Some(suggestion) if confirmed == suggestion => {
                let taken = Email::parse(&suggestion).map_err(|_| EmailRefusal::Malformed)?;
                self.check_suffix(&taken)?;
                Ok(taken)
            }
            Some(suggestion) if confirmed != text => Err(EmailRefusal::Suggestion { suggestion }),
            _ => Ok(parsed),
        }
    }

    fn check_suffix(&self, email: &Email) -> Result<(), EmailRefusal> {
        match self.settings.suffixes.refuses(email) {
            Some(suffix) => Err(EmailRefusal::Institutional {
                suffix: suffix.to_owned(),
            }),
            None => Ok(()),
        }
    }

    /// Takes the first code and the email. The email is judged first, so that no code is used up for an email that is
    /// refused. Codes are not throttled here, because whoever sees this page has the secret.
    pub async fn submit_enrolment(
        &self,
        context: &RequestContext,
        typed_code: &str,
        typed: &TypedEmail,
    ) -> Result<(), Stop> {
        let mut db = self.store.reader().await?;
        let (session, person) = self.enrolling_person(&mut db, context).await?;
        let now = self.now();
        let own = self
            .own_enrolment(&mut db, context, Some(person.id))
            .await?
            .ok_or(Stop::EnrolmentGone)?;
        let browser = token_hash(context.cookies.enrolment.as_ref()).ok_or(Stop::EnrolmentGone)?;
        if own.is_mailed(now) {
            return Err(Stop::Redirect(routes::MAIL_SENT));
        }
        if !own.shows_secret_to(&browser, now) {
            return Err(Stop::EnrolmentGone);
        }
        let email = match self
            .kept_email(&mut db, &person, &own, Some(&session))
            .await?
        {
            Some(kept) => Ok(kept),
            None => self.judge_email(typed),
        };
        let (code, email) = match (OneTimeCode::parse(typed_code), email) {
            (Ok(code), Ok(email)) => (code, email),
            (code, email) => {
                let code_problem = match code {
                    Ok(code) => {
                        Problem::Code(self.judge_unkept_code(&mut db, &own.id, &code).await?)
                    }
                    Err(_) if typed_code.trim().is_empty() => Problem::Missing,
                    Err(refusal) => Problem::Code(refusal),
                };
                let mut problems = vec![field_problem("code", code_problem)];
                problems.extend(
                    email
                        .err()
                        .map(|refusal| field_problem("email", Problem::Email(refusal))),
                );
                return Err(Stop::Invalid(problems));
            }
        };
        drop(db);
        let policy = &self.settings.policy;
        let done = self
            .store
            .write(FirstCode {
                code,
                provisional_until: policy
                    .provisional_until(&person.profiles, now)
                    .filter(|_| own.purpose == EnrolmentPurpose::First && !person.is_revoked()),
                mail: self.activation_mail(context, &person, own.id, email),
            })
            .await?;
        match done {
            FirstCodeResult::Mailed => Ok(()),
            FirstCodeResult::Gone => Err(Stop::EnrolmentGone),
            FirstCodeResult::Invalid(field, problem) => Err(Stop::invalid(field, problem)),
        }
    }

    /// What to tell about a code that comes with a refused email. The code is not used up and not kept.
    async fn judge_unkept_code(
        &self,
        db: &mut Reader,
        enrolment: &str,
        code: &OneTimeCode,
    ) -> StoreResult<CodeRefusal> {
        let last_step = db.enrolment(enrolment).await?.last_step;
        let secret = db.pending_secret(enrolment).await?;
        let verified = secret.verify(code, self.now(), last_step);
        Ok(verified.err().map_or(CodeRefusal::NotKept, at_enrolment))
    }
}

/// No code of a pending secret was accepted before, so a code of an older time step counts as wrong and not as used.
fn at_enrolment(refusal: CodeRefusal) -> CodeRefusal {
    match refusal {
        CodeRefusal::AlreadyUsed => CodeRefusal::Wrong,
        other => other,
    }
}

fn field_problem(field: &str, problem: Problem) -> FieldProblem {
    FieldProblem {
        field: field.to_owned(),
        problem,
    }
}

enum FirstCodeResult {
    Mailed,
    Gone,
    Invalid(&'static str, Problem),
}

struct FirstCode {
    code: OneTimeCode,
    provisional_until: Option<Timestamp>,
    mail: ActivationMail,
}

#[async_trait]
impl UnitOfWork for FirstCode {
    type Output = FirstCodeResult;

    async fn run(&self, tx: &mut Tx) -> StoreResult<FirstCodeResult> {
        let mail = &self.mail;
        let (id, person, now) = (mail.enrolment.as_str(), mail.person.id, mail.now());
        tx.lock_person(person).await?;
        // the state is read behind the lock: a newer QR code, a cancellation or another post may have been committed
        // meanwhile
        let enrolment = tx.enrolment(id).await?;
        if enrolment.state != EnrolmentState::Scanning || !enrolment.is_pending(now) {
            return Ok(FirstCodeResult::Gone);
        }
        let secret = tx.pending_secret(id).await?;
        let step = match secret.verify(&self.code, now, enrolment.last_step) {
            Ok(step) => step,
            Err(refusal) => {
                let problem = Problem::Code(at_enrolment(refusal));
                return Ok(FirstCodeResult::Invalid("code", problem));
            }
        };
        // told only after a right code, which is not used up: else the answer would tell others who got mail
        if let Some(until) = mail.must_wait_until(tx).await? {
            let until = until.0;
            return Ok(FirstCodeResult::Invalid("", Problem::ResendWait { until }));
        }
        if !tx
            .accept_first_code(id, step, self.provisional_until, now)
            .await?
        {
            return Ok(FirstCodeResult::Gone);
        }
        mail.write(tx).await?;
        let (actor, event) = (Actor::Person(person), AuditEvent::EnrolmentCodeAccepted);
        tx.audit(&actor, event, Some(person), mail.client(), "", now)
            .await?;
        Ok(FirstCodeResult::Mailed)
    }
}
