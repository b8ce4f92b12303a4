//! What a mail says, before anybody renders it. Sealed as JSON in the outbox (R17); the variants
//! are versioned by being extended only: a stored payload of an older release must still decode.

use super::{client::ClientInfo, email::Email, person::Person, time::Timestamp};
use app::model::Language;
use serde::{Deserialize, Serialize};

/// One mail to one address.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailJob {
    /// Address as typed by its owner, already judged by `domain::email`.
    pub to: Email,
    /// Language of the text.
    pub language: Language,
    /// First name or full name, for the greeting.
    pub name: String,
    /// What is said.
    pub message: MailMessage,
}

impl MailJob {
    /// A mail to an address of this person, in the person's language.
    pub fn to_person(person: &Person, to: Email, message: MailMessage) -> Self {
        Self {
            to,
            language: person.language,
            name: person.name.clone(),
            message,
        }
    }
}

/// Where and when the act happened that the mail is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Circumstances {
    /// When the act happened.
    pub at: Timestamp,
    /// Browser and IP address of whoever acted; of a peer's change, the peer's name in place of a browser.
    pub client: ClientInfo,
}

/// The mails of the journey.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MailMessage {
    /// To the personal address: the activation link (manual, *link de ativação*).
    ActivationLink {
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
