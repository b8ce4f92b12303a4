//! Signing in: password, then code (manual; R1, R4, R7, R9, R13).

mod admission;
mod code;

use super::{Fault, Outcome, Services, Visitor};
use crate::{
    domain::{
        password::{self, PasswordHash, Verdict},
        person::{LoginKeys, PersonId},
        secret::SecretText,
        session::{Purpose, Session, Stage},
        throttle::Guess,
        time::Timestamp,
        token::Token,
    },
    storage::{Attempt, PersonRow, Subject},
};
use std::time::Duration;
use tokio::sync::SemaphorePermit;

/// Longest password that is looked at, in bytes. Longer ones are refused, never cut.
pub const LONGEST_PASSWORD: usize = 1024;
/// Longest login that is looked at, in bytes.
pub const LONGEST_LOGIN: usize = 200;

/// How long a sign-in waits for its password to be looked at.
const LONGEST_QUEUE: Duration = Duration::from_secs(10);

/// Where the next page is, in the words of the journey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Home.
    Home,
    /// *Segurança da conta*.
    Account,
    /// The code page.
    Code,
    /// The notice before an enrolment.
    Notice,
    /// The page with the QR.
    Enrol,
    /// The page that waits for the link.
    MailSent,
}

/// What became of user and password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PasswordOutcome {
    /// One answer for unknown user and wrong password (R13).
    Mismatch,
    /// Not judged: the account waits, whoever it belongs to.
    Locked {
        /// Until when; `None`: until an unlock.
        until: Option<Timestamp>,
    },
    /// The right password of a blocked account.
    Blocked,
    /// Go on.
    In {
        /// New session id.
        session: Token,
        /// Cookie of a browser that signed in, where the password was enough.
        browser: Option<Token>,
        /// Next page.
        next: Next,
    },
}

/// What became of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodeOutcome {
    /// The password-only session is over.
    SessionOver,
    /// There is no factor whose code could be asked.
    NothingToAsk(Next),
    /// Not six digits: not judged, not counted.
    Shape,
    /// Not a code of this authenticator.
    Wrong,
    /// Right, but used before: no failure.
    Used,
    /// Right for a clock that is off.
    ClockOff {
        /// Steps ahead of ours.
        steps: i64,
    },
    /// Not judged.
    Locked,
    /// Signed in.
    In {
        /// New session id.
        session: Token,
        /// Cookie of a browser that signed in.
        browser: Token,
        /// Next page.
        next: Next,
    },
}

/// What the code page shows.
#[derive(Clone, Debug)]
pub struct CodeQuestion {
    /// Sigla of the person.
    pub sigla: String,
    /// Name of the entry in the app: that of the instance where the authenticator was enrolled.
    pub entry: String,
    /// Locked until (`Some(None)`: until an unlock).
    pub locked: Option<Option<Timestamp>>,
    /// Provisional entries left, when the factor is not active yet.
    pub provisional_left: Option<i64>,
}

/// The code page, or where to go instead.
#[derive(Clone, Debug)]
pub enum CodePage {
    /// Ask.
    Ask(CodeQuestion),
    /// No password-only session.
    SessionOver,
    /// Nothing to ask here.
    Go(Next),
}

struct Checked {
    person: Option<PersonRow>,
    verdict: Verdict,
}

