//! What instances tell each other of a person's account (R24). A change is declared once, here: it is what waits in the
//! outbox, what is sealed into a message, and what the destination applies.

use super::{cpf::Cpf, email::Email, person::Sigla, time::Timestamp, totp::TotpSecret};
use serde::{Deserialize, Serialize};

/// A change of one person's account. Its serialised form is the sealed part of a message (docs/sync.md); unknown changes and
/// unknown fields are refused, since what is not understood must not be applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// A first factor became active.
    FactorActivated(FactorActivated),
}

impl Change {
    /// The kind, for the outbox and the log.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::FactorActivated(_) => "factor_activated",
        }
    }

    /// The event's name in the open part of a message (RFC 8417 section 2.2).
    pub const fn event_uri(&self) -> &'static str {
        match self {
            Self::FactorActivated(_) => "urn:eproc-2fa:event:factor-activated",
        }
    }
}

/// A first activation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactorActivated {
    /// The person's CPF, where the issuer knows it.
    pub cpf: Option<Cpf>,
    /// The person's sigla at the issuer.
    pub sigla: Sigla,
    /// The secret that the authenticator shares with the app.
    #[serde(with = "super::totp::base64url")]
    pub secret: TotpSecret,
    /// The newest time step used up at the issuer (R1).
    pub last_step: i64,
    /// The personal address that the activation confirmed.
    pub email: Email,
    /// When it was activated.
    pub activated_at: Timestamp,
    /// What proved the change.
    pub proof: Proof,
}

/// The proof behind a change, named in every message so that the destination can judge whether it would have been enough there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// First enrolment: password, a code of the new authenticator, and the personal mailbox.
    FirstEnrolment,
}

/// From whom, to whom, and which: the open part of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageHeader {
    /// Unique id (`jti`), the key of idempotency at the destination.
    pub id: String,
    /// Name of the instance that tells it (`iss`).
    pub issuer: String,
    /// Name of the instance that it is for (`aud`).
    pub audience: String,
}

/// A change on its way to one instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncMessage {
    /// The open part.
    pub header: MessageHeader,
    /// The sealed part.
    pub change: Change,
}
