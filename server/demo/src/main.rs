//! The demonstration: two complete instances in one process, people to try it with, and the demo
//! desk (mailbox, STM on and off, the clock). Its passwords are known to everybody, so it answers
//! on this machine only (R20). A program of its own: what a court installs has none of this
//! (docs/decisions/0018).

mod desk;
mod instances;
mod options;
mod people;
mod shifted_clock;

use clap::Parser as _;
use options::Options;
use std::process::ExitCode;

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("eproc-2fa-demo: {sentence}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), String> {
    options.check()?;
    tokio::runtime::Runtime::new()
        .map_err(|error| format!("cannot start threads: {error}"))?
        .block_on(instances::run(options))
}
