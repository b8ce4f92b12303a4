//! How many lines about refused attempts are logged (R22): a flood of them must not fill the disk.

use crate::domain::Timestamp;
use std::sync::{Mutex, PoisonError};

/// Most lines of one second.
const MOST: u32 = 50;

/// Counts the lines of the present second.
#[derive(Debug, Default)]
pub struct RefusalLines(Mutex<Lines>);

#[derive(Debug, Default)]
struct Lines {
    second: i64,
    logged: u32,
    unlogged: u64,
}

impl RefusalLines {
    /// Whether another line may be logged at `now`: how many were not since the last line, or `None` when it must not.
    pub fn permit(&self, now: Timestamp) -> Option<u64> {
        // a thread that panicked here left whole numbers
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.second != now.0 {
            lines.second = now.0;
            lines.logged = 0;
        }
        if lines.logged == MOST {
            lines.unlogged += 1;
            return None;
        }
        lines.logged += 1;
        Some(std::mem::take(&mut lines.unlogged))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_fifty_lines_a_second_and_the_rest_is_counted() {
        let lines = RefusalLines::default();
        let permitted = |now| {
            (0..120)
                .filter_map(|_| lines.permit(Timestamp(now)))
                .collect::<Vec<_>>()
        };
        assert_eq!(permitted(7), [0; 50]);
        let next = permitted(8);
        assert_eq!((next.len(), next[0], next[1]), (50, 70, 0));
    }
}
