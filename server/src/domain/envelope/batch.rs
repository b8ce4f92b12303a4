//! The body of a POST: several messages of different people, and one answer for each in the same order.

use super::{EnvelopeError, MAX_BATCH_BYTES, MAX_TOKEN_BYTES, MOST_MESSAGES};
use serde::{Deserialize, Serialize};

/// The messages of one POST, at most one for each person.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    pub sets: Vec<String>,
}

impl Batch {
    /// Reads the body of a request.
    pub fn parse(body: &[u8]) -> Result<Self, EnvelopeError> {
        if body.len() > MAX_BATCH_BYTES {
            return Err(EnvelopeError::TooLarge);
        }
        let batch: Self = serde_json::from_slice(body).map_err(|_| EnvelopeError::Malformed)?;
        if batch.sets.len() > MOST_MESSAGES {
            return Err(EnvelopeError::TooLarge);
        }
        Ok(batch)
    }

    /// Whether one more message of any length fits.
    pub fn has_room(&self) -> bool {
        let bytes: usize = self.sets.iter().map(|set| set.len() + 3).sum();
        self.sets.len() < MOST_MESSAGES && bytes + MAX_TOKEN_BYTES + 64 <= MAX_BATCH_BYTES
    }
}

/// The answer to one message.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum BatchAnswer {
    /// A signed reply: final.
    Signed { reply: String },
    /// The message was not accepted; the code is one of RFC 8935 §2.4. It is not signed, so it is not final.
    Refused { err: String, description: String },
    /// The message was accepted but not applied, because something failed: to be tried again.
    Failed { failed: bool },
}

/// The answers to one POST, in the order of its messages.
#[derive(Debug, Serialize, Deserialize)]
pub struct BatchReply {
    pub replies: Vec<BatchAnswer>,
}
