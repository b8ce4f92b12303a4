//! The workers of the outbox: one for mails, and one for each other instance. A worker leases rows, delivers them, and keeps the
//! answers or tries again later with back-off and jitter (R17, R24). When a worker is killed its lease ends and another worker takes
//! the rows.

mod mails;
mod peers;

pub use peers::Delivery;

use super::{ServiceError, Services};
use crate::domain::{Seconds, Timestamp};
use crate::ports::{Mailer, Peers};
use crate::storage::{Channel, LeasedRow};
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::Duration;

/// Longer than any delivery takes, so that no row is delivered twice at the same time.
const LEASE: Seconds = Seconds(60);
/// How often the outbox is read when nobody wakes the worker.
const IDLE: Duration = Duration::from_secs(1);

/// The pause after `attempts` failures: 2, 4, 8 … seconds, at most ten minutes, plus up to a quarter of jitter.
fn retry_pause(attempts: i64, jitter: u8) -> Seconds {
    let base = 2_i64 << attempts.clamp(0, 9);
    let capped = base.min(600);
    Seconds(capped + capped * i64::from(jitter) / 1024)
}

impl Services {
    /// Starts the workers; they run until the process ends.
    pub fn start_outbox_workers(self: &Arc<Self>, mailer: Arc<dyn Mailer>, peers: &Arc<dyn Peers>) {
        tokio::spawn(self.clone().send_mails(mailer));
        for peer in &self.settings.peers {
            tokio::spawn(self.clone().tell_peer(peer.name.clone(), peers.clone()));
        }
        self.start_comparing(peers);
    }

    /// Leases up to `most` due rows for one destination.
    async fn lease<P>(
        &self,
        channel: Channel,
        destination: &str,
        most: usize,
    ) -> Result<Vec<LeasedRow<P>>, ServiceError>
    where
        P: DeserializeOwned + Send + 'static,
    {
        let now = self.lease_clock.lease_time().await?;
        let most = i64::try_from(most).unwrap_or(1);
        let input = (channel, destination.to_owned(), most, now);
        Ok(self
            .store
            .write_with(input, |tx, (channel, destination, most, now)| {
                Box::pin(tx.lease_rows(*channel, destination, *most, LEASE, *now))
            })
            .await?)
    }

    /// When a row is tried again after so many attempts.
    async fn retry_at(&self, attempts: i64) -> Result<Timestamp, ServiceError> {
        let jitter = self.entropy.bytes::<1>()[0];
        Ok(self.lease_clock.lease_time().await? + retry_pause(attempts, jitter))
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
