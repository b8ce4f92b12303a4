//! Mailed links. Each has one purpose, works once and expires (R14, R18).

use super::{PersonId, SecurityChange, Timestamp};
use app::model::LinkRefusal;
use strum::{EnumString, IntoStaticStr};

/// A link works only for the purpose for which it was made (R14).
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum LinkPurpose {
    /// Confirms an enrolment and so activates its factor.
    Activation,
    /// **Não fui eu** of a security alert.
    NotMe,
    /// Lets one browser try to sign in when attempts are no longer judged (R31).
    SignIn,
    /// With the password, leads into an enrolment without the phone.
    Recovery,
}

/// Why an unused link was voided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum VoidReason {
    /// The email was corrected and a link was mailed to the new one.
    EmailCorrected,
    /// A newer QR code, or an activation from another instance, replaced the enrolment.
    NewerQr,
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

/// A mailed link as stored, without its token.
#[derive(Clone, Debug)]
pub struct Link {
    /// The person whose account it changes.
    pub person: PersonId,
    /// The enrolment that it confirms, or whose start its security alert reports.
    pub enrolment: Option<String>,
    /// The factor whose activation its security alert reports.
    pub factor: Option<String>,
    /// The change that its security alert tells, where that is neither of these.
    pub about: Option<SecurityChange>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// `None` while it is unused.
    pub used_at: Option<Timestamp>,
    /// Why it was voided; `None` when it was not.
    pub voided: Option<VoidReason>,
}

impl Link {
    /// A link that is unused, about the account of a person and nothing else.
    pub const fn new(person: PersonId, created_at: Timestamp, expires_at: Timestamp) -> Self {
        Self {
            person,
            enrolment: None,
            factor: None,
            about: None,
            created_at,
            expires_at,
            used_at: None,
            voided: None,
        }
    }

    /// The reason why it does not work at `now`; `None` when it works.
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
