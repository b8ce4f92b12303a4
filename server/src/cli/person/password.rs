//! Passwords from the terminal or the standard input. They are never an argument, because other users of the machine can read
//! arguments.

use crate::domain::SecretText;
use crate::services::sign_in::LONGEST_PASSWORD;
use std::io::{self, BufRead};
use zeroize::Zeroizing;

/// Shortest new password, in characters (NIST SP 800-63B).
const SHORTEST: usize = 8;

/// Asks for a new password twice; an error when the two differ.
pub(super) fn ask_twice(
    mut ask: impl FnMut(&str) -> io::Result<String>,
) -> Result<SecretText, String> {
    let mut once = |prompt| {
        ask(prompt).map(Zeroizing::new).map_err(|error| {
            format!(
                "the password cannot be asked ({error}): without a terminal, use --password-stdin"
            )
        })
    };
    let first = once("Password: ")?;
    check(&first)?;
    let second = once("The same again: ")?;
    if first != second {
        return Err("the two passwords differ".to_owned());
    }
    Ok(SecretText::new(first.as_str()))
}

/// Reads one line. The line end is not part of the password; white space is.
pub(super) fn from_line(input: impl BufRead) -> Result<SecretText, String> {
    let mut line = Zeroizing::new(String::new());
    input
        .take(LONGEST_PASSWORD as u64 + 3)
        .read_line(&mut line)
        .map_err(|error| format!("the password cannot be read: {error}"))?;
    let password = line.strip_suffix('\n').unwrap_or(&line);
    let password = password.strip_suffix('\r').unwrap_or(password);
    check(password)?;
    Ok(SecretText::new(password))
}

fn check(password: &str) -> Result<(), String> {
    if password.chars().count() < SHORTEST {
        return Err(format!("a password has at least {SHORTEST} characters"));
    }
    if password.len() > LONGEST_PASSWORD {
        return Err(format!("a password has at most {LONGEST_PASSWORD} bytes"));
    }
    Ok(())
}
