//! The code: its page, and its judgement in one transaction (R1, R2, R4).

use super::{CodeOutcome, CodePage, CodeQuestion, Next};
use crate::{
    domain::{
        mail::Circumstances,
        person::PersonId,
        session::{Amr, Purpose, Session, SessionLimits, Stage},
        throttle::Guess,
        time::Timestamp,
        token::TokenHash,
        totp::{Judgement, OneTimeCode},
    },
    services::{Outcome, Services, Visitor, notices},
    storage::{Attempt, FactorRow, NewSession, StoreResult, Subject, Tx},
};

impl Services {
    /// What the code page shows.
    pub async fn code_page(&self, visitor: &Visitor) -> Outcome<CodePage> {
        let Some(session) = self.session_of(visitor).await? else {
            return Ok(CodePage::SessionOver);
        };
        if session.stage == Stage::Full {
            return Ok(CodePage::Go(Next::Home));
        }
        let person = self.person(session.person).await?;
        let provisional_left = if person.factor_active {
            None
        } else {
            match self.provisional(&person).await? {
                Some(left) => Some(left),
                None => return Ok(CodePage::Go(self.enrolment_page(&person).await?)),
            }
        };
        let scope = self.browser_scope(visitor, person.id).await?;
        let input = (person.id, scope, self.now());
        let (locked, factors) = self
            .store
            .read(input, |tx, i| {
                Box::pin(async move {
                    let subject = Subject::Person(i.0);
                    let wait = tx
                        .wait_of(&subject, Guess::Code, i.1.as_deref(), i.2)
                        .await?;
                    Ok((wait, tx.active_totps(i.0).await?))
                })
            })
            .await?;
        let origin = factors.first().map(|factor| factor.origin.as_str());
        Ok(CodePage::Ask(CodeQuestion {
            sigla: person.sigla,
            entry: self.entry_of(origin),
            locked,
            provisional_left,
        }))
    }

    /// Judges a code and signs in. Counting the failure and judging is one transaction (R4).
    pub async fn verify_code(&self, visitor: &Visitor, typed: &str) -> Outcome<CodeOutcome> {
        let Some(session) = self.password_session(visitor).await? else {
            return Ok(CodeOutcome::SessionOver);
        };
        let person = self.person(session.person).await?;
        if !person.factor_active && self.provisional(&person).await?.is_none() {
            return Ok(CodeOutcome::NothingToAsk(
                self.enrolment_page(&person).await?,
            ));
        }
        let Some(code) = OneTimeCode::parse(typed) else {
            return Ok(CodeOutcome::Shape);
        };
        let now = self.now();
        let scope = self.browser_scope(visitor, person.id).await?;
        let limits = self.settings.sessions;
        let issued = self.issue(
            visitor,
            person.id,
            Stage::Full,
            session.purpose,
            Amr::Code,
            now + limits.absolute,
        );
        let browser = self.browser_token(visitor, scope.as_deref());
        // who asked for the second factor and has it already is shown it; a provisional entry goes
        // home, where the page says that it is one
        let next = if session.purpose == Purpose::SecondFactor && person.factor_active {
            Next::Account
        } else {
            Next::Home
        };
        let input = CodeCheck {
            session,
            limits,
            person: person.id,
            code,
            scope,
            new: issued.new,
            browser: browser.hash(),
            circumstances: visitor.circumstances(now),
            provisional_entries: self.settings.policy.provisional_entries,
            now,
        };
        let judged = self
            .store
            .write(input, |tx, i| Box::pin(async move { i.write(tx).await }))
            .await?;
        self.nudge.notify_waiters();
        Ok(match judged {
            Judged::Accepted => CodeOutcome::In {
                session: issued.token,
                browser,
                next,
            },
            Judged::Used => CodeOutcome::Used,
            Judged::Wrong => CodeOutcome::Wrong,
            Judged::ClockOff(steps) => CodeOutcome::ClockOff { steps },
            Judged::Locked => CodeOutcome::Locked,
            Judged::SessionOver => CodeOutcome::SessionOver,
        })
    }
}

enum Judged {
    Accepted,
    Used,
    Wrong,
    ClockOff(i64),
    Locked,
    SessionOver,
}

/// One code, judged in one transaction.
struct CodeCheck {
    session: Session,
    limits: SessionLimits,
    person: PersonId,
    code: OneTimeCode,
    scope: Option<String>,
    new: NewSession,
    browser: TokenHash,
    circumstances: Circumstances,
    provisional_entries: i64,
    now: Timestamp,
}

