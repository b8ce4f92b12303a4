//! What a mail says, before anybody renders it. Sealed as JSON in the outbox (R17); the variants
//! are versioned by being extended only: a stored payload of an older release must still decode.

use super::{language::Language, time::Timestamp};
use serde::{Deserialize, Serialize};

/// One mail to one address.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailJob {
    /// Address as typed by its owner, already judged by `domain::address`.
    pub to: String,
    /// Language of the text.
    pub language: Language,
    /// First name or full name, for the greeting.
    pub name: String,
    /// What is said.
    pub message: MailMessage,
}

/// Where and when the act happened that the mail is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Circumstances {
    /// When.
    pub at: Timestamp,
    /// Browser in plain words, e.g. `Firefox, Windows`.
    pub browser: String,
    /// Network address.
    pub address: String,
}

/// The mails of the journey.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MailMessage {
    /// To the personal address: the activation link (manual, *link de ativação*).
    ActivationLink {
        /// The link.
        url: String,
        /// Until when it works.
        expires_at: Timestamp,
        /// Who asked for it.
        started: Circumstances,
    },
    /// To each registered contact: an enrolment began (R29).
    EnrolmentStarted {
        /// Who began it.
        started: Circumstances,
        /// *Não fui eu*.
        not_me_url: String,
        /// Until when that link works.
        not_me_until: Timestamp,
    },
    /// To the personal address and each registered contact: a factor was activated (R18, R29).
    EnrolmentActivated {
        /// Who confirmed.
        confirmed: Circumstances,
        /// *Não fui eu*.
        not_me_url: String,
        /// Until when that link works.
        not_me_until: Timestamp,
    },
    /// To the owner, once per burst: wrong codes after the right password (R4).
    WrongCodes {
        /// The last attempt.
        last: Circumstances,
        /// How many in a row.
        failures: i64,
    },
}

impl MailMessage {
    /// Name in the outbox's `kind` column and in logs.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::ActivationLink { .. } => "activation_link",
            Self::EnrolmentStarted { .. } => "enrolment_started",
            Self::EnrolmentActivated { .. } => "enrolment_activated",
            Self::WrongCodes { .. } => "wrong_codes",
        }
    }
}
