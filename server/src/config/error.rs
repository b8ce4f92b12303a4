//! Refusals as sentences that name the setting, and never show a value that may be secret.

use super::settings;
use figment::error::{Actual, Error, Kind};

/// Why a configuration is refused: one sentence for the operator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

impl From<ConfigError> for String {
    fn from(error: ConfigError) -> Self {
        error.0
    }
}

impl ConfigError {
    /// A sentence about the configuration as a whole.
    pub(super) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }

    /// `setting what`.
    pub(super) fn about(setting: &str, what: impl AsRef<str>) -> Self {
        Self(format!("{setting} {}", what.as_ref()))
    }

    /// A setting without which the program does not start.
    pub(super) fn missing(setting: &str) -> Self {
        match settings::help(setting) {
            Some(help) => Self(format!("{setting} is missing: {help}")),
            None => Self(format!("{setting} is missing")),
        }
    }

    /// What the file holds is no TOML. Only place and reason are kept: the parser quotes the line,
    /// and the line may hold a password.
    pub(super) fn syntax(shown: &str, report: &str) -> Self {
        let mut lines = report.lines();
        let place = lines
            .next()
            .and_then(|line| line.split_once(" at "))
            .map_or("", |(_, at)| at);
        let reason: Vec<_> = lines
            .filter(|line| !line.contains('|'))
            .map(str::trim)
            .collect();
        Self(format!(
            "{shown} is not TOML: {place}: {}",
            reason.join(", ")
        ))
    }

    /// What serde found, in our words. `variable` names the environment variable behind a setting.
    pub(super) fn from_figment(error: &Error, variable: impl Fn(&str) -> Option<String>) -> Self {
        let setting = dotted(&error.path);
        let shown = match variable(&setting) {
            Some(name) => format!("{setting} (environment variable {name})"),
            None => setting.clone(),
        };
        match &error.kind {
            Kind::MissingField(field) if setting.is_empty() => Self::missing(field),
            Kind::MissingField(field) => Self::missing(&format!("{setting}.{field}")),
            Kind::UnknownField(_, known) => {
                let known = known.join(", ");
                let place = match setting.rsplit_once('.') {
                    Some((section, _)) => format!("[{section}] knows"),
                    None => "the sections are".to_owned(),
                };
                Self(format!("{shown} is unknown: {place} {known}"))
            }
            Kind::UnknownVariant(found, known) => Self(format!(
                "{shown} is {found:?}, accepted: {}",
                known.join(", ")
            )),
            Kind::InvalidType(actual, expected) | Kind::InvalidValue(actual, expected) => {
                Self(format!(
                    "{shown} must be {}, not {}",
                    wanted(expected),
                    kind_of(actual)
                ))
            }
            Kind::Message(message) if !setting.is_empty() => Self(format!("{shown} {message}")),
            other => Self(format!("{shown}: {other}")),
        }
    }
}

/// `peers[0].name`
fn dotted(path: &[String]) -> String {
    let mut text = String::new();
    for part in path {
        if part.bytes().all(|byte| byte.is_ascii_digit()) {
            text.extend(["[", part, "]"]);
        } else if text.is_empty() {
            text.push_str(part);
        } else {
            text.extend([".", part]);
        }
    }
    text
}

fn wanted(expected: &str) -> &str {
    match expected {
        "i64" => "a whole number",
        "a string" | "string or map" | "path string" => "text in quotes",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a map" => "a section",
        other if other.starts_with("struct ") => "a section",
        other if other.starts_with("enum ") => "text in quotes",
        other => other,
    }
}

fn kind_of(actual: &Actual) -> &'static str {
    match actual {
        Actual::Bool(_) => "true or false",
        Actual::Unsigned(_) | Actual::Signed(_) => "a number",
        Actual::Float(_) => "a number with a fraction",
        Actual::Str(_) | Actual::Char(_) => "text",
        Actual::Seq => "a list",
        Actual::Map => "a section",
        _ => "something else",
    }
}
