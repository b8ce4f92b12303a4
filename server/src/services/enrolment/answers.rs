//! What the steps of an enrolment answer.

use crate::{
    domain::{time::Timestamp, token::Token, totp::TotpSecret},
    services::sign_in::Next,
    storage::MailState,
};

/// What is wrong with a personal address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddressTrouble {
    /// Nothing typed.
    Missing,
    /// Not an address.
    Syntax,
    /// Too long for one.
    TooLong,
    /// An institutional suffix.
    Institutional(String),
    /// Probably mistyped; not confirmed yet.
    Suggestion(String),
}

/// What is wrong with a code at enrolment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeTrouble {
    /// Nothing typed.
    Missing,
    /// Not six digits.
    Shape,
    /// Not a code of the secret shown.
    Wrong,
    /// Right for a clock that is off by so many steps.
    ClockOff(i64),
    /// Right, but the address is not: a later one will be needed.
    Again,
}

/// Answer of a step that needs the session of the person who enrols.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<T> {
    /// Done.
    Done(T),
    /// The session is over.
    SessionOver,
    /// The factor is active already, or the pending enrolment is another's: go there.
    Elsewhere(Next),
    /// The enrolment is over or was replaced.
    Gone,
}

/// Answer of **Prosseguir**.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// A new QR, with the cookie of this browser.
    New(Token),
    /// The same QR as before in this browser.
    Same,
    /// First enrolments need an approval.
    NeedsApproval,
}

/// Answer of the enrol form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Submitted {
    /// The mail is on its way.
    Mailed,
    /// Something is to be mended.
    Mend {
        /// With the code.
        code: Option<CodeTrouble>,
        /// With the address.
        address: Option<AddressTrouble>,
    },
    /// Too many mails; the next may go then.
    Wait(Timestamp),
}

/// How an enrolment came to nothing without its browser's doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Another browser began one.
    Replaced,
    /// Its time is over.
    Expired,
}

/// What the notice page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoticeFacts {
    /// Whether the policy leads here.
    pub required: bool,
    /// Whether another browser's enrolment is pending.
    pub voids_another: bool,
    /// How this browser's own came to nothing, if it did.
    pub ended: Option<Ended>,
}

/// What the enrol page shows.
pub struct EnrolFacts {
    /// The pending secret: this page alone gets it (R6).
    pub secret: TotpSecret,
    /// Account in the app's entry.
    pub account: String,
    /// When the page stops working.
    pub until: Timestamp,
}

/// What the waiting page shows.
#[derive(Clone, Debug)]
pub struct MailFacts {
    /// In full in the browser that typed it, else masked.
    pub address: String,
    /// Until when the newest link works.
    pub link_until: Timestamp,
    /// State of the mail.
    pub mail: MailState,
    /// When the next mail may go.
    pub resend_at: Timestamp,
    /// Provisional entries left.
    pub provisional_left: Option<i64>,
    /// Whether the visitor is signed in already.
    pub signed_in: bool,
}

/// What the waiting page learns when it asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// The mail's state.
    Mail(MailState),
    /// The newest link has run out.
    LinkOver,
    /// Confirmed.
    Activated,
    /// Cancelled, replaced or expired.
    Over,
}

impl<T> Step<T> {
    /// The same way on for another kind of answer; a `Done` has none to keep.
    pub fn cast<U>(self) -> Step<U> {
        match self {
            Self::SessionOver => Step::SessionOver,
            Self::Elsewhere(next) => Step::Elsewhere(next),
            Self::Done(_) | Self::Gone => Step::Gone,
        }
    }
}
