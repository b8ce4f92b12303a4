//! One code after the password, verified in one transaction (R1, R2, R4, R34).

use super::attempt::AttemptContext;
use super::sign_in_link::SignInLink;
use crate::domain::session::authentication_methods;
use crate::domain::totp;
use crate::domain::{
    AttemptKind, AuditEvent, AuthenticationKind, Change, ClockDrift, Enrolment, EnrolmentState,
    FactorState, OneTimeCode, PersonId, Proof, RecoveryCode, RecoveryWay, Seconds, SecurityChange,
    Session, Stage, Timestamp, TokenHash, TotpFactor,
};
use crate::services::Settings;
use crate::services::account_changes::revoke_everywhere;
use crate::services::security_alerts::{
    SecurityAlert, ToldChange, alert_security_change, alert_wrong_codes,
};
use crate::storage::{
    Attempt, AttemptSource, LockedSession, RecoveryCodeUse, StoreError, StoreResult, ThrottleKey,
    ThrottleSubject, Tx, UnitOfWork,
};
use app::model::{CodeRefusal, SignInPurpose};
use app::routes;
use std::sync::Arc;

/// What is typed in place of a second factor.
#[derive(Clone)]
pub(super) enum TypedProof {
    OneTimeCode(OneTimeCode),
    RecoveryCode(RecoveryCode),
}

impl TypedProof {
    const fn attempt_kind(&self) -> AttemptKind {
        match self {
            Self::OneTimeCode(_) => AttemptKind::Code,
            Self::RecoveryCode(_) => AttemptKind::RecoveryCode,
        }
    }

    const fn authentication_kind(&self) -> AuthenticationKind {
        match self {
            Self::OneTimeCode(_) => AuthenticationKind::Totp,
            Self::RecoveryCode(_) => AuthenticationKind::RecoveryCode,
        }
    }
}

/// The form into which a proof is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofForm {
    /// A one-time code after the password, to complete a sign-in.
    Code,
    /// A recovery code in its place.
    RecoveryCode,
    /// Either of them after the password, to report the phone stolen: what is on it is revoked at once, and the others are out.
    StolenPhone,
    /// Either of them in a full session, to prove it once more.
    Identity,
}

impl ProofForm {
    /// The field of the form that takes the proof.
    pub(super) const fn field(self) -> &'static str {
        match self {
            Self::RecoveryCode => "recovery_code",
            Self::Code | Self::StolenPhone | Self::Identity => "code",
        }
    }

    /// The stage of a session in which the form is asked for.
    const fn stage(self) -> Stage {
        match self {
            Self::Code | Self::RecoveryCode | Self::StolenPhone => Stage::Password,
            Self::Identity => Stage::Full,
        }
    }
}

/// How an attempt ended. The transaction is committed in each case.
pub(super) enum CodeResult {
    Accepted {
        next: &'static str,
        /// Whether the browser keeps the token that it has.
        is_known_browser: bool,
    },
    Refused(CodeRefusal, AttemptContext),
    /// It was not verified.
    Locked(AttemptContext, Option<Timestamp>),
    /// There is no session in the stage in which a code is asked for. No code was verified.
    SessionOver,
    /// No factor is active, and no provisional sign-in is left. No code was verified.
    NothingToVerify,
}

/// What a code was accepted by.
enum AcceptedBy {
    /// The active factor with this id.
    Factor(String),
    RecoveryCode,
    /// The authenticator of an enrolment that is not confirmed yet.
    Pending,
}

/// One code, verified in one transaction.
pub(super) struct CodeAttempt {
    pub session: TokenHash,
    pub proof: TypedProof,
    pub form: ProofForm,
    /// The id of the full session.
    pub new_session: TokenHash,
    /// The token in the browser's cookie.
    pub browser: Option<TokenHash>,
    /// The token that a browser gets which is not known for the person.
    pub fresh_browser: TokenHash,
    pub link: SignInLink,
    /// Told when a recovery code signs in.
    pub alert: SecurityAlert,
    pub settings: Arc<Settings>,
}

impl UnitOfWork for CodeAttempt {
    type Output = CodeResult;

