//! Second factors of a person. What every factor has and what only a TOTP has stand in tables of their own.

use super::{person::PersonId, time::Timestamp, totp::TotpSecret};

/// How a factor came to this instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FactorSource {
    /// Enrolled here: the id of the enrolment.
    Enrolment(String),
    /// Told by another instance (R24).
    Sync,
}

impl FactorSource {
    /// The code in the database.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Enrolment(_) => "enrolment",
            Self::Sync => "sync",
        }
    }

    /// The enrolment that made the factor, where it was made here.
    pub fn enrolment(&self) -> Option<&str> {
        match self {
            Self::Enrolment(id) => Some(id),
            Self::Sync => None,
        }
    }
}

/// A TOTP authenticator to be stored as active.
#[derive(Clone, Debug)]
pub struct NewTotpFactor {
    /// Whose factor it is.
    pub person: PersonId,
    /// The secret that it shares with the app.
    pub secret: TotpSecret,
    /// The newest time step used up before, at enrolment or at the instance it came from (R1).
    pub last_step: i64,
    /// The instance at which it was enrolled.
    pub home_instance: String,
    /// How it came here.
    pub source: FactorSource,
}

/// A clock that is off, as a code has shown it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockDrift {
    /// The time step that the code was right for.
    pub step: i64,
    /// Time steps ahead of the server; negative: behind.
    pub ahead: i64,
}

/// An active TOTP authenticator.
#[derive(Clone, Debug)]
pub struct TotpFactor {
    /// Id of the factor.
    pub id: String,
    /// The secret that it shares with the app.
    pub secret: TotpSecret,
    /// The newest time step accepted (R1).
    pub last_step: i64,
    /// What the newest code for a clock that is off has shown, if nothing was accepted since.
    pub drift: Option<ClockDrift>,
    /// The instance at which it was enrolled.
    pub home_instance: String,
    /// Since when it is active.
    pub created_at: Timestamp,
    /// When its newest code was accepted at a sign-in.
    pub last_used_at: Option<Timestamp>,
}

impl TotpFactor {
    /// Whether a code that shows `drift` is the second in a row that is right for the same clock: only then is its owner
    /// told, else the hint would tell a guesser that a code is near.
    pub fn confirms_drift(&self, drift: ClockDrift) -> bool {
        self.drift.is_some_and(|before| {
            drift.step > before.step && (drift.ahead - before.ahead).abs() <= 1
        })
    }
}
