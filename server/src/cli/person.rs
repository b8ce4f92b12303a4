//! `person`: registering and listing people, and acts on one account.

mod add;
mod approve_all;
mod import;
mod password;
mod show;

use super::{ConfigFile, say};
use crate::services::Services;
use crate::services::people::{AccountAct, ActRefusal, DoneAct, ListedPerson};
use crate::services::sign_in::LONGEST_LOGIN;
use clap::Subcommand;
use std::fmt::Write as _;
use std::io::{self, Read as _};

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
    /// Show one person: state, authenticators, recovery codes, sessions, and the newest events
    Show {
        /// Sigla or CPF; `-` reads it from the standard input
        login: String,
        #[command(flatten)]
        file: ConfigFile,
    },
    /// Register everybody in a CSV file, or nobody when a row is wrong
    Import(import::Arguments),
    /// Block somebody until they get a new password, end their sessions and take back what was activated lately
    Block {
        #[command(flatten)]
        account: Account,
        /// Leave an authenticator that was activated lately
        #[arg(long)]
        keep_factor: bool,
    },
    /// Unblock somebody who has a new password, and forget failed attempts
    Unblock {
        /// Sigla or CPF; `-` reads it from the standard input
        #[arg(required_unless_present = "all_locked", conflicts_with = "all_locked")]
        login: Option<String>,
        /// Forget the failed attempts of everybody who has to wait; blocked accounts stay blocked
        #[arg(long)]
        all_locked: bool,
        #[command(flatten)]
        file: ConfigFile,
        /// Why, for the audit: a ticket number or a few words, and no secret
        #[arg(long, value_parser = reason, required = true)]
        reason: String,
    },
    /// Allow an enrolment for 24 hours: the first, or the next after reset-factor
    Approve(Account),
    /// Allow the enrolments of everybody in a file, or of nobody when one is unknown
    ApproveAll(approve_all::Arguments),
    /// Revoke every authenticator; the password alone opens nothing until an approval
    ResetFactor(Account),
    /// Set a new password; it is asked on the terminal unless given otherwise
    SetPassword {
        #[command(flatten)]
        account: Account,
        /// Read the password from the standard input, one line
        #[arg(long)]
        password_stdin: bool,
    },
}

/// The account of an act, and why it is done.
#[derive(Debug, clap::Args)]
pub(super) struct Account {
    /// Sigla or CPF; `-` reads it from the standard input, where other users of the machine do not see it
    pub(super) login: String,
    #[command(flatten)]
    pub(super) file: ConfigFile,
    /// Why, for the audit: a ticket number or a few words, and no secret
    #[arg(long, value_parser = reason, required = true)]
    pub(super) reason: String,
}

/// Longest reason, in characters.
const REASON: usize = 200;

pub(super) fn reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > REASON || text.chars().any(char::is_control) {
        return Err(format!("must be one line of 1 to {REASON} characters"));
    }
    Ok(text.to_owned())
}

pub(super) async fn run(command: Command) -> Result<(), String> {
    match command {
        Command::Add(arguments) => add::run(*arguments).await,
        Command::List { file, no_contact } => {
            let services = open(&file).await?;
            let people = services.for_operator(operator()).list_people().await;
            let people = people.map_err(fault)?;
            let unreachable = people.iter().filter(|person| person.contacts == 0).count();
            // on the error output, so that the list stays a list
            eprintln!(
                "people without a contact, whom no notice of an enrolment reaches: {unreachable}"
            );
            say(&table(&people, no_contact))
        }
        Command::Show { login, file } => {
            let login = read_login(login)?;
            let services = open(&file).await?;
            let shown = services.for_operator(operator()).show_person(&login).await;
            say(&show::text(&shown.map_err(fault)?.map_err(refusal)?))
        }
        Command::Import(arguments) => import::run(&arguments).await,
        Command::Block {
            account,
            keep_factor,
        } => {
            let act = AccountAct::Block { keep_factor };
            let done = "is blocked until a new password is set, and all sessions have ended";
            account.act(act, done).await
        }
        Command::Unblock {
            login: Some(login),
            file,
            reason,
            ..
        } => {
            let account = Account {
                login,
                file,
                reason,
            };
            let done = "is not blocked, and failed attempts are forgotten";
            account.act(AccountAct::Unblock, done).await
        }
        Command::Unblock { file, reason, .. } => {
            let services = open(&file).await?;
            let operator = services.for_operator(operator());
            let people = operator.forget_all_locked(&reason).await.map_err(fault)?;
            say(&format!(
                "people whose failed attempts are forgotten: {people}\n"
            ))
        }
        Command::Approve(account) => {
            let done = "may begin an enrolment within 24 hours";
            account.act(AccountAct::ApproveEnrolment, done).await
        }
        Command::ApproveAll(arguments) => approve_all::run(&arguments).await,
        Command::ResetFactor(account) => {
            let done = "has no second factor any more; the password alone opens nothing until \
                        `person approve`";
            account.act(AccountAct::ResetFactor, done).await
        }
        Command::SetPassword {
            account,
            password_stdin,
        } => {
            if password_stdin && account.login == "-" {
                let what = "--password-stdin and the login `-` both read the standard input";
                return Err(what.to_owned());
            }
            let typed = if password_stdin {
                password::from_line(io::stdin().lock())?
            } else {
                password::ask_twice(|prompt| rpassword::prompt_password(prompt))?
            };
            let services = open(&account.file).await?;
            let hash = services.hash_password(typed).await.map_err(fault)?;
            let done = "has a new password, and all sessions have ended";
            account.act(AccountAct::SetPassword(hash), done).await
        }
    }
}

