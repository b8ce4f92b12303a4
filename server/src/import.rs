//! People from a CSV file of a court. The whole file is accepted, or every mistake in it is reported.

mod row;

use crate::domain::new_person::NewPerson;
use row::{Row, Seen};
use std::fmt;

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

/// The result of [`parse_people`] for a file without mistakes.
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

/// Reads people from CSV in UTF-8 with the header row [`COLUMNS`]. The delimiter is `,`, or `;` as Brazilian Excel writes. A
/// byte order mark and rows without content are skipped.
///
/// An error when a row has a mistake or an id, sigla or CPF occurs twice; it lists all mistakes.
pub fn parse_people(text: &[u8]) -> Result<ImportedPeople, Vec<RowError>> {
    if text.starts_with(&[0xff, 0xfe]) || text.starts_with(&[0xfe, 0xff]) {
        return Err(vec![whole(1, "the file is UTF-16; save it as CSV UTF-8")]);
    }
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut records = records(text).into_iter();
    let Some((line, header)) = records.next() else {
        return Err(vec![whole(1, "the file is empty")]);
    };
    let places = header_places(line, &header)?;
    let mut errors = Vec::new();
    let mut imported = ImportedPeople::default();
    let mut seen = Seen::default();
    for (line, record) in records {
        if record.len() != COLUMNS.len() {
            let (fields, columns) = (record.len(), COLUMNS.len());
            let reason = format!("the row has {fields} fields, the header {columns}");
            errors.push(whole(line, reason));
            continue;
        }
        let mut row = Row {
            line,
            fields: places.map(|place| &record[place]),
            errors: &mut errors,
        };
        if let Some(person) = row.person(&mut seen) {
            imported.people.push(person);
            imported.lines.push(line);
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

/// The records that are not blank, each with the line at which it begins.
fn records(text: &[u8]) -> Vec<(u64, csv::ByteRecord)> {
    let first_line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |delimiter| first_line.split(|byte| *byte == delimiter).count();
    let delimiter = if count(b';') > count(b',') {
        b';'
    } else {
        b','
    };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text);
    // The reader's own line and position are from before it skips the line end and blank lines in front of a record, so lines
    // are counted here.
    let (mut line, mut counted) = (1, 0);
    let mut records = Vec::new();
    // reading from memory with any number of fields cannot fail
    for record in reader.byte_records().filter_map(Result::ok) {
        let position = record.position().map_or(0, csv::Position::byte);
        let above = usize::try_from(position).unwrap_or(text.len());
        let ends = |byte: &&u8| matches!(byte, b'\r' | b'\n');
        let begin = above + text[above..].iter().take_while(ends).count();
        line += text[counted..begin]
            .iter()
            .map(|byte| u64::from(*byte == b'\n'))
            .sum::<u64>();
        counted = begin;
        if record.iter().any(|field| !field.trim_ascii().is_empty()) {
            records.push((line, record));
        }
    }
    records
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
