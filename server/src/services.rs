//! The use cases, one file for each capability. The first argument says who acts: the context of a visitor's request, or the
//! handle of an operator or a peer. They know the store, the ports and the views of pages, but not HTTP.

pub mod account;
mod account_changes;
pub mod activated;
pub mod activation;
pub mod authenticators;
pub mod enrolment;
pub mod hashing_pool;
pub mod lost_phone;
pub mod not_me;
pub mod outbox;
pub mod own_sessions;
pub mod people;
pub mod recovery_codes;
mod request;
pub mod retention;
mod security_alerts;
pub mod sign_in;
pub mod support_desk;
pub mod sync;
pub mod waiting_room;
pub mod watch;

use crate::domain::{
    AlarmThresholds, EnrolmentLimits, InstitutionalSuffixes, NetworkBudget, PeerRights, PersonId,
    Policy, RecoveryPolicy, Seconds, SessionLimits, Timestamp, Token,
};
use crate::ports::{Clock, Entropy, LeaseClock, LeaseClockError};
use crate::storage::{Store, StoreError};
use app::model::LinkRefusal;
use app::view::{FieldProblem, Problem};
use hashing_pool::{HashingPool, Interrupted};
use sign_in::decoys::Decoys;
use sign_in::refusal_lines::RefusalLines;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::sync::broadcast;
use waiting_room::{WaitingBounds, WaitingRoom};

/// Most people answered of whom a slow listener has not heard; with more it looks by itself.
const MOST_ANSWERED: usize = 1024;
/// Sign-ins with a turn, for each thread that hashes.
const TURNS_PER_THREAD: NonZeroUsize = NonZeroUsize::new(2).unwrap();
/// How many sign-ins may wait. Two thousand are what two cores can serve in the time that a browser waits; one network may
/// have an eighth of them, so that it takes eight to fill the room.
const WAITING_BOUNDS: WaitingBounds = WaitingBounds {
    queue: 2048,
    network: 256,
};

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
    pub network_budget: NetworkBudget,
    pub alarms: AlarmThresholds,
    pub recovery: RecoveryPolicy,
    /// How long audit rows are kept.
    pub audit_kept: Seconds,
}

impl Settings {
    /// The rights of the other instance with this name; `None` when there is none.
    fn peer(&self, name: &str) -> Option<&PeerRights> {
        self.peers.iter().find(|peer| peer.name == name)
    }
}

/// Why a use case failed. The cause is on the server, and the user cannot correct it.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    LeaseClock(#[from] LeaseClockError),
    #[error(transparent)]
    Hashing(#[from] Interrupted),
    /// More sign-ins wait than can be served soon; nothing was counted.
    #[error("too many sign-ins wait")]
    Busy,
    /// A change of another instance follows from one that has not come yet; it is to be sent again.
    #[error("a change of a third instance, from which this one follows, has not come yet")]
    Early,
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
    /// The mailed link does not work; its page says why.
    LinkRefused(LinkRefusal),
    /// The person must correct what was typed.
    Invalid(Vec<FieldProblem>),
}

impl Stop {
    /// One problem of one field; an empty `field` means the whole form.
    pub fn invalid(field: &str, problem: Problem) -> Self {
        Self::Invalid(vec![FieldProblem::new(field, problem)])
    }
}

impl<E: Into<ServiceError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl From<LinkRefusal> for Stop {
    fn from(refusal: LinkRefusal) -> Self {
        Self::LinkRefused(refusal)
    }
}

/// The use cases of one instance over its store.
pub struct Services {
    store: Store,
    clock: Arc<dyn Clock>,
    lease_clock: Arc<dyn LeaseClock>,
    entropy: Arc<dyn Entropy>,
    settings: Arc<Settings>,
    /// In which sign-ins wait for a turn at hashing.
    waiting_room: Arc<WaitingRoom>,
    /// One thread for each core: more hashing at once would only need more memory.
    hashing_pool: HashingPool,
    /// Tells in this process of whom another instance has answered a change.
    answered_people: broadcast::Sender<PersonId>,
    refusal_lines: RefusalLines,
    /// Apart from those of sign-ins, which noise at the sync endpoint must not drown.
    sync_lines: RefusalLines,
    decoys: Decoys,
    /// When [`Services::is_ready`] has last tried a change that did not fail, in seconds since the Unix epoch.
    written_at: AtomicI64,
}

impl Services {
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        lease_clock: Arc<dyn LeaseClock>,
        entropy: Arc<dyn Entropy>,
        settings: Settings,
    ) -> Self {
        let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        // twice as many turns as threads: while some hash, others count their attempt, and no thread waits for the database
        let turns = cores.saturating_mul(TURNS_PER_THREAD);
        Self {
            store,
            clock,
            lease_clock,
            entropy,
            settings: Arc::new(settings),
            waiting_room: WaitingRoom::new(turns, WAITING_BOUNDS),
            hashing_pool: HashingPool::start(cores),
            answered_people: broadcast::Sender::new(MOST_ANSWERED),
            refusal_lines: RefusalLines::default(),
            sync_lines: RefusalLines::default(),
            decoys: Decoys::default(),
            written_at: AtomicI64::new(0),
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
        } = &*self.settings;
        if home_instance == instance {
            label.clone()
        } else {
            label.replace(instance.as_str(), home_instance)
        }
    }

    /// The room in which sign-ins wait for their turn at hashing.
    pub const fn waiting_room(&self) -> &Arc<WaitingRoom> {
        &self.waiting_room
    }

    /// The time of the port `Clock`.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// An error when the store does not answer or takes no change. A change is tried once a second at most, because it costs a commit
    /// and anybody may ask.
    pub async fn is_ready(&self) -> Result<(), ServiceError> {
        self.store.reader().await?.ping().await?;
        let now = self.now();
        // claimed before it is done: of all who ask within a second one waits for a commit
        if self.written_at.swap(now.0, Ordering::Relaxed) == now.0 {
            return Ok(());
        }
        let written = self.store.check_write().await;
        if written.is_err() {
            self.written_at.store(0, Ordering::Relaxed);
        }
        Ok(written?)
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
