//! `[listen]`, `[database]`, `[keys]`, `[assets]` and `[log]`: what the process stands on.

use super::{
    ConfigError,
    value::{Secret, secret},
};
use serde::{Deserialize, Deserializer, de};
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// `[listen]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listen {
    /// Address and port.
    #[serde(deserialize_with = "socket")]
    pub addr: SocketAddr,
}

fn socket<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(deserializer)?;
    let what = "must be an address and a port such as 127.0.0.1:3000";
    text.parse().map_err(|_| de::Error::custom(what))
}

/// `[database]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// `sqlite:FILE` or `postgres://…`, which may hold a password.
    pub url: Option<Secret>,
    /// The same in a file.
    pub url_file: Option<PathBuf>,
}

impl Database {
    pub(super) fn url(&self, base: &Path) -> Result<Secret, ConfigError> {
        let url = secret(
            "database.url",
            self.url.as_ref(),
            self.url_file.as_ref(),
            base,
        )?
        .ok_or_else(|| ConfigError::missing("database.url"))?;
        if let Some(file) = url.expose().strip_prefix("sqlite:") {
            let file = file.strip_prefix("//").unwrap_or(file);
            if file.is_empty() || file.contains(['?', ':']) {
                let what = "names no file: a SQLite database is written sqlite:FILE";
                return Err(ConfigError::about("database.url", what));
            }
            return Ok(Secret::new(format!("sqlite:{}", base.join(file).display())));
        }
        if ["postgres://", "postgresql://"]
            .iter()
            .any(|start| url.expose().starts_with(start))
        {
            return Ok(url);
        }
        Err(ConfigError::about(
            "database.url",
            "must begin with sqlite: or postgres://",
        ))
    }
}

/// `[keys]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFile {
    /// The file that `init` made.
    pub file: PathBuf,
}

/// `[assets]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assets {
    /// Style sheet, wasm and what else is static.
    pub dir: Option<PathBuf>,
}

/// `[log]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// Form of the lines.
    #[serde(default)]
    pub format: LogFormat,
    /// The least that is logged.
    #[serde(default)]
    pub level: Level,
}

/// Form of log lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Least severity of a log line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// What failed.
    Error,
    /// What may fail soon, too.
    Warn,
    /// What happened, too.
    #[default]
    Info,
    /// How, too.
    Debug,
}

impl Level {
    /// The name that log filters use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
        }
    }
}
