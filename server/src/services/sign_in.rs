//! Sign-in: the password, then the code (manual; R1, R4, R7, R9, R13).

mod admission;
mod attempt;
mod code;
mod code_attempt;
pub(super) mod decoys;
mod hashing;
pub(super) mod refusal_lines;
mod sign_in_link;

pub use code_attempt::ProofForm;

use super::request::token_hash;
use super::{Services, Stop};
use crate::domain::{
    AttemptKind, AuditEvent, LoginKeys, Seconds, SecretText, Timestamp, Token, TokenHash,
};
use crate::storage::{Attempt, AttemptSource, StoreResult, ThrottleKey, ThrottleSubject};
use app::api::backend::RequestContext;
use app::model::SignInPurpose;
use app::view::{FieldProblem, Problem};
use attempt::{AttemptContext, PasswordAttempt};
use std::time::Duration;
use tokio::time::Sleep;

/// Longest accepted password in bytes. A longer one is refused and never cut.
pub const LONGEST_PASSWORD: usize = 1024;
/// Longest accepted login in bytes.
pub const LONGEST_LOGIN: usize = 200;

/// Longest time by which an attempt from a network with a spent budget is slowed down. It is refused beyond it.
const LONGEST_SLOW_DOWN: Seconds = Seconds(20);

/// The result of a completed step of a sign-in.
#[derive(Debug)]
pub struct SignedIn {
    /// The id of the new session, for its cookie.
    pub session: Token,
    /// The token for the cookie of a known browser; `None` while a code is still needed.
    pub browser: Option<Token>,
    pub next: &'static str,
}

impl Services {
    /// Checks user and password for both buttons of the sign-in page, and opens the session that the policy allows. An
    /// unknown user, a wrong password and a lock are answered no sooner than the refusal floor (R13).
    pub async fn sign_in(
        &self,
        context: &RequestContext,
        login: &str,
        typed: SecretText,
        purpose: SignInPurpose,
    ) -> Result<SignedIn, Stop> {
        self.sign_in_with(context, login, typed, purpose, None)
            .await
    }

    /// The same, where the password came with a mailed link that lets the session enrol without the phone. Whoever calls it has looked
    /// whose link it is and what for.
    pub(super) async fn sign_in_with(
        &self,
        context: &RequestContext,
        login: &str,
        typed: SecretText,
        purpose: SignInPurpose,
        recovery_link: Option<TokenHash>,
    ) -> Result<SignedIn, Stop> {
        check_lengths(login, &typed)?;
        let floor = self.refusal_floor();
        let keys = LoginKeys::parse(login).unwrap_or_else(|_| LoginKeys {
            sigla_key: login.trim().to_lowercase(),
            cpf: None,
        });
        let mut db = self.read_for(context).await?;
        let person = db.find_by_login(&keys).await?;
        let login_index = db.sigla_index(&keys.sigla_key);
        let kind = AttemptKind::Password;
        let throttle = match &person {
            Some(person) => db.throttle_key(person.id, kind).await?,
            None => ThrottleKey {
                subject: ThrottleSubject::UnknownLogin(login_index.clone()),
                kind,
                source: AttemptSource::of(None, context.ip),
            },
        };
        // an attempt that will not be judged needs no turn, nor does one that has to wait for its network's budget
        let (now, budget) = (self.now(), self.settings.network_budget);
        let waits = db.earlier_attempts(&throttle, now).await?.wait;
        let is_slowed_down = match throttle.budget_network() {
            Some(network) => db.is_budget_spent(network, budget, now).await?,
            None => false,
        };
        drop(db);
        let attempt = self.attempt_context(context, throttle);
        if let Some(wait) = waits {
            let input = (attempt.clone(), wait.until);
            self.store
                .write_with(input, |tx, (attempt, until)| {
                    Box::pin(attempt.note_locked(tx, *until))
                })
                .await?;
            return Err(self.refuse_locked(&attempt, wait.until, floor).await);
        }
        if is_slowed_down {
            self.slow_down(&attempt).await?;
        }
        // taken before anything is counted: a request that is sent away, or goes away while it waits, is no failed attempt
        let mut turn = self.hashing_turn(&attempt).await?;
        let mut unit = PasswordAttempt {
            attempt: attempt.clone(),
            budget: (!is_slowed_down).then_some(budget),
        };
        let mut counted = self.store.write(unit.clone()).await?;
        if counted.is_none() {
            // others took the rest of the budget meanwhile
            drop(turn);
            self.slow_down(&attempt).await?;
            turn = self.hashing_turn(&attempt).await?;
            unit.budget = None;
            counted = self.store.write(unit).await?;
        }
        // it begins with the turn: begun before, a long queue would show after it what a hash costs (R13)
        let floor = self.refusal_floor();
        if let Some(Attempt::Locked { until }) = counted {
            drop(turn);
            return Err(self.refuse_locked(&attempt, until, floor).await);
        }
        let judged = self.judge_password(turn, person, &login_index, typed);
        let Some(right) = judged.await? else {
            self.log_refusal(&attempt, "mismatch");
            self.store
                .write_with(attempt, |tx, attempt| {
                    Box::pin(attempt.audit(tx, AuditEvent::SignInMismatch))
                })
                .await?;
            // imported hashes cost more or less time than ours, so every refusal waits for the same floor (R13)
            floor.await;
            return Err(Stop::invalid("login", Problem::Credentials));
        };
        self.admit(context, right, attempt, purpose, recovery_link)
            .await
    }

