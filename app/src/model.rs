//! Plain data that server and browser share. The server's domain decides the values and the pages show them without copying
//! them into another type.

mod local_time;

pub use local_time::LocalTime;

use serde::de::value::{self, StrDeserializer};
use serde::{Deserialize, Serialize};

/// A time: whole seconds since 1970-01-01T00:00:00Z.
pub type UnixTime = i64;

/// A language of screens and mails. Portuguese unless the person or the browser asks for another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    #[default]
    Pt,
    En,
}

impl Language {
    /// The code in the cookie, the language form and the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pt => "pt",
            Self::En => "en",
        }
    }

    /// The value of the HTML attribute `lang` (BCP 47).
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Pt => "pt-BR",
            Self::En => "en",
        }
    }

    /// The language of a document with this `lang` attribute; Portuguese for an unknown one.
    pub fn of_tag(tag: &str) -> Self {
        if tag == Self::En.tag() {
            Self::En
        } else {
            Self::Pt
        }
    }

    /// `None` for an unknown code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Pt, Self::En]
            .into_iter()
            .find(|one| one.code() == code)
    }

    /// The first language of an `Accept-Language` header that the pages have; Portuguese when there is none. Weights are
    /// ignored, because browsers send the languages in falling order.
    pub fn preferred(accept: &str) -> Self {
        accept
            .split(',')
            .map(|range| range.trim().split(['-', ';']).next().unwrap_or_default())
            .find_map(Self::from_code)
            .unwrap_or_default()
    }
}

/// The button that a person pressed on the sign-in form. It decides to which page the sign-in leads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignInPurpose {
    #[default]
    Enter,
    /// **Autenticação em dois fatores**: leads to the enrolment, or to the account page when a factor is active.
    SecondFactor,
}

impl SignInPurpose {
    /// The value of the form's field `intent`, and the code in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Enter => "enter",
            Self::SecondFactor => "second-factor",
        }
    }

    /// `None` for an unknown code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Enter, Self::SecondFactor]
            .into_iter()
            .find(|one| one.code() == code)
    }
}

/// Why a one-time code was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeRefusal {
    /// Not six digits. It was not verified and does not count as a failure.
    Malformed,
    /// Not the code of the present or the previous time step.
    Wrong,
    /// Right, but this or a later time step was used before (RFC 6238 §5.2). It does not count as a failure.
    AlreadyUsed,
    /// Right, but not kept, because another field of the form must be corrected first.
    NotKept,
    /// Right for a clock that is off.
    ClockOff {
        /// Time steps of 30 seconds by which the phone's clock is ahead of the server's; negative when behind.
        steps: i64,
    },
    /// Nothing was typed.
    Missing,
}

/// Why a typed email was not accepted (R16).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmailRefusal {
    Missing,
    /// Longer than an email may be (RFC 5321 §4.5.3.1).
    TooLong,
    Malformed,
    /// An institutional email, which is not personal.
    Institutional {
        /// The configured suffix with which its domain ends.
        suffix: String,
    },
    /// Probably a typing error, and not confirmed by its owner yet.
    Suggestion {
        /// The email that was probably meant.
        suggestion: String,
    },
}

/// The true state of the newest activation mail of an enrolment (R17).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailProgress {
    /// The mail server has not been asked yet.
    Queued,
    /// The mail server did not accept it; it is tried again.
    Retrying,
    /// The mail server accepted it at this time. That does not mean that it was delivered.
    Accepted(UnixTime),
    /// The mail server refused it for good, or its link expired before it was sent.
    Failed,
}

/// How a member of the support team made sure who asks for an entry. Personal data alone is no check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityCheck {
    InPerson,
    Video,
    /// By a telephone number or address that was registered before.
    CallBack,
}

impl IdentityCheck {
    pub const ALL: [Self; 3] = [Self::InPerson, Self::Video, Self::CallBack];

    /// The value in forms, the configuration and the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::InPerson => "in_person",
            Self::Video => "video",
            Self::CallBack => "call_back",
        }
    }

    /// `None` for an unknown code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|check| check.code() == code)
    }
}

/// Why an entry was not approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryRefusal {
    /// No request that waits has this number: it was mistyped, its time is over, or it was approved.
    Unknown,
    /// It is the member's own account.
    Own,
    /// The member has approved as many as one may in a day.
    TooMany,
    /// This member has approved it; somebody else has to.
    Twice,
    /// The account is blocked.
    Blocked,
}

/// Why a mailed link does not work. No reason tells whether a user exists (R14).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkRefusal {
    /// The token is of no link of this instance, or of a link with another purpose.
    Unknown,
    Expired,
    Used,
    /// A newer QR code, or an activation from another instance, replaced its enrolment.
    NewerQr,
    /// The email was corrected and a link was mailed to the new one.
    EmailCorrected,
    /// Its enrolment was cancelled.
    Cancelled,
}

/// The final answer of another instance to a change (R24). The codes are those of the protocol (docs/sync.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SyncOutcome {
    /// *Sincronização realizada com sucesso*.
    Synchronised,
    /// *Não possui cadastro no destino*.
    NoRecord,
    /// *Já possui autenticação em dois fatores no destino*: a first enrolment never changes an active factor.
    AlreadyActive,
    /// CPF and sigla belong to two different people there, so the change is refused.
    Ambiguous,
    /// The person is blocked there, this instance has no right to the change, or its proof is not enough there.
    Refused,
    /// Another change at the same time, or a revocation, prevails at every instance.
    Superseded,
    /// A newer change of this instance was answered before.
    Stale,
}

impl SyncOutcome {
    /// The code in the database and in a signed reply.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Synchronised => "synchronised",
            Self::NoRecord => "no_record",
            Self::AlreadyActive => "already_active",
            Self::Ambiguous => "ambiguous",
            Self::Refused => "refused",
            Self::Superseded => "superseded",
            Self::Stale => "stale",
        }
    }

    /// `None` for an unknown code.
    pub fn from_code(code: &str) -> Option<Self> {
        // the codes are the names that serde gives the variants
        Self::deserialize(StrDeserializer::<value::Error>::new(code)).ok()
    }
}

/// The outcome of a person's newest change at another instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerSync {
    /// Name of the other instance, such as `STM`.
    pub peer: String,
    /// `None` until it has answered.
    pub outcome: Option<SyncOutcome>,
}

/// What identifies a person in the manual's error message. CPF and sigla are masked, because the page needs no sign-in.
pub struct MaskedIdentifiers {
    pub id: String,
    /// The first digits of the CPF; empty where it is unknown.
    pub cpf: String,
    /// The sigla; only its first digits when it is a CPF.
    pub sigla: String,
}
