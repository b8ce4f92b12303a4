//! Facts in the one form that server and browser share: plain data without behaviour of its own. The server's
//! domain decides them, the pages show them, and nothing copies them into another type on the way.

mod local_time;

pub use local_time::LocalTime;

use serde::{Deserialize, Serialize};

/// An instant: whole seconds since 1970-01-01T00:00:00Z.
pub type UnixTime = i64;

/// A language of screens and mails. Portuguese unless the person chose otherwise.
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

    /// The language of a document with this `lang` attribute.
    pub fn of_tag(tag: &str) -> Self {
        if tag == Self::En.tag() {
            Self::En
        } else {
            Self::Pt
        }
    }

    /// The language with this code, if there is one.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Pt, Self::En]
            .into_iter()
            .find(|one| one.code() == code)
    }

    /// The first language of an `Accept-Language` header that the pages have. Its order is taken as it stands:
    /// browsers send the weights in falling order.
    pub fn preferred(accept: &str) -> Self {
        accept
            .split(',')
            .map(|range| range.trim().split(['-', ';']).next().unwrap_or_default())
            .find_map(Self::from_code)
            .unwrap_or_default()
    }
}

/// The button that a person pressed on the sign-in form; it decides where the sign-in leads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignInPurpose {
    #[default]
    Enter,
    /// **Autenticação em dois fatores**: enrolment, or the account page of somebody who is enrolled.
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

    /// The purpose with this code, if there is one.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Enter, Self::SecondFactor]
            .into_iter()
            .find(|one| one.code() == code)
    }
}

/// Why a one-time code was not accepted: one enum from the judgement to the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeRefusal {
    /// Not six digits; it was not judged and does not count as a failure.
    Malformed,
    /// Not the code that the app shows now.
    Wrong,
    /// Right, but this code or a later one was accepted before (RFC 6238 section 5.2); no failure.
    AlreadyUsed,
    /// Right, but not kept, because another field of the form has to be mended first.
    NotKept,
    /// Right for a clock that is off.
    ClockOff {
        /// Time steps of 30 seconds that the phone's clock is ahead of the server's; negative: behind.
        steps: i64,
    },
}

/// Why a typed e-mail address was not accepted (R16).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmailRefusal {
    /// Nothing was typed.
    Missing,
    /// Longer than an address can be (RFC 5321).
    TooLong,
    /// Not an address.
    Malformed,
    /// An institutional address, which is not personal.
    Institutional {
        /// The configured suffix that its domain ends in.
        suffix: String,
    },
    /// Probably mistyped, and not confirmed by its owner yet.
    Suggestion {
        /// The address that was probably meant.
        suggestion: String,
    },
}

/// The state of an enrolment's newest activation mail, told truthfully (R17).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailProgress {
    /// Not handed to the mail server yet.
    Queued,
    /// The mail server did not take it; it is tried again.
    Retrying,
    /// The mail server took it at that time. That does not mean delivered.
    Accepted(UnixTime),
    /// The mail server refused it for good, or its time ran out.
    Failed,
}

/// Why a mailed link does not work. None of them tells whether a user exists (R14).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkRefusal {
    /// No link of this instance, or one of another purpose.
    Unknown,
    /// Its time is over.
    Expired,
    /// It was used before.
    Used,
    /// A newer QR code took the place of its enrolment.
    NewerQr,
    /// The e-mail address was corrected and a link went to the new one.
    EmailCorrected,
    /// Its enrolment was cancelled.
    Cancelled,
}

/// The final answer of another instance to a change that it was told (R24). The codes are those of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SyncOutcome {
    /// *Sincronização realizada com sucesso*.
    Synchronised,
    /// *Não possui cadastro no destino*.
    NoRecord,
    /// *Já possui autenticação em dois fatores no destino*: a first enrolment never touches an active factor.
    AlreadyActive,
    /// CPF and SIGLA name two different people there: a refusal, never a guess.
    Ambiguous,
    /// The person is blocked there, or this instance has not the right to make this change there.
    Refused,
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
        }
    }

    /// The outcome with this code, if there is one.
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

/// How another instance took a person's newest change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerSync {
    /// Name of the other instance, such as `STM`.
    pub peer: String,
    /// Its final answer; `None` while it gave none.
    pub outcome: Option<SyncOutcome>,
}

/// By what the manual's error message identifies a person. CPF and sigla are masked, because the page needs no
/// sign-in.
pub struct MaskedIdentifiers {
    /// The person's number.
    pub id: String,
    /// The first digits of the CPF; empty where it is not known.
    pub cpf: String,
    /// The sigla; its first digits where it is a CPF.
    pub sigla: String,
}
