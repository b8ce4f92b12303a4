//! The command line. Each command reads its arguments, makes one call and prints the result.
//!
//! Exit codes: 0 done, 1 failed (one sentence on the error output), 2 wrong usage.

mod audit;
mod entry;
mod factor;
mod init;
mod peer;
mod person;
mod sync;
#[cfg(test)]
mod tests;

use crate::config::Config;
use clap::{Parser, Subcommand};
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of the program.
#[derive(Debug, Parser)]
#[command(
    name = "eproc-2fa",
    version,
    about = "Two-factor authentication of e-Proc"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve one instance
    Serve(ConfigFile),
    /// Write a commented configuration and a key
    Init(init::Arguments),
    /// Register, list, block and approve people
    #[command(subcommand)]
    Person(person::Command),
    /// List, show and approve requests to get in without the phone
    #[command(subcommand)]
    Entry(entry::Command),
    /// List and revoke authenticators
    #[command(subcommand)]
    Factor(factor::Command),
    /// Export the audit
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// What the other instances must know of this one, and whether they answer
    #[command(subcommand)]
    Peer(peer::PeerCommand),
    /// What is told to the other instances
    #[command(subcommand)]
    Sync(sync::Command),
}

/// Which configuration.
#[derive(Debug, clap::Args)]
struct ConfigFile {
    /// The configuration that `init` wrote
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

impl ConfigFile {
    fn load(&self) -> Result<Config, String> {
        Ok(Config::load(&self.config)?)
    }
}

/// Runs the program; the first of `arguments` is its name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // a closed error output cannot be reported anywhere
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match execute(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            let _ = writeln!(io::stderr(), "eproc-2fa: {sentence}");
            ExitCode::FAILURE
        }
    }
}

fn execute(command: Command) -> Result<(), String> {
    let runtime =
        || tokio::runtime::Runtime::new().map_err(|error| format!("cannot start threads: {error}"));
    match command {
        Command::Serve(file) => {
            let config = file.load()?;
            runtime()?.block_on(crate::bootstrap::serve(config))
        }
        Command::Init(arguments) => init::run(&arguments, &crate::ambient::SystemEntropy),
        Command::Audit(command) => runtime()?.block_on(audit::run(command)),
        Command::Entry(command) => runtime()?.block_on(entry::run(command)),
        Command::Factor(command) => runtime()?.block_on(factor::run(command)),
        Command::Person(command) => runtime()?.block_on(person::run(command)),
        Command::Peer(command) => {
            runtime()?.block_on(peer::run(command, &crate::ambient::SystemEntropy))
        }
        Command::Sync(command) => runtime()?.block_on(sync::run(command)),
    }
}

/// Prints to the standard output. A reader that has closed the pipe (`| head`) is no error.
fn say(text: &str) -> Result<(), String> {
    match io::stdout()
        .write_all(text.as_bytes())
        .and_then(|()| io::stdout().flush())
    {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(format!("cannot write to the standard output: {error}"))
        }
        _ => Ok(()),
    }
}
