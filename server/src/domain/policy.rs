//! Which profiles need a second factor, and how a first enrolment is guarded.

use super::{ProfileKind, Seconds, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Whether a profile needs a second factor. Ordered: the strictest of several profiles wins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Demand {
    /// A mode for the transition; Portaria CNJ 140/2024 allows no opt-out.
    #[default]
    Optional,
    /// Without an active factor, sign-in leads into enrolment and nowhere else.
    Required,
}

/// Who may begin a first enrolment (R29).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FirstEnrolment {
    /// Everyone who knows the password.
    Open,
    /// Everyone who knows the password, and every registered contact gets a security alert.
    #[default]
    Notify,
    /// Only with an operator's approval.
    Approved,
}

/// Whether people without a registered contact may begin a first enrolment by themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WithoutContact {
    /// As `first_enrolment` says; the security alert reaches nobody.
    #[default]
    Notify,
    /// Only with an operator's approval.
    Approved,
}

/// The sign-in policy of one instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// For profiles that `by_profile` does not list.
    pub default: Demand,
    pub by_profile: BTreeMap<ProfileKind, Demand>,
    pub first_enrolment: FirstEnrolment,
    /// What holds for people without a registered contact, whom nobody could tell.
    pub without_contact: WithoutContact,
    /// Number of provisional sign-ins before the activation mail is confirmed; 0 allows none.
    pub provisional_sign_ins: i64,
    /// How long after the first accepted code they are allowed.
    pub provisional_for: Seconds,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            default: Demand::Optional,
            by_profile: BTreeMap::new(),
            first_enrolment: FirstEnrolment::Notify,
            without_contact: WithoutContact::Notify,
            provisional_sign_ins: 3,
            provisional_for: Seconds::hours(24),
        }
    }
}

impl Policy {
    /// The strictest demand of these profiles; the default when there are none.
    pub fn demand(&self, profiles: &[ProfileKind]) -> Demand {
        profiles
            .iter()
            .map(|profile| {
                self.by_profile
                    .get(profile)
                    .copied()
                    .unwrap_or(self.default)
            })
            .max()
            .unwrap_or(self.default)
    }

    /// Whether a first enrolment of a person with so many contacts needs an operator's approval.
    pub fn needs_approval(&self, contacts: i64) -> bool {
        self.first_enrolment == FirstEnrolment::Approved
            || contacts == 0 && self.without_contact == WithoutContact::Approved
    }

    /// Until when a pending authenticator may replace an active one; `None` when it may not. It never may where first
    /// enrolments need approval, and never for roles of the help desk.
    pub fn provisional_until(
        &self,
        profiles: &[ProfileKind],
        code_accepted_at: Timestamp,
    ) -> Option<Timestamp> {
        let allowed = self.provisional_sign_ins > 0
            && self.demand(profiles) == Demand::Required
            && self.first_enrolment != FirstEnrolment::Approved
            && !profiles.iter().any(ProfileKind::is_desk);
        allowed.then(|| code_accepted_at + self.provisional_for)
    }
}
