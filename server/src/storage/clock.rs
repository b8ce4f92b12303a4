//! The clock of the PostgreSQL server, which all replicas share.

use super::{Store, StoreResult};
use crate::domain::Timestamp;
use crate::ports::{LeaseClock, LeaseClockError};
use async_trait::async_trait;

/// Compares leases by the clock of the database, so that replicas on machines with different clocks do not take each other's
/// rows.
pub struct DatabaseClock(pub Store);

impl DatabaseClock {
    async fn ask(&self) -> StoreResult<Timestamp> {
        let (now,) = self
            .0
            .reader()
            .await?
            .fetch_one("SELECT CAST(EXTRACT(EPOCH FROM now()) AS BIGINT)", args![])
            .await?;
        Ok(now)
    }
}

#[async_trait]
impl LeaseClock for DatabaseClock {
    async fn lease_time(&self) -> Result<Timestamp, LeaseClockError> {
        self.ask()
            .await
            .map_err(|error| LeaseClockError(error.to_string()))
    }
}
