//! The code page and the verification of a code in one transaction (R1, R2, R4).

use super::{SignedIn, attempt::AttemptContext, sign_in_link::SignInLink};
use crate::{
    domain::{
        audit::{Actor, AuditEvent},
        enrolment::Enrolment,
        factor::{ClockDrift, TotpFactor},
        person::{FactorState, PersonId},
        session::{AuthenticationKind, Session, SessionLimits, Stage, authentication_methods},
        throttle::AttemptKind,
        time::{Seconds, Timestamp},
        token::TokenHash,
        totp::OneTimeCode,
    },
    services::{
        Services, Stop,
        request::{browser_token, circumstances, client_info, token_hash},
        security_alerts::alert_wrong_codes,
    },
    storage::{
        Attempt, AttemptSource, LockedSession, NewSession, StoreError, StoreResult, ThrottleKey,
        ThrottleSubject, Tx, UnitOfWork,
    },
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

    /// Verifies a code and completes the sign-in, in one transaction behind the person's lock: a failure is counted before
    /// another attempt is looked at (R4).
    pub async fn verify_code(
        &self,
        context: &RequestContext,
        typed: &str,
    ) -> Result<SignedIn, Stop> {
        let parsed = if typed.trim().is_empty() {
            Err(Problem::Missing)
        } else {
            OneTimeCode::parse(typed).map_err(Problem::Code)
        };
        let code = match parsed {
            Ok(code) => code,
            Err(problem) => {
                // whoever has no code to give is led on before a form is found wrong
                self.check_code_needed(context).await?;
                return Err(Stop::invalid("code", problem));
            }
        };
        let session = token_hash(context.cookies.session.as_ref()).ok_or(Stop::SessionOver)?;
        let (token, fresh_browser) = (self.new_token(), self.new_token());
        let now = self.now();
        let attempt = CodeAttempt {
            session,
            limits: self.settings.sessions,
            code,
            new_session: token.hash(),
            browser: token_hash(context.cookies.browser.as_ref()),
            fresh_browser: fresh_browser.hash(),
            link: self.sign_in_link(context, now),
            provisional_sign_ins: self.settings.policy.provisional_sign_ins,
            context: context.clone(),
            now,
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
                self.outbox_wake.notify_waiters();
                self.log_refusal(&attempt, "wrong");
                Err(refused(refusal))
            }
            // a right and a wrong code get the same page, which says how long the lock lasts
            CodeResult::Locked(attempt) => {
                self.outbox_wake.notify_waiters();
                self.log_refusal(&attempt, "locked");
                Err(Stop::Redirect(routes::CODE))
            }
            CodeResult::SessionOver => Err(Stop::SessionOver),
            CodeResult::NothingToVerify => {
                self.check_code_needed(context).await?;
                Err(Stop::SessionOver)
            }
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

fn refused(refusal: CodeRefusal) -> Stop {
    Stop::invalid("code", Problem::Code(refusal))
}

/// How an attempt ended. The transaction is committed in each case.
enum CodeResult {
    Accepted {
        next: &'static str,
        /// Whether the browser keeps the token that it has.
        is_known_browser: bool,
    },
    Refused(CodeRefusal, AttemptContext),
    Locked(AttemptContext),
    /// There is no session that waits for a code. No code was verified.
    SessionOver,
    /// No factor is active, and no provisional sign-in is left. No code was verified.
    NothingToVerify,
}

/// One code, verified in one transaction.
struct CodeAttempt {
    session: TokenHash,
    limits: SessionLimits,
    code: OneTimeCode,
    /// The id of the full session.
    new_session: TokenHash,
    /// The token in the browser's cookie.
    browser: Option<TokenHash>,
    /// The token that a browser gets which is not known for the person.
    fresh_browser: TokenHash,
    link: SignInLink,
    provisional_sign_ins: i64,
    context: RequestContext,
    now: Timestamp,
}

#[async_trait]
impl UnitOfWork for CodeAttempt {
    type Output = CodeResult;

    async fn run(&self, tx: &mut Tx) -> StoreResult<CodeResult> {
        // two attempts on one account wait for each other here: what is read below stays true until the commit, so a right code
        // need not be counted and cleared
        let locked = tx
            .lock_session(&self.session, self.browser.as_ref(), &self.limits, self.now)
            .await?;
        let Some(locked) = locked.filter(|locked| locked.session.stage == Stage::Password) else {
            return Ok(CodeResult::SessionOver);
        };
        let person = locked.session.person;
        let is_active = locked.factor_state == FactorState::Active;
        let mut pending = None;
        if !is_active {
            pending = tx.pending_enrolment(person).await?.filter(|pending| {
                pending.allows_provisional_sign_in(self.now, self.provisional_sign_ins)
            });
            if pending.is_none() {
                return Ok(CodeResult::NothingToVerify);
            }
        }
        let attempt = self.attempt_context(&locked);
        let earlier = tx.earlier_attempts(&attempt.throttle, self.now).await?;
        if let Some(wait) = earlier.wait {
            attempt.note_locked(tx, wait.until).await?;
            return Ok(CodeResult::Locked(attempt));
        }
        let verified = match &pending {
            Some(pending) => self.verify_provisional(tx, pending).await?.map(|()| None),
            None => self.verify_active(tx, &locked.totps).await?.map(Some),
        };
        match verified {
            Ok(factor) => {
                if earlier.are_counted {
                    tx.clear_attempts(&attempt.throttle).await?;
                }
                self.complete_sign_in(tx, &locked, factor.as_deref())
                    .await?;
                // with the button for the second factor an active factor leads to the account page; a provisional sign-in
                // leads to the home page, which says that it is provisional
                let to_account =
                    locked.session.continue_to == SignInPurpose::SecondFactor && is_active;
                Ok(CodeResult::Accepted {
                    next: if to_account {
                        routes::ACCOUNT
                    } else {
                        routes::HOME
                    },
                    is_known_browser: attempt.throttle.is_known_browser(),
                })
            }
            // a right code that was used before is no failure
            Err(CodeRefusal::AlreadyUsed) => {
                self.audit(tx, person, AuditEvent::CodeUsedBefore, "")
                    .await?;
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
    fn attempt_context(&self, locked: &LockedSession) -> AttemptContext {
        let known = self
            .browser
            .clone()
            .filter(|_| locked.browser_seen_at.is_some());
        AttemptContext {
            throttle: ThrottleKey {
                subject: ThrottleSubject::Person(locked.session.person),
                kind: AttemptKind::Code,
                source: AttemptSource::of(known, self.context.ip),
            },
            client: client_info(&self.context),
            link: self.link.clone(),
            now: self.now,
        }
    }

    /// Verifies the code with the person's active authenticators and returns the id of the one that accepted it.
    async fn verify_active(
        &self,
        tx: &mut Tx,
        totps: &[TotpFactor],
    ) -> StoreResult<Result<String, CodeRefusal>> {
        let mut refusal = CodeRefusal::Wrong;
        for factor in totps {
            match factor.secret.verify(&self.code, self.now, factor.last_step) {
                Ok(step) => {
                    // one statement decides between parallel posts of the same code (R1)
                    if tx.use_time_step(&factor.id, step, self.now).await? {
                        return Ok(Ok(factor.id.clone()));
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

    /// Verifies the code with the authenticator of a pending enrolment that allows a provisional sign-in.
    async fn verify_provisional(
        &self,
        tx: &mut Tx,
        pending: &Enrolment,
    ) -> StoreResult<Result<(), CodeRefusal>> {
        let secret = tx.pending_secret(&pending.id).await?;
        Ok(
            match secret.verify(&self.code, self.now, pending.last_step) {
                Ok(step) => {
                    let most = self.provisional_sign_ins;
                    let won = tx
                        .use_provisional_step(&pending.id, step, most, self.now)
                        .await?;
                    won.then_some(()).ok_or(CodeRefusal::AlreadyUsed)
                }
                // no hint about the clock before the authenticator is confirmed
                Err(CodeRefusal::ClockOff { .. }) => Err(CodeRefusal::Wrong),
                Err(refusal) => Err(refusal),
            },
        )
    }

    /// `factor` is the id of the active factor that accepted the code; `None` for a provisional sign-in.
    async fn complete_sign_in(
        &self,
        tx: &mut Tx,
        locked: &LockedSession,
        factor: Option<&str>,
    ) -> StoreResult<()> {
        let from = &locked.session;
        let (person, now) = (from.person, self.now);
        let session = Session {
            id_hash: self.new_session.clone(),
            person,
            stage: Stage::Full,
            continue_to: from.continue_to,
            provisional: factor.is_none(),
            auth_time: now,
            last_seen_at: now,
            expires_at: now + self.limits.absolute,
        };
        let client = client_info(&self.context);
        tx.elevate_session(&NewSession { session, client }, from, factor, now)
            .await?;
        let known = self.browser.as_ref().zip(locked.browser_seen_at);
        match known {
            // noted once a day
            Some((_, seen_at)) if now - seen_at < Seconds::days(1) => {}
            _ => {
                let browser = known.map_or(&self.fresh_browser, |(own, _)| own);
                tx.remember_browser(browser, person, now).await?;
            }
        }
        tx.note_sign_in(person, now).await?;
        let event = if factor.is_some() {
            AuditEvent::CodeAccepted
        } else {
            AuditEvent::CodeAcceptedProvisionally
        };
        let proofs = [AuthenticationKind::Password, AuthenticationKind::Totp];
        let methods = authentication_methods(&proofs).join(" ");
        self.audit(tx, person, event, &methods).await
    }

    /// Counts, audits and tells a code that was wrong.
    async fn note_failure(
        &self,
        tx: &mut Tx,
        person: PersonId,
        attempt: &AttemptContext,
    ) -> StoreResult<()> {
        let counted = tx.count_attempt(&attempt.throttle, self.now).await?;
        self.audit(tx, person, AuditEvent::CodeWrong, "").await?;
        let Attempt::Counted { failures } = counted else {
            // it was not locked behind the same lock
            return Err(StoreError::Inconsistent(
                "an attempt was judged while locked",
            ));
        };
        attempt.note_wait(tx, failures).await?;
        if AttemptKind::Code.opens_burst(failures) {
            let last = circumstances(&self.context, self.now);
            let person = tx.person(person).await?;
            alert_wrong_codes(tx, &person, last, failures).await?;
        }
        Ok(())
    }

    async fn audit(
        &self,
        tx: &mut Tx,
        person: PersonId,
        event: AuditEvent,
        detail: &str,
    ) -> StoreResult<()> {
        let (actor, client) = (Actor::Person(person), client_info(&self.context));
        tx.audit(&actor, event, Some(person), &client, detail, self.now)
            .await
    }
}