    async fn run(&self, tx: &mut Tx) -> StoreResult<CodeResult> {
        // two attempts on one account wait for each other here: what is read below stays true until the commit, so a right code
        // need not be counted and cleared
        let (limits, now) = (&self.settings.sessions, self.alert.now());
        let browser = self.browser.as_ref();
        let locked = tx.lock_session(&self.session, browser, limits, now).await?;
        let locked = locked.filter(|locked| locked.session.stage == self.form.stage());
        let Some(locked) = locked else {
            return Ok(CodeResult::SessionOver);
        };
        let person = locked.session.person;
        let is_active = locked.factor_state == FactorState::Active;
        let is_code = matches!(self.proof, TypedProof::OneTimeCode(_));
        let mut pending = None;
        if !is_active && self.form == ProofForm::Code {
            let most = self.settings.policy.provisional_sign_ins;
            pending = tx.pending_enrolment(person).await?;
            pending = pending.filter(|pending| pending.allows_provisional_sign_in(now, most));
        }
        // the stolen phone itself proves nothing of its owner: it takes another authenticator, or a recovery code
        let is_of_the_phone = self.is_stolen() && is_code && locked.totps.len() < 2;
        if is_of_the_phone || !is_active && pending.is_none() {
            return Ok(CodeResult::NothingToVerify);
        }
        let attempt = self.attempt_context(&locked);
        let earlier = tx.earlier_attempts(&attempt.throttle, now).await?;
        if let Some(wait) = earlier.wait {
            attempt.note_locked(tx, wait.until).await?;
            return Ok(CodeResult::Locked(attempt, wait.until));
        }
        let verified = match (&self.proof, &pending) {
            (TypedProof::OneTimeCode(code), Some(pending)) => {
                self.verify_provisional(tx, pending, code).await?
            }
            (TypedProof::OneTimeCode(code), None) => {
                self.verify_active(tx, &locked.totps, code).await?
            }
            (TypedProof::RecoveryCode(code), _) => {
                match tx.use_recovery_code(person, code, now).await? {
                    RecoveryCodeUse::Accepted => Ok(AcceptedBy::RecoveryCode),
                    RecoveryCodeUse::UsedBefore => Err(CodeRefusal::AlreadyUsed),
                    RecoveryCodeUse::Wrong => Err(CodeRefusal::Wrong),
                }
            }
        };
        match verified {
            Ok(accepted_by) => {
                if earlier.are_counted {
                    tx.clear_attempts(&attempt.throttle).await?;
                }
                let mut recovery = None;
                if self.is_stolen() {
                    recovery = self.revoke_stolen(tx, person, &accepted_by).await?;
                }
                self.complete_sign_in(tx, &locked, &accepted_by, recovery)
                    .await?;
                Ok(CodeResult::Accepted {
                    next: match locked.session.continue_to {
                        _ if recovery.is_some() => routes::INTRO,
                        // a provisional sign-in leads to the home page, which says that it is provisional
                        SignInPurpose::SecondFactor if is_active => routes::ACCOUNT,
                        _ => routes::HOME,
                    },
                    is_known_browser: attempt.throttle.is_known_browser(),
                })
            }
            // a right code that was used before is no failure
            Err(CodeRefusal::AlreadyUsed) => {
                let event = match self.proof {
                    TypedProof::OneTimeCode(_) => AuditEvent::CodeUsedBefore,
                    TypedProof::RecoveryCode(_) => AuditEvent::RecoveryCodeUsedBefore,
                };
                let done = self.alert.circumstances();
                tx.audit_own(person, event, "", done).await?;
                Ok(CodeResult::Refused(CodeRefusal::AlreadyUsed, attempt))
            }
            Err(refusal) => {
                self.note_failure(tx, person, &attempt).await?;
                Ok(CodeResult::Refused(refusal, attempt))
            }
        }
    }
}

impl CodeAttempt {
    fn is_stolen(&self) -> bool {
        self.form == ProofForm::StolenPhone
    }

