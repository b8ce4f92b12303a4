//! Reads the file, and the environment over it, into [`File`].
//!
//! Every value must be like the one in the commented file that `init` writes: what stands there
//! is known, what is a number there is a number. The environment holds text; a number, a boolean
//! or a list is read from text where the setting is one, so a password of digits keeps its zeros.

use super::file::File;
use super::{ConfigError, template};
use std::env::VarsOs;
use std::ffi::OsString;
use std::path::Path;
use toml::{Table, Value};

/// What the names of environment variables begin with.
const PREFIX: &str = "EPROC_2FA__";

/// The variables that mean settings; such as are not Unicode become unknown settings.
pub(super) fn environment(all: VarsOs) -> Vec<(String, String)> {
    let text = |text: OsString| text.to_string_lossy().into_owned();
    all.map(|(name, value)| (text(name), text(value)))
        .filter(|(name, _)| name.starts_with(PREFIX))
        .collect()
}

/// `EPROC_2FA__MAIL__SMTP__HOST` is `mail.smtp.host`.
pub(super) fn setting_of(variable: &str) -> String {
    variable[PREFIX.len()..].to_lowercase().replace("__", ".")
}

/// Reads the file at `path` and the variables, each of which begins with [`PREFIX`].
pub(super) fn read(path: &Path, environment: &[(String, String)]) -> Result<File, ConfigError> {
    let mut settings = parse(path)?;
    for (name, value) in environment {
        let setting = setting_of(name);
        if setting.split('.').any(str::is_empty) {
            let variable = format!("the environment variable {name}");
            return Err(ConfigError::about(variable, "is no setting"));
        }
        overlay(&mut settings, &setting, value);
    }
    let examples = template::examples();
    // with every section there, what is missing is a setting, never a section
    for (section, _) in examples.iter().filter(|(_, example)| example.is_table()) {
        settings.entry(section).or_insert(Table::new().into());
    }
    let settings = fit("", Value::Table(settings), &Value::Table(examples))?;
    // all types are right, so serde's words hold no value but that of a choice
    serde_path_to_error::deserialize(settings).map_err(|error| {
        let section = error.path().to_string();
        let message = error.inner().message();
        match message.strip_prefix("missing field `") {
            Some(key) => ConfigError::missing(&below(&section, key.trim_end_matches('`'))),
            None => ConfigError::about(section, message.replacen("unknown variant", "is", 1)),
        }
    })
}

/// A file that is no TOML is told without quoting it: the line may hold a password.
fn parse(path: &Path) -> Result<Table, ConfigError> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| {
        let file = format!("the configuration {shown}");
        ConfigError::about(file, format_args!("cannot be read: {error}"))
    })?;
    text.parse::<Table>().map_err(|error| {
        let place = error.span().map_or(0, |span| span.start);
        let before = text.get(..place).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        let reason = error.message().replace('\n', ", ");
        let says = format!("is not TOML: line {line}, column {column}: {reason}");
        ConfigError::about(shown.to_string(), says)
    })
}

/// Puts the value of an environment variable in the place of the file's.
fn overlay(section: &mut Table, setting: &str, value: &str) {
    let Some((name, rest)) = setting.split_once('.') else {
        section.insert(setting.to_owned(), Value::String(value.to_owned()));
        return;
    };
    let mut inner = match section.remove(name) {
        Some(Value::Table(inner)) => inner,
        _ => Table::new(),
    };
    overlay(&mut inner, rest, value);
    section.insert(name.to_owned(), Value::Table(inner));
}

fn below(section: &str, key: &str) -> String {
    let name = format!("{section}.{key}");
    name.trim_start_matches('.').to_owned()
}

/// `value`, if it is of the type of `example`, and of known settings if it is a section.
fn fit(setting: &str, value: Value, example: &Value) -> Result<Value, ConfigError> {
    let parsed = match (&value, example) {
        (Value::String(text), Value::Integer(_)) => text.parse().map(Value::Integer).ok(),
        (Value::String(text), Value::Boolean(_)) => text.parse().map(Value::Boolean).ok(),
        (Value::String(text), Value::Array(list)) if list.iter().all(Value::is_str) => {
            let entries = text.split(',').map(str::trim);
            let entries = entries.filter(|entry| !entry.is_empty());
            Some(Value::Array(entries.map(Value::from).collect()))
        }
        _ => None,
    };
    match (parsed.unwrap_or(value), example) {
        (Value::Table(section), Value::Table(known)) => {
            let entries = section.into_iter().map(|(key, value)| {
                let name = below(setting, &key);
                // profiles have names of their own; a lawyer is the example
                let example = known.get(&key).or_else(|| known.get("lawyer"));
                let example = example.ok_or_else(|| unknown(&name, setting, known))?;
                Ok((key, fit(&name, value, example)?))
            });
            entries.collect::<Result<Table, _>>().map(Value::Table)
        }
        (Value::Array(list), Value::Array(examples)) => {
            let fit = |(at, value)| fit(&format!("{setting}[{at}]"), value, &examples[0]);
            let entries = list.into_iter().enumerate().map(fit);
            entries.collect::<Result<_, _>>().map(Value::Array)
        }
        (value, example) if value.same_type(example) => Ok(value),
        (value, example) => {
            let wanted = match kind(example) {
                "text" => "text in quotes",
                "a number" => "a whole number",
                "a list" if example[0].is_str() => "a list of texts",
                wanted => wanted,
            };
            let says = format!("must be {wanted}, not {}", kind(&value));
            Err(ConfigError::about(setting, says))
        }
    }
}

fn unknown(setting: &str, section: &str, known: &Table) -> ConfigError {
    let place = match section {
        "" => "the sections are".to_owned(),
        _ => format!("[{section}] knows"),
    };
    let known: Vec<_> = known.keys().map(String::as_str).collect();
    let says = format!("is unknown: {place} {}", known.join(", "));
    ConfigError::about(setting, says)
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "text",
        Value::Integer(_) => "a number",
        Value::Float(_) => "a number with a fraction",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "a list",
        Value::Table(_) => "a section",
    }
}
