//! `sync`: what is told to the other instances, for an operator.

use super::person::{fault, open, operator, read_login, refusal};
use super::{ConfigFile, say};
use crate::config::Config;
use crate::services::sync::{ToldChange, WaitingChanges, WhyDiffering};
use clap::Subcommand;
use std::fmt::Write as _;
use std::time::Duration;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show how much waits for each other instance, or what one person's changes were answered; separated by tabs
    Status {
        /// Sigla or CPF; `-` reads it from the standard input
        login: Option<String>,
        #[command(flatten)]
        file: ConfigFile,
    },
    /// Compare everybody of whom changes are known with each other instance, and show who differs and why; separated by tabs
    Reconcile(ConfigFile),
    /// Try what waits at once; with a login also tell again the authenticators that another instance has not applied
    Retry {
        /// Sigla or CPF; `-` reads it from the standard input
        login: Option<String>,
        #[command(flatten)]
        file: ConfigFile,
    },
}

pub(super) async fn run(command: Command) -> Result<(), String> {
    match command {
        Command::Status { login: None, file } => {
            let services = open(&file).await?;
            let operator = services.for_operator(operator());
            say(&queues(&operator.waiting_changes().await.map_err(fault)?))
        }
        Command::Status {
            login: Some(login),
            file,
        } => {
            let login = read_login(login)?;
            let services = open(&file).await?;
            let operator = services.for_operator(operator());
            let told = operator.told_changes(&login).await;
            say(&changes(&told.map_err(fault)?.map_err(refusal)?))
        }
        Command::Reconcile(file) => reconcile(&file.load()?).await,
        Command::Retry { login: None, file } => {
            let services = open(&file).await?;
            let operator = services.for_operator(operator());
            let rows = operator.retry_changes().await.map_err(fault)?;
            say(&format!("{rows} changes are tried at once\n"))
        }
        Command::Retry {
            login: Some(login),
            file,
        } => {
            let login = read_login(login)?;
            let services = open(&file).await?;
            let operator = services.for_operator(operator());
            let told = operator.tell_again(&login).await;
            let peers = told.map_err(fault)?.map_err(refusal)?;
            if peers.is_empty() {
                return say("there is nothing to tell again\n");
            }
            say(&format!("told again: {}\n", peers.join(", ")))
        }
    }
}

/// No secret goes over the wire for it. An error when a peer does not answer, or somebody differs.
async fn reconcile(config: &Config) -> Result<(), String> {
    let services = crate::bootstrap::open_services(config).await?;
    let peers = crate::bootstrap::peers_of(config)?;
    let (mut silent, mut differing) = (Vec::new(), 0);
    say("sigla\tinstance\twhy\n")?;
    for peer in &services.settings().peers {
        let compared = services.compare_with(&peer.name, &peers, Duration::ZERO);
        let Some(compared) = compared.await.map_err(fault)? else {
            silent.push(peer.name.clone());
            continue;
        };
        for person in &compared.differing {
            let why: &str = person.why.into();
            say(&format!("{}\t{}\t{why}\n", person.sigla, person.peer))?;
        }
        // many people are registered at one instance alone
        differing += compared.differing.len() - compared.count(&[WhyDiffering::NoRecord]);
        eprintln!("{}: {} people compared", peer.name, compared.asked);
    }
    if !silent.is_empty() {
        return Err(format!("no answer from {}", silent.join(", ")));
    }
    match differing {
        0 => Ok(()),
        _ => Err(format!("{differing} differ")),
    }
}

/// Times are in seconds since the Unix epoch. What a peer answered has neither tabs nor line ends.
fn queues(queues: &[WaitingChanges]) -> String {
    let mut text = "instance\twaiting\toldest\tattempts\tlast error\n".to_owned();
    for queue in queues {
        let oldest = queue
            .oldest_at
            .map_or_else(String::new, |at| at.0.to_string());
        // writing to a String cannot fail
        let _ = writeln!(
            text,
            "{}\t{}\t{oldest}\t{}\t{}",
            queue.peer,
            queue.waiting,
            queue.attempts,
            on_one_line(&queue.last_error)
        );
    }
    text
}

fn changes(changes: &[ToldChange]) -> String {
    let mut text =
        "revision\tinstance\tchange\tmade\tstate\toutcome\tattempts\tlast error\n".to_owned();
    for change in changes {
        let _ = writeln!(
            text,
            "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
            change.revision,
            change.peer,
            change.kind,
            change.made_at.0,
            change.state,
            change.outcome,
            change.attempts,
            on_one_line(&change.last_error)
        );
    }
    text
}

fn on_one_line(error: &str) -> String {
    error
        .chars()
        .map(|character| {
            if character.is_control() {
                ' '
            } else {
                character
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_stays_on_its_line() {
        let queue = WaitingChanges {
            peer: "STM".to_owned(),
            waiting: 3,
            oldest_at: None,
            attempts: 2,
            last_error: "a\tb\nc".to_owned(),
        };
        assert_eq!(queues(&[queue]).lines().nth(1), Some("STM\t3\t\t2\ta b c"));
    }
}
