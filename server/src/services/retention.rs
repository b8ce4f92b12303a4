//! Forgets what is no longer needed, in the background (docs/operations.md, *What is kept*).

use super::{ServiceError, Services};
use crate::storage::{AT_ONCE, RULES};
use std::{sync::Arc, time::Duration};

/// Between two rounds; the first begins after as long, so that starting up stays quick.
const EVERY: Duration = Duration::from_hours(1);

impl Services {
    /// Runs the rules until the process ends.
    pub fn start_retention(self: &Arc<Self>) {
        let services = self.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(EVERY).await;
                if let Err(error) = services.forget().await {
                    tracing::warn!(%error, "old rows could not be deleted; tried again in an hour");
                }
            }
        });
    }

    /// One round of all rules; the number of rows that were deleted or wiped.
    pub async fn forget(&self) -> Result<i64, ServiceError> {
        let now = self.now();
        let mut total = 0;
        for (index, rule) in RULES.iter().enumerate() {
            loop {
                let rows = self
                    .store
                    .write_with((index, now), |tx, (index, now)| {
                        Box::pin(tx.forget(&RULES[*index], *now))
                    })
                    .await?;
                total += rows;
                if rows > 0 {
                    tracing::info!(rows, "forgot {}", rule.what);
                }
                if rows < AT_ONCE {
                    break;
                }
            }
        }
        Ok(total)
    }
}
