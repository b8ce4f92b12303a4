//! What the use cases need from the world, each behind a trait because a test or the
//! demonstration brings its own.

use crate::domain::{mail::MailJob, sync::SyncMessage, time::Timestamp};
use app::model::SyncOutcome;
use async_trait::async_trait;

/// The only source of time.
pub trait Clock: Send + Sync + 'static {
    fn now(&self) -> Timestamp;
}

/// The time that leases of the outbox are compared by. Replicas on one database must agree on it, so that their machines' clocks do
/// not count there.
#[async_trait]
pub trait LeaseClock: Send + Sync + 'static {
    async fn lease_time(&self) -> Result<Timestamp, LeaseClockError>;
}

/// The shared clock could not be asked.
#[derive(Debug, thiserror::Error)]
#[error("the time of leases is not known: {0}")]
pub struct LeaseClockError(pub String);

/// The only source of randomness (R5: the operating system's generator in production).
pub trait Entropy: Send + Sync + 'static {
    /// Fills `buffer` with unpredictable bytes.
    fn fill(&self, buffer: &mut [u8]);
}

impl dyn Entropy {
    /// `N` unpredictable bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }
}

/// Why a mail was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// Worth another try: connection, time-out, a 4xx answer (greylisting among them).
    #[error("try again: {0}")]
    Transient(String),
    /// Final: a 5xx answer, or an address the server refuses.
    #[error("refused for good: {0}")]
    Permanent(String),
}

/// Hands mails to a mail server.
#[async_trait]
pub trait Mailer: Send + Sync + 'static {
    /// Returns once the server has accepted the mail. `message_id` is stable over retries, so
    /// that a doubled delivery can be recognised.
    async fn send(&self, job: &MailJob, message_id: &str) -> Result<(), MailError>;
}

/// Why a message did not reach its peer, or its answer could not be used.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    /// Worth another try: connection, time-out, 5xx.
    #[error("try again: {0}")]
    Transient(String),
    /// The answer's signature or shape is wrong: retried too, but an alarm in the log.
    #[error("not to be trusted: {0}")]
    Untrusted(String),
}

/// Carries sync messages to the other instances.
#[async_trait]
pub trait Peers: Send + Sync + 'static {
    /// Delivers one message and returns the destination's final business answer.
    async fn deliver(&self, message: &SyncMessage) -> Result<SyncOutcome, PeerError>;
}
