//! Sessions. The server keeps the stage, and the id changes at every elevation (R7, R9).

use super::{PersonId, Seconds, Timestamp, TokenHash};
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

/// An authenticator that a person used in a session (NIST SP 800-63B).
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum AuthenticationKind {
    Password,
    /// A one-time code by RFC 6238.
    Totp,
    RecoveryCode,
}

/// Why a password-only session may enrol although a factor is active or revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum RecoveryWay {
    /// The phone was reported stolen, with a recovery code or another authenticator.
    Stolen,
    /// The link that was mailed after the waiting time, and the password.
    Mailbox,
    /// An entry that the support team approved.
    Support,
}

/// The OIDC `amr` values (RFC 8176) of a session, computed from its proofs.
pub fn authentication_methods(proofs: &[AuthenticationKind]) -> Vec<&'static str> {
    let has = |kind| proofs.contains(&kind);
    let (password, totp, recovery_code) = (
        has(AuthenticationKind::Password),
        has(AuthenticationKind::Totp),
        has(AuthenticationKind::RecoveryCode),
    );
    // the registry has no value of its own for a look-up secret
    let otp = totp || recovery_code;
    [("pwd", password), ("otp", otp), ("mfa", password && otp)]
        .into_iter()
        .filter_map(|(method, given)| given.then_some(method))
        .collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLimits {
    /// Lifetime of a password-only session that waits for a code.
    pub password: Seconds,
    /// Lifetime of a password-only session while enrolling. It is absolute; one press of a button starts it again.
    pub enrolling: Seconds,
    /// A full session ends after this time without a request.
    pub idle: Seconds,
    /// A full session ends after this time, whatever requests come.
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
    pub person: PersonId,
    pub stage: Stage,
    /// What the person pressed at sign-in; it decides the page after the sign-in.
    pub continue_to: SignInPurpose,
    /// Whether the code of an authenticator that is not confirmed yet opened it (provisional sign-in).
    pub provisional: bool,
    /// Why it may enrol although a factor is active or revoked; `None` when it may not.
    pub recovery: Option<RecoveryWay>,
    /// When the newest proof was given (OIDC `auth_time`).
    pub auth_time: Timestamp,
    /// Time of the newest request, exact to one minute.
    pub last_seen_at: Timestamp,
    /// The absolute end.
    pub expires_at: Timestamp,
}

impl Session {
    /// Whether it is valid at `now`. The idle limit counts for full sessions only.
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
        assert_eq!(
            authentication_methods(&[Password, RecoveryCode]),
            ["pwd", "otp", "mfa"]
        );
        assert!(authentication_methods(&[]).is_empty());
    }
}
