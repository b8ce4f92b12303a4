//! Sessions: stages live on the server, ids change at every elevation (R7, R9).

use super::{
    person::PersonId,
    time::{Seconds, Timestamp},
};

/// How far a browser has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The password was right; nothing but the code page, enrolment and sign-out is open.
    Password,
    /// Signed in.
    Full,
}

impl Stage {
    /// Code in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Full => "full",
        }
    }

    /// The stage with this code; anything unknown is the lesser one.
    pub fn from_code(code: &str) -> Self {
        if code == "full" {
            Self::Full
        } else {
            Self::Password
        }
    }
}

/// What the person pressed at sign-in, kept while the steps in between are walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// **Entrar**.
    Enter,
    /// **Autenticação em dois fatores**.
    SecondFactor,
}

impl Purpose {
    /// Code in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Enter => "enter",
            Self::SecondFactor => "second_factor",
        }
    }

    /// The purpose with this code.
    pub fn from_code(code: &str) -> Self {
        if code == "second_factor" {
            Self::SecondFactor
        } else {
            Self::Enter
        }
    }
}

/// What was proven when a session was opened (RFC 8176, in the order of proving).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amr {
    /// The password.
    Password,
    /// The password and a code of the active authenticator.
    Code,
    /// The password and a code of an authenticator whose activation is not confirmed yet.
    PendingCode,
}

impl Amr {
    /// Code in the database: RFC 8176 values separated by a space, and one of ours.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Password => "pwd",
            Self::Code => "pwd otp",
            Self::PendingCode => "pwd otp-pending",
        }
    }

    /// The value with this code; anything unknown is the least.
    pub fn from_code(code: &str) -> Self {
        [Self::Code, Self::PendingCode]
            .into_iter()
            .find(|amr| amr.code() == code)
            .unwrap_or(Self::Password)
    }
}

/// How long sessions live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLimits {
    /// Password-only, before the code.
    pub password: Seconds,
    /// Password-only while enrolling: absolute, extended by one press.
    pub enrolling: Seconds,
    /// Signed in, without a request.
    pub idle: Seconds,
    /// Signed in, at most.
    pub absolute: Seconds,
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self {
            password: Seconds::minutes(10),
            enrolling: Seconds::minutes(30),
            idle: Seconds::minutes(30),
            absolute: Seconds::hours(12),
        }
    }
}

/// A session as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// SHA-256 of the id in the cookie.
    pub id_hash: Vec<u8>,
    /// Whose.
    pub person: PersonId,
    /// How far.
    pub stage: Stage,
    /// For what.
    pub purpose: Purpose,
    /// When the last proof was given (OIDC `auth_time`).
    pub auth_time: Timestamp,
    /// Proofs given.
    pub amr: Amr,
    /// Last request, to the minute.
    pub last_seen_at: Timestamp,
    /// Absolute end.
    pub expires_at: Timestamp,
}

impl Session {
    /// Whether it still counts at `now`.
    pub fn is_alive(&self, now: Timestamp, limits: &SessionLimits) -> bool {
        now < self.expires_at
            && (self.stage == Stage::Password || now < self.last_seen_at + limits.idle)
    }
}
