//! Sync between instances: what is told, and what the destination answers (R24, first version).

use super::{secret::SecretBytes, time::Timestamp};
use serde::{Deserialize, Serialize};

/// A first activation, told to one destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactorActivated {
    /// Unique id of this message (`jti`), the key of idempotency at the destination.
    pub message_id: String,
    /// Name of the instance that tells it (`iss`).
    pub origin: String,
    /// Name of the instance it is for (`aud`).
    pub destination: String,
    /// CPF, 11 digits, where the origin knows it.
    pub cpf: Option<String>,
    /// Sigla as registered at the origin.
    pub sigla: String,
    /// The TOTP secret.
    pub secret: SecretBytes,
    /// Last step used up at the origin (R1).
    pub last_step: i64,
    /// The personal address confirmed by the activation.
    pub email: String,
    /// When it was activated.
    pub activated_at: Timestamp,
    /// What proved the change (R24).
    pub proof: Proof,
}

/// The proof behind a change, named in every message so that the destination can judge it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// First enrolment: password, a code of the new authenticator, and the personal mailbox.
    FirstEnrolment,
}

/// The destination's final business answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SyncOutcome {
    /// *Sincronização realizada com sucesso*.
    Synchronised,
    /// *Não possui cadastro no destino*.
    NoRecord,
    /// *Já possui autenticação em dois fatores no destino*: a first enrolment never touches it.
    AlreadyActive,
    /// CPF and SIGLA name two different people there: a refusal, never a guess.
    Ambiguous,
    /// The person is blocked there, or the origin may not activate there.
    Refused,
}

impl SyncOutcome {
    /// Code in the outbox row.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Synchronised => "synchronised",
            Self::NoRecord => "no_record",
            Self::AlreadyActive => "already_active",
            Self::Ambiguous => "ambiguous",
            Self::Refused => "refused",
        }
    }

    /// The outcome with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        [
            Self::Synchronised,
            Self::NoRecord,
            Self::AlreadyActive,
            Self::Ambiguous,
            Self::Refused,
        ]
        .into_iter()
        .find(|outcome| outcome.code() == code)
    }
}
