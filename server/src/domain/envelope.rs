//! The envelope of a sync message: a Security Event Token (RFC 8417) signed by its issuer, with
//! everything personal sealed to its destination by HPKE (RFC 9180), and the signed reply.
//!
//! Specified in `docs/sync.md`. Pure: names, keys, `now` and randomness are arguments. Replay is
//! the receiver's task: it keeps the `jti` and answers a known one from its record.

mod jws;
mod keys;
mod message;
mod receiver;
mod reply;
mod sealed;
#[cfg(test)]
mod tests;

pub use keys::{InstanceKeys, KeyTextError, PeerKeys};
pub use message::{open_message, seal_message};
pub use receiver::Receiver;
pub use reply::{open_reply, sign_reply};

use super::time::Seconds;

/// Where the destination takes messages, below its own address.
pub const PATH: &str = "/sync/v1/events";
/// Media type of a message (RFC 8417 §7.2).
pub const MESSAGE_TYPE: &str = "application/secevent+jwt";
/// Media type of a reply.
pub const REPLY_TYPE: &str = "application/jwt";
/// Longest token looked at, message or reply.
pub const MAX_TOKEN_BYTES: usize = 16 * 1024;
/// Oldest message accepted. Each attempt is signed anew, so this bounds the way, not the queue.
pub const MAX_AGE: Seconds = Seconds::days(7);
/// How far the issuer's clock may be ahead of ours.
pub const MAX_AHEAD: Seconds = Seconds::minutes(5);

/// Version of what is signed and sealed.
const VERSION: u32 = 1;
/// HPKE's `info`: names the protocol and its version.
const INFO: &[u8] = b"eproc-2fa sync 1";

/// Why an envelope was refused, or could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// Longer than [`MAX_TOKEN_BYTES`].
    #[error("the token is too long")]
    TooLarge,
    /// Not a token of the agreed shape, or a field out of its bounds.
    #[error("the token does not have the agreed shape")]
    Malformed,
    /// Another algorithm than `EdDSA`, `none` among them.
    #[error("the token is not signed with EdDSA")]
    WrongAlgorithm,
    /// A token made for another purpose.
    #[error("the token is of another type")]
    WrongType,
    /// The issuer is not among the configured peers, or not the one that was asked.
    #[error("the issuer is not a known peer")]
    UnknownPeer,
    /// The token names a key that is not the one configured for its issuer.
    #[error("the token names another key than the one configured for its issuer")]
    UnknownKey,
    /// The signature is not the issuer's.
    #[error("the signature is not the issuer's")]
    BadSignature,
    /// Addressed to another instance.
    #[error("the token is for another instance")]
    NotForUs,
    /// Issued more than [`MAX_AHEAD`] after our now: one of the two clocks is wrong.
    #[error("the token was issued in the future")]
    FromTheFuture,
    /// Issued more than [`MAX_AGE`] ago.
    #[error("the token is too old")]
    TooOld,
    /// An event, or a version of it, that this release does not know.
    #[error("the event or its version is unknown here")]
    UnknownVersion,
    /// The sealed part does not open: sealed to another key, or moved from another message.
    #[error("the sealed part does not open")]
    Unsealable,
    /// The reply answers another message.
    #[error("the reply is to another message")]
    OtherMessage,
    /// The destination's key cannot be sealed to.
    #[error("nothing can be sealed to the destination's key")]
    UnusableKey,
}

impl EnvelopeError {
    /// What the refusing side tells its caller: an error code of RFC 8935 §2.4.
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

    /// Whether somebody must look: forgery, or keys that do not fit (R24).
    pub const fn is_alarm(self) -> bool {
        matches!(
            self,
            Self::UnknownKey | Self::BadSignature | Self::WrongAlgorithm | Self::Unsealable
        )
    }
}

/// A text within bounds: not empty, not longer than `max` bytes, no control characters.
fn bounded(text: &str, max: usize) -> Result<(), EnvelopeError> {
    if text.is_empty() || text.len() > max || text.chars().any(char::is_control) {
        return Err(EnvelopeError::Malformed);
    }
    Ok(())
}
