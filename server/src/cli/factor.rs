//! `factor`: the authenticators of one person.

use super::person::{Account, fault, open, operator, read_login, refusal};
use super::{ConfigFile, say};
use crate::services::people::AccountAct;
use app::view::FactorView;
use clap::Subcommand;
use std::fmt::Write as _;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the active authenticators of somebody, one line each, separated by tabs
    List {
        /// Sigla or CPF; `-` reads it from the standard input
        login: String,
        #[command(flatten)]
        file: ConfigFile,
    },
    /// Revoke one authenticator; after the last one the password alone opens nothing until `person approve`
    Revoke {
        /// The id that `factor list` shows
        #[arg(long)]
        id: String,
        #[command(flatten)]
        account: Account,
    },
}

pub(super) async fn run(command: Command) -> Result<(), String> {
    match command {
        Command::List { login, file } => {
            let login = read_login(login)?;
            let services = open(&file).await?;
            let listed = services.for_operator(operator()).list_factors(&login).await;
            let listed = listed.map_err(fault)?.map_err(refusal)?;
            say(&table(&listed))
        }
        Command::Revoke { id, account } => {
            let act = AccountAct::RevokeFactor(id);
            account.act(act, "has lost this authenticator").await
        }
    }
}

/// Times are in seconds since the Unix epoch. Labels have neither tabs nor line ends.
pub(super) fn table(factors: &[FactorView]) -> String {
    let mut text = "id\tname\tsince\tlast used\tset up at\n".to_owned();
    for factor in factors {
        let used = factor
            .last_used
            .map_or_else(String::new, |at| at.to_string());
        // writing to a String cannot fail
        let _ = writeln!(
            text,
            "{}\t{}\t{}\t{used}\t{}",
            factor.id, factor.label, factor.since, factor.home_instance,
        );
    }
    text
}
