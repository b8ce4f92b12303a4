//! `[policy]`, `[enrolment]` and `[sessions]`: who must, how long, how often.

use super::{
    ConfigError,
    value::{list, within},
};
use crate::domain::{
    email::InstitutionalSuffixes,
    enrolment::EnrolmentLimits,
    person::ProfileKind,
    policy::{Demand, FirstEnrolment, Policy},
    session::SessionLimits,
    time::Seconds,
};
use serde::Deserialize;
use std::collections::BTreeMap;

/// `[policy]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicySection {
    /// Asked of profiles that are not listed.
    #[serde(default)]
    pub second_factor: Demand,
    /// Asked of single profiles.
    #[serde(default)]
    pub profiles: BTreeMap<String, Demand>,
    /// Guard of a first enrolment.
    #[serde(default)]
    pub first_enrolment: FirstEnrolment,
    /// Entries before the mail is confirmed.
    pub provisional_sign_ins: Option<i64>,
    /// How long they are allowed.
    pub provisional_hours: Option<i64>,
}

impl PolicySection {
    pub(super) fn policy(&self) -> Result<Policy, ConfigError> {
        let default = Policy::default();
        let mut by_profile = BTreeMap::new();
        for (slug, demand) in &self.profiles {
            let kind = ProfileKind::parse(slug).map_err(|error| {
                let what = format!("cannot be a profile: {error}");
                ConfigError::about(&format!("policy.profiles.{slug}"), what)
            })?;
            by_profile.insert(kind, *demand);
        }
        Ok(Policy {
            default: self.second_factor,
            by_profile,
            first_enrolment: self.first_enrolment,
            provisional_sign_ins: within(
                "policy.provisional_sign_ins",
                self.provisional_sign_ins
                    .unwrap_or(default.provisional_sign_ins),
                0..=10,
            )?,
            provisional_for: length(
                "policy.provisional_hours",
                self.provisional_hours,
                (Seconds::hours(1), 1, 72),
                default.provisional_for,
            )?,
        })
    }
}

/// A length of time in `unit`s, from `least` to `most` of them.
fn length(
    setting: &str,
    given: Option<i64>,
    (unit, least, most): (Seconds, i64, i64),
    default: Seconds,
) -> Result<Seconds, ConfigError> {
    let Some(given) = given else {
        return Ok(default);
    };
    Ok(Seconds(within(setting, given, least..=most)? * unit.0))
}

const MINUTE: Seconds = Seconds::minutes(1);

/// `[enrolment]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrolment {
    /// Suffixes whose addresses are not personal.
    #[serde(default = "suffixes", deserialize_with = "list")]
    pub institutional_suffixes: Vec<String>,
    /// How long an activation link works.
    pub link_minutes: Option<i64>,
    /// How long a QR code waits.
    pub scanning_minutes: Option<i64>,
    /// How long *Não fui eu* works.
    pub not_me_days: Option<i64>,
    /// How long the activated page opens.
    pub receipt_minutes: Option<i64>,
    /// Least time between two mails to one address.
    pub resend_seconds: Option<i64>,
    /// Mails to one address in an hour.
    pub resends_per_hour: Option<i64>,
}

fn suffixes() -> Vec<String> {
    ["jus.br", "gov.br"].map(str::to_owned).to_vec()
}

impl Enrolment {
    /// The rule, and the names that pages show.
    pub(super) fn suffixes(&self) -> Result<(InstitutionalSuffixes, Vec<String>), ConfigError> {
        let shown = |text: &String| {
            text.trim()
                .trim_start_matches(['*', '.', '@'])
                .trim_end_matches('.')
                .to_lowercase()
        };
        let rule = InstitutionalSuffixes::new(&self.institutional_suffixes).map_err(|error| {
            let what = format!("holds something that is no domain: {error}");
            ConfigError::about("enrolment.institutional_suffixes", what)
        })?;
        Ok((
            rule,
            self.institutional_suffixes.iter().map(shown).collect(),
        ))
    }

    pub(super) fn limits(&self) -> Result<EnrolmentLimits, ConfigError> {
        let d = EnrolmentLimits::default();
        let minutes = |most| (MINUTE, 5, most);
        Ok(EnrolmentLimits {
            link: length(
                "enrolment.link_minutes",
                self.link_minutes,
                minutes(1440),
                d.link,
            )?,
            scanning: length(
                "enrolment.scanning_minutes",
                self.scanning_minutes,
                minutes(1440),
                d.scanning,
            )?,
            not_me: length(
                "enrolment.not_me_days",
                self.not_me_days,
                (Seconds::days(1), 1, 60),
                d.not_me,
            )?,
            receipt: length(
                "enrolment.receipt_minutes",
                self.receipt_minutes,
                (MINUTE, 1, 60),
                d.receipt,
            )?,
            resend_every: length(
                "enrolment.resend_seconds",
                self.resend_seconds,
                (Seconds(1), 10, 3600),
                d.resend_every,
            )?,
            resends_per_hour: within(
                "enrolment.resends_per_hour",
                self.resends_per_hour.unwrap_or(d.resends_per_hour),
                1..=60,
            )?,
        })
    }
}

/// `[sessions]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sessions {
    /// Before the code.
    pub password_minutes: Option<i64>,
    /// While enrolling.
    pub enrolling_minutes: Option<i64>,
    /// Without a request.
    pub idle_minutes: Option<i64>,
    /// At most.
    pub absolute_hours: Option<i64>,
    /// Least time that a refused password takes.
    #[serde(default = "refusal_floor")]
    pub refusal_floor_ms: i64,
}

const fn refusal_floor() -> i64 {
    500
}

impl Sessions {
    pub(super) fn limits(&self) -> Result<SessionLimits, ConfigError> {
        let d = SessionLimits::default();
        let minutes = |most| (MINUTE, 1, most);
        Ok(SessionLimits {
            password: length(
                "sessions.password_minutes",
                self.password_minutes,
                minutes(60),
                d.password,
            )?,
            enrolling: length(
                "sessions.enrolling_minutes",
                self.enrolling_minutes,
                (MINUTE, 5, 240),
                d.enrolling,
            )?,
            idle: length(
                "sessions.idle_minutes",
                self.idle_minutes,
                minutes(720),
                d.idle,
            )?,
            absolute: length(
                "sessions.absolute_hours",
                self.absolute_hours,
                (Seconds::hours(1), 1, 24),
                d.absolute,
            )?,
        })
    }

    pub(super) fn refusal_floor_ms(&self) -> Result<u64, ConfigError> {
        let floor = within("sessions.refusal_floor_ms", self.refusal_floor_ms, 0..=5000)?;
        Ok(u64::try_from(floor).unwrap_or_default())
    }
}
