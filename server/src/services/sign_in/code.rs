//! The code page, and the three forms that take a code: at sign-in, a recovery code in its place, and once more in a full
//! session.

use super::SignedIn;
use super::code_attempt::{CodeAttempt, CodeResult, TypedProof};
use crate::domain::{AttemptKind, OneTimeCode, RecoveryCode, Stage, Timestamp};
use crate::services::request::{browser_token, circumstances, token_hash};
use crate::services::{ServiceError, Services, Stop};
use app::api::backend::RequestContext;
use app::model::CodeRefusal;
use app::routes;
use app::view::{CodeView, FormState, Problem};

impl Services {
    /// The view of the code page, for a password-only session with an active factor or a provisional sign-in left.
    pub async fn code_page(&self, context: &RequestContext) -> Result<CodeView, Stop> {
        let mut db = self.store.reader().await?;
        let session = self
            .session_of(&mut db, context)
            .await?
            .ok_or(Stop::Redirect(routes::SIGN_IN))?;
        if session.stage == Stage::Full {
            return Err(Stop::Redirect(routes::HOME));
        }
        let person = db.person(session.person).await?;
        let provisional_left = if person.has_active_factor() {
            None
        } else {
            match self.provisional_sign_ins_left(&mut db, &person).await? {
                Some(left) => Some(left),
                None => return Err(self.redirect_to_enrolment(&mut db, &person).await?),
            }
        };
        let throttle = self
            .throttle_key(&mut db, context, person.id, AttemptKind::Code)
            .await?;
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
        match parse_code(typed) {
            Ok(code) => {
                self.check_proof(context, TypedProof::OneTimeCode(code))
                    .await
            }
            Err(problem) => {
                // whoever has no code to give is led on before a form is found wrong
                self.check_code_needed(context).await?;
                Err(Stop::invalid("code", problem))
            }
        }
    }

    /// Uses a recovery code up in place of a one-time code.
    pub async fn use_recovery_code(
        &self,
        context: &RequestContext,
        typed: &str,
    ) -> Result<SignedIn, Stop> {
        match parse_recovery_code(typed) {
            Ok(code) => {
                self.check_proof(context, TypedProof::RecoveryCode(code))
                    .await
            }
            Err(problem) => {
                self.check_code_needed(context).await?;
                Err(Stop::invalid("recovery_code", problem))
            }
        }
    }

    /// Verifies what was typed after the password and completes the sign-in.
    async fn check_proof(
        &self,
        context: &RequestContext,
        proof: TypedProof,
    ) -> Result<SignedIn, Stop> {
        match self.try_proof(context, proof, Stage::Password, false).await {
            // a right and a wrong code get the same page, which says how long the lock lasts
            Err(ProofRefusal::Locked(AttemptKind::Code, _)) => Err(Stop::Redirect(routes::CODE)),
            Err(ProofRefusal::NothingToVerify) => {
                self.check_code_needed(context).await?;
                Err(Stop::SessionOver)
            }
            result => result.map_err(Stop::from),
        }
    }

    /// Reports the phone stolen, with a recovery code or a code of another authenticator. What is on the phone is revoked at once. With
    /// another authenticator the person is in; without one an enrolment comes next.
    pub async fn report_stolen(
        &self,
        context: &RequestContext,
        typed: &str,
    ) -> Result<SignedIn, Stop> {
        let proof = typed_proof(typed)?;
        match self
            .try_proof(context, proof, Stage::Password, true)
            .await
            .map_err(ProofRefusal::at_one_field)
        {
            // with one authenticator only a recovery code can tell of its theft
            Err(ProofRefusal::NothingToVerify) => {
                self.check_code_needed(context).await?;
                let wrong = Problem::Code(CodeRefusal::Wrong);
                Err(Stop::invalid("code", wrong))
            }
            result => result.map_err(Stop::from),
        }
    }

    /// In a full session asks for another proof, so that an open session alone changes nothing (ASVS 7.5.3). The field with a
    /// one-time code also takes a recovery code.
    pub async fn confirm_identity(
        &self,
        context: &RequestContext,
        typed: &str,
    ) -> Result<SignedIn, Stop> {
        let mut db = self.store.reader().await?;
        let session = self.session_of(&mut db, context).await?;
        drop(db);
        if !session.is_some_and(|session| session.stage == Stage::Full) {
            return Err(Stop::SessionOver);
        }
        let proof = typed_proof(typed)?;
        match self.try_proof(context, proof, Stage::Full, false).await {
            Err(ProofRefusal::NothingToVerify) => Err(Stop::Redirect(routes::ACCOUNT)),
            result => result
                .map_err(ProofRefusal::at_one_field)
                .map_err(Stop::from),
        }
    }

