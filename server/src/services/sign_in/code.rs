//! The code page, and the three forms that take a code: at sign-in, a recovery code in its place, and once more in a full
//! session.

use super::SignedIn;
use super::code_attempt::{CodeAttempt, CodeResult, ProofPurpose, TypedProof};
use crate::domain::{AttemptKind, OneTimeCode, Person, RecoveryCode, Stage};
use crate::services::request::{RequestReader, browser_token, circumstances, token_hash};
use crate::services::{Services, Stop};
use app::api::backend::RequestContext;
use app::model::CodeRefusal;
use app::routes;
use app::view::{CodeView, FormState, Problem};

impl Services {
    /// The view of the code page, for a password-only session with an active factor or a provisional sign-in left.
    pub async fn code_page(&self, context: &RequestContext) -> Result<CodeView, Stop> {
        let mut db = self.read_for(context).await?;
        let session = db.session().await?;
        let session = session.ok_or(Stop::Redirect(routes::SIGN_IN))?;
        if session.stage == Stage::Full {
            return Err(Stop::Redirect(routes::HOME));
        }
        let person = db.person(session.person).await?;
        let provisional_left = db.check_code_needed(&person).await?;
        let throttle = db.throttle_key(person.id, AttemptKind::Code).await?;
        let locked = db.earlier_attempts(&throttle, self.now()).await?.wait;
        let factors = db.active_totps(person.id).await?;
        let home_instance = factors
            .first()
            .map_or(&self.settings.instance, |factor| &factor.home_instance);
        Ok(CodeView {
            form: FormState::default(),
            sigla: person.sigla.as_typed().to_owned(),
            account_label: self.account_label(home_instance),
            locked: locked.map(|wait| wait.until.map(|until| until.0)),
            provisional_left,
        })
    }

    /// Verifies a code and completes the sign-in.
    pub async fn verify_code(
        &self,
        context: &RequestContext,
        typed: &str,
    ) -> Result<SignedIn, Stop> {
        let proof = parse_code(typed).map(TypedProof::OneTimeCode);
        self.complete_sign_in(context, proof, "code").await
    }

    /// Uses a recovery code up in place of a one-time code.
    pub async fn use_recovery_code(
        &self,
        context: &RequestContext,
        typed: &str,
    ) -> Result<SignedIn, Stop> {
        let proof = parse_recovery_code(typed).map(TypedProof::RecoveryCode);
        self.complete_sign_in(context, proof, "recovery_code").await
    }

    /// Verifies what was typed into this field after the password and completes the sign-in.
    async fn complete_sign_in(
        &self,
        context: &RequestContext,
        typed: Result<TypedProof, Problem>,
        field: &str,
    ) -> Result<SignedIn, Stop> {
        match typed {
            Ok(proof) => {
                let purpose = ProofPurpose::SignIn;
                self.check_proof(context, proof, purpose, field).await
            }
            Err(problem) => {
                // whoever has no code to give is led on before a form is found wrong
                self.lead_on_without_code(context).await?;
                Err(Stop::invalid(field, problem))
            }
        }
    }

    /// Reports the phone stolen, with a recovery code or a code of another authenticator. What is on the phone is revoked at once. With
    /// another authenticator the person is in; without one an enrolment comes next.
    pub async fn report_stolen(
        &self,
        context: &RequestContext,
        typed: &str,
    ) -> Result<SignedIn, Stop> {
        let (proof, purpose) = (typed_proof(typed)?, ProofPurpose::StolenPhone);
        self.check_proof(context, proof, purpose, "code").await
    }

    /// In a full session asks for another proof, so that an open session alone changes nothing (ASVS 7.5.3). The field with a
    /// one-time code also takes a recovery code.
    pub async fn confirm_identity(
        &self,
        context: &RequestContext,
        typed: &str,
    ) -> Result<SignedIn, Stop> {
        let session = self.read_for(context).await?.session().await?;
        if !session.is_some_and(|session| session.stage == Stage::Full) {
            return Err(Stop::SessionOver);
        }
        let (proof, purpose) = (typed_proof(typed)?, ProofPurpose::Identity);
        self.check_proof(context, proof, purpose, "code").await
    }

