//! `[instance]` and `[support]`: who this installation is, and who helps.

use super::{
    ConfigError,
    value::{line, web_url, within},
};
use crate::domain::email::Email;
use serde::Deserialize;

/// `[instance]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instance {
    /// Short name: `JMU`.
    pub name: String,
    /// Issuer in the app and name on the pages; `e-Proc/NAME` unless given.
    pub label: Option<String>,
    /// Where browsers reach this instance.
    pub public_url: String,
    /// Where e-Proc is.
    pub system_url: Option<String>,
    /// Local time of pages and mails, in hours from UTC.
    #[serde(default = "brasilia")]
    pub utc_offset_hours: i64,
}

const fn brasilia() -> i64 {
    -3
}

/// Checks an instance's name: it stands in cookies, messages and file names.
pub fn check_name(name: &str) -> Result<(), &'static str> {
    let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    if (2..=16).contains(&name.len()) && name.bytes().all(allowed) {
        Ok(())
    } else {
        Err("must have 2 to 16 characters, each A-Z or 0-9")
    }
}

impl Instance {
    pub(super) fn name(&self) -> Result<String, ConfigError> {
        check_name(&self.name)
            .map(|()| self.name.clone())
            .map_err(|what| ConfigError::about("instance.name", what))
    }

    pub(super) fn label(&self) -> Result<String, ConfigError> {
        let label = match &self.label {
            Some(label) => line("instance.label", label, 40)?,
            None => format!("e-Proc/{}", self.name),
        };
        // authenticators read what stands before a colon as the issuer
        if label.contains(':') {
            return Err(ConfigError::about(
                "instance.label",
                "must not hold a colon",
            ));
        }
        Ok(label)
    }

    /// The origin without a slash at the end, spelled as browsers spell it in `Origin` (R11, R15),
    /// and whether it is this machine.
    pub(super) fn public_url(&self) -> Result<(String, bool), ConfigError> {
        let (url, loopback) = web_url("instance.public_url", &self.public_url)?;
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            let what = "must be scheme, host and port only, without a path or query";
            return Err(ConfigError::about("instance.public_url", what));
        }
        Ok((url.origin().ascii_serialization(), loopback))
    }

    pub(super) fn system_url(&self) -> Result<Option<String>, ConfigError> {
        let url = |text: &String| web_url("instance.system_url", text);
        Ok(self
            .system_url
            .as_ref()
            .map(url)
            .transpose()?
            .map(|(url, _)| url.into()))
    }

    pub(super) fn utc_offset_hours(&self) -> Result<i8, ConfigError> {
        let hours = within("instance.utc_offset_hours", self.utc_offset_hours, -12..=14)?;
        Ok(i8::try_from(hours).unwrap_or_default())
    }
}

/// `[support]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Support {
    /// Name of the team.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Telephone.
    pub phone: String,
}

impl Support {
    /// Name, address and telephone.
    pub(super) fn checked(&self) -> Result<(String, String, String), ConfigError> {
        let email = address("support.email", &self.email)?;
        Ok((
            line("support.name", &self.name, 80)?,
            email.as_typed().to_owned(),
            line("support.phone", &self.phone, 40)?,
        ))
    }
}

/// An e-mail address of the operator's.
pub(super) fn address(setting: &str, text: &str) -> Result<Email, ConfigError> {
    Email::parse(text)
        .map_err(|error| ConfigError::about(setting, format!("is no e-mail address: {error}")))
}
