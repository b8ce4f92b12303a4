//! Refusals as sentences that name the setting, and never show a value that may be secret.

use super::template;
use std::fmt::Display;

/// Why a configuration is refused: one sentence for the operator about one setting.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{setting} {says}")]
pub struct ConfigError {
    setting: String,
    says: String,
}

impl ConfigError {
    pub(super) fn about(setting: impl Into<String>, says: impl Display) -> Self {
        Self {
            setting: setting.into(),
            says: says.to_string(),
        }
    }

    /// A setting without which the program does not start.
    pub(super) fn missing(setting: &str) -> Self {
        Self::about(
            setting,
            format_args!("is missing: {}", template::help(setting)),
        )
    }

    /// Names the environment variable by which the setting, or one below it, was given.
    pub(super) fn naming_variable(mut self, variables: &[(String, String)]) -> Self {
        let given = |(name, _): &&(String, String)| {
            let setting = super::read::setting_of(name);
            let below = setting.strip_prefix(&self.setting);
            below.is_some_and(|below| below.is_empty() || below.starts_with('.'))
        };
        if let Some((name, _)) = variables.iter().find(given) {
            self.setting = format!("{} (environment variable {name})", self.setting);
        }
        self
    }
}

impl From<ConfigError> for String {
    fn from(error: ConfigError) -> Self {
        error.to_string()
    }
}
