//! `person import`: registers all people of a file or none.

use super::super::ConfigFile;
use super::{fault, open, operator, warn_of_slow_hashes};
use crate::cli::say;
use crate::import::{PeopleReader, RowError};
use crate::services::ServiceError;
use crate::services::people::{Conflict, PeopleImport, STAGED_AT_ONCE};
use std::fs::File;
use std::io::{self, Seek as _};
use std::path::PathBuf;

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

/// Progress is told after so many rows.
const TOLD_EVERY: u64 = 50_000;
/// After so many mistakes the rest of the file is not read.
const MOST_MISTAKES: usize = 1000;

pub(super) async fn run(arguments: &Arguments) -> Result<(), String> {
    let shown = arguments.csv.display();
    let unreadable = |error: io::Error| format!("{shown} cannot be read: {error}");
    let refusal = |errors: &[RowError]| {
        let told: Vec<_> = errors.iter().map(ToString::to_string).collect();
        format!("nobody was imported from {shown}:\n{}", told.join("\n"))
    };
    let mut file = File::open(&arguments.csv).map_err(unreadable)?;
    // a file with a mistake in it touches no database
    check(&file).map_err(|errors| refusal(&errors))?;
    file.rewind().map_err(unreadable)?;
    let services = open(&arguments.file).await?;
    let operator = services.for_operator(operator());
    let mut import = operator.begin_import().await.map_err(fault)?;
    let people = match stage(&file, &mut import).await.map_err(fault)? {
        Ok(people) => people,
        Err(errors) => {
            import.discard().await.map_err(fault)?;
            return Err(refusal(&errors));
        }
    };
    let registered = import.finish(|rows| eprintln!("registered: {rows}"));
    match registered.await.map_err(fault)? {
        Ok(()) => {
            let unreachable = operator.count_without_contact().await.map_err(fault)?;
            say(&format!(
                "imported: {people}\npeople without a contact, whom no notice of an enrolment reaches: {unreachable}\n"
            ))?;
            warn_of_slow_hashes(&services).await
        }
        Err(conflicts) => Err(refusal(&conflicting_rows(&conflicts))),
    }
}

/// Reads the whole file and returns its first mistakes.
fn check(file: &File) -> Result<(), Vec<RowError>> {
    let mut errors = Vec::new();
    for (rows, (line, person)) in (1_u64..).zip(PeopleReader::new(file)?) {
        if let Err(more) = person {
            errors.extend(more);
        }
        if errors.len() >= MOST_MISTAKES {
            let what = "there are so many mistakes that the rest was not read";
            errors.push(RowError::new(line, "", what));
            break;
        }
        tell("checked", rows);
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(errors)
    }
}

/// Stores the people of the file and returns how many they are. An error when it is not the file that was checked.
async fn stage(
    file: &File,
    import: &mut PeopleImport<'_>,
) -> Result<Result<u64, Vec<RowError>>, ServiceError> {
    let mut people = match PeopleReader::new(file) {
        Ok(people) => people,
        Err(errors) => return Ok(Err(errors)),
    };
    let mut rows = 0;
    loop {
        let portion = people
            .by_ref()
            .take(STAGED_AT_ONCE)
            .map(|(line, person)| person.map(|person| (line, person)))
            .collect::<Result<Vec<_>, _>>();
        let portion = match portion {
            Ok(portion) => portion,
            Err(errors) => return Ok(Err(errors)),
        };
        if portion.is_empty() {
            return Ok(Ok(rows));
        }
        rows += portion.len() as u64;
        import.stage(portion).await?;
        tell("stored", rows);
    }
}

fn tell(what: &str, rows: u64) {
    if rows.is_multiple_of(TOLD_EVERY) {
        eprintln!("{what}: {rows} rows");
    }
}

/// The conflicts as errors of their rows.
pub(super) fn conflicting_rows(conflicts: &[Conflict]) -> Vec<RowError> {
    let reason = "somebody is registered with it already";
    conflicts
        .iter()
        .map(|Conflict { line, field }| RowError::new(*line, field.column(), reason))
        .collect()
}