    /// Logs an attempt that was not judged, and waits for the floor.
    async fn refuse_locked(
        &self,
        attempt: &AttemptContext,
        until: Option<Timestamp>,
        floor: Sleep,
    ) -> Stop {
        self.log_refusal(attempt, "locked");
        floor.await;
        let until = until.map(|until| until.0);
        Stop::invalid("", Problem::Locked { until })
    }

    /// Waits until the spent budget of a network allows this attempt, or refuses it with the time at which one will be.
    async fn slow_down(&self, attempt: &AttemptContext) -> Result<(), Stop> {
        let Some(network) = attempt.throttle.budget_network() else {
            return Ok(());
        };
        let (budget, now) = (self.settings.network_budget, self.now());
        let judged_at = self
            .store
            .write_with((network, budget, now), |tx, (network, budget, now)| {
                Box::pin(tx.take_from_budget(*network, *budget, LONGEST_SLOW_DOWN, *now))
            })
            .await?;
        let Some(judged_at) = judged_at else {
            self.log_refusal(attempt, "network");
            let until = (now + LONGEST_SLOW_DOWN).0;
            return Err(Stop::invalid("", Problem::NetworkBusy { until }));
        };
        let delay = u64::try_from((judged_at - now).0).unwrap_or_default();
        tokio::time::sleep(Duration::from_secs(delay)).await;
        Ok(())
    }

    /// The least time until a refusal is answered; it runs from now (R13).
    fn refusal_floor(&self) -> Sleep {
        tokio::time::sleep(Duration::from_millis(self.settings.refusal_floor_ms))
    }

    /// Ends the session of the request on the server (R9).
    pub async fn sign_out(&self, context: &RequestContext) -> StoreResult<()> {
        if let Some(id_hash) = token_hash(context.cookies.session.as_ref()) {
            self.store
                .write_with((id_hash, self.now()), |tx, (id_hash, now)| {
                    Box::pin(tx.end_session(id_hash, *now))
                })
                .await?;
        }
        Ok(())
    }
}

/// Checks both fields, so that both problems of a form come back together.
fn check_lengths(login: &str, password: &SecretText) -> Result<(), Stop> {
    let mut problems = Vec::new();
    for (field, value, longest) in [
        ("login", login, LONGEST_LOGIN),
        ("password", password.expose(), LONGEST_PASSWORD),
    ] {
        if value.is_empty() {
            problems.push(FieldProblem::new(field, Problem::Missing));
        } else if value.len() > longest {
            problems.push(FieldProblem::new(field, Problem::TooLong));
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Stop::Invalid(problems))
    }
}
