//! Sessions: stages live on the server, ids change at every elevation (R7, R9).

use super::{
    person::PersonId,
    time::{Seconds, Timestamp},
    token::TokenHash,
};
use app::model::SignInPurpose;
use strum::{EnumString, IntoStaticStr};

/// How far a sign-in has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Stage {
    /// The password was right; nothing but the code page, enrolment and sign-out is open.
    Password,
    Full,
}

/// A kind of proof that a person gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum AuthenticationKind {
    Password,
    /// A time-based one-time code.
    Totp,
}

/// The authentication methods of a session (RFC 8176, OIDC `amr`), computed from its proofs.
pub fn authentication_methods(proofs: &[AuthenticationKind]) -> Vec<&'static str> {
    let has = |kind| proofs.contains(&kind);
    let (password, totp) = (
        has(AuthenticationKind::Password),
        has(AuthenticationKind::Totp),
    );
    [("pwd", password), ("otp", totp), ("mfa", password && totp)]
        .into_iter()
        .filter_map(|(method, given)| given.then_some(method))
        .collect()
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

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// SHA-256 of the id in the cookie.
    pub id_hash: TokenHash,
    /// Whose session it is.
    pub person: PersonId,
    /// How far the sign-in has come.
    pub stage: Stage,
    /// Where it leads once it is complete.
    pub continue_to: SignInPurpose,
    /// Whether it was opened by the code of an authenticator that is not confirmed yet.
    pub provisional: bool,
    /// When the newest proof was given (OIDC `auth_time`).
    pub auth_time: Timestamp,
    /// The newest request, to the minute.
    pub last_seen_at: Timestamp,
    /// The absolute end.
    pub expires_at: Timestamp,
}

impl Session {
    /// Whether it still counts at `now`.
    pub fn is_alive(&self, now: Timestamp, limits: &SessionLimits) -> bool {
        now < self.expires_at
            && (self.stage == Stage::Password || now < self.last_seen_at + limits.idle)
    }
}

#[cfg(test)]
mod tests {
    use super::{AuthenticationKind::*, authentication_methods};

    #[test]
    fn methods_follow_from_the_proofs() {
        assert_eq!(authentication_methods(&[Password]), ["pwd"]);
        assert_eq!(
            authentication_methods(&[Password, Totp]),
            ["pwd", "otp", "mfa"]
        );
        assert!(authentication_methods(&[]).is_empty());
    }
}
