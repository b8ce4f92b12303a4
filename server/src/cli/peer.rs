//! `peer show`: prints what the operators of the other instances need from this one.

use super::{ConfigFile, say};
use crate::config::{Config, key};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(super) enum PeerCommand {
    /// Print this instance's section for the configuration of the others
    Show(ConfigFile),
}

pub(super) fn run(command: PeerCommand) -> Result<(), String> {
    let PeerCommand::Show(file) = command;
    say(&section(&file.load()?)?)
}

/// A section that can be pasted into the configuration of a peer.
pub(super) fn section(config: &Config) -> Result<String, String> {
    let settings = &config.settings;
    let keys = key::instance_keys(&config.keyring()?).public();
    Ok(format!(
        "# {}; compare by telephone: {}\n[[peers]]\nname = \"{}\"\nurl = \"{}\"\nkeys = \"{keys}\"\n",
        settings.label,
        keys.fingerprint(),
        settings.instance,
        settings.public_url,
    ))
}
