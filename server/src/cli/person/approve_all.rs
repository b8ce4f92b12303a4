//! `person approve-all`: allows the enrolments of everybody in a file, or of nobody when a line names nobody.

use super::super::ConfigFile;
use super::{fault, open, operator, reason};
use crate::cli::say;
use crate::domain::Seconds;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    /// One sigla or CPF a line
    logins: PathBuf,
    #[command(flatten)]
    file: ConfigFile,
    /// For how many days
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(i64).range(1..=60))]
    days: i64,
    /// Only say who is unknown
    #[arg(long)]
    dry_run: bool,
    /// Why, for the audit: a ticket number or a few words, and no secret
    #[arg(long, value_parser = reason, required = true)]
    reason: String,
}

pub(super) async fn run(arguments: &Arguments) -> Result<(), String> {
    let shown = arguments.logins.display();
    let text = std::fs::read_to_string(&arguments.logins)
        .map_err(|error| format!("{shown} cannot be read: {error}"))?;
    let logins: Vec<_> = text.lines().map(|line| line.trim().to_owned()).collect();
    let services = open(&arguments.file).await?;
    let until = services.now() + Seconds::days(arguments.days);
    let operator = services.for_operator(operator());
    let approved = operator
        .approve_all(&logins, until, &arguments.reason, arguments.dry_run)
        .await;
    let (people, unknown) = approved.map_err(fault)?;
    if !unknown.is_empty() {
        let lines: Vec<_> = unknown.iter().map(|at| (at + 1).to_string()).collect();
        return Err(format!(
            "nobody was approved: nobody is registered with the sigla or CPF of line {}",
            lines.join(", ")
        ));
    }
    let done = if arguments.dry_run {
        "would be approved"
    } else {
        "approved"
    };
    say(&format!("{done}, for {} days: {people}\n", arguments.days))
}
