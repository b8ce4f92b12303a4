//! `[[peers]]`: the other instances.

use super::{ConfigError, check_name, value::web_url};
use crate::{domain::envelope::PeerKeys, peers::Peer, services::PeerRights};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// One of `[[peers]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeerSection {
    /// Its name, as in its own configuration.
    pub name: String,
    /// Where it takes messages.
    pub url: String,
    /// Its public keys.
    pub keys: String,
    /// The only authorities trusted for its TLS.
    pub ca_file: Option<PathBuf>,
    /// Whether its activations are applied here.
    #[serde(default = "yes")]
    pub may_activate: bool,
}

const fn yes() -> bool {
    true
}

impl PeerSection {
    pub(super) fn rights(&self) -> PeerRights {
        PeerRights {
            name: self.name.clone(),
            may_activate: self.may_activate,
        }
    }
}

/// The peers, each with a name and keys of its own.
pub(super) fn checked(
    sections: &[PeerSection],
    own: &str,
    base: &Path,
) -> Result<Vec<Peer>, ConfigError> {
    let mut peers: Vec<Peer> = Vec::with_capacity(sections.len());
    for (at, section) in sections.iter().enumerate() {
        let setting = |key: &str| format!("peers[{at}].{key}");
        let wrong = |key: &str, what: &str| Err(ConfigError::about(&setting(key), what));
        if let Err(what) = check_name(&section.name) {
            return wrong("name", what);
        }
        if section.name == own {
            return wrong("name", "is this instance's own: a peer is another instance");
        }
        if peers.iter().any(|peer| peer.name == section.name) {
            return wrong("name", "stands in another [[peers]] too");
        }
        let (url, _) = web_url(&setting("url"), &section.url)?;
        if url.query().is_some() || url.fragment().is_some() {
            return wrong("url", "must not have a query or fragment");
        }
        let keys: PeerKeys = match section.keys.parse() {
            Ok(keys) => keys,
            Err(error) => return wrong("keys", &format!("cannot be used: {error}")),
        };
        if peers.iter().any(|peer| peer.keys == keys) {
            return wrong("keys", "stand in another [[peers]] too");
        }
        peers.push(Peer {
            name: section.name.clone(),
            url: section.url.trim().to_owned(),
            keys,
            ca_file: section.ca_file.as_ref().map(|file| base.join(file)),
        });
    }
    Ok(peers)
}
