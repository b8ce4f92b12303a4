//! The demonstration: two complete instances in one process, people to try it with, and a desk (mailbox, STM on and off,
//! clock). Its passwords are public, so it listens on this machine only (R20). It is a separate program, so that an
//! installation of a court has none of it (decision 18).

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
