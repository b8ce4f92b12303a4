//! Whom the second factor is asked of, and how a first enrolment is guarded.

use super::{
    person::ProfileKind,
    time::{Seconds, Timestamp},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Whether a profile needs a second factor. Ordered: the strictest of several profiles wins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Demand {
    /// A transition mode (Portaria CNJ 140/2024 knows no opt-out).
    #[default]
    Optional,
    /// Without an active factor, sign-in leads into enrolment and nowhere else.
    Required,
}

/// Who may begin a first enrolment (R29).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FirstEnrolment {
    /// Whoever knows the password.
    Open,
    /// The same, and every registered contact is told.
    #[default]
    Notify,
    /// Only after an approval by the help desk or an operator.
    Approved,
}

/// The policy of one instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// For profiles that are not listed.
    pub default: Demand,
    pub by_profile: BTreeMap<ProfileKind, Demand>,
    /// Guard of a first enrolment.
    pub first_enrolment: FirstEnrolment,
    /// Provisional entries allowed while the activation mail is not confirmed; 0 switches it off.
    pub provisional_sign_ins: i64,
    /// How long after the accepted code they are allowed.
    pub provisional_for: Seconds,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            default: Demand::Optional,
            by_profile: BTreeMap::new(),
            first_enrolment: FirstEnrolment::Notify,
            provisional_sign_ins: 3,
            provisional_for: Seconds::hours(24),
        }
    }
}

impl Policy {
    /// What is asked of a person with these profiles.
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

    /// Until when a pending authenticator may stand in for an active one, if at all. Never where
    /// first enrolments need approval, never for desk roles.
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
