//! What an SMTP error means for a mail, without the recipient or the content (R22).

use crate::ports::MailError;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::response::Severity;
use std::error::Error as _;

/// Longest word of a server's answer that is repeated. It is shorter than every token of this program.
const WORD: usize = 32;
/// Most words of an answer that are repeated.
const WORDS: usize = 24;

/// The error of a mail whose dialogue failed: permanent when the server refused the mail itself.
pub(super) fn sending(error: &Error, recipient: &str) -> MailError {
    let text = describe(error, recipient);
    let refused = error.status().is_some_and(|code| {
        // 530, 534, 535 and 538 ask for TLS or a sign-in: the configuration is wrong, not the mail
        code.severity == Severity::PermanentNegativeCompletion
            && !matches!(u16::from(code), 530 | 534 | 535 | 538)
    });
    // lettre itself refuses what the server cannot take, such as a local part that is not ASCII
    if refused || error.is_client() {
        MailError::Permanent(text)
    } else {
        MailError::Transient(text)
    }
}

/// Code and reason, as far as they can be repeated.
pub(super) fn describe(error: &Error, recipient: &str) -> String {
    let reason = error.source().map(ToString::to_string).unwrap_or_default();
    let reason = scrub(&reason, recipient);
    match error.status() {
        Some(code) => format!("{code} {reason}"),
        None if reason.is_empty() => scrub(&error.to_string(), recipient),
        None => reason,
    }
}

/// `text` on one line, with `…` in place of every word that may be an e-mail address, a link, a token or the recipient's
/// name.
fn scrub(text: &str, recipient: &str) -> String {
    let user = recipient
        .rsplit_once('@')
        .map_or(recipient, |(user, _)| user)
        .to_lowercase();
    let shown = |word: &str| {
        word.chars().count() <= WORD
            && word
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || ".,:;-_()[]{}'\"!?#".contains(c))
            && (user.is_empty() || !word.to_lowercase().contains(&user))
    };
    let words: Vec<&str> = text
        .split_whitespace()
        .take(WORDS)
        .map(|word| if shown(word) { word } else { "…" })
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::scrub;

    #[test]
    fn r22_a_fault_repeats_neither_address_nor_link_nor_token() {
        let answer = "5.1.1 <ana.souza@adv.example>: user ANA.SOUZA unknown,\n\
            https://2fa.stm.jus.br/link?t=abc q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ0";
        assert_eq!(
            scrub(answer, "Ana.Souza@adv.example"),
            "5.1.1 … user … unknown, … …"
        );
    }

    #[test]
    fn a_reason_stays_readable() {
        let answer = "4.7.1 Greylisted, try again in 300 seconds (policy)";
        assert_eq!(scrub(answer, "b@adv.example"), answer);
    }
}