impl CodeCheck {
    async fn write(&self, tx: &mut Tx) -> StoreResult<Judged> {
        tx.lock_person(self.person).await?;
        // again, inside: the session may have been elevated or ended meanwhile (R8)
        let id = TokenHash(self.session.id_hash.clone());
        let live = tx.live_session(&id, &self.limits, self.now).await?;
        if live.is_none_or(|session| session.stage != Stage::Password) {
            return Ok(Judged::SessionOver);
        }
        let person = tx.person(self.person).await?;
        let subject = Subject::Person(person.id);
        let scope = self.scope.as_deref();
        let failures = match tx
            .count_attempt(&subject, Guess::Code, scope, self.now)
            .await?
        {
            Attempt::Counted { failures } => failures,
            Attempt::Locked { .. } => {
                self.audit(tx, "locked").await?;
                return Ok(Judged::Locked);
            }
        };
        let judged = if person.factor_active {
            self.judge_active(tx, person.id).await?
        } else {
            self.judge_provisional(tx, person.id).await?
        };
        match judged {
            Judged::Accepted => {
                tx.clear_attempts(&subject, Guess::Code, scope).await?;
                let mut new = self.new.clone();
                if !person.factor_active {
                    new.session.amr = Amr::PendingCode;
                }
                tx.start_session(&new, Some(&self.session.id_hash), self.now)
                    .await?;
                tx.know_browser(&self.browser, person.id, self.now).await?;
                tx.note_sign_in(person.id, self.now).await?;
                let how = if person.factor_active {
                    "accepted"
                } else {
                    "accepted_provisionally"
                };
                self.audit(tx, how).await?;
            }
            // the last provisional entry was used meanwhile: nothing was judged
            Judged::SessionOver => {
                tx.take_back_attempt(&subject, Guess::Code, scope).await?;
            }
            Judged::Used => {
                tx.take_back_attempt(&subject, Guess::Code, scope).await?;
                self.audit(tx, "used_before").await?;
            }
            _ => {
                self.audit(tx, "wrong").await?;
                if Guess::Code.opens_burst(failures) {
                    let last = self.circumstances.clone();
                    notices::tell_wrong_codes(tx, &person, last, failures).await?;
                }
            }
        }
        Ok(judged)
    }

    async fn judge_active(&self, tx: &mut Tx, person: PersonId) -> StoreResult<Judged> {
        let mut judged = Judged::Wrong;
        for factor in tx.active_totps(person).await? {
            match factor.secret.judge(&self.code, self.now, factor.last_step) {
                Judgement::Accepted { step } => {
                    // one statement decides between fifty posts of the same code (R1)
                    if tx.use_step(&factor.id, step, self.now).await? {
                        return Ok(Judged::Accepted);
                    }
                    judged = Judged::Used;
                }
                Judgement::AlreadyUsed => judged = Judged::Used,
                Judgement::ClockOff { step, ahead } => {
                    tx.burn_step(&factor.id, step, ahead).await?;
                    if is_second_hint(&factor, step, ahead) {
                        judged = Judged::ClockOff(ahead);
                    }
                }
                Judgement::Wrong => {}
            }
        }
        Ok(judged)
    }

    async fn judge_provisional(&self, tx: &mut Tx, person: PersonId) -> StoreResult<Judged> {
        let most = self.provisional_entries;
        let pending = tx.pending_enrolment(person).await?;
        let Some(pending) = pending.filter(|p| p.allows_provisional_entry(self.now, most)) else {
            return Ok(Judged::SessionOver);
        };
        let secret = tx.pending_secret(&pending.id).await?;
        Ok(
            match secret.judge(&self.code, self.now, pending.last_step) {
                Judgement::Accepted { step } => {
                    if tx
                        .use_provisional_step(&pending.id, step, most, self.now)
                        .await?
                    {
                        Judged::Accepted
                    } else {
                        Judged::Used
                    }
                }
                Judgement::AlreadyUsed => Judged::Used,
                Judgement::ClockOff { .. } | Judgement::Wrong => Judged::Wrong,
            },
        )
    }

    async fn audit(&self, tx: &mut Tx, outcome: &str) -> StoreResult<()> {
        tx.audit(
            self.now,
            Some(self.person),
            "code",
            outcome,
            &self.new.address,
            "",
        )
        .await
    }
}

/// Whether this is the second code in a row that is right for the same clock: only then is its
/// owner told, else the hint would be an oracle.
fn is_second_hint(factor: &FactorRow, step: i64, ahead: i64) -> bool {
    factor
        .drift
        .is_some_and(|(before, by)| step > before && (ahead - by).abs() <= 1)
}
