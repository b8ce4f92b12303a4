//! Failed attempts: how long an account waits after each, and after how many none is judged (R4; NIST SP 800-63B
//! §5.2.2). `storage::throttle` counts them.

use super::time::Seconds;
use strum::IntoStaticStr;

#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum AttemptKind {
    Password,
    /// A one-time code.
    Code,
}

impl AttemptKind {
    /// Failures in a row before the first wait.
    const fn free(self) -> i64 {
        match self {
            Self::Password => 5,
            Self::Code => 2,
        }
    }

    /// Attempts from unknown browsers are judged while fewer than this many attempts were judged in a row, over all
    /// browsers.
    pub const fn limit_for_strangers(self) -> i64 {
        80
    }

    /// No attempt is judged after this many in a row. The difference to the limit for strangers is kept for known
    /// browsers, so that a stranger cannot lock the owner out.
    pub const fn limit(self) -> i64 {
        100
    }

    /// The wait after `failures` in a row; `None` while attempts are free.
    pub fn wait(self, failures: i64) -> Option<Seconds> {
        const WAITS: [i64; 6] = [30, 60, 120, 300, 900, 1800];
        let over = usize::try_from(failures - self.free() - 1).ok()?;
        Some(Seconds(WAITS.get(over).copied().unwrap_or(3600)))
    }

    /// Whether this failure starts a burst. The owner gets one security alert per burst.
    pub const fn opens_burst(self, failures: i64) -> bool {
        failures == self.free() + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r4_codes_wait_from_the_third_failure_and_ever_longer() {
        let waits: Vec<_> = (1..12)
            .map(|n| AttemptKind::Code.wait(n).map_or(0, |s| s.0))
            .collect();
        assert_eq!(waits[..3], [0, 0, 30]);
        assert!(waits.windows(2).all(|pair| pair[0] <= pair[1]));
        assert_eq!(AttemptKind::Code.wait(i64::MAX), Some(Seconds(3600)));
        assert!(AttemptKind::Code.opens_burst(3) && !AttemptKind::Code.opens_burst(4));
    }

    #[test]
    fn r4_never_more_than_100_are_judged() {
        for guess in [AttemptKind::Code, AttemptKind::Password] {
            assert!(guess.limit() <= 100 && guess.limit_for_strangers() < guess.limit());
        }
    }
}
