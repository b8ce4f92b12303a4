//! `peer`: what the operators of the other instances need from this one, and whether those answer.

use super::{ConfigFile, say};
use crate::config::{Config, key};
use crate::domain::{InstanceName, PeerKeys};
use crate::ports::Entropy;
use clap::Subcommand;
use serde::Deserialize;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};

/// Longest section that is read, in bytes.
const LONGEST_SECTION: u64 = 4096;

#[derive(Debug, Subcommand)]
pub(super) enum PeerCommand {
    /// Print this instance's section for the configuration of the others
    Show(ConfigFile),
    /// Add another instance to the configuration, by the section that its `peer show` printed
    Add {
        /// File with the section; `-` reads it from the standard input
        section: PathBuf,
        /// The fingerprint of its keys, as its operator reads it out by telephone; given again for its next keys
        #[arg(long, required = true)]
        fingerprint: Vec<String>,
        #[command(flatten)]
        file: ConfigFile,
    },
    /// Make a key to which the sync of this instance can change
    Keygen {
        /// File of the key, which must not exist yet
        key: PathBuf,
        #[command(flatten)]
        file: ConfigFile,
    },
    /// Ask every other instance for a signed answer: whether it is reached, and names, keys and clocks fit
    Check(ConfigFile),
}

pub(super) async fn run(command: PeerCommand, entropy: &dyn Entropy) -> Result<(), String> {
    match command {
        PeerCommand::Show(file) => say(&section(&file.load()?)?),
        PeerCommand::Add {
            section,
            fingerprint,
            file,
        } => say(&add(&file, &read_section(&section)?, &fingerprint)?),
        PeerCommand::Keygen { key, file } => say(&keygen(&file.load()?, &key, entropy)?),
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

/// A section that can be pasted into the configuration of a peer. While this instance changes its keys it names both.
pub(super) fn section(config: &Config) -> Result<String, String> {
    let settings = &config.settings;
    let mut text = format!("# {}; compare by telephone:\n", settings.label);
    let keys = config.sync_keys()?;
    let named = ["keys", "next_keys"].into_iter().zip(&keys);
    for (name, keys) in named.clone() {
        // writing to a String cannot fail
        let _ = writeln!(text, "# {name} {}", keys.public().fingerprint());
    }
    let _ = writeln!(
        text,
        "[[peers]]\nname = \"{}\"\nurl = \"{}\"",
        settings.instance, settings.public_url
    );
    for (name, keys) in named {
        let _ = writeln!(text, "{name} = \"{}\"", keys.public());
    }
    Ok(text)
}

fn read_section(path: &Path) -> Result<String, String> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        let mut input = io::stdin().lock().take(LONGEST_SECTION);
        input.read_to_string(&mut text)
    } else {
        fs::File::open(path).and_then(|file| file.take(LONGEST_SECTION).read_to_string(&mut text))
    };
    read.map_err(|error| format!("the section cannot be read: {error}"))?;
    Ok(text)
}

/// What `peer show` prints, and nothing else: rights are given by the operator of this instance, in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    peers: Vec<ShownPeer>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ShownPeer {
    name: InstanceName,
    url: String,
    keys: String,
    next_keys: Option<String>,
}

impl ShownPeer {
    /// Each of its keys as it was read, and its fingerprint.
    fn keys(&self) -> Result<Vec<(&str, String)>, String> {
        let texts = [Some(&self.keys), self.next_keys.as_ref()];
        let keys = texts.into_iter().flatten().map(|text| {
            let keys: PeerKeys = text.parse().map_err(|error| format!("keys: {error}"))?;
            Ok((text.as_str(), keys.fingerprint()))
        });
        keys.collect()
    }
}

