//! The receiver for the sync endpoint: name and keys of this instance, and the keys of its peers.

use super::super::{MessageHeader, SyncAnswer, SyncMessage, Timestamp};
use super::{EnvelopeError, InstanceKeys, PeerKeys, open_message, sign_reply};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Opens messages for one instance and signs its replies.
#[derive(Clone, Debug)]
pub struct Receiver {
    name: String,
    /// The first ones sign; what is sealed to any of them opens.
    keys: Vec<Arc<InstanceKeys>>,
    peers: BTreeMap<String, Vec<PeerKeys>>,
}

impl Receiver {
    /// For the instance `name`. Messages of other issuers than `peers` are refused.
    pub fn new(
        name: impl Into<String>,
        keys: Vec<Arc<InstanceKeys>>,
        peers: impl IntoIterator<Item = (String, Vec<PeerKeys>)>,
    ) -> Self {
        Self {
            name: name.into(),
            keys,
            peers: peers.into_iter().collect(),
        }
    }

    /// Checks and opens the body of a request, see [`open_message`].
    pub fn open(&self, token: &str, now: Timestamp) -> Result<SyncMessage, EnvelopeError> {
        let find = |name: &str| self.peers.get(name).cloned().unwrap_or_default();
        open_message(token, &self.name, &self.keys, &find, now)
    }

    /// Makes the body of the answer to the message with this header.
    pub fn reply(
        &self,
        header: &MessageHeader,
        answer: SyncAnswer,
    ) -> Result<String, EnvelopeError> {
        let keys = self.keys.first().ok_or(EnvelopeError::UnusableKey)?;
        sign_reply(&header.id, answer, keys, &self.name, &header.issuer)
    }
}
