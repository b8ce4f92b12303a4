//! The file as operators write it: a struct for each section, a field for each setting, of types
//! that hold nothing wrong. What a setting is for stands in `template.toml`.

use super::ConfigError;
use super::value::{Bounded, Line, length, level, number, sender, socket};
use crate::domain::{
    AlarmThresholds, Demand, Email, EnrolmentLimits, FirstEnrolment, InstanceName,
    InstitutionalSuffixes, NetworkBudget, Peer, Policy, ProfileKind, ProxyNetwork, RecoveryPolicy,
    Seconds, SecretText, ServerName, SessionLimits, WebOrigin, WebUrl, WithoutContact,
};
use crate::mail::smtp::TlsMode;
use app::model::IdentityCheck;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use tracing::Level;

#[derive(Deserialize)]
pub(super) struct File {
    pub instance: Instance,
    pub listen: Listen,
    pub database: Database,
    pub keys: KeyFile,
    pub support: Support,
    pub policy: PolicySection,
    pub enrolment: EnrolmentSection,
    pub sessions: Sessions,
    pub throttle: Throttle,
    pub recovery: Recovery,
    pub audit: Audit,
    pub mail: Mail,
    #[serde(default)]
    pub peers: Vec<Peer>,
    pub assets: Folder,
    pub log: Log,
}

#[derive(Deserialize)]
pub(super) struct Instance {
    pub name: InstanceName,
    pub label: Option<Line<40>>,
    pub public_url: WebOrigin,
    pub system_url: Option<WebUrl>,
    pub utc_offset_hours: Option<Bounded<-12, 14, i8>>,
}

#[derive(Deserialize)]
pub(super) struct Listen {
    #[serde(deserialize_with = "socket")]
    pub addr: SocketAddr,
    #[serde(default)]
    pub trusted_proxies: Vec<ProxyNetwork>,
    pub hsts_subdomains: Option<bool>,
}

#[derive(Deserialize)]
pub(super) struct Database {
    pub url: Option<SecretText>,
    pub url_file: Option<PathBuf>,
}

#[derive(Deserialize)]
pub(super) struct KeyFile {
    pub file: PathBuf,
    pub sync_files: Option<Vec<PathBuf>>,
}

#[derive(Deserialize)]
pub(super) struct Support {
    pub name: Line<80>,
    pub email: Email,
    pub phone: Line<40>,
}

#[derive(Deserialize)]
pub(super) struct PolicySection {
    #[serde(default)]
    second_factor: Demand,
    #[serde(default)]
    profiles: BTreeMap<ProfileKind, Demand>,
    #[serde(default)]
    first_enrolment: FirstEnrolment,
    #[serde(default)]
    without_contact: WithoutContact,
    provisional_entries: Option<Bounded<0, 10>>,
    provisional_hours: Option<Bounded<1, 72>>,
}

