//! The instances: how they are named, and what an operator configures of the others.

use super::{envelope::PeerKeys, web_url::BaseUrl};
use serde::{Deserialize, Deserializer, de};
use std::{fmt, path::PathBuf};

/// Name of an instance: `JMU`. It stands in cookies, messages and file names.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct InstanceName(String);

impl InstanceName {
    /// Takes 2 to 16 characters, each A-Z or 0-9. An error is what follows "the name" in a
    /// sentence.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        if (2..=16).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err("must have 2 to 16 characters, each A-Z or 0-9")
        }
    }
}

impl TryFrom<String> for InstanceName {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        Self::parse(&text)
    }
}

impl fmt::Display for InstanceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Another instance, as `[[peers]]` describes it.
#[derive(Clone, Debug, Deserialize)]
pub struct Peer {
    /// Its name, as in its own configuration and in `iss` and `aud`.
    pub name: InstanceName,
    /// Where it takes messages; the endpoint's path is appended.
    pub url: BaseUrl,
    /// Its public keys.
    #[serde(deserialize_with = "keys")]
    pub keys: PeerKeys,
    /// PEM file of the only authorities trusted for its TLS; without it those of the system.
    pub ca_file: Option<PathBuf>,
    /// Whether its activations are applied here.
    #[serde(default = "yes")]
    pub may_activate: bool,
    /// Whether a person is found by the sigla alone where one side knows no CPF (R24).
    #[serde(default)]
    pub match_by_sigla: bool,
}

const fn yes() -> bool {
    true
}

fn keys<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PeerKeys, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse()
        .map_err(|error| de::Error::custom(format!("cannot be used: {error}")))
}
