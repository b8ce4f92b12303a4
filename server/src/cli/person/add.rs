//! `person add`: registers one person by the rules of a row of an import.

use super::super::ConfigFile;
use super::{fault, open, operator, password, warn_of_slow_hashes};
use crate::cli::say;
use crate::domain::NewPerson;
use crate::domain::password::decoy;
use crate::import::{RowError, parse_person};
use crate::services::people::Conflict;
use std::io;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    pub file: ConfigFile,
    /// Name at sign-in
    #[arg(long)]
    pub sigla: String,
    /// Full name
    #[arg(long)]
    pub name: String,
    /// CPF, with or without punctuation
    #[arg(long)]
    pub cpf: Option<String>,
    /// Profile: lawyer, magistrate, staff…; may be repeated
    #[arg(long = "profile", value_name = "PROFILE", required = true)]
    pub profiles: Vec<String>,
    /// E-mail address known before any enrolment, which is told of it; may be repeated
    #[arg(long = "contact", value_name = "ADDRESS")]
    pub contacts: Vec<String>,
    /// Number of 15 digits; drawn unless given
    #[arg(long)]
    pub id: Option<String>,
    /// Language of mails: pt or en
    #[arg(long, default_value = "pt")]
    pub language: String,
    /// Hash of the password by another system: Argon2id, bcrypt or PBKDF2
    #[arg(long, value_name = "HASH", conflicts_with = "password_stdin")]
    pub password_hash: Option<String>,
    /// Read the password from the standard input, one line
    #[arg(long)]
    pub password_stdin: bool,
}

pub(super) async fn run(arguments: Arguments) -> Result<(), String> {
    // everything else is checked before the operator types a password
    let mut person = person(&arguments)?;
    let services = open(&arguments.file).await?;
    if arguments.password_hash.is_none() {
        let typed = if arguments.password_stdin {
            password::from_line(io::stdin().lock())?
        } else {
            password::ask_twice(|prompt| rpassword::prompt_password(prompt))?
        };
        person.password = services.hash_password(typed).await.map_err(fault)?;
    }
    match services
        .for_operator(operator())
        .register(vec![person])
        .await
        .map_err(fault)?
    {
        Ok(ids) => {
            let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
            say(&format!("{}\n", ids.join("\n")))?;
            warn_of_slow_hashes(&services).await
        }
        Err(conflicts) => {
            let taken = |conflict: &Conflict| {
                let option = option(conflict.field.column());
                format!("{option}: somebody else has it already")
            };
            Err(conflicts.iter().map(taken).collect::<Vec<_>>().join("; "))
        }
    }
}

/// The person; without a given hash, with the decoy, which no password matches.
pub(super) fn person(arguments: &Arguments) -> Result<NewPerson, String> {
    let hash = arguments.password_hash.as_deref();
    let (profiles, contacts) = (arguments.profiles.join(";"), arguments.contacts.join(";"));
    parse_person([
        arguments.id.as_deref().unwrap_or_default(),
        &arguments.name,
        &arguments.sigla,
        arguments.cpf.as_deref().unwrap_or_default(),
        hash.unwrap_or_else(|| decoy().as_str()),
        &profiles,
        &contacts,
        &arguments.language,
    ])
    .map_err(|errors| {
        let told = |error: &RowError| format!("{}: {}", option(&error.column), error.reason);
        errors.iter().map(told).collect::<Vec<_>>().join("; ")
    })
}

/// The option of the command line for a column.
fn option(column: &str) -> &'static str {
    match column {
        "id" => "--id",
        "name" => "--name",
        "sigla" => "--sigla",
        "cpf" => "--cpf",
        "password_hash" => "--password-hash",
        "profiles" => "--profile",
        "contacts" => "--contact",
        _ => "--language",
    }
}
