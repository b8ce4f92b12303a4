//! Second factors of a person. The columns of every factor and the columns of TOTP are separate tables.

use super::{FactorName, InstanceName, PersonId, Proof, Timestamp, TotpSecret};
use std::collections::BTreeMap;

/// Most active authenticators of one person.
pub const MOST_AUTHENTICATORS: usize = 5;
/// Longest name of an authenticator, in characters.
pub const LONGEST_LABEL: usize = 40;

/// The name of an authenticator as typed, on one line; empty without one. `None` when it is too long.
pub fn parse_label(typed: &str) -> Option<String> {
    // no more than needed is read, because the text comes from a form
    let visible: String = typed
        .chars()
        .take(10 * LONGEST_LABEL)
        .map(|character| {
            if character.is_control() {
                ' '
            } else {
                character
            }
        })
        .collect();
    let label = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    (label.chars().count() <= LONGEST_LABEL).then_some(label)
}

/// How a factor came to this instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FactorSource {
    /// Enrolled here, by the enrolment with this id.
    Enrolment(String),
    /// Received from the instance of this name's home (R24).
    Sync(FactorName),
}

impl FactorSource {
    /// The code in the column `factor.source`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Enrolment(_) => "enrolment",
            Self::Sync(_) => "sync",
        }
    }

    /// The id of the enrolment; `None` for a factor from another instance.
    pub fn enrolment(&self) -> Option<&str> {
        match self {
            Self::Enrolment(id) => Some(id),
            Self::Sync(_) => None,
        }
    }
}

/// A TOTP authenticator to be stored as active.
#[derive(Clone, Debug)]
pub struct NewTotpFactor {
    pub person: PersonId,
    /// The name that its owner gave it; empty without one.
    pub label: String,
    pub secret: TotpSecret,
    /// The newest time step that was used before, at enrolment or at the instance of origin (R1).
    pub last_step: i64,
    pub source: FactorSource,
    /// The proof behind it.
    pub proof: Proof,
    /// Counter of the change that adds it, at its home instance.
    pub added_counter: i64,
    /// Whether it takes the place of every factor of before.
    pub replaces_all: bool,
    /// The newest change of each other instance that its home had answered before.
    pub seen: BTreeMap<InstanceName, i64>,
}

/// A difference between two clocks, as a code has shown it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockDrift {
    /// The time step for which the code is right.
    pub step: i64,
    /// Time steps ahead of the server's clock; negative when behind.
    pub ahead: i64,
}

/// An active TOTP authenticator.
#[derive(Clone, Debug)]
pub struct TotpFactor {
    pub id: String,
    /// The name that its owner gave it; empty without one.
    pub label: String,
    pub secret: TotpSecret,
    /// The newest time step that was accepted (R1).
    pub last_step: i64,
    /// What the newest code of a wrong clock has shown; `None` when there was none since the last accepted code.
    pub drift: Option<ClockDrift>,
    /// The instance at which it was enrolled.
    pub home_instance: String,
    /// When it became active at this instance.
    pub created_at: Timestamp,
    /// When its newest code was accepted at a sign-in; `None` before the first.
    pub last_used_at: Option<Timestamp>,
}

impl TotpFactor {
    /// Whether the code that shows `drift` and the one before agree on the same wrong clock. Only then is the owner
    /// told: after one code the hint would tell a guesser that a guess is near.
    pub fn confirms_drift(&self, drift: ClockDrift) -> bool {
        self.drift.is_some_and(|before| {
            drift.step > before.step && (drift.ahead - before.ahead).abs() <= 1
        })
    }
}
