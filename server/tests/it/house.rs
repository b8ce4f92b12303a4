//! The house rules over the source: who may import whom (docs/architecture.md).

use std::path::{Path, PathBuf};

fn sources(dir: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found
}

fn root() -> PathBuf {
    // of this run, not of the compilation: clones share what was compiled
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").expect("run by cargo");
    Path::new(&manifest).parent().unwrap().to_owned()
}

/// Files of a room: `room.rs` and everything under `room/`.
fn room(base: &str, name: &str) -> Vec<(PathBuf, String)> {
    let base = root().join(base);
    let (file, folder) = (base.join(format!("{name}.rs")), base.join(name));
    let all = sources(&base);
    let found: Vec<_> = all
        .into_iter()
        .filter(|(path, _)| *path == file || path.starts_with(&folder))
        .collect();
    assert!(!found.is_empty(), "the room {name} is gone: mend this rule");
    found
}

#[track_caller]
fn never(base: &str, name: &str, forbidden: &[&str]) {
    for (path, text) in room(base, name) {
        if path.components().any(|part| part.as_os_str() == "tests")
            || path.file_name().is_some_and(|file| file == "tests.rs")
        {
            continue;
        }
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for line in code
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
        {
            // the one module of the pages that every room may know: plain data
            let line = line.replace("app::model", "");
            for word in forbidden {
                assert!(
                    !line.contains(word),
                    "{}: {name} must not use {word}:\n{line}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn the_domain_is_pure() {
    never(
        "server/src",
        "domain",
        &[
            "tokio::",
            "sqlx",
            "axum",
            "leptos",
            "crate::ports",
            "crate::storage",
            "crate::services",
            "crate::web",
            "app::",
            "std::fs",
            "std::env",
            "SystemTime",
            "getrandom",
        ],
    );
}

#[test]
fn an_import_knows_the_domain_alone() {
    never(
        "server/src",
        "import",
        &[
            "crate::services",
            "crate::storage",
            "crate::ports",
            "crate::cli",
            "crate::web",
            "app::",
            "std::fs",
        ],
    );
    never("server/src", "domain", &["crate::import", "csv::"]);
}

#[test]
fn ports_and_services_know_no_adapter() {
    const ADAPTERS: [&str; 5] = [
        "crate::mail",
        "crate::peers",
        "crate::web",
        "axum",
        "leptos",
    ];
    never("server/src", "ports", &ADAPTERS);
    never("server/src", "services", &ADAPTERS);
    never(
        "server/src",
        "services",
        &[
            "sqlx",
            "app::pages",
            "app::components",
            "app::api::request",
            "lettre",
            "reqwest",
        ],
    );
}

#[test]
fn adapters_know_neither_use_cases_nor_each_other() {
    for (name, others) in [
        ("storage", ["crate::mail", "crate::peers"]),
        ("mail", ["crate::storage", "crate::peers"]),
        ("peers", ["crate::storage", "crate::mail"]),
    ] {
        never("server/src", name, &others);
        never(
            "server/src",
            name,
            &["crate::services", "crate::web", "app::"],
        );
    }
}

#[test]
fn the_web_knows_no_adapter() {
    never(
        "server/src",
        "web",
        &["crate::mail", "crate::peers", "sqlx", "lettre", "reqwest"],
    );
}

#[test]
fn pages_and_components_know_no_http() {
    never(
        "app/src",
        "components",
        &["leptos_axum", "crate::api::backend::RequestContext"],
    );
    never("app/src", "pages", &["leptos_axum", "http::"]);
}

#[test]
fn no_portuguese_stands_in_a_component_page_or_the_browser_s_part() {
    let rooms = ["components", "pages"].map(|name| room("app/src", name));
    let browser = sources(&root().join("frontend/src"));
    for (path, text) in rooms.into_iter().flatten().chain(browser) {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for line in code
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
        {
            let accented = line.chars().any(|c| "áàâãéêíóôõúçÁÉÍÓÚÇ".contains(c));
            assert!(!accented, "{}: a literal text:\n{line}", path.display());
        }
    }
}

#[test]
fn r25_the_wasm_holds_no_server_crate() {
    let manifest = std::fs::read_to_string(root().join("app/Cargo.toml")).unwrap();
    let manifest = manifest.split("[dev-dependencies]").next().unwrap();
    for name in ["sqlx", "lettre", "totp-rs", "tokio", "reqwest", "argon2"] {
        assert!(!manifest.contains(name), "app/Cargo.toml names {name}");
    }
}

#[test]
fn no_source_file_grows_past_five_hundred_lines() {
    for base in ["app/src", "server/src", "server/demo/src", "frontend/src"] {
        for (path, text) in sources(&root().join(base)) {
            let lines = text.lines().count();
            assert!(lines <= 500, "{} has {lines} lines", path.display());
        }
    }
}
