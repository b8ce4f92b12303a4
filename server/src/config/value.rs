//! How single settings are read, each once. An error is what follows the setting's name in a
//! sentence.

use super::ConfigError;
use super::key::MAX_FILE;
use crate::domain::{Email, Seconds, SecretText};
use serde::{Deserialize, Deserializer, de};
use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use tracing::Level;
use zeroize::Zeroizing;

/// A whole number from `MIN` to `MAX`.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "i64", bound = "T: TryFrom<i64>")]
pub(super) struct Bounded<const MIN: i64, const MAX: i64, T = i64>(pub T);

impl<const MIN: i64, const MAX: i64, T: TryFrom<i64>> TryFrom<i64> for Bounded<MIN, MAX, T> {
    type Error = String;

    fn try_from(number: i64) -> Result<Self, String> {
        match T::try_from(number) {
            Ok(within) if (MIN..=MAX).contains(&number) => Ok(Self(within)),
            _ => Err(format!("is {number}, accepted: {MIN} to {MAX}")),
        }
    }
}

/// The number, or the default.
pub(super) fn number<const MIN: i64, const MAX: i64, T>(
    given: Option<Bounded<MIN, MAX, T>>,
    default: T,
) -> T {
    given.map_or(default, |number| number.0)
}

/// So many of `unit`, or the default.
pub(super) fn length<const MIN: i64, const MAX: i64>(
    given: Option<Bounded<MIN, MAX>>,
    unit: fn(i64) -> Seconds,
    default: Seconds,
) -> Seconds {
    given.map_or(default, |number| unit(number.0))
}

/// One line of visible text with at most `MAX` characters, without outer white space.
#[derive(Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Line<const MAX: usize>(pub String);

impl<const MAX: usize> TryFrom<String> for Line<MAX> {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() {
            return Err("is empty".to_owned());
        }
        if text.chars().count() > MAX || text.chars().any(char::is_control) {
            return Err(format!("must be one line of at most {MAX} characters"));
        }
        Ok(Self(text.to_owned()))
    }
}

/// Text that is parsed at once.
fn text<'de, D: Deserializer<'de>, T, E: fmt::Display>(
    from: D,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, D::Error> {
    parse(&String::deserialize(from)?).map_err(de::Error::custom)
}

/// Name, if one is given, and address: `name@domain`, or `Name <name@domain>`.
type Sender = (Option<String>, Email);

pub(super) fn sender<'de, D: Deserializer<'de>>(from: D) -> Result<Sender, D::Error> {
    text(from, |from| {
        let from = from.trim();
        let named = from.strip_suffix('>').and_then(|f| f.rsplit_once('<'));
        let (name, email) = named.unwrap_or(("", from));
        let name = match name.trim().trim_matches('"') {
            "" => None,
            name => Some(Line::<80>::try_from(name.to_owned())?.0),
        };
        Ok::<_, String>((name, email.to_owned().try_into()?))
    })
}

pub(super) fn socket<'de, D: Deserializer<'de>>(from: D) -> Result<SocketAddr, D::Error> {
    let wrong = "must be an address and a port such as 127.0.0.1:3000";
    text(from, |text| text.parse().map_err(|_| wrong))
}

pub(super) fn level<'de, D: Deserializer<'de>>(from: D) -> Result<Level, D::Error> {
    text(from, |name| match name {
        "error" => Ok(Level::ERROR),
        "warn" => Ok(Level::WARN),
        "info" => Ok(Level::INFO),
        "debug" => Ok(Level::DEBUG),
        _ => Err(format!("is {name:?}, accepted: error, warn, info, debug")),
    })
}

/// A secret that is given itself or as the path of a file below `base`, but not both ways.
pub(super) fn secret(
    setting: &str,
    given: Option<SecretText>,
    file: Option<PathBuf>,
    base: &Path,
) -> Result<Option<SecretText>, ConfigError> {
    let by_file = format!("{setting}_file");
    match (given, file) {
        (None, Some(file)) => read_secret(&base.join(file))
            .map(Some)
            .map_err(|what| ConfigError::about(by_file, what)),
        (Some(_), Some(_)) => {
            let both = format!("and {by_file} are both set: keep one of them");
            Err(ConfigError::about(setting, both))
        }
        (Some(given), None) if given.expose().is_empty() => {
            Err(ConfigError::about(setting, "is empty"))
        }
        (given, None) => Ok(given),
    }
}

/// The first line of a file; a line end is no part of the secret.
fn read_secret(path: &Path) -> Result<SecretText, String> {
    let shown = path.display();
    let mut text = Zeroizing::new(String::new());
    File::open(path)
        .and_then(|file| file.take(MAX_FILE + 1).read_to_string(&mut text))
        .map_err(|error| format!("{shown} cannot be read: {error}"))?;
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return Err(format!("{shown} is empty"));
    }
    if text.len() as u64 > MAX_FILE || secret.contains('\n') {
        let what = "holds more than one line, so it is not the secret alone";
        return Err(format!("{shown} {what}"));
    }
    Ok(SecretText::new(secret))
}
