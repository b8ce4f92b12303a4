//! `person`: registering, listing, blocking and approving people.

mod add;
mod import;
mod password;

use super::{ConfigFile, say};
use crate::{
    domain::person::PersonId,
    services::{ServiceError, Services, people::ListedPerson},
};
use clap::Subcommand;
use std::fmt::Write as _;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Register one person; the password is asked on the terminal unless given otherwise
    Add(Box<add::Arguments>),
    /// List everybody, one line each, separated by tabs
    List {
        #[command(flatten)]
        file: ConfigFile,
        /// Only people without a registered contact address
        #[arg(long)]
        no_contact: bool,
    },
    /// Register everybody in a CSV file, or nobody when a row is wrong
    Import(import::Arguments),
    /// Block somebody and end their sessions
    Block(Login),
    /// Unblock somebody and forget their failed attempts
    Unblock(Login),
    /// Allow somebody's first enrolment for 24 hours
    Approve(Login),
}

#[derive(Debug, clap::Args)]
pub(super) struct Login {
    /// Sigla or CPF
    login: String,
    #[command(flatten)]
    file: ConfigFile,
}

pub(super) async fn run(command: Command) -> Result<(), String> {
    match command {
        Command::Add(arguments) => add::run(*arguments).await,
        Command::List { file, no_contact } => {
            let services = open(&file).await?;
            let people = services.for_operator(operator()).list_people().await;
            let people = people.map_err(fault)?;
            say(&table(&people, no_contact))
        }
        Command::Import(arguments) => import::run(&arguments).await,
        Command::Block(who) => {
            let services = open(&who.file).await?;
            let found = services.for_operator(operator()).block(&who.login).await;
            report(found, "is blocked, and all sessions have ended")
        }
        Command::Unblock(who) => {
            let services = open(&who.file).await?;
            let found = services.for_operator(operator()).unblock(&who.login).await;
            report(found, "is not blocked, and failed attempts are forgotten")
        }
        Command::Approve(who) => {
            let services = open(&who.file).await?;
            let found = services.for_operator(operator()).approve(&who.login).await;
            report(found, "may begin a first enrolment within 24 hours")
        }
    }
}

/// Name of the operating system account, for the audit. Under sudo it is the account that called sudo.
fn operator() -> String {
    ["SUDO_USER", "USER", "LOGNAME"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .unwrap_or_else(|| "unknown".to_owned())
}

async fn open(file: &ConfigFile) -> Result<Services, String> {
    crate::bootstrap::open_services(&file.load()?).await
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
fn fault(fault: ServiceError) -> String {
    fault.to_string()
}

fn report(found: Result<Option<PersonId>, ServiceError>, what: &str) -> Result<(), String> {
    match found.map_err(fault)? {
        Some(id) => say(&format!("{id} {what}\n")),
        // the login is not repeated: it may be a CPF, and this line may be copied into a ticket
        None => Err("nobody is registered with this sigla or CPF".to_owned()),
    }
}

/// One line for each person. Names and siglas have neither tabs nor line ends.
fn table(people: &[ListedPerson], no_contact: bool) -> String {
    let mut text = "id\tsigla\tname\tprofiles\tcontacts\tfactor\tstate\n".to_owned();
    for person in people
        .iter()
        .filter(|person| !no_contact || person.contacts == 0)
    {
        let profiles: Vec<_> = person.profiles.iter().map(ToString::to_string).collect();
        // writing to a String cannot fail
        let _ = writeln!(
            text,
            "{}\t{}\t{}\t{}\t{}\t{}\t{}",
            person.id,
            person.sigla_masked,
            person.name,
            profiles.join(";"),
            person.contacts,
            if person.factor_active {
                "active"
            } else {
                "none"
            },
            if person.blocked { "blocked" } else { "open" },
        );
    }
    text
}

#[cfg(test)]
mod tests;
