//! `[mail]`: how mails leave the house.

use super::{
    ConfigError,
    instance::address,
    value::{Secret, line, secret, within},
};
use crate::mail::smtp::{SmtpSettings, TlsMode};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// `[mail]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// Which of the two ways.
    pub transport: Transport,
    /// Sender: `name@domain`, or `Name <name@domain>`.
    pub from: String,
    /// `[mail.smtp]`
    pub smtp: Option<Smtp>,
    /// `[mail.file]`
    pub file: Option<MailFile>,
}

/// The ways out of the house that an operator can choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// A mail server.
    Smtp,
    /// A directory, for trying things out.
    File,
}

/// `[mail.smtp]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smtp {
    /// Name of the server.
    pub host: Option<String>,
    /// Port; by `tls` unless given.
    pub port: Option<i64>,
    /// Protection of the way.
    #[serde(default)]
    pub tls: Tls,
    /// The only authorities to be trusted.
    pub ca_file: Option<PathBuf>,
    /// User to sign in as.
    pub user: Option<String>,
    /// Password of that user.
    pub password: Option<Secret>,
    /// The same in a file.
    pub password_file: Option<PathBuf>,
}

/// Protection of the way to the mail server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tls {
    /// STARTTLS, or nothing is sent.
    #[default]
    Required,
    /// TLS from the first byte.
    Implicit,
    /// STARTTLS where it is offered.
    PlainAllowed,
}

/// `[mail.file]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailFile {
    /// Directory.
    pub dir: Option<PathBuf>,
}

/// The chosen way, ready to be built.
#[derive(Clone, Debug)]
pub enum MailWay {
    /// Through a mail server.
    Smtp(SmtpSettings),
    /// Into this directory.
    File(PathBuf),
}

impl Mail {
    /// The sender's name, if given, and address.
    pub(super) fn sender(&self) -> Result<(Option<String>, String), ConfigError> {
        let from = self.from.trim();
        let (name, address_text) = match from.strip_suffix('>').and_then(|f| f.rsplit_once('<')) {
            Some((name, inner)) => (name.trim().trim_matches('"'), inner),
            None => ("", from),
        };
        let sender = address("mail.from", address_text)?;
        let name = (!name.is_empty())
            .then(|| line("mail.from", name, 80))
            .transpose()?;
        Ok((name, sender.for_sending().to_owned()))
    }

    /// `loopback`: whether browsers reach this instance on this machine only.
    pub(super) fn way(&self, base: &Path, loopback: bool) -> Result<MailWay, ConfigError> {
        match (self.transport, &self.smtp) {
            (Transport::File, _) if !loopback => {
                let what = "is \"file\", by which nobody gets a mail: for a public_url beyond this \
                            machine it must be \"smtp\"";
                Err(ConfigError::about("mail.transport", what))
            }
            (Transport::File, _) => match self.file.as_ref().and_then(|file| file.dir.as_ref()) {
                Some(dir) => Ok(MailWay::File(base.join(dir))),
                None => Err(ConfigError::missing("mail.file.dir")),
            },
            (Transport::Smtp, None) => Err(ConfigError::missing("mail.smtp.host")),
            (Transport::Smtp, Some(smtp)) => smtp.settings(base).map(MailWay::Smtp),
        }
    }
}

impl Smtp {
    fn settings(&self, base: &Path) -> Result<SmtpSettings, ConfigError> {
        let host = self
            .host
            .as_ref()
            .ok_or_else(|| ConfigError::missing("mail.smtp.host"))?;
        let host = line("mail.smtp.host", host, 253)?;
        if !host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte))
        {
            return Err(ConfigError::about(
                "mail.smtp.host",
                "is no name or address of a server",
            ));
        }
        let (tls, port) = match self.tls {
            Tls::Required => (TlsMode::Required, 587),
            Tls::Implicit => (TlsMode::Implicit, 465),
            Tls::PlainAllowed => (TlsMode::PlainAllowed, 25),
        };
        let port = within("mail.smtp.port", self.port.unwrap_or(port), 1..=65_535)?;
        let password = secret(
            "mail.smtp.password",
            self.password.as_ref(),
            self.password_file.as_ref(),
            base,
        )?;
        let user = self
            .user
            .as_ref()
            .map(|user| line("mail.smtp.user", user, 254))
            .transpose()?;
        match (&user, &password) {
            (Some(_), None) => return Err(ConfigError::missing("mail.smtp.password")),
            (None, Some(_)) => return Err(ConfigError::missing("mail.smtp.user")),
            _ => {}
        }
        Ok(SmtpSettings {
            host,
            port: u16::try_from(port).unwrap_or_default(),
            tls,
            ca_file: self.ca_file.as_ref().map(|file| base.join(file)),
            user,
            password: password.map(Secret::into_text),
            timeout: SmtpSettings::DEFAULT_TIMEOUT,
            pool_max: SmtpSettings::DEFAULT_POOL_MAX,
        })
    }
}
