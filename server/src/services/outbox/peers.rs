//! The worker of each other instance (R24). It has places of its own, so that a peer that is down or slow costs the others nothing.
//! Nothing is sent to a peer that does not answer: it is asked by a light request once a second while rows wait, and its first answer
//! starts the delivery.

use super::{IDLE, retry_pause};
use crate::domain::envelope::MOST_MESSAGES;
use crate::domain::{
    Actor, AuditEvent, ClientInfo, MessageHeader, PersonChange, SyncAnswer, SyncMessage, Timestamp,
};
use crate::ports::{PeerError, Peers};
use crate::services::account_changes::audit_alone;
use crate::services::{ServiceError, Services};
use crate::storage::{Channel, LeasedRow, StoreResult, Tx, UnitOfWork};
use app::model::SyncOutcome;
use std::sync::Arc;
use std::time::Duration;

/// How often a peer that does not answer is asked while rows wait for it.
const PROBE_EVERY: Duration = Duration::from_secs(1);
/// Longest pause after a peer answered with failures again and again.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// What came of one delivery to a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Nothing is due.
    NothingDue,
    /// So many messages were answered, or are to be tried again by themselves.
    Answered(usize),
    /// Nobody answers there.
    Unreachable,
    /// It answers, but takes no messages now.
    Failing,
}

impl Services {
    pub(super) async fn tell_peer(self: Arc<Self>, peer: String, peers: Arc<dyn Peers>) {
        // how often in a row it took no messages
        let mut failures = 0;
        loop {
            let woken = self.store.outbox_wake().notified();
            match self.deliver_all(&peer, &*peers).await {
                Ok(Delivery::NothingDue | Delivery::Answered(_)) => {
                    failures = 0;
                    let _ = tokio::time::timeout(IDLE, woken).await;
                    continue;
                }
                Ok(Delivery::Unreachable) => {
                    while !{
                        tokio::time::sleep(PROBE_EVERY).await;
                        peers.is_reachable(&peer).await
                    } {}
                }
                Ok(Delivery::Failing) => {}
                Err(error) => tracing::error!(%error, peer, "the outbox cannot be worked"),
            }
            // the first failure costs no pause, because the probe has told that it answers again
            if failures > 0 {
                let jitter = self.entropy.bytes::<1>()[0];
                let pause = retry_pause(failures - 1, jitter).0.unsigned_abs();
                tokio::time::sleep(Duration::from_secs(pause).min(LONGEST_PAUSE)).await;
            }
            failures += 1;
        }
    }

    /// Delivers until nothing is due or the peer takes nothing. While batches are full two are on their way at once.
    async fn deliver_all(&self, peer: &str, peers: &dyn Peers) -> Result<Delivery, ServiceError> {
        loop {
            let mut delivered = self.deliver_batch(peer, peers).await?;
            while delivered == Delivery::Answered(MOST_MESSAGES) {
                let (one, other) = tokio::join!(
                    self.deliver_batch(peer, peers),
                    self.deliver_batch(peer, peers)
                );
                delivered = match (one?, other?) {
                    (Delivery::Answered(_), other) => other,
                    (one, _) => one,
                };
            }
            if !matches!(delivered, Delivery::Answered(_)) {
                return Ok(delivered);
            }
        }
    }

