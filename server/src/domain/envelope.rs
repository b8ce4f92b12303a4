//! The envelope of a sync message: a Security Event Token (RFC 8417) signed by its issuer, with all personal data
//! sealed to its destination by HPKE (RFC 9180), and the signed reply.
//!
//! `docs/sync.md` specifies it. The code is pure: names, keys, `now` and randomness are arguments. `services::sync`
//! detects replay: it keeps each `jti` and answers a known one from its record.

mod batch;
mod jws;
mod keys;
mod message;
mod receiver;
mod reply;
mod sealed;
#[cfg(test)]
mod tests;

pub use batch::{Batch, BatchAnswer, BatchReply};
pub use jws::claimed_issuer;
pub use keys::{InstanceKeys, KeyTextError, PeerKeys};
pub use message::{open_message, seal_message};
pub use receiver::Receiver;
pub use reply::{open_reply, sign_reply};

use super::Seconds;

/// Path at which an instance takes messages, below its base URL. A GET there tells that it answers.
pub const PATH: &str = "/sync/v2/events";
/// Media type of a POST and of its answer: several tokens do not fit `application/secevent+jwt`.
pub const BATCH_TYPE: &str = "application/json";
/// Most messages of one POST.
pub const MOST_MESSAGES: usize = 64;
/// Longest body of a POST, and of its answer, in bytes.
pub const MAX_BATCH_BYTES: usize = 256 * 1024;
/// Longest token in bytes that is read, message or reply.
pub const MAX_TOKEN_BYTES: usize = 16 * 1024;
/// Age of the oldest message that is accepted. Each attempt is signed anew, so this bounds the transport and not the
/// time in the outbox.
pub const MAX_AGE: Seconds = Seconds::days(7);
/// How far the issuer's clock may be ahead of this instance's clock.
pub const MAX_AHEAD: Seconds = Seconds::minutes(5);

/// Version of the signed and of the sealed part.
const VERSION: u32 = 2;
/// The `info` of HPKE: it names the protocol and its version.
const INFO: &[u8] = b"eproc-2fa sync 2";

/// Why an envelope was refused, or could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// Longer than [`MAX_TOKEN_BYTES`].
    #[error("the token is too long")]
    TooLarge,
    /// The token has not the agreed shape, or a field is out of its bounds.
    #[error("the token does not have the agreed shape")]
    Malformed,
    /// The algorithm is not `EdDSA`; `none` is refused too.
    #[error("the token is not signed with EdDSA")]
    WrongAlgorithm,
    /// The token was made for another purpose.
    #[error("the token is of another type")]
    WrongType,
    /// The issuer is not among the configured peers, or is not the peer that was asked.
    #[error("the issuer is not a known peer")]
    UnknownPeer,
    #[error("the token names another key than the one configured for its issuer")]
    UnknownKey,
    #[error("the signature is not the issuer's")]
    BadSignature,
    #[error("the token is for another instance")]
    NotForUs,
    /// Issued more than [`MAX_AHEAD`] after `now`: one of the two clocks is wrong.
    #[error("the token was issued in the future")]
    FromTheFuture,
    /// Issued more than [`MAX_AGE`] before `now`.
    #[error("the token is too old")]
    TooOld,
    /// This release does not know the event, or this version of it.
    #[error("the event or its version is unknown here")]
    UnknownVersion,
    /// The sealed part does not open, because it was sealed to another key or moved from another message.
    #[error("the sealed part does not open")]
    Unsealable,
    #[error("the reply is to another message")]
    OtherMessage,
    #[error("nothing can be sealed to the destination's key")]
    UnusableKey,
}

impl EnvelopeError {
    /// The error code for the caller (RFC 8935 §2.4).
    pub const fn code(self) -> &'static str {
        match self {
            Self::UnknownPeer => "invalid_issuer",
            Self::NotForUs => "invalid_audience",
            Self::UnknownKey | Self::Unsealable | Self::UnusableKey => "invalid_key",
            Self::BadSignature | Self::WrongAlgorithm => "authentication_failed",
            Self::TooLarge
            | Self::Malformed
            | Self::WrongType
            | Self::FromTheFuture
            | Self::TooOld
            | Self::UnknownVersion
            | Self::OtherMessage => "invalid_request",
        }
    }

    /// Whether an operator must look at it: a forgery with the form of a real message, or keys that do not fit (R24).
    pub const fn is_alarm(self) -> bool {
        matches!(
            self,
            Self::UnknownKey | Self::BadSignature | Self::Unsealable
        )
    }
}

/// Checks that a text is not empty, has at most `max` bytes and no control characters.
fn bounded(text: &str, max: usize) -> Result<(), EnvelopeError> {
    if text.is_empty() || text.len() > max || text.chars().any(char::is_control) {
        return Err(EnvelopeError::Malformed);
    }
    Ok(())
}
