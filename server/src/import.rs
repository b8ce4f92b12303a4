//! People from a CSV file of a court. The whole file is accepted, or every mistake in it is reported.

mod lines;
mod row;

use crate::domain::NewPerson;
use lines::Records;
use row::{Row, Seen};
use std::fmt;
use std::io::Read;

/// The columns; each must occur exactly once, in any order. `id`, `cpf`, `contacts` and `language` may be empty in a row.
/// Several profiles or contacts are separated by `;`.
pub const COLUMNS: [&str; 8] = [
    "id",
    "name",
    "sigla",
    "cpf",
    "password_hash",
    "profiles",
    "contacts",
    "language",
];

/// The result of [`parse_people`] for a text without mistakes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportedPeople {
    /// In the order of the file.
    pub people: Vec<NewPerson>,
    /// The line at which the row of each person begins, from 1.
    pub lines: Vec<u64>,
}

/// One mistake in the file. It tells the place and the rule but never the value, because the report may be copied into a
/// ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowError {
    /// Line in the file at which the row begins, from 1.
    pub line: u64,
    /// Name of the column; empty for the whole row or file.
    pub column: String,
    pub reason: String,
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            line,
            column,
            reason,
        } = self;
        if column.is_empty() {
            write!(f, "line {line}: {reason}")
        } else {
            write!(f, "line {line}, {column}: {reason}")
        }
    }
}

/// Reads people one by one from CSV in UTF-8 with the header row [`COLUMNS`]. The delimiter is `,`, or `;` as Brazilian Excel
/// writes. A byte order mark and rows without content are skipped. Each row comes with the line at which it begins, as a person or
/// as its mistakes; a value that an earlier row has is a mistake.
pub struct PeopleReader<R> {
    records: Records<R>,
    places: [usize; COLUMNS.len()],
    seen: Seen,
}

impl<R: Read> PeopleReader<R> {
    /// Reads the header; an error when it is not the right one.
    pub fn new(source: R) -> Result<Self, Vec<RowError>> {
        let mut records = Records::new(source).map_err(|error| vec![error])?;
        let Some(header) = records.next() else {
            return Err(vec![whole(1, "the file is empty")]);
        };
        let (line, header) = header.map_err(|error| vec![error])?;
        Ok(Self {
            places: header_places(line, &header)?,
            seen: Seen::default(),
            records,
        })
    }
}

impl<R: Read> Iterator for PeopleReader<R> {
    type Item = (u64, Result<NewPerson, Vec<RowError>>);

    fn next(&mut self) -> Option<Self::Item> {
        let (line, record) = match self.records.next()? {
            Ok(read) => read,
            Err(error) => return Some((error.line, Err(vec![error]))),
        };
        if record.len() != COLUMNS.len() {
            let (fields, columns) = (record.len(), COLUMNS.len());
            let reason = format!("the row has {fields} fields, the header {columns}");
            return Some((line, Err(vec![whole(line, reason)])));
        }
        let mut errors = Vec::new();
        let mut row = Row {
            line,
            fields: self.places.map(|place| &record[place]),
            errors: &mut errors,
        };
        Some((line, row.person(&mut self.seen).ok_or(errors)))
    }
}

/// Reads all people of a text as [`PeopleReader`] does.
///
/// An error when a row has a mistake or an id, sigla or CPF occurs twice; it lists all mistakes.
pub fn parse_people(text: &[u8]) -> Result<ImportedPeople, Vec<RowError>> {
    let mut errors = Vec::new();
    let mut imported = ImportedPeople::default();
    for (line, person) in PeopleReader::new(text)? {
        match person {
            Ok(person) => {
                imported.people.push(person);
                imported.lines.push(line);
            }
            Err(more) => errors.extend(more),
        }
    }
    if errors.is_empty() {
        Ok(imported)
    } else {
        Err(errors)
    }
}

/// Reads one person from fields in the order of [`COLUMNS`], by the rules of a row. The lines in the errors have no meaning.
pub fn parse_person(fields: [&str; COLUMNS.len()]) -> Result<NewPerson, Vec<RowError>> {
    let mut errors = Vec::new();
    let mut row = Row {
        line: 1,
        fields: fields.map(str::as_bytes),
        errors: &mut errors,
    };
    row.person(&mut Seen::default()).ok_or(errors)
}

/// The index in a record of each of [`COLUMNS`].
fn header_places(
    line: u64,
    header: &csv::ByteRecord,
) -> Result<[usize; COLUMNS.len()], Vec<RowError>> {
    let names: Vec<_> = header
        .iter()
        .map(|name| String::from_utf8_lossy(name.trim_ascii()))
        .collect();
    let mut errors = Vec::new();
    let mut places = [0; COLUMNS.len()];
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        let mut found = names.iter().enumerate().filter(|(_, name)| *name == column);
        match (found.next(), found.next()) {
            (Some((index, _)), None) => *place = index,
            (None, _) => errors.push(RowError::new(line, column, "the header lacks this column")),
            (Some(_), Some(_)) => errors.push(RowError::new(
                line,
                column,
                "the header has this column twice",
            )),
        }
    }
    let unknown = names
        .iter()
        .filter(|name| !COLUMNS.contains(&name.as_ref()));
    errors.extend(unknown.map(|name| {
        let reason = format!("unknown column; expected: {}", COLUMNS.join(", "));
        // with debug escapes, because the header may be anything, even of a binary file
        RowError::new(
            line,
            &format!("{:?}", name.chars().take(40).collect::<String>()),
            reason,
        )
    }));
    if errors.is_empty() {
        Ok(places)
    } else {
        Err(errors)
    }
}

impl RowError {
    pub fn new(line: u64, column: &str, reason: impl fmt::Display) -> Self {
        Self {
            line,
            column: column.to_owned(),
            reason: reason.to_string(),
        }
    }
}

/// A mistake of the whole row or file.
fn whole(line: u64, reason: impl fmt::Display) -> RowError {
    RowError::new(line, "", reason)
}

#[cfg(test)]
mod tests;
