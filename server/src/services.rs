//! The use cases, one file per capability. Each takes who acts first: the context of a visitor's request, or the handle of an
//! operator or a peer. They know the store, the ports and what pages may be told, never HTTP.

pub mod account;
pub mod activated;
pub mod activation;
pub mod enrolment;
pub mod not_me;
pub mod outbox;
pub mod people;
mod request;
pub mod retention;
mod security_alerts;
pub mod sign_in;
pub mod sync;

use crate::{
    domain::{
        email::InstitutionalSuffixes, enrolment::EnrolmentLimits, policy::Policy,
        session::SessionLimits, time::Timestamp, token::Token,
    },
    ports::{Clock, Entropy, LeaseClock, LeaseClockError},
    storage::{Store, StoreError},
};
use app::view::{FieldProblem, Problem};
use std::sync::{Arc, atomic::AtomicI64};
use tokio::sync::{Notify, Semaphore};

/// What the operator decided, as the use cases need it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Short name of this instance: `JMU`.
    pub instance: String,
    /// Issuer and label of the account in the authenticator app: `e-Proc/JMU`.
    pub label: String,
    /// Where browsers reach this instance, without a slash at the end (R15).
    pub public_url: String,
    /// Where e-Proc is, for the way on after signing in.
    pub system_url: Option<String>,
    /// Whom the second factor is asked of.
    pub policy: Policy,
    /// Lengths of sessions.
    pub sessions: SessionLimits,
    /// Lengths of an enrolment.
    pub enrolments: EnrolmentLimits,
    /// Suffixes that are no personal address.
    pub suffixes: InstitutionalSuffixes,
    /// The other instances, and what each may do here.
    pub peers: Vec<PeerRights>,
    /// Least time that a refused password takes to answer, in milliseconds: imported hashes cost more or less than ours, and must
    /// not tell who exists (R13).
    pub refusal_floor_ms: u64,
}

/// What another instance may do here, and that it is told of activations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerRights {
    pub name: String,
    /// Whether its activations are applied here.
    pub may_activate: bool,
}

/// Why a use case failed: ours to mend, never the user's.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The time of leases is not known.
    #[error(transparent)]
    LeaseClock(#[from] LeaseClockError),
    /// The hashing task was cancelled, or too many wait for theirs.
    #[error("password hashing was interrupted or its queue is too long")]
    Hashing,
}

/// Why a visitor's use case did not do what was asked.
#[derive(Debug)]
pub enum Stop {
    Failed(ServiceError),
    /// The session that it needs is over.
    SessionOver,
    /// The person belongs on another page, by its path.
    Redirect(&'static str),
    /// The enrolment is over or was replaced: the intro page says so.
    EnrolmentGone,
    /// Something that was typed has to be mended.
    Invalid(Vec<FieldProblem>),
}

impl Stop {
    /// One problem of one field (empty: of the whole form).
    pub fn invalid(field: &str, problem: Problem) -> Self {
        Self::Invalid(vec![FieldProblem {
            field: field.to_owned(),
            problem,
        }])
    }
}

impl From<ServiceError> for Stop {
    fn from(error: ServiceError) -> Self {
        Self::Failed(error)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// The use cases of one instance over its store.
pub struct Services {
    store: Store,
    clock: Arc<dyn Clock>,
    lease_clock: Arc<dyn LeaseClock>,
    entropy: Arc<dyn Entropy>,
    settings: Settings,
    /// Argon2 at once: as many as there are cores, so that memory stays bounded.
    hashing: Semaphore,
    /// Wakes the workers of the outbox.
    outbox_wake: Arc<Notify>,
    /// When a message that could not be trusted was audited last.
    newest_alarm: AtomicI64,
}

impl Services {
    /// Puts the use cases of one instance together.
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        lease_clock: Arc<dyn LeaseClock>,
        entropy: Arc<dyn Entropy>,
        settings: Settings,
    ) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            store,
            clock,
            lease_clock,
            entropy,
            settings,
            hashing: Semaphore::new(cores),
            outbox_wake: Arc::new(Notify::new()),
            newest_alarm: AtomicI64::new(0),
        }
    }

    /// What the operator decided.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Label of the account in the app for an authenticator that was enrolled at `home_instance`. Other instances are named as this
    /// one is: `e-Proc/JMU` of `e-Proc/STM`.
    fn account_label(&self, home_instance: &str) -> String {
        let Settings {
            instance, label, ..
        } = &self.settings;
        if home_instance == instance {
            label.clone()
        } else {
            label.replace(instance.as_str(), home_instance)
        }
    }

    /// Now, by the only clock there is.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Whether the store answers.
    pub async fn is_ready(&self) -> Result<(), ServiceError> {
        Ok(self.store.reader().await?.ping().await?)
    }

    /// A fresh reference under which a failure is logged and quoted to the help desk: eight characters.
    pub fn failure_reference(&self) -> String {
        let mut reference = self.store.sealer().row_id();
        reference.truncate(8);
        reference
    }

    /// The sealing of values that do not live in a table, such as a form's cookie.
    pub fn sealer(&self) -> &crate::storage::Sealer {
        self.store.sealer()
    }

    /// The store, for the demonstration, which lays people into it.
    pub fn store(&self) -> &Store {
        &self.store
    }

    fn new_token(&self) -> Token {
        Token::new(self.entropy.bytes())
    }

    /// A link for a mail. It begins with the configured address, never with what a request says (R15).
    fn mailed_link(&self, path: fn(&str) -> String, token: &Token) -> String {
        format!("{}{}", self.settings.public_url, path(token.expose()))
    }
}
