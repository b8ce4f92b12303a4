//! The MIME message of a rendered mail: headers and two alternatives, the same in all attempts.
//!
//! The same job and id give the same bytes except for `Date`: the boundary is derived from the id. It begins with `=_`, which
//! never occurs in a quoted-printable body.

use super::render::{Branding, Rendered};
use super::text::one_line;
use crate::domain::{MailJob, Timestamp};
use crate::ports::MailError;
use data_encoding::HEXLOWER;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};
use sha2::{Digest, Sha256};
use std::time::{Duration, SystemTime};

/// The last second that a `Date` header can have: 9999-12-31T23:59:59Z.
const LAST: u64 = 253_402_300_799;

/// Puts `rendered` into a message from the configured sender to the recipient of the job.
///
/// `message_id` becomes the left part of `Message-ID`, `now` becomes `Date`. An error is permanent: the recipient or the
/// sender cannot be used.
pub fn build(
    job: &MailJob,
    rendered: &Rendered,
    branding: &Branding,
    message_id: &str,
    now: Timestamp,
) -> Result<Message, MailError> {
    let to = job.to.for_lettre().clone();
    let from = branding.from_email.for_lettre().clone();
    let id = message_id_header(message_id, from.domain());
    let from_name = Some(one_line(&branding.from_name)).filter(|name| !name.is_empty());
    let digest = HEXLOWER.encode(&Sha256::digest(id.as_bytes()));
    let body = MultiPart::alternative()
        .boundary(format!("=_{}", &digest[..40]))
        .singlepart(part(ContentType::TEXT_PLAIN, &rendered.text))
        .singlepart(part(ContentType::TEXT_HTML, &rendered.html));
    let seconds = u64::try_from(now.0).unwrap_or_default().min(LAST);
    Message::builder()
        .date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
        .message_id(Some(id))
        .from(Mailbox::new(from_name, from))
        .to(Mailbox::new(None, to))
        .subject(one_line(&rendered.subject))
        .raw_header(header("Auto-Submitted", "auto-generated"))
        .raw_header(header("Content-Language", job.language.tag()))
        .multipart(body)
        .map_err(|error| MailError::Permanent(format!("the message cannot be built: {error}")))
}

/// Parses an e-mail address for sending: the local part as typed, the domain in ASCII. `None` when it cannot be used.
///
/// This is stricter than lettre's parser, which accepts line ends in quoted local parts and would send them as SMTP commands
/// (RUSTSEC-2026-0561): invisible characters, blanks, quotes and brackets are refused.
pub fn address(text: &str) -> Option<Address> {
    let hostile = |character: char| {
        character.is_control()
            || character.is_whitespace()
            || matches!(
                character,
                '<' | '>' | '"' | '\\' | '(' | ')' | ',' | ';' | ':'
            )
    };
    if text.chars().any(hostile) || one_line(text) != text {
        return None;
    }
    let (user, domain) = text.rsplit_once('@')?;
    let domain = idna::domain_to_ascii(domain).ok()?;
    Address::new(user, domain).ok()
}

/// `<id@domain>`; characters of the id that are not allowed there are removed.
fn message_id_header(id: &str, domain: &str) -> String {
    let keep = |character: &char| character.is_ascii_alphanumeric() || "-_.".contains(*character);
    let id: String = id.chars().filter(keep).collect();
    format!("<{id}@{domain}>")
}

fn part(content_type: ContentType, text: &str) -> SinglePart {
    SinglePart::builder()
        .header(content_type)
        .header(ContentTransferEncoding::QuotedPrintable)
        .body(text.to_owned())
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

#[cfg(test)]
mod tests;

/// E-mail addresses that must never reach a mail server.
#[cfg(test)]
pub(super) const HOSTILE_ADDRESSES: &[&str] = &[
    "",
    "ana",
    "@adv.example",
    "ana@",
    "ana@adv.example\r\nRCPT TO:<evil@evil.example>",
    "\"a\r\nRCPT TO:<evil@evil.example>\r\n\"@adv.example",
    "\"a\nb\"@adv.example",
    "\"a b\"@adv.example",
    "a\r@adv.example",
    "a\u{0}@adv.example",
    "ana>@adv.example",
    "ana@adv.example> SIZE=1",
    "ana@adv.example,evil@evil.example",
    "Ana <ana@adv.example>",
    "ana@adv.example (x)",
    "ana\u{202e}@adv.example",
    "ana\u{2028}@adv.example",
    "ana@adv..example",
];
