//! Reads the fields of one row and collects every mistake.

use super::{COLUMNS, RowError};
use crate::domain::{Cpf, Email, NewPerson, PasswordHash, PersonId, ProfileKind, Sigla};
use app::model::Language;
use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::str::FromStr;

/// Longest name in characters.
const MAX_NAME: usize = 200;

/// The line at which each unique value was first seen.
#[derive(Default)]
pub(super) struct Seen {
    ids: FirstLines,
    siglas: FirstLines,
    cpfs: FirstLines,
}

/// Lines by a keyed hash of 64 bits, which a million rows have room for: that two values of a million have the same one is less
/// likely than one in a million, and the file would be refused, not read wrongly.
#[derive(Default)]
struct FirstLines {
    key: RandomState,
    lines: HashMap<u64, u32>,
}

impl FirstLines {
    /// The line that had this value first.
    fn of(&mut self, value: impl Hash, line: u64) -> u64 {
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        let hash = self.key.hash_one(value);
        (*self.lines.entry(hash).or_insert(line)).into()
    }
}

/// One row that is read into a person.
pub(super) struct Row<'a> {
    pub line: u64,
    /// In the order of [`COLUMNS`].
    pub fields: [&'a [u8]; COLUMNS.len()],
    pub errors: &'a mut Vec<RowError>,
}

impl Row<'_> {
    /// The person; `None` when at least one error was added.
    pub(super) fn person(&mut self, seen: &mut Seen) -> Option<NewPerson> {
        let before = self.errors.len();
        let id = self.field("id", |text| optional(text, PersonId::from_str));
        let name = self.field("name", name);
        let sigla = self.field("sigla", Sigla::parse);
        let cpf = self.field("cpf", |text| optional(text, Cpf::parse));
        let password = self.field("password_hash", PasswordHash::parse);
        let profiles = self.field("profiles", |text| list(text, ProfileKind::parse));
        let contacts = self.field("contacts", |text| list(text, Email::parse));
        let language = self.field("language", language);
        if profiles.as_ref().is_some_and(Vec::is_empty) {
            self.error("profiles", "at least one profile is needed");
        }
        if let Some(id) = id.flatten() {
            self.once("id", &mut seen.ids, id);
        }
        if let Some(sigla) = &sigla {
            self.once("sigla", &mut seen.siglas, sigla.key());
        }
        // a sigla that is another person's CPF would make sign-in and sync ambiguous (R24)
        let sigla_cpf = sigla.as_ref().and_then(Sigla::cpf);
        if let Some(cpf) = cpf.flatten() {
            self.once("cpf", &mut seen.cpfs, cpf);
            if sigla_cpf.is_some_and(|other| other != cpf) {
                self.error("sigla", "the sigla is a CPF, but not the one in column cpf");
            }
        } else if let Some(cpf) = sigla_cpf {
            self.once("sigla", &mut seen.cpfs, cpf);
        }
        if self.errors.len() > before {
            return None;
        }
        Some(NewPerson {
            id: id?,
            name: name?,
            sigla: sigla?,
            cpf: cpf?,
            password: password?,
            profiles: profiles?,
            contacts: contacts?,
            language: language?,
        })
    }

    /// Reads the field of `column`; `None` when an error was added.
    fn field<T, E: fmt::Display>(
        &mut self,
        column: &str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let index = COLUMNS.iter().position(|name| *name == column)?;
        let Ok(text) = std::str::from_utf8(self.fields[index].trim_ascii()) else {
            self.error(column, "not UTF-8; save the file as CSV UTF-8");
            return None;
        };
        read(text).map_err(|reason| self.error(column, reason)).ok()
    }

    /// Adds an error when an earlier line has the same value.
    fn once(&mut self, column: &str, seen: &mut FirstLines, value: impl Hash) {
        let first = seen.of(value, self.line);
        if first != self.line {
            self.error(column, format!("the same as in line {first}"));
        }
    }

    fn error(&mut self, column: &str, reason: impl fmt::Display) {
        self.errors.push(RowError::new(self.line, column, reason));
    }
}

/// Reads a field that may be empty; `None` when it is.
fn optional<T, E>(text: &str, read: impl FnOnce(&str) -> Result<T, E>) -> Result<Option<T>, E> {
    if text.is_empty() {
        Ok(None)
    } else {
        read(text).map(Some)
    }
}

fn name(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > MAX_NAME {
        return Err("a name has 1 to 200 characters");
    }
    // an unclosed quotation mark also leaves line ends in a name
    if text.chars().any(char::is_control) {
        return Err("the name has control characters or line ends (an unclosed quotation mark?)");
    }
    Ok(text.to_owned())
}

/// Reads a list separated by `;`; an error when an entry occurs twice.
fn list<T: PartialEq, E: fmt::Display>(
    text: &str,
    read: impl Fn(&str) -> Result<T, E>,
) -> Result<Vec<T>, String> {
    let mut entries = Vec::new();
    for (number, entry) in (1..).zip(
        text.split(';')
            .map(str::trim)
            .filter(|entry| !entry.is_empty()),
    ) {
        let entry = read(entry).map_err(|reason| format!("entry {number}: {reason}"))?;
        if entries.contains(&entry) {
            return Err(format!("entry {number} stands there twice"));
        }
        entries.push(entry);
    }
    Ok(entries)
}

fn language(code: &str) -> Result<Language, &'static str> {
    match code {
        "" | "pt" => Ok(Language::Pt),
        "en" => Ok(Language::En),
        _ => Err("the language is pt or en"),
    }
}
