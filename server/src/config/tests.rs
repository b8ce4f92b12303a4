//! Files as operators write them, right and wrong.

mod key;
mod refusals;
mod senseless;
mod template;
mod values;

use super::{Config, ConfigError};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder of a test's own, removed at its end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "eproc-2fa-config-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The least that loads.
const LEAST: &str = r#"
instance.name = "JMU"
instance.public_url = "https://2fa.example.jus.br"
listen.addr = "127.0.0.1:3000"
database.url = "postgres://eproc:hunter2@db/jmu?sslmode=verify-full"
keys.file = "jmu.key"
support.name = "Suporte"
support.email = "suporte@example.jus.br"
support.phone = "(61) 0000-0000"
mail.transport = "smtp"
mail.from = "nao-responda@example.jus.br"
mail.smtp.host = "smtp.example.jus.br"
"#;

/// The least with other lines in place of those of the same setting, and variables over it.
fn load(lines: &[&str], variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let of = |line: &str| {
        line.split_once(" = ")
            .map_or(String::new(), |(key, _)| key.to_owned())
    };
    let kept = LEAST
        .lines()
        .filter(|kept| !lines.iter().any(|line| of(line) == of(kept)));
    let text: Vec<_> = kept.chain(lines.iter().copied()).collect();
    load_text(&text.join("\n"), variables)
}

fn load_text(text: &str, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let folder = Folder::new();
    let path = folder.file("jmu.toml", text);
    let owned = |(name, value): &(&str, &str)| (format!("EPROC_2FA__{name}"), (*value).to_owned());
    Config::load_with(&path, &variables.iter().map(owned).collect::<Vec<_>>())
}

/// The sentence that refuses these lines.
fn refusal(lines: &[&str]) -> String {
    load(lines, &[]).unwrap_err().to_string()
}