    fn attempt_context(&self, locked: &LockedSession) -> AttemptContext {
        let circumstances = self.alert.circumstances().clone();
        let browser = self.browser.clone();
        let known = browser.filter(|_| locked.browser_seen_at.is_some());
        AttemptContext {
            throttle: ThrottleKey {
                subject: ThrottleSubject::Person(locked.session.person),
                kind: self.proof.attempt_kind(),
                source: AttemptSource::of(known, circumstances.client.ip),
            },
            circumstances,
            link: self.link.clone(),
        }
    }

    /// Verifies the code with the person's active authenticators.
    async fn verify_active(
        &self,
        tx: &mut Tx,
        totps: &[TotpFactor],
        code: &OneTimeCode,
    ) -> StoreResult<Result<AcceptedBy, CodeRefusal>> {
        let now = self.alert.now();
        let mut refusal = CodeRefusal::Wrong;
        for factor in totps {
            match factor.secret.verify(code, now, factor.last_step) {
                Ok(step) => {
                    // one statement decides between parallel posts of the same code (R1)
                    if tx.use_time_step(&factor.id, step, now).await? {
                        return Ok(Ok(AcceptedBy::Factor(factor.id.clone())));
                    }
                    refusal = CodeRefusal::AlreadyUsed;
                }
                Err(CodeRefusal::ClockOff { steps }) => {
                    let drift = ClockDrift {
                        step: totp::step_at(now) + steps,
                        ahead: steps,
                    };
                    // the hint about the clock tells that this code is near, so its time step must never be accepted
                    tx.reveal_time_step(&factor.id, drift).await?;
                    if factor.confirms_drift(drift) {
                        refusal = CodeRefusal::ClockOff { steps };
                    }
                }
                Err(CodeRefusal::Wrong) => {}
                Err(other) => refusal = other,
            }
        }
        Ok(Err(refusal))
    }

    /// Verifies the code with the authenticator of a pending enrolment that allows a provisional sign-in.
    async fn verify_provisional(
        &self,
        tx: &mut Tx,
        pending: &Enrolment,
        code: &OneTimeCode,
    ) -> StoreResult<Result<AcceptedBy, CodeRefusal>> {
        let (id, now) = (&pending.id, self.alert.now());
        let secret = tx.pending_secret(id).await?;
        Ok(match secret.verify(code, now, pending.last_step) {
            Ok(step) => {
                let most = self.settings.policy.provisional_sign_ins;
                let won = tx.use_provisional_step(id, step, most, now).await?;
                won.then_some(AcceptedBy::Pending)
                    .ok_or(CodeRefusal::AlreadyUsed)
            }
            // no hint about the clock before the authenticator is confirmed
            Err(CodeRefusal::ClockOff { .. }) => Err(CodeRefusal::Wrong),
            Err(refusal) => Err(refusal),
        })
    }

    /// Revokes every authenticator but the one that accepted the code, ends the other sessions, forgets the known browsers, and
    /// doubts the personal email, which may be read on that phone. Returns the right to enrol where no authenticator is left.
    async fn revoke_stolen(
        &self,
        tx: &mut Tx,
        id: PersonId,
        accepted_by: &AcceptedBy,
    ) -> StoreResult<Option<RecoveryWay>> {
        let (limits, now) = (&self.settings.sessions, self.alert.now());
        let person = tx.person(id).await?;
        // written before the personal email is deleted
        alert_security_change(tx, &person, &self.alert, SecurityChange::PhoneStolen).await?;
        let recovery = if let AcceptedBy::Factor(kept) = accepted_by {
            let revision = tx.begin_change(id).await?;
            tx.revoke_other_factors(id, kept, &revision, now).await?;
            let change = Change::FactorsRevoked {
                ended: tx.ended_factors(id).await?,
                all: false,
                stolen: true,
            };
            let proof = Proof::OneTimeCode(tx.factor_name(kept).await?);
            tx.tell_peers(id, &revision, (proof, change), None, now)
                .await?;
            None
        } else {
            let proof = tx.recovery_code_of(id).await?;
            revoke_everywhere(tx, id, proof, true, now).await?;
            Some(RecoveryWay::Stolen)
        };
        tx.doubt_personal_email(id).await?;
        tx.end_pending_enrolment(id, EnrolmentState::Cancelled, limits, now)
            .await?;
        tx.end_entry_requests(id).await?;
        tx.end_other_sessions(id, &self.session, now).await?;
        tx.forget_browsers(id).await?;
        let (event, done) = (AuditEvent::PhoneStolen, self.alert.circumstances());
        tx.audit_own(id, event, "", done).await?;
        Ok(recovery)
    }