impl PolicySection {
    pub(super) fn rules(self) -> Policy {
        let default = Policy::default();
        let hours = self.provisional_hours;
        Policy {
            default: self.second_factor,
            by_profile: self.profiles,
            first_enrolment: self.first_enrolment,
            without_contact: self.without_contact,
            provisional_sign_ins: number(self.provisional_entries, default.provisional_sign_ins),
            provisional_for: length(hours, Seconds::hours, default.provisional_for),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct EnrolmentSection {
    #[serde(default)]
    pub institutional_suffixes: InstitutionalSuffixes,
    link_minutes: Option<Bounded<5, 1440>>,
    scanning_minutes: Option<Bounded<5, 1440>>,
    not_me_days: Option<Bounded<1, 60>>,
    receipt_minutes: Option<Bounded<1, 60>>,
    resend_seconds: Option<Bounded<10, 3600>>,
    resends_per_hour: Option<Bounded<1, 60>>,
}

impl EnrolmentSection {
    pub(super) fn limits(&self) -> EnrolmentLimits {
        let default = EnrolmentLimits::default();
        EnrolmentLimits {
            link: length(self.link_minutes, Seconds::minutes, default.link),
            scanning: length(self.scanning_minutes, Seconds::minutes, default.scanning),
            not_me: length(self.not_me_days, Seconds::days, default.not_me),
            receipt: length(self.receipt_minutes, Seconds::minutes, default.receipt),
            resend_every: length(self.resend_seconds, Seconds, default.resend_every),
            resends_per_hour: number(self.resends_per_hour, default.resends_per_hour),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Sessions {
    password_minutes: Option<Bounded<1, 60>>,
    enrolling_minutes: Option<Bounded<5, 240>>,
    idle_minutes: Option<Bounded<1, 720>>,
    absolute_hours: Option<Bounded<1, 24>>,
    pub refusal_floor_ms: Option<Bounded<0, 5000, u64>>,
}

impl Sessions {
    pub(super) fn limits(&self) -> SessionLimits {
        let default = SessionLimits::default();
        SessionLimits {
            password: length(self.password_minutes, Seconds::minutes, default.password),
            enrolling: length(self.enrolling_minutes, Seconds::minutes, default.enrolling),
            idle: length(self.idle_minutes, Seconds::minutes, default.idle),
            absolute: length(self.absolute_hours, Seconds::hours, default.absolute),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Throttle {
    network_failures: Option<Bounded<1, 100_000>>,
    network_refill_seconds: Option<Bounded<1, 3600>>,
    alarm_waiting_accounts: Option<Bounded<1, 1_000_000>>,
    alarm_failing_accounts: Option<Bounded<1, 1_000_000>>,
    alarm_failures: Option<Bounded<1, 10_000_000>>,
}

impl Throttle {
    pub(super) fn network_budget(&self) -> NetworkBudget {
        let default = NetworkBudget::default();
        NetworkBudget {
            failures: number(self.network_failures, default.failures),
            refill: length(self.network_refill_seconds, Seconds, default.refill),
        }
    }

    pub(super) fn alarms(&self) -> AlarmThresholds {
        let default = AlarmThresholds::default();
        AlarmThresholds {
            waiting_accounts: number(self.alarm_waiting_accounts, default.waiting_accounts),
            failing_accounts: number(self.alarm_failing_accounts, default.failing_accounts),
            failures: number(self.alarm_failures, default.failures),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Recovery {
    mailbox_wait_hours: Option<Bounded<0, 720>>,
    approvals_per_day: Option<Bounded<1, 1000>>,
    checks: Option<Vec<IdentityCheck>>,
    supervised_profiles: Option<Vec<ProfileKind>>,
}

impl Recovery {
    pub(super) fn policy(self) -> Result<RecoveryPolicy, ConfigError> {
        let default = RecoveryPolicy::default();
        let checks = self.checks.unwrap_or(default.checks);
        if checks.is_empty() {
            let what = "names no check, so nobody could approve anything";
            return Err(ConfigError::about("recovery.checks", what));
        }
        Ok(RecoveryPolicy {
            mailbox_wait: match self.mailbox_wait_hours {
                // without a wait whoever has mailbox and password would be in before the owner reads a notice
                Some(Bounded(0)) => None,
                hours => Some(length(hours, Seconds::hours, DEFAULT_MAILBOX_WAIT)),
            },
            approvals_per_day: number(self.approvals_per_day, default.approvals_per_day),
            checks,
            supervised: self.supervised_profiles.unwrap_or(default.supervised),
        })
    }
}

/// The waiting time of the way by the mailbox, unless set.
const DEFAULT_MAILBOX_WAIT: Seconds = Seconds::hours(24);

#[derive(Deserialize)]
pub(super) struct Audit {
    pub keep_days: Option<Bounded<90, 36_500>>,
}

#[derive(Deserialize)]
pub(super) struct Mail {
    pub transport: Transport,
    #[serde(deserialize_with = "sender")]
    pub from: (Option<String>, Email),
    pub smtp: Option<Smtp>,
    pub file: Option<Folder>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Transport {
    Smtp,
    File,
}

#[derive(Deserialize)]
pub(super) struct Smtp {
    pub host: Option<ServerName>,
    /// Unless given, the usual one of `tls`.
    pub port: Option<Bounded<1, 65_535, u16>>,
    #[serde(default)]
    pub tls: TlsMode,
    pub ca_file: Option<PathBuf>,
    pub user: Option<Line<254>>,
    pub password: Option<SecretText>,
    pub password_file: Option<PathBuf>,
}

/// `[mail.file]` and `[assets]`
#[derive(Deserialize)]
pub(super) struct Folder {
    pub dir: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Log {
    /// Form of the lines.
    #[serde(default)]
    pub format: LogFormat,
    /// The least that is logged.
    #[serde(default = "info", deserialize_with = "level")]
    pub level: Level,
}

const fn info() -> Level {
    Level::INFO
}

/// Form of log lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}
