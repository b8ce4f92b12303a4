//! Mailed links: bound to a purpose, for a while, for one use (R14, R18).

use super::{person::PersonId, time::Timestamp};
use app::model::LinkRefusal;
use strum::{EnumString, IntoStaticStr};

/// What a link may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum LinkPurpose {
    /// Confirms an enrolment.
    Activation,
    /// **Não fui eu** of a security alert.
    NotMe,
}

/// Why an unused link was voided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum VoidReason {
    /// The e-mail address was corrected and a link went to the new one.
    EmailCorrected,
    /// A newer QR code took the place of the enrolment.
    NewerQr,
    /// The enrolment was cancelled.
    Cancelled,
}

impl From<VoidReason> for LinkRefusal {
    fn from(reason: VoidReason) -> Self {
        match reason {
            VoidReason::EmailCorrected => Self::EmailCorrected,
            VoidReason::NewerQr => Self::NewerQr,
            VoidReason::Cancelled => Self::Cancelled,
        }
    }
}

/// A mailed link, without its token.
#[derive(Clone, Debug)]
pub struct Link {
    /// Whom it was made for.
    pub person: PersonId,
    /// The enrolment that it confirms, or whose beginning its alert tells.
    pub enrolment: Option<String>,
    /// The factor whose activation its alert tells.
    pub factor: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it works.
    pub expires_at: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
    /// Why it no longer works, if it was voided.
    pub voided: Option<VoidReason>,
}

impl Link {
    /// Why it does not work at `now`, if so.
    pub fn refusal(&self, now: Timestamp) -> Option<LinkRefusal> {
        if let Some(reason) = self.voided {
            Some(reason.into())
        } else if self.used_at.is_some() {
            Some(LinkRefusal::Used)
        } else {
            (now >= self.expires_at).then_some(LinkRefusal::Expired)
        }
    }
}
