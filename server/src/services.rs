//! The use cases, one file for each capability. The first argument says who acts: the context of a visitor's request, or the
//! handle of an operator or a peer. They know the store, the ports and the views of pages, but not HTTP.

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

/// The operator's decisions in the form that the use cases need.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Short name of this instance, such as `JMU`.
    pub instance: String,
    /// Account label in the authenticator app, which is also the issuer in its URI: `e-Proc/JMU`.
    pub label: String,
    /// URL at which browsers reach this instance, without a slash at the end (R15).
    pub public_url: String,
    /// URL of e-Proc, to which the home page leads; `None` when none is configured.
    pub system_url: Option<String>,
    pub policy: Policy,
    pub sessions: SessionLimits,
    pub enrolments: EnrolmentLimits,
    /// Suffixes of emails that are not personal.
    pub suffixes: InstitutionalSuffixes,
    /// The other instances and their rights here.
    pub peers: Vec<PeerRights>,
    /// Least time in milliseconds until a refused password is answered. Imported hashes take more or less time than ours, and
    /// this must not tell which users exist (R13).
    pub refusal_floor_ms: u64,
}

/// The rights of another instance here. Every instance in the list is told of activations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerRights {
    pub name: String,
    /// Whether its activations are applied here.
    pub may_activate: bool,
}

/// Why a use case failed. The cause is on the server, and the user cannot correct it.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    LeaseClock(#[from] LeaseClockError),
    /// The hashing task was cancelled, or the queue for hashing is too long.
    #[error("password hashing was interrupted or its queue is too long")]
    Hashing,
}

/// Why a visitor's use case did not do what was asked.
#[derive(Debug)]
pub enum Stop {
    Failed(ServiceError),
    /// The session that it needs is over.
    SessionOver,
    /// The person must go to another page; this is its path.
    Redirect(&'static str),
    /// The enrolment is over or was replaced; the intro page says so.
    EnrolmentGone,
    /// The person must correct what was typed.
    Invalid(Vec<FieldProblem>),
}

impl Stop {
    /// One problem of one field; an empty `field` means the whole form.
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
    /// One permit for each core: more hashing at once would only need more memory.
    hashing: Semaphore,
    /// Wakes the workers of the outbox after a commit.
    outbox_wake: Arc<Notify>,
    /// Time in seconds of the newest audit row about a message that could not be trusted.
    newest_alarm: AtomicI64,
}

impl Services {
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

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Account label of an authenticator that was enrolled at `home_instance`. The label of another instance is derived from
    /// this one's: `e-Proc/STM` from `e-Proc/JMU`.
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

    /// The time of the port `Clock`.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// An error when the store does not answer.
    pub async fn is_ready(&self) -> Result<(), ServiceError> {
        Ok(self.store.reader().await?.ping().await?)
    }

    /// A new reference of eight characters for a failure: the log and the page show the same one, and the person tells it to
    /// the help desk.
    pub fn failure_reference(&self) -> String {
        let mut reference = self.store.sealer().row_id();
        reference.truncate(8);
        reference
    }

    /// Encryption of values that are in no table, such as a form's cookie.
    pub fn sealer(&self) -> &crate::storage::Sealer {
        self.store.sealer()
    }

    /// The store, for tests that look at rows or prepare them.
    pub fn store(&self) -> &Store {
        &self.store
    }

    fn new_token(&self) -> Token {
        Token::new(self.entropy.bytes())
    }

    /// A link for a mail. It begins with the configured URL and never with the host of a request (R15).
    fn mailed_link(&self, path: fn(&str) -> String, token: &Token) -> String {
        format!("{}{}", self.settings.public_url, path(token.expose()))
    }
}
