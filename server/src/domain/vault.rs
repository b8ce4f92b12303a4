//! Encryption at rest (R5, R30): an AEAD whose associated data names table, purpose and row, and keyed blind indexes by
//! which a sealed value can be found.

use super::SecretBytes;
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305};
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};
use std::fmt;

const FORMAT: u8 = 1;
const KEY_ID: usize = 4;
const NONCE: usize = 24;

/// The place of a sealed value. A ciphertext that is moved to another place does not open.
#[derive(Clone, Copy, Debug)]
pub struct SealContext<'a> {
    pub table: &'static str,
    /// The column, or the use of a value that is in no table.
    pub purpose: &'static str,
    /// Primary key of the row, as text.
    pub row: &'a str,
}

impl<'a> SealContext<'a> {
    pub const fn new(table: &'static str, purpose: &'static str, row: &'a str) -> Self {
        Self {
            table,
            purpose,
            row,
        }
    }

    fn associated_data(self) -> Vec<u8> {
        // 0x1f never occurs in names or ids, so different places never give the same bytes
        format!("{}\u{1f}{}\u{1f}{}", self.table, self.purpose, self.row).into_bytes()
    }
}

/// Why a sealed value does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// Sealed under a key that this process does not have.
    #[error("sealed under another key")]
    UnknownKey,
    /// Damaged, or moved from another place.
    #[error("the sealed value is damaged or was moved")]
    Damaged,
}

/// The key of one instance and the keys derived from it. The key itself is kept outside the database.
pub struct Keyring {
    id: [u8; KEY_ID],
    seal: XChaCha20Poly1305,
    index: SecretBytes,
    master: SecretBytes,
}

impl Keyring {
    /// Derives all keys from the 32 bytes of the key file (HKDF-SHA-256, RFC 5869).
    pub fn new(master: &[u8; 32]) -> Self {
        let mut id = [0; KEY_ID];
        id.copy_from_slice(&Sha256::digest(expand(master, b"key id"))[..KEY_ID]);
        Self {
            id,
            seal: XChaCha20Poly1305::new(&expand(master, b"seal").into()),
            index: SecretBytes::new(expand(master, b"blind index").to_vec()),
            master: SecretBytes::new(master.to_vec()),
        }
    }

    /// Seals `plain` for `place`. The result is format, key id, nonce, and ciphertext with its tag. `nonce` must be
    /// random.
    pub fn seal(&self, place: SealContext<'_>, plain: &[u8], nonce: [u8; NONCE]) -> Vec<u8> {
        let aad = place.associated_data();
        #[expect(clippy::expect_used, reason = "fails only beyond 256 GiB of plaintext")]
        let sealed = self
            .seal
            .encrypt(
                &nonce.into(),
                Payload {
                    msg: plain,
                    aad: &aad,
                },
            )
            .expect("sealing a small value");
        [&[FORMAT], &self.id[..], &nonce[..], &sealed[..]].concat()
    }

    /// Opens a value that was sealed for the same place.
    pub fn open(&self, place: SealContext<'_>, sealed: &[u8]) -> Result<SecretBytes, VaultError> {
        let rest = sealed.strip_prefix(&[FORMAT]).ok_or(VaultError::Damaged)?;
        let (id, rest) = rest.split_at_checked(KEY_ID).ok_or(VaultError::Damaged)?;
        let (nonce, body) = rest.split_at_checked(NONCE).ok_or(VaultError::Damaged)?;
        if id != self.id {
            return Err(VaultError::UnknownKey);
        }
        let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| VaultError::Damaged)?;
        let aad = place.associated_data();
        self.seal
            .decrypt(
                &nonce.into(),
                Payload {
                    msg: body,
                    aad: &aad,
                },
            )
            .map(SecretBytes::new)
            .map_err(|_| VaultError::Damaged)
    }

    /// Opens a value that was sealed as text.
    pub fn open_text(&self, place: SealContext<'_>, sealed: &[u8]) -> Result<String, VaultError> {
        let plain = self.open(place, sealed)?;
        String::from_utf8(plain.expose().to_vec()).map_err(|_| VaultError::Damaged)
    }

    /// A keyed index of `value` for exact look-up. Each purpose has indexes of its own (R30).
    pub fn blind_index(&self, purpose: &str, value: &str) -> Vec<u8> {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(self.index.expose())
            .expect("any key length");
        mac.update(purpose.as_bytes());
        mac.update(&[0x1f]);
        mac.update(value.as_bytes());
        mac.finalize().into_bytes().to_vec()
    }

    /// A seed for other keys (the instance's signing and sealing keys). Each `label` gives another seed.
    pub fn derive_seed(&self, label: &str) -> [u8; 32] {
        expand(self.master.expose(), label.as_bytes())
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyring(…)")
    }
}

fn expand(master: &[u8], label: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    #[expect(clippy::expect_used, reason = "32 bytes are within HKDF's limit")]
    Hkdf::<Sha256>::new(Some(b"eproc-2fa v1"), master)
        .expand(label, &mut out)
        .expect("32 bytes");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: SealContext<'_> = SealContext {
        table: "factor",
        purpose: "secret",
        row: "1",
    };

    #[test]
    fn r5_a_sealed_value_opens_only_in_its_place_and_under_its_key() {
        let ring = Keyring::new(&[7; 32]);
        let sealed = ring.seal(HERE, b"seed", [1; 24]);
        assert_eq!(
            ring.open(HERE, &sealed).map(|s| s.expose().to_vec()),
            Ok(b"seed".to_vec())
        );
        for moved in [
            SealContext { row: "2", ..HERE },
            SealContext {
                purpose: "email",
                ..HERE
            },
            SealContext {
                table: "enrolment",
                ..HERE
            },
        ] {
            assert_eq!(ring.open(moved, &sealed), Err(VaultError::Damaged));
        }
        assert_eq!(
            Keyring::new(&[8; 32]).open(HERE, &sealed),
            Err(VaultError::UnknownKey)
        );
    }

    #[test]
    fn r5_any_changed_byte_is_refused() {
        let ring = Keyring::new(&[7; 32]);
        let sealed = ring.seal(HERE, b"seed", [1; 24]);
        for at in 0..sealed.len() {
            let mut bad = sealed.clone();
            bad[at] ^= 1;
            assert!(ring.open(HERE, &bad).is_err(), "byte {at}");
            assert!(ring.open(HERE, &sealed[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn r30_the_index_is_keyed_and_separate_per_purpose() {
        let (one, two) = (Keyring::new(&[7; 32]), Keyring::new(&[8; 32]));
        assert_eq!(one.blind_index("cpf", "769"), one.blind_index("cpf", "769"));
        assert_ne!(one.blind_index("cpf", "769"), two.blind_index("cpf", "769"));
        assert_ne!(
            one.blind_index("cpf", "769"),
            one.blind_index("sigla", "769")
        );
    }
}
