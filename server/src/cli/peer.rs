//! `peer`: what the operators of the other instances need from this one, and whether those answer.

use super::{ConfigFile, say};
use crate::config::{Config, key};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(super) enum PeerCommand {
    /// Print this instance's section for the configuration of the others
    Show(ConfigFile),
    /// Ask every other instance for a signed answer: whether it is reached, and names, keys and clocks fit
    Check(ConfigFile),
}

pub(super) async fn run(command: PeerCommand) -> Result<(), String> {
    match command {
        PeerCommand::Show(file) => say(&section(&file.load()?)?),
        PeerCommand::Check(file) => check(&file.load()?).await,
    }
}

/// One line for each peer; an error when one does not fit.
async fn check(config: &Config) -> Result<(), String> {
    let mut wrong = Vec::new();
    for (peer, answer) in crate::bootstrap::check_peers(config).await? {
        match answer {
            Ok(()) => say(&format!(
                "{peer}: answers, and names, keys and clocks fit\n"
            ))?,
            Err(error) => {
                say(&format!("{peer}: {error}\n"))?;
                wrong.push(peer);
            }
        }
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(format!("not in order: {}", wrong.join(", ")))
    }
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
