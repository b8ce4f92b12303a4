//! Settings of the mail server.

use crate::domain::{SecretText, ServerName};
use lettre::transport::smtp::client::{Certificate, CertificateStore, TlsParameters};
use serde::Deserialize;
use std::fs;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

/// How the way to the mail server is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsMode {
    /// STARTTLS, or nothing is sent.
    #[default]
    Required,
    /// TLS from the first byte; the better choice where it is offered: an attacker on the way can slip answers in before STARTTLS (lettre 0.11.23 keeps them).
    Implicit,
    /// STARTTLS where it is offered. To a server on the same machine always plain; to another server plain only without a
    /// password.
    PlainAllowed,
}

impl TlsMode {
    /// The port that servers usually have for it.
    pub const fn usual_port(self) -> u16 {
        match self {
            Self::Required => 587,
            Self::Implicit => 465,
            Self::PlainAllowed => 25,
        }
    }
}

/// User and password for the mail server.
#[derive(Clone, Debug)]
pub struct SmtpLogin {
    /// User to sign in as.
    pub user: String,
    /// Password of that user.
    pub password: SecretText,
}

/// Where and how mails are handed in.
#[derive(Clone, Debug)]
pub struct SmtpSettings {
    /// Name of the server; its certificate must carry it.
    pub host: ServerName,
    pub port: u16,
    pub tls: TlsMode,
    /// PEM file of the only certificate authorities that are trusted, in place of the system's.
    pub ca_file: Option<PathBuf>,
    /// Whom to sign in as, if anybody.
    pub login: Option<SmtpLogin>,
    /// Longest time for one mail, from connecting to the server's acceptance.
    pub timeout: Duration,
    /// Most connections at a time, and most that rest between mails.
    pub pool_max: NonZeroUsize,
}

impl SmtpSettings {
    /// The usual port of `host`, with STARTTLS by the system's authorities and without a login.
    pub fn new(host: ServerName) -> Self {
        Self {
            host,
            port: TlsMode::Required.usual_port(),
            tls: TlsMode::Required,
            ca_file: None,
            login: None,
            timeout: Duration::from_secs(20),
            pool_max: const { NonZeroUsize::MIN.saturating_add(3) },
        }
    }

    /// Trusts the system's certificate authorities, or only those in `ca_file`.
    pub(super) fn tls_parameters(&self) -> Result<TlsParameters, String> {
        let mut builder = TlsParameters::builder(self.host.bare().to_owned());
        if let Some(path) = &self.ca_file {
            let wrong = |what: &str| format!("SMTP: CA file {}: {what}", path.display());
            let pem = fs::read(path).map_err(|error| wrong(&error.to_string()))?;
            if !String::from_utf8_lossy(&pem).contains("-----BEGIN CERTIFICATE-----") {
                return Err(wrong("holds no certificate"));
            }
            let authorities =
                Certificate::from_pem(&pem).map_err(|error| wrong(&error.to_string()))?;
            builder = builder
                .certificate_store(CertificateStore::None)
                .add_root_certificate(authorities);
        }
        builder
            .build()
            .map_err(|error| format!("SMTP: TLS: {error}"))
    }
}
