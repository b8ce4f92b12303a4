//! The keys of an instance, and its public keys as one line of text for the operators of its peers.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use hkdf::Hkdf;
use hpke::kem::X25519HkdfSha256;
use hpke::{Kem, Serializable};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;
use zeroize::Zeroizing;

pub(super) type Dh = X25519HkdfSha256;

const PREFIX: &str = "eproc1";
const CHECKSUM_BYTES: usize = 6;

/// The signing key of an instance (Ed25519) and the key for what is sealed to it (X25519). The crates that hold them
/// wipe both on drop.
#[derive(Clone)]
pub struct InstanceKeys {
    sign: SigningKey,
    open: <Dh as Kem>::PrivateKey,
    public: PeerKeys,
}

impl InstanceKeys {
    /// Derives both keys from one seed by HKDF-SHA256, with one label each.
    pub fn derive(seed: &[u8; 32]) -> Self {
        let sign = SigningKey::from_bytes(&expand(seed, b"eproc-2fa sync sign 1"));
        let (open, seal) = Dh::derive_keypair(&*expand(seed, b"eproc-2fa sync seal 1"));
        let public = PeerKeys {
            verify: sign.verifying_key().to_bytes(),
            seal: seal.to_bytes().into(),
        };
        Self { sign, open, public }
    }

    /// The public keys, which the peers must know.
    pub fn public(&self) -> PeerKeys {
        self.public
    }

    pub(super) fn sign(&self, input: &[u8]) -> Signature {
        self.sign.sign(input)
    }

    pub(super) fn opening_key(&self) -> &<Dh as Kem>::PrivateKey {
        &self.open
    }
}

impl fmt::Debug for InstanceKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InstanceKeys({})", self.public.fingerprint())
    }
}

fn expand(seed: &[u8; 32], label: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    #[expect(
        clippy::expect_used,
        reason = "HKDF-SHA256 gives up to 255 blocks; this is one"
    )]
    Hkdf::<Sha256>::new(None, seed)
        .expand(label, key.as_mut())
        .expect("one block");
    key
}

/// The public keys of a peer. As text: `eproc1.` keys `.` checksum.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PeerKeys {
    /// Ed25519 key that verifies the peer's signatures.
    pub verify: [u8; 32],
    /// X25519 key to which messages for the peer are sealed.
    pub seal: [u8; 32],
}

impl PeerKeys {
    /// Short name of the key pair, for `kid` and for comparison by telephone: 128 bits of SHA-256 in groups of four
    /// hexadecimal digits.
    pub fn fingerprint(&self) -> String {
        let hex = HEXLOWER.encode(&self.digest(b"eproc-2fa fingerprint 1")[..16]);
        let mut grouped = String::with_capacity(39);
        for (at, digit) in hex.chars().enumerate() {
            if at > 0 && at % 4 == 0 {
                grouped.push('-');
            }
            grouped.push(digit);
        }
        grouped
    }

    fn bytes(&self) -> [u8; 64] {
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(&self.verify);
        bytes[32..].copy_from_slice(&self.seal);
        bytes
    }

    fn digest(&self, label: &[u8]) -> [u8; 32] {
        Sha256::new()
            .chain_update(label)
            .chain_update(self.bytes())
            .finalize()
            .into()
    }

    fn checksum(&self) -> String {
        BASE64URL_NOPAD.encode(&self.digest(b"eproc-2fa checksum 1")[..CHECKSUM_BYTES])
    }
}

impl fmt::Display for PeerKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{PREFIX}.{}.{}",
            BASE64URL_NOPAD.encode(&self.bytes()),
            self.checksum()
        )
    }
}

impl fmt::Debug for PeerKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PeerKeys({})", self.fingerprint())
    }
}

/// Why a text is not a peer key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyTextError {
    /// The prefix is another one, or a part is missing.
    #[error("a peer key has the form eproc1.<86 characters>.<8 characters>")]
    Shape,
    /// The checksum, the length or a character is wrong.
    #[error("the peer key was cut or mistyped: its checksum does not fit; copy it again")]
    Mistyped,
    #[error("the peer key is not a usable pair of Ed25519 and X25519 keys")]
    Unusable,
}

impl FromStr for PeerKeys {
    type Err = KeyTextError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.trim().split('.');
        let (Some(PREFIX), Some(keys), Some(checksum), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(KeyTextError::Shape);
        };
        let keys = BASE64URL_NOPAD
            .decode(keys.as_bytes())
            .map_err(|_| KeyTextError::Mistyped)?;
        let (Some(verify), Some(seal), 64) = (
            keys.first_chunk::<32>(),
            keys.last_chunk::<32>(),
            keys.len(),
        ) else {
            return Err(KeyTextError::Mistyped);
        };
        let keys = Self {
            verify: *verify,
            seal: *seal,
        };
        if keys.checksum() != checksum {
            return Err(KeyTextError::Mistyped);
        }
        match VerifyingKey::from_bytes(&keys.verify) {
            Ok(point) if !point.is_weak() && keys.seal != [0; 32] => Ok(keys),
            _ => Err(KeyTextError::Unusable),
        }
    }
}
