//! Settings of the mail server.

use crate::domain::secret::SecretText;
use lettre::transport::smtp::client::{Certificate, CertificateStore, TlsParameters};
use std::{fs, net::IpAddr, path::PathBuf, time::Duration};

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TlsMode {
    /// STARTTLS is required; without it nothing is sent (usually port 587).
    #[default]
    Required,
    /// TLS from the first byte (usually port 465). Prefer it where the server offers it: before STARTTLS an attacker on the
    /// network can insert answers (lettre 0.11.23 keeps them).
    Implicit,
    /// STARTTLS where it is offered. To a server on the same machine always plain; to another server plain only without a
    /// password.
    PlainAllowed,
}

/// Settings of the mail server.
#[derive(Clone, Debug)]
pub struct SmtpSettings {
    /// Name of the server, which its certificate must have.
    pub host: String,
    pub port: u16,
    pub tls: TlsMode,
    /// PEM file of the only certificate authorities that are trusted, in place of the system's.
    pub ca_file: Option<PathBuf>,
    /// User to sign in as; user and password are given together or not at all.
    pub user: Option<String>,
    pub password: Option<SecretText>,
    /// Longest time for one mail, from connecting to the server's acceptance.
    pub timeout: Duration,
    /// Most connections at once, and most unused connections that are kept.
    pub pool_max: u32,
}

impl SmtpSettings {
    /// Time for one mail when the operator sets none.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(20);
    /// Connections when the operator sets no number.
    pub const DEFAULT_POOL_MAX: u32 = 4;

    /// Refuses settings that cannot work.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.host.is_empty() || !self.host.chars().all(|c| c.is_ascii_graphic()) {
            return Err("SMTP: the host is not a name or an address".to_owned());
        }
        if self.timeout.is_zero() || self.pool_max == 0 {
            return Err("SMTP: the time-out and the pool must be greater than zero".to_owned());
        }
        if self.user.is_some() != self.password.is_some() {
            return Err("SMTP: user and password are given together or not at all".to_owned());
        }
        Ok(())
    }

    /// The host without the brackets of an IPv6 literal.
    pub(super) fn bare_host(&self) -> &str {
        self.host.trim_matches(['[', ']'])
    }

    /// Whether the server is on this machine.
    pub(super) fn is_loopback(&self) -> bool {
        let literal = self.bare_host().parse::<IpAddr>();
        self.host.eq_ignore_ascii_case("localhost")
            || literal.is_ok_and(|address| address.is_loopback())
    }

    /// Trusts the system's certificate authorities, or only those in `ca_file`.
    pub(super) fn tls_parameters(&self) -> Result<TlsParameters, String> {
        let mut builder = TlsParameters::builder(self.bare_host().to_owned());
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
