//! The real clock and the real generator: the only place where either is read (decision 3).

use crate::{
    domain::time::Timestamp,
    ports::{Clock, Entropy, LeaseClock, LeaseClockError},
};
use async_trait::async_trait;
use std::{
    sync::Arc,
    sync::atomic::{AtomicI64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

/// The system's clock.
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

/// The system's clock, put forward or back by whole seconds: for the demonstration and tests.
#[derive(Debug, Default)]
pub struct ShiftedClock {
    shift: AtomicI64,
}

impl ShiftedClock {
    /// Moves the clock by so many seconds, on top of what it was moved before.
    pub fn shift(&self, seconds: i64) {
        self.shift.fetch_add(seconds, Ordering::SeqCst);
    }

    /// How far it was moved.
    pub fn shifted(&self) -> i64 {
        self.shift.load(Ordering::SeqCst)
    }

    /// Back to the system's time.
    pub fn reset(&self) {
        self.shift.store(0, Ordering::SeqCst);
    }
}

impl Clock for ShiftedClock {
    fn now(&self) -> Timestamp {
        Timestamp(SystemClock.now().0 + self.shifted())
    }
}

/// Leases by the clock of this process: right where one process works a database.
pub struct LocalLeaseClock(pub Arc<dyn Clock>);

#[async_trait]
impl LeaseClock for LocalLeaseClock {
    async fn lease_time(&self) -> Result<Timestamp, LeaseClockError> {
        Ok(self.0.now())
    }
}

/// The operating system's generator (R5).
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
