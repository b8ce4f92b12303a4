//! The instances: how they are named, and what an operator configures of the others.

use super::{BaseUrl, PeerKeys, PeerRights};
use serde::{Deserialize, Deserializer, Serialize, de};
use std::fmt;
use std::path::PathBuf;

/// Name of an instance: `JMU`. It stands in cookies, messages and file names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
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

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<InstanceName> for String {
    fn from(name: InstanceName) -> Self {
        name.0
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
#[expect(clippy::struct_excessive_bools, reason = "independent rights")]
#[derive(Clone, Debug, Deserialize)]
pub struct Peer {
    /// Its name, as in its own configuration and in `iss` and `aud`.
    pub name: InstanceName,
    /// Where it takes messages; the endpoint's path is appended.
    pub url: BaseUrl,
    /// Its public keys.
    #[serde(deserialize_with = "keys")]
    pub keys: PeerKeys,
    /// The keys that it is changing to: they are trusted too, and nothing is sealed to them yet.
    #[serde(default, deserialize_with = "next_keys")]
    pub next_keys: Option<PeerKeys>,
    /// PEM file of the only authorities trusted for its TLS; without it those of the system.
    pub ca_file: Option<PathBuf>,
    /// Whether its first activations are applied here.
    #[serde(default = "yes")]
    pub may_activate: bool,
    /// Whether it may add and replace factors of accounts that have one.
    #[serde(default = "yes")]
    pub may_replace: bool,
    /// Whether it may revoke factors; what it has carried here it may always take back.
    #[serde(default = "yes")]
    pub may_revoke: bool,
    /// Whether its blocks hold here.
    #[serde(default = "yes")]
    pub may_block: bool,
    /// Whether passwords that are set there are set here too.
    #[serde(default)]
    pub may_set_password: bool,
    /// Whether a person is found by the sigla alone where one side knows no CPF (R24).
    #[serde(default)]
    pub match_by_sigla: bool,
}

impl Peer {
    /// The keys whose signatures count, those first to which messages are sealed.
    pub fn trusted_keys(&self) -> Vec<PeerKeys> {
        [Some(self.keys), self.next_keys]
            .into_iter()
            .flatten()
            .collect()
    }

    /// What it may change here.
    pub fn rights(&self) -> PeerRights {
        PeerRights {
            name: self.name.to_string(),
            may_activate: self.may_activate,
            may_replace: self.may_replace,
            may_revoke: self.may_revoke,
            may_block: self.may_block,
            may_set_password: self.may_set_password,
            match_by_sigla: self.match_by_sigla,
        }
    }
}

const fn yes() -> bool {
    true
}

fn keys<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PeerKeys, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse()
        .map_err(|error| de::Error::custom(format!("cannot be used: {error}")))
}

fn next_keys<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PeerKeys>, D::Error> {
    keys(deserializer).map(Some)
}
