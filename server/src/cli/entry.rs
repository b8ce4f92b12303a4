//! `entry`: requests to get in without the phone, for an operator when the web is down.

use super::person::{fault, open, operator, reason};
use super::{ConfigFile, say};
use crate::services::support_desk::{Approved, ListedEntry};
use app::model::{EntryRefusal, IdentityCheck, Language};
use app::text::Locale;
use clap::{Subcommand, ValueEnum};
use std::fmt::Write as _;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the requests that wait, one line each, separated by tabs
    List(ConfigFile),
    /// Show one request: who asks, and what happened before
    Show {
        /// The six digits that the person sees
        number: String,
        #[command(flatten)]
        file: ConfigFile,
    },
    /// Let the browser that asked set up a new phone, and tell the person and every contact
    Approve {
        /// The six digits that the person sees
        number: String,
        #[command(flatten)]
        file: ConfigFile,
        /// How you made sure who it is
        #[arg(long)]
        check: Check,
        /// Why, for the audit: a ticket number or a few words, and no secret
        #[arg(long, value_parser = reason, required = true)]
        reason: String,
    },
}

/// The identity checks of `IdentityCheck`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Check {
    /// With a document, at the counter
    InPerson,
    /// With a document, by video
    Video,
    /// By a telephone number or address that was registered before
    CallBack,
}

impl From<Check> for IdentityCheck {
    fn from(check: Check) -> Self {
        match check {
            Check::InPerson => Self::InPerson,
            Check::Video => Self::Video,
            Check::CallBack => Self::CallBack,
        }
    }
}

pub(super) async fn run(command: Command) -> Result<(), String> {
    match command {
        Command::List(file) => {
            let services = open(&file).await?;
            let entries = services.for_operator(operator()).list_entries().await;
            say(&table(&entries.map_err(fault)?))
        }
        Command::Show { number, file } => {
            let services = open(&file).await?;
            let entries = services.for_operator(operator()).list_entries().await;
            let digits: String = number.chars().filter(char::is_ascii_digit).collect();
            let entry = entries
                .map_err(fault)?
                .into_iter()
                .find(|entry| entry.number == digits)
                .ok_or_else(|| refusal(EntryRefusal::Unknown))?;
            say(&shown(&entry, services.now().0))
        }
        Command::Approve {
            number,
            file,
            check,
            reason,
        } => {
            let services = open(&file).await?;
            let approved = services
                .for_operator(operator())
                .approve_entry(&number, check.into(), &reason)
                .await;
            approved.map_err(fault)?.map_err(refusal).and_then(|done| {
                say(match done {
                    Approved::Done => "the browser that asked may set up a new phone\n",
                    Approved::SecondNeeded => "a second approval is needed\n",
                })
            })
        }
    }
}

fn refusal(refusal: EntryRefusal) -> String {
    match refusal {
        EntryRefusal::Unknown => "no request waits with this number",
        EntryRefusal::Own => "it is the approver's own account",
        EntryRefusal::TooMany => "the approver has approved as many as one may in a day",
        EntryRefusal::Twice => "it was approved under this name before",
        EntryRefusal::Blocked => {
            "the account is blocked: `person set-password` and `person unblock` come first"
        }
    }
    .to_owned()
}

/// One line for each request, times in seconds since the Unix epoch.
fn table(entries: &[ListedEntry]) -> String {
    let mut text = "number\twho\tasked\tuntil\tstolen\tapprovals\tneeded\n".to_owned();
    for entry in entries {
        // writing to a String cannot fail
        let _ = writeln!(
            text,
            "{}\t{}\t{}\t{}\t{}\t{}\t{}",
            entry.number,
            entry.who,
            entry.request.created_at.0,
            entry.request.expires_at.0,
            if entry.request.is_stolen { "yes" } else { "no" },
            entry.approvals,
            if entry.is_supervised { 2 } else { 1 },
        );
    }
    text
}

fn shown(entry: &ListedEntry, now: i64) -> String {
    let locale = Locale {
        language: Language::En,
        utc_offset_hours: 0,
        now,
    };
    let mut text = String::new();
    // writing to a String cannot fail
    let _ = writeln!(
        text,
        "{}\n{} (UTC)\nasked from {}, {}\nworks until {} (UTC)",
        entry.who,
        locale.what_happened(&entry.happened),
        entry.request.client.browser,
        entry.request.client.ip_text(),
        locale.moment(entry.request.expires_at.0),
    );
    if entry.request.is_stolen {
        text.push_str("the phone was stolen: it stops working with the approval\n");
    }
    text
}
