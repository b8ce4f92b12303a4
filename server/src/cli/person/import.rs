//! `person import`: registers all people of a file or none.

use super::{super::ConfigFile, fault, open, operator, warn_of_slow_hashes};
use crate::{
    cli::say,
    import::{ImportedPeople, RowError, parse_people},
    services::people::Conflict,
};
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

pub(super) async fn run(arguments: &Arguments) -> Result<(), String> {
    let shown = arguments.csv.display();
    let text = std::fs::read(&arguments.csv)
        .map_err(|error| format!("{shown} cannot be read: {error}"))?;
    let refusal = |errors: Vec<RowError>| {
        let told: Vec<_> = errors.iter().map(ToString::to_string).collect();
        format!("nobody was imported from {shown}:\n{}", told.join("\n"))
    };
    let ImportedPeople { people, lines } = parse_people(&text).map_err(refusal)?;
    let services = open(&arguments.file).await?;
    match services
        .for_operator(operator())
        .register(people)
        .await
        .map_err(fault)?
    {
        Ok(ids) => {
            let people = services.for_operator(operator());
            let unreachable = people.count_without_contact().await.map_err(fault)?;
            say(&format!(
                "imported: {}\npeople without a contact, whom no notice of an enrolment reaches: {unreachable}\n",
                ids.len()
            ))?;
            warn_of_slow_hashes(&services).await
        }
        Err(conflicts) => Err(refusal(conflicting_rows(&lines, &conflicts))),
    }
}

/// The conflicts as errors of their rows. `lines` are the lines of the imported people.
pub(super) fn conflicting_rows(lines: &[u64], conflicts: &[Conflict]) -> Vec<RowError> {
    let reason = "somebody is registered with it already";
    conflicts
        .iter()
        .map(|Conflict { index, field }| RowError::new(lines[*index], field.column(), reason))
        .collect()
}