impl Account {
    /// Does the act and prints what was done.
    pub(super) async fn act(self, act: AccountAct, done: &str) -> Result<(), String> {
        let login = read_login(self.login)?;
        let services = open(&self.file).await?;
        let operator = services.for_operator(operator());
        let outcome = operator.act(&login, act, &self.reason).await;
        say(&told(&outcome.map_err(fault)?.map_err(refusal)?, done))
    }
}

/// The login that was given, or that stands on the standard input.
pub(super) fn read_login(given: String) -> Result<String, String> {
    let login = if given == "-" {
        io::read_to_string(io::stdin().lock().take(LONGEST_LOGIN as u64))
            .map_err(|error| format!("the login cannot be read: {error}"))?
    } else {
        given
    };
    Ok(login.trim().to_owned())
}

/// Says when people have hashes by whose time somebody could tell who exists (R13).
async fn warn_of_slow_hashes(services: &Services) -> Result<(), String> {
    let slower = services.people_slower_than_floor().await.map_err(fault)?;
    if slower > 0 {
        eprintln!(
            "warning: {slower} people have hashes that take longer than sessions.refusal_floor_ms \
             here: raise it, or the time tells who exists"
        );
    }
    Ok(())
}

fn told(act: &DoneAct, done: &str) -> String {
    let mut text = format!("{} {done}\n", act.person);
    if act.took_factor_back {
        text.push_str("the authenticator was taken back here\n");
    }
    if !act.still_active_at.is_empty() {
        let instances = act.still_active_at.join(", ");
        // writing to a String cannot fail
        let _ = writeln!(
            text,
            "it may still work at: {instances}, which is told; `sync status` shows when it is done"
        );
    }
    text
}

pub(super) fn refusal(refusal: ActRefusal) -> String {
    match refusal {
        // the login is not repeated: it may be a CPF, and this line may be copied into a ticket
        ActRefusal::UnknownLogin => "nobody is registered with this sigla or CPF",
        ActRefusal::NewPasswordNeeded => {
            "the account was blocked because somebody else may know its password: `person \
             set-password` comes first"
        }
        ActRefusal::NoActiveFactor => "there is no active second factor",
        ActRefusal::UnknownFactor => "this person has no active authenticator with this id",
    }
    .to_owned()
}

/// Name of the operating system account, for the audit, with the number under which this process runs, which a variable
/// cannot change. Under sudo it is the account that called sudo.
pub(super) fn operator() -> String {
    use std::os::unix::fs::MetadataExt as _;
    let name = ["SUDO_USER", "USER", "LOGNAME"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .unwrap_or_else(|| "unknown".to_owned());
    match std::fs::metadata("/proc/self") {
        Ok(process) => format!("{name} (uid {})", process.uid()),
        Err(_) => name,
    }
}

pub(super) async fn open(file: &ConfigFile) -> Result<Services, String> {
    crate::bootstrap::open_services(&file.load()?).await
}

pub(super) fn fault(fault: impl std::fmt::Display) -> String {
    fault.to_string()
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
            person.factor,
            if person.blocked { "blocked" } else { "open" },
        );
    }
    text
}

#[cfg(test)]
mod tests;
