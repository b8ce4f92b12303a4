//! An enrolment, from the QR code to the activation (manual; R6, R8, R14).
//!
//! ```text
//! scanning ──code and email accepted────► mailed ──link confirmed──► activated
//!     └──────────── cancelled · voided by a newer QR · expired ◄──┘
//! ```
//! Every arrow is one conditional `UPDATE … WHERE state = …`. *Expired* is computed from `expires_at` and never stored.

use super::{ClientInfo, Email, PersonId, Proof, Seconds, Timestamp, TokenHash};
use app::model::LinkRefusal;
use strum::{EnumString, IntoStaticStr};

#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum EnrolmentState {
    /// The QR code is shown, and only in the browser that began the enrolment.
    Scanning,
    /// Code and email were accepted; the activation link is queued or was sent.
    Mailed,
    /// The link was confirmed and the factor is active.
    Activated,
    /// Ended by its owner, by an operator's block or by **Não fui eu**.
    Cancelled,
    /// A newer QR code, or an activation from another instance, replaced it.
    Voided,
}

/// What an enrolment adds to the person's factors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnrolmentPurpose {
    /// The first factor.
    First,
    /// One more factor beside those that are active.
    Additional,
    /// A factor in place of the one with this id; `None`: in place of every active one, or of those that were revoked.
    Replacement(Option<String>),
}

impl EnrolmentPurpose {
    /// The code in the database.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Additional => "additional",
            Self::Replacement(_) => "replacement",
        }
    }

    /// `None` for an unknown code.
    pub fn from_parts(code: &str, replaced: Option<String>) -> Option<Self> {
        Some(match code {
            "first" => Self::First,
            "additional" => Self::Additional,
            "replacement" => Self::Replacement(replaced),
            _ => return None,
        })
    }

    /// The id of the one factor that it replaces.
    pub fn replaced_factor(&self) -> Option<&str> {
        match self {
            Self::Replacement(factor) => factor.as_deref(),
            Self::First | Self::Additional => None,
        }
    }
}

impl EnrolmentState {
    /// Why a link of an enrolment in this state does nothing; `None` while it waits for the link. A link that was voided with
    /// its enrolment says so itself; this is for the links beside it.
    pub const fn link_refusal(self) -> Option<LinkRefusal> {
        match self {
            Self::Mailed => None,
            // another link of the same enrolment was confirmed
            Self::Activated => Some(LinkRefusal::Used),
            Self::Scanning | Self::Cancelled | Self::Voided => Some(LinkRefusal::Cancelled),
        }
    }
}

/// Durations and limits of an enrolment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnrolmentLimits {
    /// How long a link works, and how long a pending enrolment lives after its newest link. Provisional sign-ins can
    /// keep it longer.
    pub link: Seconds,
    /// How long a QR code waits for its first code.
    pub scanning: Seconds,
    /// How long **Não fui eu** in a security alert works.
    pub not_me: Seconds,
    /// How long the receipt of an activation opens the activated page (R14).
    pub receipt: Seconds,
    /// Least time between two activation mails to one email.
    pub resend_every: Seconds,
    /// Most activation mails to one email within an hour.
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

/// An enrolment as stored, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolment {
    pub id: String,
    pub person: PersonId,
    pub state: EnrolmentState,
    pub purpose: EnrolmentPurpose,
    /// The proof with which it was begun, as other instances are told.
    pub proof: Proof,
    /// The name that the factor will have; empty without one.
    pub label: String,
    /// SHA-256 of the cookie of the browser that began it (R6).
    pub browser_hash: TokenHash,
    /// Newest time step that was used up with its secret (R1).
    pub last_step: i64,
    /// The personal email; `None` before it is accepted and after it is wiped.
    pub email: Option<Email>,
    pub created_at: Timestamp,
    /// When it stops being pending.
    pub expires_at: Timestamp,
    /// When the newest link expires; `None` before the first link.
    pub link_expires_at: Option<Timestamp>,
    /// Until when provisional sign-ins are possible; `None` when they are not allowed.
    pub provisional_until: Option<Timestamp>,
    /// Number of provisional sign-ins so far.
    pub provisional_uses: i64,
    pub activated_at: Option<Timestamp>,
    /// Browser and ip from which it was begun.
    pub client: ClientInfo,
}

impl Enrolment {
    /// Whether it was still pending when its time ended.
    pub fn has_run_out(&self, now: Timestamp) -> bool {
        matches!(
            self.state,
            EnrolmentState::Scanning | EnrolmentState::Mailed
        ) && !self.is_pending(now)
    }

    /// Whether it can still lead to an activation.
    pub fn is_pending(&self, now: Timestamp) -> bool {
        matches!(
            self.state,
            EnrolmentState::Scanning | EnrolmentState::Mailed
        ) && now < self.expires_at
    }

    /// Whether it waits for the confirmation of a link.
    pub fn is_mailed(&self, now: Timestamp) -> bool {
        self.state == EnrolmentState::Mailed && self.is_pending(now)
    }

    /// Whether its QR code may be shown to the browser whose cookie has this hash (R6).
    pub fn shows_secret_to(&self, browser_hash: &TokenHash, now: Timestamp) -> bool {
        self.state == EnrolmentState::Scanning
            && self.is_pending(now)
            && self.browser_hash == *browser_hash
    }

    /// Whether its code may give one more provisional sign-in; `most` is the number that the policy allows.
    pub fn allows_provisional_sign_in(&self, now: Timestamp, most: i64) -> bool {
        self.state == EnrolmentState::Mailed
            && self.provisional_uses < most
            && self.provisional_until.is_some_and(|until| now < until)
    }
}
