//! What a mail says, before it is rendered. It is sealed as JSON in the outbox (R17). Variants are only added, because a stored
//! payload of an older release must still decode.

use super::{ClientInfo, Email, Person, Timestamp};
use app::model::Language;
use serde::{Deserialize, Serialize};
use strum::{EnumIter, EnumString, IntoStaticStr};

/// One mail to one email.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailJob {
    /// The recipient, in the form that its owner typed.
    pub to: Email,
    pub language: Language,
    /// Full name of the person, for the greeting.
    pub name: String,
    pub message: MailMessage,
}

impl MailJob {
    /// A mail to an email of this person, in the person's language.
    pub fn to_person(person: &Person, to: Email, message: MailMessage) -> Self {
        Self {
            to,
            language: person.language,
            name: person.name.clone(),
            message,
        }
    }
}

/// When and from where the act was done that a mail reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Circumstances {
    pub at: Timestamp,
    /// Browser and ip of the client that acted. For a change from a peer, the peer's name stands in place of the
    /// browser.
    pub client: ClientInfo,
}

/// What an operator changed about an account. The code is what the templates compare with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AccountChange {
    Blocked,
    /// Every factor was taken away; an operator must allow the next enrolment.
    FactorRevoked,
    /// One authenticator was taken away, and another one is left.
    AuthenticatorRevoked,
    PasswordSet,
}

/// What a person, or somebody in that person's place, changed about the security of an account. The code is what the templates
/// compare with.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumIter, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum SecurityChange {
    RecoveryCodesMade,
    /// A recovery code signed in; so many are left.
    RecoveryCodeUsed,
    FactorAdded,
    FactorReplaced,
    FactorRemoved,
    PhoneStolen,
    /// Somebody asked for a way in by the personal email; its link is mailed after the waiting time.
    RecoveryAsked,
    EntryApproved,
    BlockedByOwner,
    /// Another instance revoked every factor, here too.
    RevokedElsewhere,
    /// Another instance blocked the account, here too.
    BlockedElsewhere,
    PasswordSetElsewhere,
    EmailChanged,
}

/// All mails that this program sends.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MailMessage {
    /// To the personal email: the activation link (manual, *link de ativação*).
    ActivationLink {
        url: String,
        expires_at: Timestamp,
        /// The request that asked for the link.
        started: Circumstances,
    },
    /// To each registered contact: an enrolment was begun (R29).
    EnrolmentStarted {
        started: Circumstances,
        not_me_url: String,
        not_me_until: Timestamp,
    },
    /// To the personal email and each registered contact: a factor was activated (R18, R29).
    EnrolmentActivated {
        confirmed: Circumstances,
        not_me_url: String,
        not_me_until: Timestamp,
    },
    /// To the owner, once per burst: codes were wrong after the right password (R4).
    WrongCodes {
        /// The newest attempt.
        last: Circumstances,
        /// How many failed in a row.
        failures: i64,
    },
    /// To the owner, at most once an hour: the password was right and no code followed (R33).
    PasswordWithoutCode {
        /// The newest of them.
        last: Circumstances,
        /// How many since the last such mail.
        count: i64,
        not_me_url: String,
        not_me_until: Timestamp,
    },
    /// To the personal email and each registered contact: too many attempts failed, and this link lets one browser try (R31).
    SignInLocked {
        /// The newest attempt that was not judged.
        refused: Circumstances,
        url: String,
        until: Timestamp,
    },
    /// To the personal email, after the waiting time: the link that leads, with the password, into an enrolment.
    RecoveryLink {
        requested: Circumstances,
        url: String,
        until: Timestamp,
    },
    /// To the personal email and each registered contact: what guards the account was changed (R18).
    SecurityChanged {
        change: SecurityChange,
        done: Circumstances,
        /// How many are left, where the change uses something up.
        left: i64,
        /// When it takes effect, where that is not at once.
        takes_effect_at: Option<Timestamp>,
        not_me_url: String,
        not_me_until: Timestamp,
    },
    /// To the personal email and each registered contact: an operator changed the account (R18).
    AccountChanged {
        at: Timestamp,
        change: AccountChange,
    },
}

impl MailMessage {
    /// The value of the column `outbox.kind`, also used in logs.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::ActivationLink { .. } => "activation_link",
            Self::EnrolmentStarted { .. } => "enrolment_started",
            Self::EnrolmentActivated { .. } => "enrolment_activated",
            Self::WrongCodes { .. } => "wrong_codes",
            Self::PasswordWithoutCode { .. } => "password_without_code",
            Self::SignInLocked { .. } => "sign_in_locked",
            Self::RecoveryLink { .. } => "recovery_link",
            Self::SecurityChanged { .. } => "security_changed",
            Self::AccountChanged { .. } => "account_changed",
        }
    }
}
