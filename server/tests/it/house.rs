//! The house rules over the source: who may name whom (docs/architecture.md), and what else needs
//! Rust to be read. `.ci/house` holds the rules that need none.

mod rooms;
mod source;

use source::{Source, crate_sources, is_within};
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    // of this run, not of the compilation: clones share what was compiled
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").expect("run by cargo");
    Path::new(&manifest).parent().unwrap().to_owned()
}

fn sources() -> Vec<Source> {
    [
        ("app", "app/src"),
        ("server", "server/src"),
        ("demo", "server/demo/src"),
        ("frontend", "frontend/src"),
    ]
    .into_iter()
    .flat_map(|(name, folder)| crate_sources(&root().join(folder), name))
    .collect()
}

#[track_caller]
fn assert_none(breaches: &[String]) {
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn no_portuguese_stands_in_a_component_page_or_the_browser_s_part() {
    // words that no name of a class, path or field here has
    const WORDS: [&str; 13] = [
        "senha",
        "usuario",
        "codigo",
        "autenticador",
        "entrar",
        "conta",
        "voltar",
        "enviar",
        "novo",
        "sua",
        "para",
        "uma",
        "que",
    ];
    let mut breaches = Vec::new();
    for file in sources() {
        let rooms = ["app::components", "app::pages", "frontend"];
        if !rooms.iter().any(|room| is_within(&file.module, room)) {
            continue;
        }
        for (text, line) in &file.literals {
            let accented = text.chars().any(|c| "áàâãéêíóôõúçÁÉÍÓÚÇ".contains(c));
            let lower = text.to_lowercase();
            let mut words = lower.split(|c: char| !c.is_alphanumeric());
            if accented || words.any(|word| WORDS.contains(&word)) {
                breaches.push(format!(
                    "{}:{line}: a text outside app::text: {text}",
                    file.path.display()
                ));
            }
        }
    }
    assert_none(&breaches);
}

#[test]
fn r25_the_wasm_holds_no_server_crate() {
    let manifest = std::fs::read_to_string(root().join("app/Cargo.toml")).unwrap();
    let manifest = manifest.split("[dev-dependencies]").next().unwrap();
    for name in ["sqlx", "lettre", "totp-rs", "tokio", "reqwest", "argon2"] {
        assert!(!manifest.contains(name), "app/Cargo.toml names {name}");
    }
}

/// A file holds one idea, its tests apart.
#[test]
fn no_source_file_grows_past_five_hundred_lines() {
    for file in sources() {
        assert!(
            file.lines <= 500,
            "{} has {} lines",
            file.path.display(),
            file.lines
        );
    }
}

/// A comment of one or two words repeats the name under it: it says something, or it goes. The command line's comments are the help
/// that it prints.
#[test]
fn no_doc_comment_is_a_label() {
    let mut labels = Vec::new();
    for file in sources() {
        let text = std::fs::read_to_string(&file.path).unwrap();
        if is_within(&file.module, "server::cli") || is_within(&file.module, "demo::options") {
            continue;
        }
        let mut words = 0;
        for (number, line) in text.lines().enumerate() {
            if let Some(comment) = line.trim_start().strip_prefix("///") {
                words += comment.split_whitespace().count();
            } else {
                if (1..=2).contains(&words) {
                    labels.push(format!("{}:{number}", file.path.display()));
                }
                words = 0;
            }
        }
    }
    assert_none(&labels);
}

/// One statement for each module, and the types of the domain by their own names: they are one vocabulary, so that nobody needs to know
/// in which file a noun stands.
#[test]
fn imports_are_flat() {
    let mut breaches = Vec::new();
    for file in sources() {
        let text = std::fs::read_to_string(&file.path).unwrap();
        for statement in text.split(';') {
            let Some(start) = statement.rfind("\nuse ").max(statement.rfind(" use ")) else {
                continue;
            };
            let (before, import) = statement.split_at(start);
            let is_import = !import.contains(['(', '"', '/']);
            // one attribute stands for a whole group
            let has_attribute = before.trim_end_matches("pub").trim_end().ends_with(']');
            if is_import && !has_attribute && import.matches('{').count() > 1 {
                breaches.push(format!("{}:{import}", file.path.display()));
            }
        }
        for (name, line) in &file.names {
            let Some((module, item)) = name
                .strip_prefix("server::domain::")
                .and_then(|inner| inner.split_once("::"))
            else {
                continue;
            };
            let is_type = item.starts_with(char::is_uppercase) && item.contains(char::is_lowercase);
            let is_outside = !is_within(&file.module, &format!("server::domain::{module}"));
            // two modules judge, and each has a verdict
            if is_type && is_outside && !item.starts_with("Verdict") {
                breaches.push(format!("{}:{line}: {name}", file.path.display()));
            }
        }
    }
    assert_none(&breaches);
}