    /// Verifies a proof in one transaction behind the person's lock: a failure is counted before another attempt is looked at
    /// (R4). `field` is where it was typed.
    async fn check_proof(
        &self,
        context: &RequestContext,
        proof: TypedProof,
        purpose: ProofPurpose,
        field: &str,
    ) -> Result<SignedIn, Stop> {
        let session = token_hash(context.cookies.session.as_ref()).ok_or(Stop::SessionOver)?;
        let (token, fresh_browser) = (self.new_token(), self.new_token());
        let attempt = CodeAttempt {
            session,
            proof,
            purpose,
            new_session: token.hash(),
            browser: token_hash(context.cookies.browser.as_ref()),
            fresh_browser: fresh_browser.hash(),
            link: self.sign_in_link(),
            alert: self.security_alert(circumstances(context, self.now())),
            settings: self.settings.clone(),
        };
        match self.store.write(attempt).await? {
            CodeResult::Accepted {
                next,
                is_known_browser,
            } => Ok(SignedIn {
                session: token,
                browser: Some(browser_token(context, is_known_browser, fresh_browser)),
                next,
            }),
            CodeResult::Refused(refusal, attempt) => {
                self.log_refusal(&attempt, "wrong");
                Err(Stop::invalid(field, Problem::Code(refusal)))
            }
            CodeResult::Locked(attempt, until) => {
                self.log_refusal(&attempt, "locked");
                let is_code = attempt.throttle.kind == AttemptKind::Code;
                if is_code && purpose == ProofPurpose::SignIn {
                    // a right and a wrong code get the same page, which says how long the lock lasts
                    return Err(Stop::Redirect(routes::CODE));
                }
                let until = until.map(|until| until.0);
                Err(Stop::invalid(field, Problem::Locked { until }))
            }
            CodeResult::SessionOver => Err(Stop::SessionOver),
            CodeResult::NothingToVerify if purpose == ProofPurpose::Identity => {
                Err(Stop::Redirect(routes::ACCOUNT))
            }
            CodeResult::NothingToVerify => {
                self.lead_on_without_code(context).await?;
                // with one authenticator only a recovery code can tell of its theft
                let wrong = Stop::invalid(field, Problem::Code(CodeRefusal::Wrong));
                let is_stolen = purpose == ProofPurpose::StolenPhone;
                Err(if is_stolen { wrong } else { Stop::SessionOver })
            }
        }
    }

    /// An error that leads on whoever cannot be asked for a code: without a password-only session, or as
    /// [`RequestReader::check_code_needed`] does.
    async fn lead_on_without_code(&self, context: &RequestContext) -> Result<(), Stop> {
        let mut db = self.read_for(context).await?;
        let session = db.session().await?;
        let session = session.filter(|session| session.stage == Stage::Password);
        let person = session.ok_or(Stop::SessionOver)?.person;
        let person = db.person(person).await?;
        db.check_code_needed(&person).await?;
        Ok(())
    }
}

impl RequestReader<'_> {
    /// An error that leads on a person without a factor that is active or allows a provisional sign-in. Returns how many of these
    /// are left where there is no other.
    pub async fn check_code_needed(&mut self, person: &Person) -> Result<Option<i64>, Stop> {
        if person.has_active_factor() {
            return Ok(None);
        }
        match self.provisional_sign_ins_left(person).await? {
            Some(left) => Ok(Some(left)),
            None => Err(self.redirect_to_enrolment(person).await?),
        }
    }
}

/// What was typed into a field that takes a recovery code too.
fn typed_proof(typed: &str) -> Result<TypedProof, Stop> {
    if let Some(code) = RecoveryCode::parse(typed) {
        return Ok(TypedProof::RecoveryCode(code));
    }
    let code = parse_code(typed).map_err(|problem| Stop::invalid("code", problem))?;
    Ok(TypedProof::OneTimeCode(code))
}

pub(in crate::services) fn parse_code(typed: &str) -> Result<OneTimeCode, Problem> {
    if typed.trim().is_empty() {
        return Err(Problem::Missing);
    }
    OneTimeCode::parse(typed).map_err(Problem::Code)
}

pub(in crate::services) fn parse_recovery_code(typed: &str) -> Result<RecoveryCode, Problem> {
    if typed.trim().is_empty() {
        return Err(Problem::Missing);
    }
    RecoveryCode::parse(typed).ok_or(Problem::Code(CodeRefusal::Malformed))
}
