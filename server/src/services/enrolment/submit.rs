//! The first code and the email: judged in one transaction, in which the link is mailed too (R8, R16, R17).

use super::mailing::ActivationMail;
use crate::domain::email;
use crate::domain::{
    AuditEvent, Email, EmailError, Enrolment, EnrolmentPurpose, EnrolmentState, OneTimeCode,
    Timestamp,
};
use crate::services::request::token_hash;
use crate::services::{Services, Stop};
use crate::storage::{Reader, StoreResult, Tx, UnitOfWork};
use app::api::backend::{RequestContext, TypedEmail};
use app::model::{CodeRefusal, EmailRefusal};
use app::routes;
use app::view::{FieldProblem, Problem};

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
        let parsed = self.check_suffix(parsed)?;
        match email::suggestion(&parsed) {
            // the suggestion has another domain, so it is judged like a typed email
            Some(suggestion) if confirmed == suggestion => {
                let taken = Email::parse(&suggestion).map_err(|_| EmailRefusal::Malformed)?;
                self.check_suffix(taken)
            }
            Some(suggestion) if confirmed != text => Err(EmailRefusal::Suggestion { suggestion }),
            _ => Ok(parsed),
        }
    }

    fn check_suffix(&self, email: Email) -> Result<Email, EmailRefusal> {
        match self.settings.suffixes.refuses(&email) {
            Some(suffix) => Err(EmailRefusal::Institutional {
                suffix: suffix.to_owned(),
            }),
            None => Ok(email),
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
        let mut db = self.read_for(context).await?;
        let (session, person) = db.enrolling_person().await?;
        let now = self.now();
        let own = db.own_enrolment(Some(person.id)).await?;
        let own = own.ok_or(Stop::EnrolmentGone)?;
        let browser = token_hash(context.cookies.enrolment.as_ref()).ok_or(Stop::EnrolmentGone)?;
        if own.is_mailed(now) {
            return Err(Stop::Redirect(routes::MAIL_SENT));
        }
        if !own.shows_secret_to(&browser, now) {
            return Err(Stop::EnrolmentGone);
        }
        let kept = db.kept_email(&person, &own, Some(&session)).await?;
        let email = kept.map_or_else(|| self.judge_email(typed), Ok);
        let (code, email) = match (OneTimeCode::parse(typed_code), email) {
            (Ok(code), Ok(email)) => (code, email),
            (code, email) => {
                let refusal = match code {
                    Ok(code) => judge_unkept_code(&mut db, &own, &code, now).await?,
                    Err(refusal) => refusal,
                };
                let mut problems = vec![FieldProblem::new("code", Problem::Code(refusal))];
                if let Err(refusal) = email {
                    problems.push(FieldProblem::new("email", Problem::Email(refusal)));
                }
                return Err(Stop::Invalid(problems));
            }
        };
        drop(db);
        let policy = &self.settings.policy;
        let first_code = FirstCode {
            code,
            provisional_until: policy
                .provisional_until(&person.profiles, now)
                .filter(|_| own.purpose == EnrolmentPurpose::First && !person.is_revoked()),
            mail: self.activation_mail(context, &person, own.id, email),
        };
        self.store.write(first_code).await?
    }
}

/// What to tell about a code that comes with a refused email. The code is not used up and not kept.
async fn judge_unkept_code(
    db: &mut Reader,
    enrolment: &Enrolment,
    code: &OneTimeCode,
    now: Timestamp,
) -> StoreResult<CodeRefusal> {
    let secret = db.pending_secret(&enrolment.id).await?;
    let verified = secret.verify(code, now, enrolment.last_step);
    Ok(verified.err().map_or(CodeRefusal::NotKept, at_enrolment))
}

/// No code of a pending secret was accepted before, so a code of an older time step counts as wrong and not as used.
fn at_enrolment(refusal: CodeRefusal) -> CodeRefusal {
    match refusal {
        CodeRefusal::AlreadyUsed => CodeRefusal::Wrong,
        other => other,
    }
}

struct FirstCode {
    code: OneTimeCode,
    provisional_until: Option<Timestamp>,
    mail: ActivationMail,
}

impl UnitOfWork for FirstCode {
    type Output = Result<(), Stop>;

    async fn run(&self, tx: &mut Tx) -> StoreResult<Self::Output> {
        let mail = &self.mail;
        let (id, person, now) = (&mail.enrolment, mail.person.id, mail.circumstances.at);
        tx.lock_person(person).await?;
        // the state is read behind the lock: a newer QR code, a cancellation or another post may have been committed
        // meanwhile
        let enrolment = tx.enrolment(id).await?;
        if enrolment.state != EnrolmentState::Scanning || !enrolment.is_pending(now) {
            return Ok(Err(Stop::EnrolmentGone));
        }
        let secret = tx.pending_secret(id).await?;
        let step = match secret.verify(&self.code, now, enrolment.last_step) {
            Ok(step) => step,
            Err(refusal) => {
                let problem = Problem::Code(at_enrolment(refusal));
                return Ok(Err(Stop::invalid("code", problem)));
            }
        };
        // told only after a right code, which is not used up: else the answer would tell others who got mail
        if let Some(wait) = mail.must_wait(tx).await? {
            return Ok(Err(wait));
        }
        let accepted = tx.accept_first_code(id, step, self.provisional_until, now);
        if !accepted.await? {
            return Ok(Err(Stop::EnrolmentGone));
        }
        mail.write(tx).await?;
        let event = AuditEvent::EnrolmentCodeAccepted;
        tx.audit_own(person, event, "", &mail.circumstances).await?;
        Ok(Ok(()))
    }
}