/// Writes a section behind the configuration, if the fingerprints are those of its keys and the whole is in order. The file is replaced at
/// once or not at all.
fn add(file: &ConfigFile, section: &str, fingerprints: &[String]) -> Result<String, String> {
    let path = &file.config;
    file.load()?;
    let parsed: Section = toml::from_str(section)
        .map_err(|error| format!("this is no section of `peer show`: {}", error.message()))?;
    let [peer] = &*parsed.peers else {
        return Err("this is not one section of `peer show`".to_owned());
    };
    let digits = |text: &str| -> String {
        let digits = text.chars().filter(char::is_ascii_hexdigit);
        digits.collect::<String>().to_lowercase()
    };
    let keys = peer.keys()?;
    let told = fingerprints.iter().map(|told| digits(told));
    let shown = keys.iter().map(|(_, fingerprint)| digits(fingerprint));
    // each of the keys is trusted, so each was to be read out
    if !told.eq(shown) {
        let shown: Vec<_> = keys.iter().map(|(_, fingerprint)| &**fingerprint).collect();
        return Err(format!(
            "the fingerprints of these keys are {}: ask the operator of {} again, by telephone",
            shown.join(" and "),
            peer.name
        ));
    }
    let mut written = format!(
        "\n[[peers]]\nname = \"{}\"\nurl = {:?}\n",
        peer.name, peer.url
    );
    for (name, (text, _)) in ["keys", "next_keys"].into_iter().zip(&keys) {
        // writing to a String cannot fail
        let _ = writeln!(written, "{name} = {text:?}");
    }
    append(path, &written)?;
    Ok(format!(
        "{} is a peer of {} now, with the rights that are given by default; restart, then try `peer check`\n",
        peer.name,
        path.display()
    ))
}

/// Replaces the configuration by one with this at its end, for the same owner, if that is in order.
fn append(path: &Path, section: &str) -> Result<(), String> {
    let shown = path.display();
    let fault = |error: io::Error| format!("{shown} cannot be written: {error}");
    let meta = fs::symlink_metadata(path).map_err(fault)?;
    if meta.is_symlink() {
        return Err(format!("{shown} is a link: name the file itself"));
    }
    let before = fs::read_to_string(path).map_err(fault)?;
    // beside it, so that it can take its place at once, and of this process alone
    let beside = path.with_extension(format!("toml.{}", std::process::id()));
    key::write_new(&beside, format!("{before}{section}").as_bytes())?;
    let replace = || {
        Config::load(&beside)?;
        fs::set_permissions(&beside, meta.permissions()).map_err(fault)?;
        chown(&beside, Some(meta.uid()), Some(meta.gid())).map_err(fault)?;
        if fs::read_to_string(path).map_err(fault)? != before {
            return Err(format!(
                "{shown} was changed meanwhile, and is left as it is"
            ));
        }
        fs::rename(&beside, path).map_err(fault)
    };
    let replaced = replace();
    if replaced.is_err() {
        // the first error is the one to tell
        let _ = fs::remove_file(&beside);
    }
    replaced
}

fn keygen(config: &Config, path: &Path, entropy: &dyn Entropy) -> Result<String, String> {
    let [now] = &*config.sync_key_files else {
        return Err(
            "keys.sync_files names two files: the keys are changing already, end that first"
                .to_owned(),
        );
    };
    key::create_for_sync(path, config.instance.as_str(), entropy)?;
    let whole = |path: &Path| {
        let shown = path.display();
        fs::canonicalize(path).map_err(|error| format!("{shown} cannot be found: {error}"))
    };
    let list = |files: &[&Path]| {
        let files: Vec<_> = files
            .iter()
            .map(|file| format!("\"{}\"", file.display()))
            .collect();
        files.join(", ")
    };
    let (now, path) = (&*whole(now)?, &*whole(path)?);
    Ok(format!(
        "{}: the key; back it up, and show it to nobody\n\
         \n\
         1. here: keys.sync_files = [{}], restart, and send `peer show` to the others\n\
         2. at each of them: its next_keys, restart\n\
         3. here: keys.sync_files = [{}], restart\n\
         4. at each of them: the next_keys become its keys, restart\n\
         5. here: keys.sync_files = [{}], restart\n",
        path.display(),
        list(&[now, path]),
        list(&[path, now]),
        list(&[path]),
    ))
}
