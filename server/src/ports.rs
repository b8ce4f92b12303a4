//! What the use cases need from outside. Each is a trait, because tests or the demonstration replace it.

use crate::domain::{MailJob, SyncAnswer, SyncMessage, Timestamp};
use async_trait::async_trait;

/// The only source of time.
pub trait Clock: Send + Sync + 'static {
    fn now(&self) -> Timestamp;
}

/// The time by which leases of the outbox are compared. Replicas on one database must agree on it, so it must not depend on
/// the clock of a machine.
#[async_trait]
pub trait LeaseClock: Send + Sync + 'static {
    async fn lease_time(&self) -> Result<Timestamp, LeaseClockError>;
}

/// The shared clock did not answer.
#[derive(Debug, thiserror::Error)]
#[error("the time of leases is not known: {0}")]
pub struct LeaseClockError(pub String);

/// The only source of randomness (R5: in production the operating system's generator).
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
    /// Another attempt may succeed: connection, time-out, or a 4xx answer such as greylisting.
    #[error("try again: {0}")]
    Transient(String),
    /// Final: a 5xx answer, or an email that the server refuses.
    #[error("refused for good: {0}")]
    Permanent(String),
}

/// Sends mails to a mail server.
#[async_trait]
pub trait Mailer: Send + Sync + 'static {
    /// Returns when the server has accepted the mail. `message_id` is the same in all attempts, so that a mail that arrives
    /// twice can be recognised.
    async fn send(&self, job: &MailJob, message_id: &str) -> Result<(), MailError>;
}

/// Why a message did not reach its peer, or its answer could not be used. Each is tried again.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    /// Nobody answered: connection, TLS, time-out. Nothing is sent until somebody does.
    #[error("no answer: {0}")]
    Unreachable(String),
    /// Another attempt may succeed: 5xx, a proxy, an older release.
    #[error("try again: {0}")]
    Transient(String),
    /// The answer's signature or shape is wrong. It is tried again too, but the log has an alarm.
    #[error("not to be trusted: {0}")]
    Untrusted(String),
}

/// Sends sync messages to the other instances.
#[async_trait]
pub trait Peers: Send + Sync + 'static {
    /// Delivers messages of different people to one peer in one request. The answers are in the order of the messages; those of which
    /// nothing is said at the end were not sent, because there was no room.
    async fn deliver(
        &self,
        peer: &str,
        messages: &[SyncMessage],
    ) -> Result<Vec<Result<SyncAnswer, PeerError>>, PeerError>;

    /// Whether the peer answers at all, by a request that changes nothing and costs nothing.
    async fn is_reachable(&self, peer: &str) -> bool;
}
