//! `person import`: everybody in a file, or nobody.

use super::{super::ConfigFile, fault, open, operator};
use crate::{
    cli::say,
    domain::import::{COLUMNS, parse_people},
    services::people::Conflict,
};
use std::{fmt::Write as _, path::PathBuf};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[arg(
        value_name = "FILE.csv",
        help = "CSV in UTF-8 with the columns id, name, sigla, cpf, password_hash, profiles, \
                contacts and language"
    )]
    csv: PathBuf,
    #[command(flatten)]
    file: ConfigFile,
}

pub(super) async fn run(arguments: &Arguments) -> Result<(), String> {
    let shown = arguments.csv.display();
    let text = std::fs::read(&arguments.csv)
        .map_err(|error| format!("{shown} cannot be read: {error}"))?;
    let people = parse_people(&text)
        .map_err(|errors| refusal(&shown, errors.iter().map(ToString::to_string)))?;
    let services = open(&arguments.file).await?;
    match services
        .for_operator(operator())
        .register(people)
        .await
        .map_err(fault)?
    {
        Ok(ids) => say(&format!("imported: {}\n", ids.len())),
        Err(conflicts) => Err(refusal(&shown, sentences(&text, &conflicts).into_iter())),
    }
}

fn refusal(shown: &impl std::fmt::Display, sentences: impl Iterator<Item = String>) -> String {
    let mut text = format!("nobody was imported from {shown}:");
    for sentence in sentences {
        // writing to a String cannot fail
        let _ = write!(text, "\n{sentence}");
    }
    text
}

pub(super) fn sentences(text: &[u8], conflicts: &[Conflict]) -> Vec<String> {
    let lines = lines(text);
    conflicts
        .iter()
        .map(|Conflict { index, field }| {
            let line = lines.get(*index).copied().unwrap_or_default();
            format!(
                "line {line}, {}: somebody is registered with it already",
                field.column()
            )
        })
        .collect()
}

/// The lines at which the people of a file begin that [`parse_people`] found right.
fn lines(text: &[u8]) -> Vec<u64> {
    let body = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let header = body.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let delimiter = if header.contains(&b';') { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(body);
    let (mut at, mut line) = (0, 1);
    let mut lines = Vec::new();
    for record in reader.byte_records().filter_map(Result::ok) {
        let start = record.position().map_or(0, csv::Position::byte);
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        // the position stands before the line ends and blank lines above the record
        while let Some(byte) = body
            .get(at)
            .filter(|b| at < start || matches!(b, b'\r' | b'\n'))
        {
            line += u64::from(*byte == b'\n');
            at += 1;
        }
        if record.iter().any(|field| !field.trim_ascii().is_empty()) {
            lines.push(line);
        }
    }
    lines.into_iter().skip(1).collect()
}

/// A file with one row.
pub(super) fn row(fields: [&str; COLUMNS.len()]) -> Result<Vec<u8>, String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer
        .write_record(COLUMNS)
        .and_then(|()| writer.write_record(fields))
        .map_err(|error| error.to_string())?;
    writer.into_inner().map_err(|error| error.to_string())
}
