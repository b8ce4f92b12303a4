//! The clock that the desk can move.

use server::ambient::SystemClock;
use server::domain::Timestamp;
use server::ports::Clock;
use std::sync::atomic::{AtomicI64, Ordering};

/// The system's clock, moved by whole seconds.
#[derive(Debug, Default)]
pub(crate) struct ShiftedClock {
    shift: AtomicI64,
}

impl ShiftedClock {
    /// Moves the clock by this many seconds, in addition to earlier moves.
    pub(crate) fn shift(&self, seconds: i64) {
        self.shift.fetch_add(seconds, Ordering::SeqCst);
    }

    /// By how many seconds the clock is moved; negative when it is behind.
    pub(crate) fn shifted(&self) -> i64 {
        self.shift.load(Ordering::SeqCst)
    }

    /// Sets the clock back to the system's time.
    pub(crate) fn reset(&self) {
        self.shift.store(0, Ordering::SeqCst);
    }
}

impl Clock for ShiftedClock {
    fn now(&self) -> Timestamp {
        Timestamp(SystemClock.now().0 + self.shifted())
    }
}