    /// Delivers one batch to the first peer for which something is due; false when nothing is due for any.
    pub async fn deliver_next_change(&self, peers: &dyn Peers) -> Result<bool, ServiceError> {
        for peer in &self.settings.peers {
            if self.deliver_batch(&peer.name, peers).await? != Delivery::NothingDue {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Delivers the due changes for one peer, one of each person, in one request.
    pub async fn deliver_batch(
        &self,
        peer: &str,
        peers: &dyn Peers,
    ) -> Result<Delivery, ServiceError> {
        let rows = self
            .lease::<PersonChange>(Channel::Sync, peer, MOST_MESSAGES)
            .await?;
        if rows.is_empty() {
            return Ok(Delivery::NothingDue);
        }
        let messages: Vec<_> = rows
            .iter()
            .map(|row| self.message_to(peer, row.id.clone(), row.payload.clone()))
            .collect();
        let mut settled = Settled {
            now: self.now(),
            ..Settled::default()
        };
        let mut untrusted = None;
        let mut note = |error: PeerError| match error {
            PeerError::Unreachable(error) | PeerError::Transient(error) => {
                tracing::warn!(peer, error, "will be tried again");
                error
            }
            PeerError::Untrusted(error) => {
                tracing::error!(peer, error, "an answer is not to be trusted");
                untrusted = Some(error.clone());
                error
            }
        };
        let result = match peers.deliver(peer, &messages).await {
            Ok(answers) => {
                let count = rows.len();
                let mut answers = answers.into_iter();
                for row in rows {
                    match answers.next() {
                        Some(Ok(answer)) => settled.answered.push((row, answer)),
                        Some(Err(error)) => {
                            let next_at = self.retry_at(row.attempts).await?;
                            settled.again.push((row, note(error), next_at));
                        }
                        // there was no room for it
                        None => settled.again.push((row, String::new(), self.now())),
                    }
                }
                Delivery::Answered(count)
            }
            Err(error) => {
                let result = match error {
                    PeerError::Unreachable(_) => Delivery::Unreachable,
                    PeerError::Transient(_) | PeerError::Untrusted(_) => Delivery::Failing,
                };
                let error = note(error);
                // due at once: the worker asks whether somebody answers, and pauses
                let now = self.lease_clock.lease_time().await?;
                let again = rows.into_iter().map(|row| (row, error.clone(), now));
                settled.again.extend(again);
                result
            }
        };
        if let Some(error) = untrusted {
            let text = format!("an answer of {peer} is not to be trusted: {error}");
            self.alarm(&format!("sync {peer} answer"), text, ClientInfo::default())
                .await?;
        }
        for (row, answer) in &settled.answered {
            let (kind, answer) = (row.payload.change.kind(), answer.outcome.code());
            tracing::info!(row = %row.id, peer, kind, answer, "handed over");
        }
        let people: Vec<_> = settled.answered.iter().map(|(row, _)| row.person).collect();
        let (lost, incredible) = self.store.write(settled).await?;
        for person in people {
            // nobody waits for it: no error
            let _ = self.answered_people.send(person);
        }
        if incredible > 0 {
            let text = format!("{peer} claims to know changes of this instance that cannot be");
            self.alarm(&format!("sync {peer} counter"), text, ClientInfo::default())
                .await?;
        }
        if lost > 0 {
            let text = format!(
                "{peer} knows changes of {lost} people that this instance has lost: it was restored \
                 from an older backup"
            );
            self.alarm(&format!("sync {peer} stale"), text, ClientInfo::default())
                .await?;
        }
        Ok(result)
    }

    /// A change as it is sent to a peer.
    pub(in crate::services) fn message_to(
        &self,
        peer: &str,
        id: String,
        change: PersonChange,
    ) -> SyncMessage {
        let header = MessageHeader {
            id,
            issuer: self.settings.instance.clone(),
            audience: peer.to_owned(),
        };
        SyncMessage { header, change }
    }
}

/// The results of one delivery.
#[derive(Default)]
struct Settled {
    answered: Vec<(LeasedRow<PersonChange>, SyncAnswer)>,
    again: Vec<(LeasedRow<PersonChange>, String, Timestamp)>,
    now: Timestamp,
}

impl UnitOfWork for Settled {
    /// Of how many people the peer knows changes of this instance that are not known here, and of how many it claims what cannot be.
    type Output = (usize, usize);

    async fn run(&self, tx: &mut Tx) -> StoreResult<Self::Output> {
        let (mut lost, mut incredible) = (0, 0);
        for (row, answer) in &self.answered {
            let is_first = tx
                .finish_row(&row.id, Some(answer.outcome), self.now)
                .await?;
            // an answer to what was withdrawn, or answered to another worker, tells nothing
            if let (SyncOutcome::Stale, Some(known), true) =
                (answer.outcome, answer.known, is_first)
            {
                if !tx.tell_as_newer(row, known, self.now).await? {
                    incredible += 1;
                    continue;
                }
                let (event, person) = (AuditEvent::RevisionLost, Some(row.person));
                audit_alone(
                    tx,
                    &Actor::System,
                    event,
                    person,
                    &row.destination,
                    self.now,
                )
                .await?;
                lost += 1;
            }
        }
        for (row, error, next_at) in &self.again {
            tx.retry_row(&row.id, error, *next_at).await?;
        }
        Ok((lost, incredible))
    }
}
