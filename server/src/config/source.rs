//! Where settings come from: the file, and the environment over it.
//!
//! Values of the environment are text; numbers and booleans are read from it where a setting is
//! one. (figment's own provider guesses types: a password of digits would lose its zeros.)

use super::{Config, ConfigError, settings};
use figment::{
    Figment, Metadata, Profile, Provider,
    providers::{Format as _, Toml},
    value::{Dict, Map, Value},
};
use std::{ffi::OsString, path::Path};

/// What the names of environment variables begin with.
const PREFIX: &str = "EPROC_2FA__";

/// The variables that mean settings; such as are not Unicode become unknown settings.
pub(super) fn environment(
    all: impl Iterator<Item = (OsString, OsString)>,
) -> Vec<(String, String)> {
    all.map(|(name, value)| {
        (
            name.to_string_lossy().into_owned(),
            value.to_string_lossy().into_owned(),
        )
    })
    .filter(|(name, _)| name.starts_with(PREFIX))
    .collect()
}

/// `EPROC_2FA__MAIL__SMTP__HOST` is `mail.smtp.host`.
fn setting_of(variable: &str) -> String {
    variable[PREFIX.len()..].to_lowercase().replace("__", ".")
}

/// Reads file and environment into the sections; values are not judged yet.
pub(super) fn read(path: &Path, environment: &[(String, String)]) -> Result<Config, ConfigError> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| {
        ConfigError::new(format!("the configuration {shown} cannot be read: {error}"))
    })?;
    let file = Toml::string(&text);
    if let Err(error) = file.data() {
        return Err(ConfigError::syntax(&shown.to_string(), &error.to_string()));
    }
    // an unknown section has its settings below it
    let variable = |setting: &str| {
        let below = format!("{setting}.");
        let behind = |name: &str| name == setting || name.starts_with(&below);
        let found = environment
            .iter()
            .find(|(name, _)| behind(&setting_of(name)));
        found.map(|(name, _)| name.clone())
    };
    let mut figment = Figment::from(Sections).merge(file);
    for (name, value) in environment {
        let setting = setting_of(name);
        if setting.split('.').any(str::is_empty) {
            return Err(ConfigError::new(format!(
                "the environment variable {name} is no setting"
            )));
        }
        figment = figment.merge((setting, value.as_str()));
    }
    figment
        .extract_lossy()
        .map_err(|error| ConfigError::from_figment(&error, variable))
}

/// Every section, empty: so that what is missing is a setting, never a whole section.
struct Sections;

impl Provider for Sections {
    fn metadata(&self) -> Metadata {
        Metadata::named("sections")
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let dict = settings::SECTIONS
            .iter()
            .map(|section| ((*section).to_owned(), Value::from(Dict::new())))
            .collect();
        Ok(Profile::Default.collect(dict))
    }
}
