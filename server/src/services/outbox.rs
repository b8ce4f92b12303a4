//! The workers behind both outboxes: lease, hand over, keep the answer or try again later with
//! back-off and jitter (R17, R24). A killed worker's lease runs out and another takes over.

use super::{Outcome, Services};
use crate::{
    domain::time::Seconds,
    ports::{MailFault, Mailer, PeerFault, Peers},
    storage::{DueMail, DueSync},
};
use std::{sync::Arc, time::Duration};
use tokio::sync::Semaphore;

/// Longer than any delivery takes.
const LEASE: Seconds = Seconds(60);
/// Deliveries at once, so that a slow peer or mail server delays nobody else.
const AT_ONCE: usize = 8;
/// How often the outboxes are looked at without being woken.
const IDLE: Duration = Duration::from_secs(1);

/// Back-off after `attempts` failures: 2, 4, 8 … seconds, at most ten minutes, plus up to a
/// quarter of jitter.
fn pause(attempts: i64, jitter: u8) -> Seconds {
    let base = 2_i64 << attempts.clamp(0, 8);
    let capped = base.min(600);
    Seconds(capped + capped * i64::from(jitter) / 1024)
}

impl Services {
    /// Runs both outboxes until the process ends.
    pub fn start_outboxes(self: &Arc<Self>, mailer: Arc<dyn Mailer>, peers: Arc<dyn Peers>) {
        let services = self.clone();
        tokio::spawn(services.work(move |services| {
            let mailer = mailer.clone();
            async move { services.next_mail(&*mailer).await }
        }));
        let services = self.clone();
        tokio::spawn(services.work(move |services| {
            let peers = peers.clone();
            async move { services.next_sync(&*peers).await }
        }));
    }

    async fn work<F, D>(self: Arc<Self>, deliver: F)
    where
        F: Fn(Arc<Self>) -> D + Clone + Send + Sync + 'static,
        D: Future<Output = Outcome<bool>> + Send + 'static,
    {
        let places = Arc::new(Semaphore::new(AT_ONCE));
        loop {
            let woken = self.nudge.notified();
            // as many deliveries as there are places; each goes on until nothing is due
            while let Ok(place) = places.clone().try_acquire_owned() {
                let (services, deliver) = (self.clone(), deliver.clone());
                let round = tokio::spawn(async move {
                    let _place = place;
                    drain(services, deliver).await;
                });
                // give the round a moment: one that found nothing ends at once
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

    /// Hands over one due mail; false when none is due.
    pub async fn next_mail(&self, mailer: &dyn Mailer) -> Outcome<bool> {
        let now = self.now();
        let due = self
            .store
            .write(now, |tx, now| {
                Box::pin(async move { tx.lease_mail(LEASE, *now).await })
            })
            .await?;
        let Some(due) = due else { return Ok(false) };
        let result = if now < due.give_up_at {
            mailer.send(&due.job, &due.id).await
        } else {
            Err(MailFault::Permanent("its time ran out".to_owned()))
        };
        self.conclude_mail(&due, result).await?;
        Ok(true)
    }

    async fn conclude_mail(&self, due: &DueMail, result: Result<(), MailFault>) -> Outcome<()> {
        let now = self.now();
        let kind = due.job.message.kind();
        let (accepted, fault) = match result {
            Ok(()) => {
                tracing::info!(mail = %due.id, kind, "mail accepted by the mail server");
                (true, None)
            }
            Err(MailFault::Transient(fault)) => {
                let next_at = now + pause(due.attempts, self.entropy.bytes::<1>()[0]);
                tracing::warn!(mail = %due.id, kind, fault, attempts = due.attempts + 1, "mail will be tried again");
                let input = (due.id.clone(), fault, next_at);
                return Ok(self
                    .store
                    .write(input, |tx, i| {
                        Box::pin(async move { tx.retry_mail(&i.0, &i.1, i.2).await })
                    })
                    .await?);
            }
            Err(MailFault::Permanent(fault)) => {
                tracing::error!(mail = %due.id, kind, fault, "mail refused for good");
                (false, Some(fault))
            }
        };
        let input = (due.id.clone(), accepted, fault, now);
        Ok(self
            .store
            .write(input, |tx, i| {
                Box::pin(async move { tx.finish_mail(&i.0, i.1, i.2.as_deref(), i.3).await })
            })
            .await?)
    }

    /// Delivers one due message; false when none is due.
    pub async fn next_sync(&self, peers: &dyn Peers) -> Outcome<bool> {
        let now = self.now();
        let due = self
            .store
            .write(now, |tx, now| {
                Box::pin(async move { tx.lease_sync(LEASE, *now).await })
            })
            .await?;
        let Some(due) = due else { return Ok(false) };
        let result = match self.message(&due) {
            Ok(message) => peers.deliver(&message).await,
            // a newer release's: it may be understood again after the next update
            Err(error) => Err(PeerFault::Transient(error.to_string())),
        };
        self.conclude_sync(&due, result).await?;
        Ok(true)
    }

    async fn conclude_sync(
        &self,
        due: &DueSync,
        result: Result<crate::domain::sync::SyncOutcome, PeerFault>,
    ) -> Outcome<()> {
        let now = self.now();
        let peer = &due.peer;
        let fault = match result {
            Ok(outcome) => {
                tracing::info!(message = %due.id, %peer, outcome = outcome.code(), "sync answered");
                let input = (due.id.clone(), outcome, now);
                return Ok(self
                    .store
                    .write(input, |tx, i| {
                        Box::pin(async move { tx.finish_sync(&i.0, i.1, i.2).await })
                    })
                    .await?);
            }
            Err(PeerFault::Transient(fault)) => {
                tracing::warn!(message = %due.id, %peer, fault, "sync will be tried again");
                fault
            }
            Err(PeerFault::Untrusted(fault)) => {
                tracing::error!(message = %due.id, %peer, fault, "ALARM: answer not to be trusted");
                fault
            }
        };
        let next_at = now + pause(due.attempts, self.entropy.bytes::<1>()[0]);
        let input = (due.id.clone(), fault, next_at);
        Ok(self
            .store
            .write(input, |tx, i| {
                Box::pin(async move { tx.retry_sync(&i.0, &i.1, i.2).await })
            })
            .await?)
    }
}

async fn drain<F, D>(services: Arc<Services>, deliver: F)
where
    F: Fn(Arc<Services>) -> D,
    D: Future<Output = Outcome<bool>>,
{
    loop {
        match deliver(services.clone()).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                tracing::error!(%error, "an outbox cannot be worked");
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
        assert_eq!(pause(0, 0), Seconds(2));
        assert_eq!(pause(1, 0), Seconds(4));
        assert!((0..40).all(|n| pause(n, 255).0 <= 750));
        assert!((0..40).all(|n| pause(n, 0).0 <= pause(n + 1, 0).0));
    }
}
