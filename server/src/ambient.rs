//! The system's clock and the operating system's random generator. Nothing else may read them (decision 3).

use crate::domain::Timestamp;
use crate::ports::{Clock, Entropy, LeaseClock, LeaseClockError};
use async_trait::async_trait;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one legal call")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
    }
}

/// Compares leases by the clock of this process. This is right only while one process works on a database.
pub struct LocalLeaseClock(pub Arc<dyn Clock>);

#[async_trait]
impl LeaseClock for LocalLeaseClock {
    async fn lease_time(&self) -> Result<Timestamp, LeaseClockError> {
        Ok(self.0.now())
    }
}

/// Random bytes of the operating system (R5).
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(clippy::disallowed_methods, reason = "the one legal call")]
    #[expect(
        clippy::expect_used,
        reason = "a system without randomness must not go on"
    )]
    fn fill(&self, buffer: &mut [u8]) {
        getrandom::fill(buffer).expect("the operating system's generator");
    }
}
