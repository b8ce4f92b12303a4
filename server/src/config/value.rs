//! What several sections share: secrets, web addresses, numbers within bounds.

use super::ConfigError;
use crate::domain::secret::SecretText;
use reqwest::Url;
use serde::{Deserialize, Deserializer, de};
use std::{
    fmt,
    fs::File,
    io::Read as _,
    net::IpAddr,
    ops::RangeInclusive,
    path::{Path, PathBuf},
};

/// Longest file of a secret, in bytes.
const MAX_SECRET: u64 = 4096;

/// A setting that no log may show.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(SecretText);

impl Secret {
    /// Takes over a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretText::new(text))
    }

    /// The secret, for the one call that needs it.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// The same as the domain's type.
    pub fn into_text(self) -> SecretText {
        self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

/// A secret that is given itself or as the path of a file, but not both ways.
pub(super) fn secret(
    setting: &str,
    given: Option<&Secret>,
    file: Option<&PathBuf>,
    base: &Path,
) -> Result<Option<Secret>, ConfigError> {
    let found = match (given, file) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => {
            let both = format!("and {setting}_file are both set: keep one of them");
            return Err(ConfigError::about(setting, both));
        }
        (Some(secret), None) => secret.clone(),
        (None, Some(file)) => {
            let setting = format!("{setting}_file");
            return read_secret(&base.join(file))
                .map(Some)
                .map_err(|what| ConfigError::about(&setting, what));
        }
    };
    if found.expose().is_empty() {
        return Err(ConfigError::about(setting, "is empty"));
    }
    Ok(Some(found))
}

/// The first line of a file; a line end is no part of the secret.
fn read_secret(path: &Path) -> Result<Secret, String> {
    let shown = path.display();
    let mut text = zeroize::Zeroizing::new(String::new());
    File::open(path)
        .and_then(|file| file.take(MAX_SECRET + 1).read_to_string(&mut text))
        .map_err(|error| format!("{shown} cannot be read: {error}"))?;
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return Err(format!("{shown} is empty"));
    }
    if text.len() as u64 > MAX_SECRET || secret.contains('\n') {
        return Err(format!(
            "{shown} holds more than one line, so it is not the secret alone"
        ));
    }
    Ok(Secret::new(secret))
}

/// Whether a host is this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// An address that browsers or servers may be sent to: https, or http on this machine.
pub(super) fn web_url(setting: &str, text: &str) -> Result<(Url, bool), ConfigError> {
    let wrong = |what: &str| ConfigError::about(setting, what);
    let url = Url::parse(text)
        .map_err(|_| wrong("is not a web address such as https://2fa.example.jus.br"))?;
    let loopback = url.host_str().is_some_and(is_loopback);
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("must not hold a user or password"));
    }
    match url.scheme() {
        "https" => Ok((url, loopback)),
        "http" if loopback => Ok((url, true)),
        _ => Err(wrong(
            "must begin with https:// (http:// is for this machine only)",
        )),
    }
}

/// One line of visible text.
pub(super) fn line(setting: &str, text: &str, longest: usize) -> Result<String, ConfigError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(ConfigError::about(setting, "is empty"));
    }
    if text.chars().count() > longest || text.chars().any(char::is_control) {
        let what = format!("must be one line of at most {longest} characters");
        return Err(ConfigError::about(setting, what));
    }
    Ok(text.to_owned())
}

/// A number within its bounds.
pub(super) fn within(
    setting: &str,
    number: i64,
    bounds: RangeInclusive<i64>,
) -> Result<i64, ConfigError> {
    if bounds.contains(&number) {
        return Ok(number);
    }
    let (least, most) = bounds.into_inner();
    Err(ConfigError::about(
        setting,
        format!("is {number}, accepted: {least} to {most}"),
    ))
}

/// A list, or in the environment one text with commas.
pub(super) fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    struct List;
    impl<'de> de::Visitor<'de> for List {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of texts")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<String>, E> {
            let entries = text
                .split(',')
                .map(str::trim)
                .filter(|entry| !entry.is_empty());
            Ok(entries.map(str::to_owned).collect())
        }

        fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<String>, A::Error> {
            let mut entries = Vec::new();
            while let Some(entry) = seq.next_element()? {
                entries.push(entry);
            }
            Ok(entries)
        }
    }
    deserializer.deserialize_any(List)
}