    /// Verifies a proof in a session of this stage, in one transaction behind the person's lock: a failure is counted before
    /// another attempt is looked at (R4).
    async fn try_proof(
        &self,
        context: &RequestContext,
        proof: TypedProof,
        stage: Stage,
        is_stolen: bool,
    ) -> Result<SignedIn, ProofRefusal> {
        let session =
            token_hash(context.cookies.session.as_ref()).ok_or(ProofRefusal::SessionOver)?;
        let (token, fresh_browser) = (self.new_token(), self.new_token());
        let (now, kind) = (self.now(), proof.attempt_kind());
        let attempt = CodeAttempt {
            session,
            stage,
            limits: self.settings.sessions,
            proof,
            is_stolen,
            new_session: token.hash(),
            browser: token_hash(context.cookies.browser.as_ref()),
            fresh_browser: fresh_browser.hash(),
            link: self.sign_in_link(context, now),
            provisional_sign_ins: self.settings.policy.provisional_sign_ins,
            alert: self.security_alert(circumstances(context, now)),
            context: context.clone(),
            now,
        };
        let result = self
            .store
            .write(attempt)
            .await
            .map_err(ServiceError::from)?;
        match result {
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
                Err(ProofRefusal::Refused(kind, refusal))
            }
            CodeResult::Locked(attempt, until) => {
                self.log_refusal(&attempt, "locked");
                Err(ProofRefusal::Locked(kind, until))
            }
            CodeResult::SessionOver => Err(ProofRefusal::SessionOver),
            CodeResult::NothingToVerify => Err(ProofRefusal::NothingToVerify),
        }
    }

    /// An error that leads on whoever cannot be asked for a code: without a password-only session, and without a factor that is
    /// active or allows a provisional sign-in.
    async fn check_code_needed(&self, context: &RequestContext) -> Result<(), Stop> {
        let mut db = self.store.reader().await?;
        let session = self.password_session(&mut db, context).await?;
        let person = db.person(session.person).await?;
        if !person.has_active_factor()
            && self
                .provisional_sign_ins_left(&mut db, &person)
                .await?
                .is_none()
        {
            return Err(self.redirect_to_enrolment(&mut db, &person).await?);
        }
        Ok(())
    }
}

/// Why a proof was not accepted.
enum ProofRefusal {
    Failed(ServiceError),
    SessionOver,
    /// There is nothing that it could be verified with.
    NothingToVerify,
    Refused(AttemptKind, CodeRefusal),
    /// Until when no such proof is verified; `None`: until an unlock.
    Locked(AttemptKind, Option<Timestamp>),
}

impl ProofRefusal {
    /// The same for a page on which one field takes both kinds of code.
    fn at_one_field(self) -> Self {
        match self {
            Self::Refused(_, refusal) => Self::Refused(AttemptKind::Code, refusal),
            Self::Locked(_, until) => Self::Locked(AttemptKind::Code, until),
            other => other,
        }
    }
}

/// What was typed into a field that takes a recovery code too.
fn typed_proof(typed: &str) -> Result<TypedProof, Stop> {
    Ok(match RecoveryCode::parse(typed) {
        Some(code) => TypedProof::RecoveryCode(code),
        None => TypedProof::OneTimeCode(
            parse_code(typed).map_err(|problem| Stop::invalid("code", problem))?,
        ),
    })
}

impl From<ServiceError> for ProofRefusal {
    fn from(error: ServiceError) -> Self {
        Self::Failed(error)
    }
}

impl From<ProofRefusal> for Stop {
    fn from(refusal: ProofRefusal) -> Self {
        let field = |kind| match kind {
            AttemptKind::RecoveryCode => "recovery_code",
            AttemptKind::Code | AttemptKind::Password => "code",
        };
        match refusal {
            ProofRefusal::Failed(error) => Self::Failed(error),
            ProofRefusal::SessionOver | ProofRefusal::NothingToVerify => Self::SessionOver,
            ProofRefusal::Refused(kind, refusal) => {
                Self::invalid(field(kind), Problem::Code(refusal))
            }
            ProofRefusal::Locked(kind, until) => {
                let until = until.map(|until| until.0);
                Self::invalid(field(kind), Problem::Locked { until })
            }
        }
    }
}

fn parse_code(typed: &str) -> Result<OneTimeCode, Problem> {
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
