//! The workers of the outbox, one per channel. A worker leases a row, delivers it, and keeps the answer or tries again later
//! with back-off and jitter (R17, R24). When a worker is killed its lease ends and another worker takes the row.

use super::{ServiceError, Services};
use crate::{
    domain::{
        mail::MailJob,
        sync::{Change, MessageHeader, SyncMessage},
        time::Seconds,
    },
    ports::{MailError, Mailer, PeerError, Peers},
    storage::{Channel, LeasedRow},
};
use app::model::SyncOutcome;
use serde::de::DeserializeOwned;
use std::{sync::Arc, time::Duration};
use tokio::sync::Semaphore;

/// Longer than any delivery takes, so that no row is delivered twice at the same time.
const LEASE: Seconds = Seconds(60);
/// Most deliveries of one channel at once: a slow peer or mail server must not delay the others.
const AT_ONCE: usize = 8;
/// How often the outbox is read when nobody wakes the worker.
const IDLE: Duration = Duration::from_secs(1);

/// The pause after `attempts` failures: 2, 4, 8 … seconds, at most ten minutes, plus up to a quarter of jitter.
fn retry_pause(attempts: i64, jitter: u8) -> Seconds {
    let base = 2_i64 << attempts.clamp(0, 9);
    let capped = base.min(600);
    Seconds(capped + capped * i64::from(jitter) / 1024)
}

impl Services {
    /// Starts the workers of both channels; they run until the process ends.
    pub fn start_outbox_workers(self: &Arc<Self>, mailer: Arc<dyn Mailer>, peers: Arc<dyn Peers>) {
        let services = self.clone();
        tokio::spawn(services.work_channel(move |services| {
            let mailer = mailer.clone();
            async move { services.deliver_next_mail(&*mailer).await }
        }));
        let services = self.clone();
        tokio::spawn(services.work_channel(move |services| {
            let peers = peers.clone();
            async move { services.deliver_next_change(&*peers).await }
        }));
    }

    async fn work_channel<F, D>(self: Arc<Self>, deliver: F)
    where
        F: Fn(Arc<Self>) -> D + Clone + Send + Sync + 'static,
        D: Future<Output = Result<bool, ServiceError>> + Send + 'static,
    {
        let permits = Arc::new(Semaphore::new(AT_ONCE));
        loop {
            let woken = self.outbox_wake.notified();
            // starts as many rounds as there are permits; each runs until no row is due
            while let Ok(permit) = permits.clone().try_acquire_owned() {
                let (services, deliver) = (self.clone(), deliver.clone());
                let round = tokio::spawn(async move {
                    let _permit = permit;
                    drain(services, deliver).await;
                });
                // a round that found no row ends at once, and then no further round is needed
                if tokio::time::timeout(Duration::from_millis(20), round)
                    .await
                    .is_ok()
                {
                    break;
                }
            }
            let _ = tokio::time::timeout(IDLE, woken).await;
        }
    }

    /// Delivers one due mail; false when none is due. A mail after its `give_up_at` fails without being sent.
    pub async fn deliver_next_mail(&self, mailer: &dyn Mailer) -> Result<bool, ServiceError> {
        let Some(row) = self.lease_next::<MailJob>(Channel::Mail).await? else {
            return Ok(false);
        };
        let is_too_late = row.give_up_at.is_some_and(|until| self.now() >= until);
        let delivered = if is_too_late {
            Err(DeliveryError::Permanent("its time ran out".to_owned()))
        } else {
            match mailer.send(&row.payload, &row.id).await {
                Ok(()) => Ok(None),
                Err(MailError::Transient(error)) => Err(DeliveryError::Transient(error)),
                Err(MailError::Permanent(error)) => Err(DeliveryError::Permanent(error)),
            }
        };
        let kind = row.payload.message.kind();
        self.settle(&row, kind, delivered).await?;
        Ok(true)
    }

