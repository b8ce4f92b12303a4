//! Configuration: one file, the environment over it, one struct per section.
//!
//! [`Config::load`] refuses what is missing, unknown or senseless with a sentence that names the
//! setting, before anything is opened. What every setting means stands in [`settings`], from
//! which `init` writes the commented file and a missing setting gets its explanation.

mod error;
mod instance;
pub mod key;
mod limits;
mod mail;
mod peers;
mod runtime;
pub mod settings;
mod source;
mod template;
mod value;

#[cfg(test)]
pub(crate) mod tests;

pub use error::ConfigError;
pub use instance::{Instance, Support, check_name};
pub use limits::{Enrolment, PolicySection, Sessions};
pub use mail::{Mail, MailFile, MailWay, Smtp, Tls, Transport};
pub use peers::PeerSection;
pub use runtime::{Assets, Database, KeyFile, Level, Listen, Log, LogFormat};
pub use value::Secret;

use crate::{
    domain::{envelope::InstanceKeys, vault::Keyring},
    mail::Branding,
    peers::Peer,
    services::{PeerRights, Settings},
};
use serde::Deserialize;
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// Everything an operator can say. Secrets are redacted in `Debug`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// `[instance]`
    pub instance: Instance,
    /// `[listen]`
    pub listen: Listen,
    /// `[database]`
    pub database: Database,
    /// `[keys]`
    pub keys: KeyFile,
    /// `[support]`
    pub support: Support,
    /// `[policy]`
    pub policy: PolicySection,
    /// `[enrolment]`
    pub enrolment: Enrolment,
    /// `[sessions]`
    pub sessions: Sessions,
    /// `[mail]`
    pub mail: Mail,
    /// `[[peers]]`
    #[serde(default)]
    pub peers: Vec<PeerSection>,
    /// `[assets]`
    pub assets: Assets,
    /// `[log]`
    pub log: Log,
    /// Where relative paths begin: the folder of the configuration file.
    #[serde(skip)]
    base: PathBuf,
}

impl Config {
    /// Reads the file and the environment (`EPROC_2FA__SECTION__KEY`) and checks everything that
    /// can be checked without opening anything but the files of secrets.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        Self::load_with(path, &source::environment(std::env::vars_os()))
    }

    /// Reads the file alone: the demonstration must not be led to a real database or a public
    /// address by variables that happen to be set (R20).
    pub fn load_without_environment(path: &Path) -> Result<Self, ConfigError> {
        Self::load_with(path, &[])
    }

    /// The same with an environment of the caller's.
    fn load_with(path: &Path, environment: &[(String, String)]) -> Result<Self, ConfigError> {
        let mut config = source::read(path, environment)?;
        config.base = path.parent().map(Path::to_path_buf).unwrap_or_default();
        config.check()?;
        Ok(config)
    }

    /// What `init` writes for a new instance.
    pub fn template(instance: &str) -> String {
        template::render(instance)
    }

    fn check(&self) -> Result<(), ConfigError> {
        self.settings()?;
        self.branding()?;
        self.database_url()?;
        self.mail_way()?;
        self.peers()?;
        self.system_url()?;
        Ok(())
    }

    /// What the use cases need.
    pub fn settings(&self) -> Result<Settings, ConfigError> {
        let (suffixes, _) = self.enrolment.suffixes()?;
        Ok(Settings {
            instance: self.instance.name()?,
            label: self.instance.label()?,
            public_url: self.instance.public_url()?.0,
            policy: self.policy.policy()?,
            sessions: self.sessions.limits()?,
            enrolments: self.enrolment.limits()?,
            suffixes,
            system_url: self.system_url()?,
            peers: self
                .peers
                .iter()
                .map(PeerSection::rights)
                .collect::<Vec<PeerRights>>(),
            refusal_floor_ms: self.sessions.refusal_floor_ms()?,
        })
    }

    /// What mails say about this installation.
    pub fn branding(&self) -> Result<Branding, ConfigError> {
        let (support_name, support_email, support_phone) = self.support.checked()?;
        let label = self.instance.label()?;
        let (from_name, from_address) = self.mail.sender()?;
        Ok(Branding {
            from_name: from_name.unwrap_or_else(|| label.clone()),
            from_address,
            instance_label: label,
            support_name,
            support_email,
            support_phone,
            public_url: self.instance.public_url()?.0,
            utc_offset_hours: self.instance.utc_offset_hours()?,
        })
    }

    /// Where e-Proc itself is, if the page that follows sign-in may lead there.
    pub fn system_url(&self) -> Result<Option<String>, ConfigError> {
        self.instance.system_url()
    }

    /// `sqlite:FILE` (made absolute by the configuration's folder) or `postgres://…`.
    pub fn database_url(&self) -> Result<Secret, ConfigError> {
        self.database.url(&self.base)
    }

    /// How mails leave the house.
    pub fn mail_way(&self) -> Result<MailWay, ConfigError> {
        let (_, loopback) = self.instance.public_url()?;
        self.mail.way(&self.base, loopback)
    }

    /// The other instances.
    pub fn peers(&self) -> Result<Vec<Peer>, ConfigError> {
        peers::checked(&self.peers, &self.instance.name, &self.base)
    }

    /// Address and port to listen on.
    pub fn listen_addr(&self) -> SocketAddr {
        self.listen.addr
    }

    /// Where the style sheet and the wasm are, if the operator says so.
    pub fn assets_dir(&self) -> Option<PathBuf> {
        self.assets.dir.as_ref().map(|dir| self.base.join(dir))
    }

    /// Where the key file is.
    pub fn key_file(&self) -> PathBuf {
        self.base.join(&self.keys.file)
    }

    /// Opens the key file (R5).
    pub fn keyring(&self) -> Result<Keyring, ConfigError> {
        key::load(&self.key_file()).map_err(|what| ConfigError::about("keys.file", what))
    }

    /// The keys by which the other instances know this one (R24).
    pub fn instance_keys(&self) -> Result<InstanceKeys, ConfigError> {
        self.keyring().map(|keyring| key::instance_keys(&keyring))
    }
}
