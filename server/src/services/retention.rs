//! Deletes data that is no longer needed, in the background (docs/operations.md, *What is kept*).

use super::Services;
use crate::storage::{AT_ONCE, RULES, StoreResult};
use std::sync::Arc;
use std::time::Duration;

/// Pause between two rounds, and before the first one, so that the start is not slowed down.
const EVERY: Duration = Duration::from_hours(1);

impl Services {
    /// Runs the rules every hour until the process ends.
    pub fn start_retention(self: &Arc<Self>) {
        let services = self.clone();
        tokio::spawn(async move {
            loop {
                // an import whose process ended on the way
                if let Err(error) = services.complete_imports(|_| {}).await {
                    tracing::warn!(%error, "an import could not be carried through; tried again in an hour");
                }
                tokio::time::sleep(EVERY).await;
                if let Err(error) = services.refresh_decoys().await {
                    tracing::warn!(%error, "the costs of hashes could not be read; tried again in an hour");
                }
                if let Err(error) = services.forget().await {
                    tracing::warn!(%error, "old rows could not be deleted; tried again in an hour");
                }
            }
        });
    }

    /// Reads what hashes people have, from which decoys are taken (R13). An import and sign-ins change it.
    pub async fn refresh_decoys(&self) -> StoreResult<()> {
        let costs = self.store.reader().await?.password_costs().await?;
        self.decoys.set(costs);
        Ok(())
    }

    /// Runs one round of all rules and returns the number of rows that were deleted or wiped.
    pub async fn forget(&self) -> StoreResult<i64> {
        let now = self.now();
        let until = now - self.settings.audit_kept;
        let mut total = 0;
        // the audit comes last, and has no rule because its time is a setting
        for index in 0..=RULES.len() {
            let what = RULES
                .get(index)
                .map_or("audit rows older than audit.keep_days", |rule| rule.what);
            loop {
                let rows = self
                    .store
                    .write_with((index, until, now), |tx, (index, until, now)| {
                        match RULES.get(*index) {
                            Some(rule) => Box::pin(tx.forget(rule, *now)),
                            None => Box::pin(tx.forget_audit(*until)),
                        }
                    })
                    .await?;
                total += rows;
                if rows > 0 {
                    tracing::info!(rows, "forgot {what}");
                }
                if rows < AT_ONCE {
                    break;
                }
            }
        }
        Ok(total)
    }
}
