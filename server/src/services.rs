//! The use cases, one file per capability. They know the store and the ports, never HTTP.

pub mod account;
pub mod activated;
pub mod activation;
pub mod enrolment;
pub mod links;
pub mod not_me;
pub mod notices;
pub mod outbox;
pub mod people;
pub mod retention;
pub mod sign_in;
pub mod sync;
pub mod visitor;

use crate::{
    domain::{
        address::InstitutionalSuffixes, enrolment::EnrolmentLimits, policy::Policy,
        session::SessionLimits, time::Timestamp, token::Token,
    },
    ports::{Clock, Entropy},
    storage::{Store, StoreError},
};
use std::sync::Arc;
use tokio::sync::{Notify, Semaphore};

pub use visitor::Visitor;

/// What the operator decided, as the use cases need it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Short name of this instance: `JMU`.
    pub instance: String,
    /// Issuer and label of the entry in the app: `e-Proc/JMU`.
    pub label: String,
    /// Where browsers reach this instance, without a slash at the end (R15).
    pub public_url: String,
    /// Whom the second factor is asked of.
    pub policy: Policy,
    /// Lengths of sessions.
    pub sessions: SessionLimits,
    /// Lengths of an enrolment.
    pub enrolments: EnrolmentLimits,
    /// Suffixes that are no personal address.
    pub suffixes: InstitutionalSuffixes,
    /// The other instances.
    pub peers: Vec<PeerRights>,
    /// Least time that a refused password takes to answer, in milliseconds: imported hashes cost
    /// more or less than ours, and must not tell who exists (R13).
    pub refusal_floor_ms: u64,
}

/// What another instance may do here, and that it is told of activations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerRights {
    /// Its name.
    pub name: String,
    /// Whether its activations are applied here.
    pub may_activate: bool,
}

/// Why a use case gave no answer: ours to mend, never the user's.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The hashing task was cancelled, or too many wait for theirs.
    #[error("password hashing was interrupted or its queue is too long")]
    Hashing,
}

/// Result of a use case.
pub type Outcome<T> = Result<T, Fault>;

/// Paths of the pages behind mailed links, by their tokens; who owns the pages makes them.
#[derive(Clone, Copy, Debug)]
pub struct Links {
    /// Where an activation is confirmed.
    pub activation: fn(&str) -> String,
    /// *Não fui eu* of a notice.
    pub not_me: fn(&str) -> String,
}

/// The use cases of one instance over its store.
pub struct Services {
    store: Store,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    settings: Settings,
    links: Links,
    /// Argon2 at once: as many as there are cores, so that memory stays bounded.
    hashing: Semaphore,
    /// Wakes the outbox workers.
    nudge: Arc<Notify>,
}

impl Services {
    /// Puts the use cases of one instance together.
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        settings: Settings,
        links: Links,
    ) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            store,
            clock,
            entropy,
            settings,
            links,
            hashing: Semaphore::new(cores),
            nudge: Arc::new(Notify::new()),
        }
    }

    /// What the operator decided.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Name of the entry in the app for an authenticator that was enrolled at `origin`; `None`:
    /// here. Other instances are named as this one is: `e-Proc/JMU` of `e-Proc/STM`.
    fn entry_of(&self, origin: Option<&str>) -> String {
        let Settings {
            instance, label, ..
        } = &self.settings;
        match origin {
            Some(origin) if origin != instance => label.replace(instance.as_str(), origin),
            _ => label.clone(),
        }
    }

    /// The store, for sealing forms and for the command line.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Now, by the only clock there is.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Whether the store answers.
    pub async fn is_ready(&self) -> Outcome<()> {
        Ok(self.store.read((), |tx, _| Box::pin(tx.ping())).await?)
    }

    fn token(&self) -> Token {
        Token::new(self.entropy.bytes())
    }

    fn url(&self, page: fn(&str) -> String, token: &Token) -> String {
        format!("{}{}", self.settings.public_url, page(token.expose()))
    }
}