    /// Delivers one due change to its peer; false when none is due.
    pub async fn deliver_next_change(&self, peers: &dyn Peers) -> Result<bool, ServiceError> {
        let Some(row) = self.lease_next::<Change>(Channel::Sync).await? else {
            return Ok(false);
        };
        let message = SyncMessage {
            header: MessageHeader {
                id: row.id.clone(),
                issuer: self.settings.instance.clone(),
                audience: row.destination.clone(),
            },
            change: row.payload.clone(),
        };
        let delivered = match peers.deliver(&message).await {
            Ok(outcome) => Ok(Some(outcome)),
            Err(PeerError::Transient(error)) => Err(DeliveryError::Transient(error)),
            Err(PeerError::Untrusted(error)) => {
                tracing::error!(row = %row.id, peer = %row.destination, error, "ALARM: answer not to be trusted");
                Err(DeliveryError::Transient(error))
            }
        };
        self.settle(&row, message.change.kind(), delivered).await?;
        Ok(true)
    }

    async fn lease_next<P>(&self, channel: Channel) -> Result<Option<LeasedRow<P>>, ServiceError>
    where
        P: DeserializeOwned + Send + 'static,
    {
        let now = self.lease_clock.lease_time().await?;
        Ok(self
            .store
            .write_with((channel, now), |tx, (channel, now)| {
                Box::pin(tx.lease_row(*channel, LEASE, *now))
            })
            .await?)
    }

    /// Writes the result of an attempt: final, or to be tried again later.
    async fn settle<P: Sync>(
        &self,
        row: &LeasedRow<P>,
        kind: &'static str,
        delivered: Result<Option<SyncOutcome>, DeliveryError>,
    ) -> Result<(), ServiceError> {
        let (id, destination, attempt) = (row.id.clone(), &row.destination, row.attempts + 1);
        match delivered {
            Ok(outcome) => {
                let answer = outcome.map_or("accepted", SyncOutcome::code);
                tracing::info!(row = %id, %destination, kind, answer, "handed over");
                self.store
                    .write_with((id, outcome, self.now()), |tx, (id, outcome, now)| {
                        Box::pin(tx.finish_row(id, *outcome, *now))
                    })
                    .await?;
            }
            Err(DeliveryError::Permanent(error)) => {
                tracing::error!(row = %id, %destination, kind, error, "refused for good");
                self.store
                    .write_with((id, error, self.now()), |tx, (id, error, now)| {
                        Box::pin(tx.fail_row(id, error, *now))
                    })
                    .await?;
            }
            Err(DeliveryError::Transient(error)) => {
                tracing::warn!(row = %id, %destination, kind, error, attempt, "will be tried again");
                let jitter = self.entropy.bytes::<1>()[0];
                let next_at =
                    self.lease_clock.lease_time().await? + retry_pause(row.attempts, jitter);
                self.store
                    .write_with((id, error, next_at), |tx, (id, error, next_at)| {
                        Box::pin(tx.retry_row(id, error, *next_at))
                    })
                    .await?;
            }
        }
        Ok(())
    }
}

/// Why a row was not delivered.
enum DeliveryError {
    /// Another attempt may succeed.
    Transient(String),
    Permanent(String),
}

async fn drain<F, D>(services: Arc<Services>, deliver: F)
where
    F: Fn(Arc<Services>) -> D,
    D: Future<Output = Result<bool, ServiceError>>,
{
    loop {
        match deliver(services.clone()).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                tracing::error!(%error, "the outbox cannot be worked");
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_grows_and_is_capped() {
        assert_eq!(retry_pause(0, 0), Seconds(2));
        assert_eq!(retry_pause(1, 0), Seconds(4));
        assert_eq!(retry_pause(20, 0), Seconds(600));
        assert!((0..40).all(|n| retry_pause(n, 255).0 <= 750));
        assert!((0..40).all(|n| retry_pause(n, 0).0 <= retry_pause(n + 1, 0).0));
    }
}
