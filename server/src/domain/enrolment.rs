//! A first enrolment, from the QR code to the activation (manual; R6, R8, R14).
//!
//! ```text
//! scanning ──code and address accepted──► mailed ──link confirmed──► activated
//!     └──────────── cancelled · voided by a newer QR · expired ◄──┘
//! ```
//! Every arrow is one conditional `UPDATE … WHERE state = …`; *expired* is computed from
//! `expires_at`, never written.

use super::{
    client::ClientInfo,
    email::Email,
    person::PersonId,
    time::{Seconds, Timestamp},
    token::TokenHash,
};
use strum::{EnumString, IntoStaticStr};

/// State of an enrolment as stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum EnrolmentState {
    /// The QR is shown to the browser that began it.
    Scanning,
    /// Code and address were accepted; the link is on its way.
    Mailed,
    /// Confirmed: the factor is active.
    Activated,
    /// Ended by its owner or by *Não fui eu*.
    Cancelled,
    /// A newer QR took its place.
    Voided,
}

/// Lengths of an enrolment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnrolmentLimits {
    /// How long a link works, and how long a pending enrolment lives after the last one.
    pub link: Seconds,
    /// How long a QR waits for its code.
    pub scanning: Seconds,
    /// How long *Não fui eu* in a notice works.
    pub not_me: Seconds,
    /// How long the receipt of an activation opens its page (R14).
    pub receipt: Seconds,
    /// Least time between two mails to one address.
    pub resend_every: Seconds,
    /// Mails to one address within an hour.
    pub resends_per_hour: i64,
}

impl Default for EnrolmentLimits {
    fn default() -> Self {
        Self {
            link: Seconds::minutes(60),
            scanning: Seconds::minutes(60),
            not_me: Seconds::days(10),
            receipt: Seconds::minutes(15),
            resend_every: Seconds::minutes(1),
            resends_per_hour: 5,
        }
    }
}

/// An enrolment, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolment {
    pub id: String,
    pub person: PersonId,
    /// State as stored.
    pub state: EnrolmentState,
    /// SHA-256 of the cookie of the browser that began it (R6).
    pub browser_hash: TokenHash,
    /// Last step used up with its secret.
    pub last_step: i64,
    /// Personal address, once accepted.
    pub email: Option<Email>,
    /// When the QR was made.
    pub created_at: Timestamp,
    /// When it stops being pending.
    pub expires_at: Timestamp,
    /// When the newest link stops working.
    pub link_expires_at: Option<Timestamp>,
    /// Until when provisional entries are possible.
    pub provisional_until: Option<Timestamp>,
    /// Provisional entries made.
    pub provisional_uses: i64,
    /// When it was activated.
    pub activated_at: Option<Timestamp>,
    /// Browser and IP address that began it.
    pub client: ClientInfo,
}

impl Enrolment {
    /// Whether it was still on its way when its time was over.
    pub fn has_run_out(&self, now: Timestamp) -> bool {
        matches!(
            self.state,
            EnrolmentState::Scanning | EnrolmentState::Mailed
        ) && !self.is_pending(now)
    }

    /// Whether anything can still become of it.
    pub fn is_pending(&self, now: Timestamp) -> bool {
        matches!(
            self.state,
            EnrolmentState::Scanning | EnrolmentState::Mailed
        ) && now < self.expires_at
    }

    /// Whether it waits for its link to be confirmed.
    pub fn is_mailed(&self, now: Timestamp) -> bool {
        self.state == EnrolmentState::Mailed && self.is_pending(now)
    }

    /// Whether its QR may be shown to the browser with this cookie (R6).
    pub fn shows_secret_to(&self, browser_hash: &TokenHash, now: Timestamp) -> bool {
        self.state == EnrolmentState::Scanning
            && self.is_pending(now)
            && self.browser_hash == *browser_hash
    }

    /// Whether its code may still let its owner in before the mail is confirmed.
    pub fn allows_provisional_sign_in(&self, now: Timestamp, most: i64) -> bool {
        self.state == EnrolmentState::Mailed
            && self.provisional_uses < most
            && self.provisional_until.is_some_and(|until| now < until)
    }
}