    /// Opens the full session, or in a full session the next one with the newer proof.
    async fn complete_sign_in(
        &self,
        tx: &mut Tx,
        locked: &LockedSession,
        accepted_by: &AcceptedBy,
        recovery: Option<RecoveryWay>,
    ) -> StoreResult<()> {
        let (from, done) = (&locked.session, self.alert.circumstances());
        let (person, now) = (from.person, done.at);
        let is_again = self.form == ProofForm::Identity;
        let limits = &self.settings.sessions;
        let (stage, expires_at) = if recovery.is_some() {
            // without a factor that is left the session leads into an enrolment and nowhere else
            (Stage::Password, now + limits.enrolling)
        } else if is_again {
            // a newer proof does not move the absolute end
            (Stage::Full, from.expires_at)
        } else {
            (Stage::Full, now + limits.absolute)
        };
        let session = Session {
            id_hash: self.new_session.clone(),
            stage,
            provisional: matches!(accepted_by, AcceptedBy::Pending),
            recovery,
            auth_time: now,
            last_seen_at: now,
            expires_at,
            ..from.clone()
        };
        let proof = self.proof.authentication_kind();
        let (factor, event) = match accepted_by {
            AcceptedBy::Factor(id) => (Some(&**id), AuditEvent::CodeAccepted),
            AcceptedBy::Pending => (None, AuditEvent::CodeAcceptedProvisionally),
            AcceptedBy::RecoveryCode => (None, AuditEvent::RecoveryCodeAccepted),
        };
        tx.elevate_session(&session, from, proof, factor, done)
            .await?;
        if is_again {
            tx.keep_factor_of_session(&from.id_hash, &self.new_session)
                .await?;
        }
        let known = self.browser.as_ref().zip(locked.browser_seen_at);
        match known {
            // noted once a day
            Some((_, seen_at)) if now - seen_at < Seconds::days(1) => {}
            _ => {
                let browser = known.map_or(&self.fresh_browser, |(own, _)| own);
                tx.remember_browser(browser, person, now).await?;
            }
        }
        if !is_again && recovery.is_none() {
            tx.note_sign_in(person, now).await?;
        }
        let methods = authentication_methods(&[AuthenticationKind::Password, proof]).join(" ");
        tx.audit_own(person, event, &methods, done).await?;
        if matches!(accepted_by, AcceptedBy::RecoveryCode) && !self.is_stolen() {
            // as a code of the app does: who is in needs no other way
            tx.end_entry_requests(person).await?;
            let left = tx.recovery_codes(person).await?.unused;
            let person = tx.person(person).await?;
            let used = ToldChange {
                left,
                ..SecurityChange::RecoveryCodeUsed.into()
            };
            alert_security_change(tx, &person, &self.alert, used).await?;
        }
        Ok(())
    }

    /// Counts, audits and tells a code that was wrong.
    async fn note_failure(
        &self,
        tx: &mut Tx,
        person: PersonId,
        attempt: &AttemptContext,
    ) -> StoreResult<()> {
        let done = self.alert.circumstances();
        let counted = tx.count_attempt(&attempt.throttle, done.at).await?;
        let event = match self.proof {
            TypedProof::OneTimeCode(_) => AuditEvent::CodeWrong,
            TypedProof::RecoveryCode(_) => AuditEvent::RecoveryCodeWrong,
        };
        tx.audit_own(person, event, "", done).await?;
        let Attempt::Counted { failures } = counted else {
            // it was not locked behind the same lock
            return Err(StoreError::Inconsistent(
                "an attempt was judged while locked",
            ));
        };
        attempt.note_wait(tx, failures).await?;
        if attempt.throttle.kind.opens_burst(failures) {
            let person = tx.person(person).await?;
            alert_wrong_codes(tx, &person, done.clone(), failures).await?;
        }
        Ok(())
    }
}
