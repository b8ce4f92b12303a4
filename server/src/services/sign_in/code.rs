//! The code page and the verification of a code in one transaction (R1, R2, R4).

use super::{SignedIn, attempt::AttemptContext};
use crate::{
    domain::{
        audit::{Actor, AuditEvent},
        factor::ClockDrift,
        person::{Person, PersonId},
        session::{AuthenticationKind, Session, SessionLimits, Stage, authentication_methods},
        throttle::AttemptKind,
        time::Timestamp,
        token::TokenHash,
        totp::OneTimeCode,
    },
    services::{Services, Stop, request::circumstances, security_alerts::alert_wrong_codes},
    storage::{Attempt, NewSession, StoreResult, Tx, UnitOfWork},
};
use app::{
    api::backend::RequestContext,
    model::{CodeRefusal, SignInPurpose},
    routes,
    view::{CodeView, FormState, Problem},
};
use async_trait::async_trait;

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
        let locked = db.throttle_wait(&throttle, self.now()).await?;
        let factors = db.active_totps(person.id).await?;
        let home_instance = factors
            .first()
            .map_or(&self.settings.instance, |factor| &factor.home_instance);
        Ok(CodeView {
            form: FormState::default(),
            sigla: person.sigla.as_typed().to_owned(),
            account_label: self.account_label(home_instance),
            locked: locked.map(|until| until.map(|until| until.0)),
            provisional_left,
        })
    }

    /// Verifies a code and completes the sign-in. The failure is counted and the code verified in one transaction, so that
    /// attempts at the same time are all counted (R4).
    pub async fn verify_code(
        &self,
        context: &RequestContext,
        typed: &str,
    ) -> Result<SignedIn, Stop> {
        let mut db = self.store.reader().await?;
        let session = self.password_session(&mut db, context).await?;
        let person = db.person(session.person).await?;
        let is_active = person.has_active_factor();
        if !is_active
            && self
                .provisional_sign_ins_left(&mut db, &person)
                .await?
                .is_none()
        {
            return Err(self.redirect_to_enrolment(&mut db, &person).await?);
        }
        if typed.trim().is_empty() {
            return Err(Stop::invalid("code", Problem::Missing));
        }
        let code = OneTimeCode::parse(typed).map_err(refused)?;
        let throttle = self
            .throttle_key(&mut db, context, person.id, AttemptKind::Code)
            .await?;
        drop(db);
        let now = self.now();
        let limits = self.settings.sessions;
        let continue_to = session.continue_to;
        let issued = self.issue_session(
            context,
            person.id,
            Stage::Full,
            continue_to,
            now + limits.absolute,
        );
        let browser = self.browser_token(context, throttle.is_known_browser());
        let attempt = CodeAttempt {
            session,
            limits,
            code,
            attempt: self.attempt_context(context, throttle),
            new: issued.new,
            browser: browser.hash(),
            provisional_sign_ins: self.settings.policy.provisional_sign_ins,
            context: context.clone(),
            now,
        };
        let attempted = attempt.attempt.clone();
        let verified = self.store.write(attempt).await?;
        self.outbox_wake.notify_waiters();
        match verified {
            CodeResult::Refused(_) => self.log_refusal(&attempted, "wrong"),
            CodeResult::Locked => self.log_refusal(&attempted, "locked"),
            CodeResult::Accepted | CodeResult::SessionOver => {}
        }
        match verified {
            CodeResult::Accepted => Ok(SignedIn {
                session: issued.token,
                browser: Some(browser),
                // with the button for the second factor an active factor leads to the account page; a provisional sign-in
                // leads to the home page, which says that it is provisional
                next: if continue_to == SignInPurpose::SecondFactor && is_active {
                    routes::ACCOUNT
                } else {
                    routes::HOME
                },
            }),
            CodeResult::Refused(refusal) => Err(refused(refusal)),
            // a right and a wrong code get the same page, which says how long the lock lasts
            CodeResult::Locked => Err(Stop::Redirect(routes::CODE)),
            CodeResult::SessionOver => Err(Stop::SessionOver),
        }
    }
}

fn refused(refusal: CodeRefusal) -> Stop {
    Stop::invalid("code", Problem::Code(refusal))
}

/// How an attempt ended. The transaction is committed in each case.
enum CodeResult {
    Accepted,
    Refused(CodeRefusal),
    Locked,
    /// The session was elevated or ended meanwhile, or no provisional sign-in is left. No code was verified.
    SessionOver,
}

/// One code, verified in one transaction.
struct CodeAttempt {
    session: Session,
    limits: SessionLimits,
    code: OneTimeCode,
    attempt: AttemptContext,
    new: NewSession,
    browser: TokenHash,
    provisional_sign_ins: i64,
    context: RequestContext,
    now: Timestamp,
}

#[async_trait]
impl UnitOfWork for CodeAttempt {
    type Output = CodeResult;

