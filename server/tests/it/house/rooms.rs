//! Who may name whom: the table that is edited when a room comes or goes.

use super::source::{Source, is_within};
use super::{assert_none, sources};

/// A module and everything in it, and what its code may name. A path stands for everything under it.
struct Room {
    module: &'static str,
    /// Of our own crates: these besides itself, and nothing else.
    may_use: &'static [&'static str],
    /// Of all crates: none of these, even where `may_use` would allow it.
    never: &'static [&'static str],
}

/// What only computes: no runtime, no framework, no clock, no generator, nothing outside.
const PURE: &[&str] = &[
    "tokio",
    "sqlx",
    "axum",
    "leptos",
    "leptos_axum",
    "http",
    "reqwest",
    "getrandom",
    "std::fs",
    "std::env",
    "std::net::TcpStream",
    "std::process",
    "std::thread",
    "std::time::SystemTime",
    "std::time::Instant",
];

/// The rooms with rules. `app::model` holds plain shared enums, so whoever needs them may name it.
const ROOMS: &[Room] = &[
    Room {
        module: "server::domain",
        may_use: &["app::model"],
        never: PURE,
    },
    Room {
        module: "server::import",
        may_use: &["app::model", "server::domain"],
        never: PURE,
    },
    Room {
        module: "server::ports",
        may_use: &["app::model", "server::domain"],
        never: &["sqlx", "axum", "leptos", "lettre", "reqwest"],
    },
    Room {
        module: "server::services",
        may_use: &[
            "app::api::backend",
            "app::model",
            "app::routes",
            "app::text",
            "app::view",
            "server::domain",
            "server::ports",
            "server::storage",
        ],
        never: &[
            "sqlx",
            "axum",
            "leptos",
            "leptos_axum",
            "http",
            "lettre",
            "reqwest",
        ],
    },
    Room {
        module: "server::storage",
        may_use: &["app::model", "server::domain", "server::ports"],
        never: &["axum", "leptos", "leptos_axum", "http", "lettre", "reqwest"],
    },
    Room {
        module: "server::mail",
        may_use: &["app::model", "server::domain", "server::ports"],
        never: &["sqlx", "axum", "leptos", "leptos_axum", "reqwest"],
    },
    Room {
        module: "server::peers",
        may_use: &["app::model", "server::domain", "server::ports"],
        never: &["sqlx", "axum", "leptos", "leptos_axum", "lettre"],
    },
    Room {
        module: "server::web",
        may_use: &["app", "server::domain", "server::services"],
        never: &["sqlx", "lettre", "reqwest"],
    },
    Room {
        module: "app::components",
        may_use: &["app"],
        never: &["leptos_axum", "http", "app::api::backend"],
    },
    Room {
        module: "app::pages",
        may_use: &["app"],
        never: &["leptos_axum", "http"],
    },
];

/// Modules of the server that put the rooms together, and may name them all.
const WIRING: &[&str] = &["ambient", "bootstrap", "cli", "config"];

impl Room {
    fn forbids(&self, name: &str) -> bool {
        let within = |module: &&str| match name.strip_suffix("::*") {
            // a glob names what is under it, and so what is forbidden further down
            Some(glob) => is_within(glob, module) || is_within(module, glob),
            None => is_within(name, module),
        };
        let own = ["app", "server", "frontend"]
            .iter()
            .any(|ours| is_within(name, ours));
        let may = is_within(name, self.module)
            || self.may_use.iter().any(|module| is_within(name, module));
        self.never.iter().any(within) || (own && !may)
    }

    /// Names in this file that the room may not use, with their lines.
    fn breaches(&self, file: &Source) -> Vec<String> {
        let place = if file.path.as_os_str().is_empty() {
            file.module.clone()
        } else {
            file.path.display().to_string()
        };
        let forbidden = file.names.iter().filter(|(name, _)| self.forbids(name));
        forbidden
            .map(|(name, line)| format!("{place}:{line}: {} must not use {name}", self.module))
            .collect()
    }
}

#[test]
fn every_room_names_only_what_it_may() {
    let files = sources();
    let mut breaches = Vec::new();
    for room in ROOMS {
        let of_room: Vec<_> = files
            .iter()
            .filter(|file| is_within(&file.module, room.module))
            .collect();
        assert!(
            !of_room.is_empty(),
            "{} is gone: mend its rule",
            room.module
        );
        breaches.extend(of_room.into_iter().flat_map(|file| room.breaches(file)));
    }
    assert_none(&breaches);
}

#[test]
fn every_module_of_the_server_has_a_rule_or_is_wiring() {
    for file in sources() {
        let Some(("server", inner)) = file.module.split_once("::") else {
            continue;
        };
        let name = inner.split("::").next().unwrap_or_default();
        let ruled = ROOMS
            .iter()
            .any(|room| is_within(&file.module, room.module));
        assert!(
            ruled || WIRING.contains(&name),
            "server::{name}: say in ROOMS what it may use"
        );
    }
}

#[test]
fn what_stands_after_a_test_module_is_read_too() {
    let text = r#"
        //! crate::web in a comment
        /// sqlx::query in a doc comment
        #[cfg(test)]
        mod tests;
        #[cfg(test)]
        pub(crate) const SAMPLES: &[&str] = &["axum::Router"];
        use crate::{domain::time::Timestamp, storage::{self, Store as S}};
        #[cfg(test)]
        mod inner { use crate::web; fn f() { sqlx::query("") } }
        use super::{mail::memory as m, domain::*};
        fn f() -> impl Sized + use<> {
            let text = "tokio::spawn";
            log!("{}", [std::env::var("X")]);
            app::model::Language::Pt
        }
        mod deeper { use super::super::super::bootstrap; #[cfg(test)] use crate::peers; }
        fn app() -> ::app::text::Texts { use std::time::*; sqlx::query(text) }
    "#;
    let file = Source::parse("server::domain::sample", text);
    let room = &ROOMS[0];
    assert_eq!(room.module, "server::domain");
    let found: Vec<_> = file
        .names
        .iter()
        .filter(|(name, _)| room.forbids(name))
        .map(|(name, line)| (name.as_str(), *line))
        .collect();
    let expected = [
        ("server::storage", 8),
        ("server::storage::Store", 8),
        ("std::env::var", 14),
        ("server::bootstrap", 17),
        ("app::text::Texts", 18),
        ("std::time::*", 18),
        ("sqlx::query", 18),
    ];
    assert_eq!(found, expected);
    assert!(
        file.names
            .iter()
            .any(|(name, _)| name == "server::domain::mail::memory")
    );
    // the lines of the three test items do not count; that of the last one, within another line, does
    assert_eq!(file.lines, text.lines().count() - 7);
    let literals: Vec<_> = file
        .literals
        .iter()
        .map(|(text, _)| text.as_str())
        .collect();
    assert_eq!(literals, ["\"tokio::spawn\"", "\"{}\"", "\"X\""]);
}
