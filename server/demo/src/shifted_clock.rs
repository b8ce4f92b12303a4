//! The clock that the desk moves.

use server::{ambient::SystemClock, domain::time::Timestamp, ports::Clock};
use std::sync::atomic::{AtomicI64, Ordering};

/// The system's clock, put forward or back by whole seconds.
#[derive(Debug, Default)]
pub(crate) struct ShiftedClock {
    shift: AtomicI64,
}

impl ShiftedClock {
    /// Moves the clock by so many seconds, on top of what it was moved before.
    pub(crate) fn shift(&self, seconds: i64) {
        self.shift.fetch_add(seconds, Ordering::SeqCst);
    }

    /// How many seconds it was moved.
    pub(crate) fn shifted(&self) -> i64 {
        self.shift.load(Ordering::SeqCst)
    }

    /// Back to the system's time.
    pub(crate) fn reset(&self) {
        self.shift.store(0, Ordering::SeqCst);
    }
}

impl Clock for ShiftedClock {
    fn now(&self) -> Timestamp {
        Timestamp(SystemClock.now().0 + self.shifted())
    }
}
