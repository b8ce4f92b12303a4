//! `init`: writes a commented configuration and a new key.

use super::say;
use crate::config::{Config, key};
use crate::domain::InstanceName;
use crate::ports::Entropy;
use std::fs;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Folder of the two files, made where it is missing
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub dir: PathBuf,
    /// Name of the instance: 2 to 16 of A-Z and 0-9
    #[arg(long, value_name = "NAME", default_value = "JMU", value_parser = name)]
    pub instance: String,
}

fn name(text: &str) -> Result<String, String> {
    InstanceName::parse(text)
        .map(|name| name.to_string())
        .map_err(|what| format!("the name {what}"))
}

pub(super) fn run(arguments: &Arguments, entropy: &dyn Entropy) -> Result<(), String> {
    let Arguments { dir, instance } = arguments;
    fs::create_dir_all(dir)
        .map_err(|error| format!("{} cannot be made: {error}", dir.display()))?;
    let stem = instance.to_lowercase();
    let config = dir.join(format!("{stem}.toml"));
    let key_file = dir.join(format!("{stem}.key"));
    for path in [&config, &key_file] {
        if path.symlink_metadata().is_ok() {
            return Err(format!(
                "{} exists already and is left alone",
                path.display()
            ));
        }
    }
    key::create(&key_file, instance, entropy)?;
    if let Err(error) = key::write_new(&config, Config::template(instance).as_bytes()) {
        // the key was made by this command and nothing uses it yet
        let _ = fs::remove_file(&key_file);
        return Err(error);
    }
    let (shown, key_shown) = (config.display(), key_file.display());
    say(&format!(
        "{shown}: the configuration; go through it before the first start\n\
         {key_shown}: the key; back it up, apart from the database\n\
         \n\
         Next: eproc-2fa person add --config {shown} --sigla … --name … --profile …\n\
         Then: eproc-2fa serve --config {shown}\n"
    ))
}
