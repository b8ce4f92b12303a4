//! Changes of a person's account that instances send to each other (R24). One declaration serves the outbox, the sealed
//! part of a message, and the destination that applies the change.

use super::{cpf::Cpf, email::Email, person::Sigla, time::Timestamp, totp::TotpSecret};
use serde::{Deserialize, Serialize};

/// A change of one person's account. Its serialised form is the sealed part of a message (docs/sync.md). Unknown
/// changes and unknown fields are refused, because what is not understood must not be applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The first factor of a person became active.
    FactorActivated(FactorActivated),
}

impl Change {
    /// The kind, for the outbox and for logs.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::FactorActivated(_) => "factor_activated",
        }
    }

    /// The name of the event in the readable part of a message (RFC 8417 §2.2).
    pub const fn event_uri(&self) -> &'static str {
        match self {
            Self::FactorActivated(_) => "urn:eproc-2fa:event:factor-activated",
        }
    }
}

/// A first activation at the issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactorActivated {
    /// `None` where the issuer does not know it.
    pub cpf: Option<Cpf>,
    /// The person's sigla at the issuer.
    pub sigla: Sigla,
    #[serde(with = "super::totp::base64url")]
    pub secret: TotpSecret,
    /// The newest time step that was used at the issuer (R1).
    pub last_step: i64,
    /// The personal email that the activation confirmed.
    pub email: Email,
    pub activated_at: Timestamp,
    pub proof: Proof,
}

/// The proof behind a change. Every message names it, so that the destination can judge whether it would be enough
/// there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// First enrolment: the password, a code of the new authenticator, and a link to the personal email.
    FirstEnrolment,
}

/// The readable part of a message: issuer, audience and id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageHeader {
    /// Unique id (`jti`). The destination applies one id only once.
    pub id: String,
    /// Name of the sending instance (`iss`).
    pub issuer: String,
    /// Name of the receiving instance (`aud`).
    pub audience: String,
}

/// A change to be sent to one instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncMessage {
    pub header: MessageHeader,
    /// Sealed to the destination on the way.
    pub change: Change,
}
