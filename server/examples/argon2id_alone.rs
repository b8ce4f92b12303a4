//! For `make bench`: how many passwords a second the cores hash that do nothing else, each thread with memory that it keeps.
//!
//! `argon2id_alone SECONDS` prints the rate; `argon2id_alone hash PASSWORD` prints a hash of today's cost.

use server::domain::{HashMemory, PasswordHash, SecretText};
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

#[expect(
    clippy::disallowed_methods,
    reason = "a measurement outside the program"
)]
fn hashes_within(length: Duration) -> u32 {
    let (memory, typed) = (&mut HashMemory::default(), SecretText::new("x"));
    let (begin, mut hashes) = (Instant::now(), 0);
    while begin.elapsed() < length {
        PasswordHash::create(&typed, [7; 16], memory);
        hashes += 1;
    }
    hashes
}

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["hash", password] => {
            let memory = &mut HashMemory::default();
            let hash = PasswordHash::create(&SecretText::new(password), [7; 16], memory);
            println!("{}", hash.as_str());
        }
        [seconds] => {
            let Ok(seconds) = seconds.parse::<u32>() else {
                return ExitCode::from(2);
            };
            let cores = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
            let hashes: u32 = thread::scope(|scope| {
                let length = Duration::from_secs(seconds.into());
                let threads: Vec<_> = (0..cores.get())
                    .map(|_| scope.spawn(move || hashes_within(length)))
                    .collect();
                let counts = threads.into_iter().map(thread::ScopedJoinHandle::join);
                counts.map(Result::unwrap_or_default).sum()
            });
            println!("{:.1}", f64::from(hashes) / f64::from(seconds));
        }
        _ => return ExitCode::from(2),
    }
    ExitCode::SUCCESS
}
