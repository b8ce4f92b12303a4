//! Encryption of values at rest with the key of one instance (R5, R30).

use super::StoreResult;
use crate::domain::token::row_id;
use crate::domain::{Keyring, SealContext, SecretBytes};
use crate::ports::Entropy;
use std::sync::Arc;

/// Seals, opens and indexes values with the key of one instance.
pub struct Sealer {
    keyring: Keyring,
    entropy: Arc<dyn Entropy>,
}

impl Sealer {
    pub(super) fn new(keyring: Keyring, entropy: Arc<dyn Entropy>) -> Self {
        Self { keyring, entropy }
    }

    /// Seals `plain` with a fresh random nonce; it opens in `context` only.
    pub fn seal(&self, context: SealContext<'_>, plain: &[u8]) -> Vec<u8> {
        self.keyring.seal(context, plain, self.entropy.bytes())
    }

    /// Opens what was sealed in `context`; else an error.
    pub fn open(&self, context: SealContext<'_>, sealed: &[u8]) -> StoreResult<SecretBytes> {
        Ok(self.keyring.open(context, sealed)?)
    }

    /// Opens text that was sealed in `context`; else an error.
    pub fn open_text(&self, context: SealContext<'_>, sealed: &[u8]) -> StoreResult<String> {
        Ok(self.keyring.open_text(context, sealed)?)
    }

    /// The blind index of `value` for exact look-up (R30).
    pub fn index(&self, purpose: &str, value: &str) -> Vec<u8> {
        self.keyring.blind_index(purpose, value)
    }

    pub fn row_id(&self) -> String {
        row_id(self.entropy.bytes())
    }
}