impl Services {
    /// Checks user and password, in both buttons' case, and says where to go on.
    pub async fn sign_in(
        &self,
        visitor: &Visitor,
        login: &str,
        typed: SecretText,
        purpose: Purpose,
    ) -> Outcome<PasswordOutcome> {
        let started = tokio::time::sleep(Duration::from_millis(self.settings.refusal_floor_ms));
        let keys = LoginKeys::parse(login).unwrap_or_else(|_| LoginKeys {
            sigla_key: login.trim().to_lowercase(),
            cpf: None,
        });
        let lookup = keys.clone();
        let person = self
            .store
            .read(lookup, |tx, keys| {
                Box::pin(async move { tx.find_by_login(&keys).await })
            })
            .await?;
        let scope = match &person {
            Some(person) => self.browser_scope(visitor, person.id).await?,
            None => None,
        };
        let subject = match &person {
            Some(person) => Subject::Person(person.id),
            None => Subject::Nobody(self.store.sealer().index("sigla", &keys.sigla_key)),
        };
        // before anything is counted: who is sent away by a queue has not failed
        let turn = self.hashing_turn().await?;
        let now = self.now();
        let attempt = self
            .store
            .write((subject.clone(), scope.clone(), now), |tx, i| {
                Box::pin(async move {
                    tx.count_attempt(&i.0, Guess::Password, i.1.as_deref(), i.2)
                        .await
                })
            })
            .await?;
        if let Attempt::Locked { until } = attempt {
            drop(turn);
            self.audit_sign_in(visitor, person.as_ref().map(|person| person.id), "locked")
                .await?;
            started.await;
            return Ok(PasswordOutcome::Locked { until });
        }
        let Checked { person, verdict } = self.check_password(turn, person, typed.clone()).await?;
        let known = person.as_ref().map(|person| person.id);
        let Some(person) = person.filter(|_| verdict != Verdict::Mismatch) else {
            self.audit_sign_in(visitor, known, "mismatch").await?;
            // imported hashes take longer or shorter than ours: all refusals wait for one floor
            started.await;
            return Ok(PasswordOutcome::Mismatch);
        };
        let fresh = match verdict {
            // the next sign-in will do, if this one has to wait for it
            Verdict::MatchOutdated => self.hash(typed).await.ok(),
            _ => None,
        };
        self.admit(visitor, person, scope, purpose, fresh).await
    }

    async fn check_password(
        &self,
        _turn: SemaphorePermit<'_>,
        person: Option<PersonRow>,
        typed: SecretText,
    ) -> Outcome<Checked> {
        tokio::task::spawn_blocking(move || {
            let verdict = match &person {
                Some(person) => person.password.verify(&typed),
                None => password::decoy().verify(&typed),
            };
            Checked { person, verdict }
        })
        .await
        .map_err(|_| Fault::Hashing)
    }

    /// Waits for a core, and not for ever: a flood of sign-ins is told to come back later.
    async fn hashing_turn(&self) -> Outcome<SemaphorePermit<'_>> {
        match tokio::time::timeout(LONGEST_QUEUE, self.hashing.acquire()).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(Fault::Hashing),
        }
    }

    /// Hashes a password as all new ones are (R19).
    pub async fn hash(&self, typed: SecretText) -> Outcome<PasswordHash> {
        let _turn = self.hashing_turn().await?;
        let salt = self.entropy.bytes();
        tokio::task::spawn_blocking(move || PasswordHash::create(&typed, salt))
            .await
            .map_err(|_| Fault::Hashing)
    }

    async fn audit_sign_in(
        &self,
        visitor: &Visitor,
        person: Option<PersonId>,
        outcome: &'static str,
    ) -> Outcome<()> {
        let input = (self.now(), person, outcome, visitor.address.clone());
        self.store
            .write(input, |tx, i| {
                Box::pin(async move { tx.audit(i.0, i.1, "sign_in", i.2, &i.3, "").await })
            })
            .await?;
        Ok(())
    }

    /// The password-only session of a visitor.
    pub(super) async fn password_session(&self, visitor: &Visitor) -> Outcome<Option<Session>> {
        Ok(self
            .session_of(visitor)
            .await?
            .filter(|session| session.stage == Stage::Password))
    }

    /// Ends the session on the server (R9).
    pub async fn sign_out(&self, visitor: &Visitor) -> Outcome<()> {
        if let Some(token) = &visitor.session {
            self.store
                .write((token.hash(), self.now()), |tx, i| {
                    Box::pin(async move { tx.end_session(&i.0.0, i.1).await })
                })
                .await?;
        }
        Ok(())
    }

    pub(super) async fn person(&self, id: PersonId) -> Outcome<PersonRow> {
        Ok(self
            .store
            .read(id, |tx, id| Box::pin(async move { tx.person(*id).await }))
            .await?)
    }
}
