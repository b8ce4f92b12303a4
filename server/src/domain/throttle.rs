//! Failed attempts: how long an account waits after each, and after how many none is judged (R4; NIST SP 800-63B
//! §5.2.2). `storage::throttle` counts them.

use super::{Seconds, Timestamp};
use strum::IntoStaticStr;

#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum AttemptKind {
    Password,
    /// A one-time code.
    Code,
    /// Apart from one-time codes, so that who locks the code field does not lock the way out (R34).
    RecoveryCode,
}

impl AttemptKind {
    pub const ALL: [Self; 3] = [Self::Password, Self::Code, Self::RecoveryCode];

    /// No wait is longer.
    pub const LONGEST_WAIT: Seconds = Seconds::hours(1);

    /// Failures in a row before the first wait.
    const fn free(self) -> i64 {
        match self {
            Self::Password => 5,
            Self::Code | Self::RecoveryCode => 2,
        }
    }

    /// Attempts of browsers that are not known are judged while fewer than this many attempts were judged in a row, over all
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
        Some(
            WAITS
                .get(over)
                .map_or(Self::LONGEST_WAIT, |wait| Seconds(*wait)),
        )
    }

    /// Whether this failure starts a burst. The owner gets one security alert per burst.
    pub const fn opens_burst(self, failures: i64) -> bool {
        failures == self.free() + 1
    }
}

/// How many passwords may be wrong that come from one network, over all accounts (R31). Many people may share a network, so a
/// spent budget slows its strangers down, and never a known browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetworkBudget {
    /// Failures at once.
    pub failures: i64,
    /// After this long one failure is forgotten.
    pub refill: Seconds,
}

impl Default for NetworkBudget {
    fn default() -> Self {
        Self {
            failures: 100,
            refill: Seconds(10),
        }
    }
}

impl NetworkBudget {
    /// The latest value of `refilled_at` at which another attempt may be judged at `at`.
    pub fn latest_refill(self, at: Timestamp) -> Timestamp {
        at + Seconds(self.refill.0 * (self.failures - 1))
    }

    /// When an attempt may be judged that moved `refilled_at` to this value.
    pub fn judged_at(self, refilled_at: Timestamp) -> Timestamp {
        refilled_at - Seconds(self.refill.0 * self.failures)
    }
}

/// From how many accounts within an hour somebody is alarmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlarmThresholds {
    /// Accounts whose failures reached a wait.
    pub waiting_accounts: i64,
    /// Accounts at which the three busiest networks failed.
    pub failing_accounts: i64,
    /// Wrong passwords in all, from wherever they come.
    pub failures: i64,
}

impl Default for AlarmThresholds {
    fn default() -> Self {
        Self {
            waiting_accounts: 20,
            failing_accounts: 50,
            failures: 1_000,
        }
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
    fn r31_a_budget_is_spent_at_once_and_comes_back_one_by_one() {
        let budget = NetworkBudget {
            failures: 3,
            refill: Seconds(10),
        };
        let now = Timestamp(1_000);
        let mut refilled_at = Timestamp(0);
        let mut attempt = |now: Timestamp| {
            let is_judged = refilled_at <= budget.latest_refill(now);
            if is_judged {
                refilled_at = refilled_at.max(now) + budget.refill;
                assert!(budget.judged_at(refilled_at) <= now);
            }
            is_judged
        };
        assert_eq!([now; 4].map(&mut attempt), [true, true, true, false]);
        assert!(!attempt(now + Seconds(9)) && attempt(now + Seconds(10)));
        assert!(!attempt(now + Seconds(10)));
        assert_eq!(
            [now + Seconds(60); 4].map(&mut attempt),
            [true, true, true, false]
        );
    }

    #[test]
    fn r4_never_more_than_100_are_judged() {
        for guess in AttemptKind::ALL {
            assert!(guess.limit() <= 100 && guess.limit_for_strangers() < guess.limit());
        }
    }
}