    async fn run(&self, tx: &mut Tx) -> StoreResult<CodeResult> {
        let person = self.session.person;
        // two attempts on one account wait for each other: what is read below stays true until the commit
        tx.lock_person(person).await?;
        // read again behind the lock: the session may have been elevated or ended meanwhile (R8)
        let live = tx
            .live_session(&self.session.id_hash, &self.limits, self.now)
            .await?;
        if live.is_none_or(|session| session.stage != Stage::Password) {
            return Ok(CodeResult::SessionOver);
        }
        let person = tx.person(person).await?;
        let failures = match tx.count_attempt(&self.attempt.throttle, self.now).await? {
            Attempt::Counted { failures } => failures,
            Attempt::Locked { until } => {
                self.attempt.note_locked(tx, until).await?;
                return Ok(CodeResult::Locked);
            }
        };
        let verified = if person.has_active_factor() {
            self.verify_active(tx, person.id).await?.map(Some)
        } else {
            let Some(verified) = self.verify_provisional(tx, person.id).await? else {
                // no code was verified, so the attempt does not count
                tx.take_back_attempt(&self.attempt.throttle).await?;
                return Ok(CodeResult::SessionOver);
            };
            verified.map(|()| None)
        };
        match verified {
            Ok(factor) => {
                self.complete_sign_in(tx, factor.as_deref()).await?;
                Ok(CodeResult::Accepted)
            }
            Err(refusal) => {
                self.note_refusal(tx, &person, refusal, failures).await?;
                Ok(CodeResult::Refused(refusal))
            }
        }
    }
}

impl CodeAttempt {
    /// Verifies the code with the person's active factors and returns the id of the one that accepted it.
    async fn verify_active(
        &self,
        tx: &mut Tx,
        person: PersonId,
    ) -> StoreResult<Result<String, CodeRefusal>> {
        let mut refusal = CodeRefusal::Wrong;
        for factor in tx.active_totps(person).await? {
            match factor.secret.verify(&self.code, self.now, factor.last_step) {
                Ok(step) => {
                    // one statement decides between parallel posts of the same code (R1)
                    if tx.use_time_step(&factor.id, step, self.now).await? {
                        return Ok(Ok(factor.id));
                    }
                    refusal = CodeRefusal::AlreadyUsed;
                }
                Err(CodeRefusal::ClockOff { steps }) => {
                    let drift = ClockDrift {
                        step: crate::domain::totp::step_at(self.now) + steps,
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

    /// Verifies the code with the authenticator of the pending enrolment; `None` when no provisional sign-in is left.
    async fn verify_provisional(
        &self,
        tx: &mut Tx,
        person: PersonId,
    ) -> StoreResult<Option<Result<(), CodeRefusal>>> {
        let most = self.provisional_sign_ins;
        let pending = tx.pending_enrolment(person).await?;
        let Some(pending) = pending.filter(|p| p.allows_provisional_sign_in(self.now, most)) else {
            return Ok(None);
        };
        let secret = tx.pending_secret(&pending.id).await?;
        Ok(Some(
            match secret.verify(&self.code, self.now, pending.last_step) {
                Ok(step) => {
                    let won = tx
                        .use_provisional_step(&pending.id, step, most, self.now)
                        .await?;
                    won.then_some(()).ok_or(CodeRefusal::AlreadyUsed)
                }
                // no hint about the clock before the authenticator is confirmed
                Err(CodeRefusal::ClockOff { .. }) => Err(CodeRefusal::Wrong),
                Err(refusal) => Err(refusal),
            },
        ))
    }

    /// `factor` is the id of the active factor that accepted the code; `None` for a provisional sign-in.
    async fn complete_sign_in(&self, tx: &mut Tx, factor: Option<&str>) -> StoreResult<()> {
        let person = self.session.person;
        tx.clear_attempts(&self.attempt.throttle).await?;
        let mut new = self.new.clone();
        new.session.provisional = factor.is_none();
        tx.elevate_session(&new, &self.session, factor, self.now)
            .await?;
        tx.remember_browser(&self.browser, person, self.now).await?;
        tx.note_sign_in(person, self.now).await?;
        let event = if factor.is_some() {
            AuditEvent::CodeAccepted
        } else {
            AuditEvent::CodeAcceptedProvisionally
        };
        let proofs = [AuthenticationKind::Password, AuthenticationKind::Totp];
        let methods = authentication_methods(&proofs).join(" ");
        self.audit(tx, event, &methods).await
    }

    async fn note_refusal(
        &self,
        tx: &mut Tx,
        person: &Person,
        refusal: CodeRefusal,
        failures: i64,
    ) -> StoreResult<()> {
        if refusal == CodeRefusal::AlreadyUsed {
            tx.take_back_attempt(&self.attempt.throttle).await?;
            return self.audit(tx, AuditEvent::CodeUsedBefore, "").await;
        }
        self.audit(tx, AuditEvent::CodeWrong, "").await?;
        self.attempt.note_wait(tx, failures).await?;
        if AttemptKind::Code.opens_burst(failures) {
            let last = circumstances(&self.context, self.now);
            alert_wrong_codes(tx, person, last, failures).await?;
        }
        Ok(())
    }

    async fn audit(&self, tx: &mut Tx, event: AuditEvent, detail: &str) -> StoreResult<()> {
        let person = self.session.person;
        let actor = Actor::Person(person);
        tx.audit(
            &actor,
            event,
            Some(person),
            &self.new.client,
            detail,
            self.now,
        )
        .await
    }
}
