//! Sign-in: the password, then the code (manual; R1, R4, R7, R9, R13).

mod admission;
mod code;
mod hashing;

use super::{
    ServiceError, Services, Stop,
    request::{client_info, token_hash},
    waiting_room::Queue,
};
use crate::{
    domain::{
        audit::{Actor, AuditEvent},
        password::Verdict,
        person::{LoginKeys, PersonId},
        secret::SecretText,
        throttle::AttemptKind,
        time::Timestamp,
        token::Token,
    },
    storage::{Attempt, ThrottleKey, ThrottleSubject},
};
use app::{
    api::backend::RequestContext,
    model::SignInPurpose,
    view::{FieldProblem, Problem},
};
use std::time::Duration;
use tokio::time::Sleep;

/// Longest accepted password in bytes. A longer one is refused and never cut.
pub const LONGEST_PASSWORD: usize = 1024;
/// Longest accepted login in bytes.
pub const LONGEST_LOGIN: usize = 200;

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
        check_lengths(login, &typed)?;
        let floor = self.refusal_floor();
        let keys = LoginKeys::parse(login).unwrap_or_else(|_| LoginKeys {
            sigla_key: login.trim().to_lowercase(),
            cpf: None,
        });
        let mut db = self.store.reader().await?;
        let person = db.find_by_login(&keys).await?;
        let kind = AttemptKind::Password;
        let throttle = match &person {
            Some(person) => self.throttle_key(&mut db, context, person.id, kind).await?,
            None => ThrottleKey {
                subject: ThrottleSubject::UnknownLogin(db.sigla_index(&keys.sigla_key)),
                kind,
                browser: None,
            },
        };
        let known = person.as_ref().map(|person| person.id);
        // an attempt that will not be judged needs no turn
        if let Some(until) = db.throttle_wait(&throttle, self.now()).await? {
            drop(db);
            return Err(self.refuse_locked(context, known, until, floor).await?);
        }
        drop(db);
        let queue = if throttle.browser.is_some() {
            Queue::KnownBrowser
        } else {
            Queue::Stranger
        };
        // taken before anything is counted: a request that is sent away, or goes away while it waits, is no failed attempt
        let turn = self.hashing_turn(context, queue).await?;
        // it begins with the turn: begun before, a long queue would show after it what a hash costs (R13)
        let floor = self.refusal_floor();
        let attempt = self
            .store
            .write_with((throttle.clone(), self.now()), |tx, (throttle, now)| {
                Box::pin(tx.count_attempt(throttle, *now))
            })
            .await?;
        if let Attempt::Locked { until } = attempt {
            drop(turn);
            return Err(self.refuse_locked(context, known, until, floor).await?);
        }
        let judged = self.judge_password(turn, person, typed).await?;
        let matches = judged.verdict != Verdict::Mismatch;
        let Some(person) = judged.person.filter(|_| matches) else {
            self.audit_refusal(context, known, AuditEvent::SignInMismatch)
                .await?;
            // imported hashes cost more or less time than ours, so every refusal waits for the same floor (R13)
            floor.await;
            return Err(Stop::invalid("login", Problem::Credentials));
        };
        let fresh_hash = judged.fresh_hash;
        self.admit(context, person, throttle, purpose, fresh_hash)
            .await
    }

    /// Audits an attempt that was not judged, and waits for the floor.
    async fn refuse_locked(
        &self,
        context: &RequestContext,
        person: Option<PersonId>,
        until: Option<Timestamp>,
        floor: Sleep,
    ) -> Result<Stop, ServiceError> {
        self.audit_refusal(context, person, AuditEvent::SignInLocked)
            .await?;
        floor.await;
        let until = until.map(|until| until.0);
        Ok(Stop::invalid("", Problem::Locked { until }))
    }

    /// The least time until a refusal is answered; it runs from now (R13).
    fn refusal_floor(&self) -> Sleep {
        tokio::time::sleep(Duration::from_millis(self.settings.refusal_floor_ms))
    }

    async fn audit_refusal(
        &self,
        context: &RequestContext,
        person: Option<PersonId>,
        event: AuditEvent,
    ) -> Result<(), ServiceError> {
        let input = (person, event, client_info(context), self.now());
        self.store
            .write_with(input, |tx, (person, event, client, now)| {
                Box::pin(tx.audit(&Actor::Visitor, *event, *person, client, "", *now))
            })
            .await?;
        Ok(())
    }

    /// Ends the session of the request on the server (R9).
    pub async fn sign_out(&self, context: &RequestContext) -> Result<(), ServiceError> {
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
    let fields = [
        ("login", login, LONGEST_LOGIN),
        ("password", password.expose(), LONGEST_PASSWORD),
    ];
    let problems: Vec<_> = fields
        .into_iter()
        .filter_map(|(field, value, longest)| {
            let problem = if value.is_empty() {
                Problem::Missing
            } else if value.len() > longest {
                Problem::TooLong
            } else {
                return None;
            };
            Some(FieldProblem {
                field: field.to_owned(),
                problem,
            })
        })
        .collect();
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Stop::Invalid(problems))
    }
}
