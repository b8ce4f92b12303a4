//! The sealed part of a message: HPKE base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305.

use super::super::MessageHeader;
use super::keys::Dh;
use super::{EnvelopeError, INFO, InstanceKeys, PeerKeys};
use data_encoding::BASE64URL_NOPAD;
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::rand_core::{TryCryptoRng, TryRng};
use hpke::{
    Deserializable, Kem, OpModeR, OpModeS, Serializable, single_shot_open,
    single_shot_seal_with_rng,
};
use std::convert::Infallible;
use zeroize::Zeroizing;

/// Bytes of the encapsulated key before the ciphertext.
const ENCAPPED: usize = 32;

/// Binds a sealed part to its message, so that it opens in no other: each header field after its length (64 bits,
/// big-endian). With the lengths, two different headers never give the same bytes.
fn associated_data(header: &MessageHeader) -> Vec<u8> {
    let mut data = Vec::new();
    for part in [&header.issuer, &header.audience, &header.id] {
        data.extend_from_slice(&(part.len() as u64).to_be_bytes());
        data.extend_from_slice(part.as_bytes());
    }
    data
}

/// Seals `plain` to `destination`. The result is base64url of the encapsulated key and the ciphertext.
pub(super) fn seal(
    plain: &[u8],
    header: &MessageHeader,
    destination: &PeerKeys,
    fill: &dyn Fn(&mut [u8]),
) -> Result<String, EnvelopeError> {
    let key = <Dh as Kem>::PublicKey::from_bytes(&destination.seal)
        .map_err(|_| EnvelopeError::UnusableKey)?;
    let (encapped, ciphertext) = single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, Dh>(
        &OpModeS::Base,
        &key,
        INFO,
        plain,
        &associated_data(header),
        &mut Filled(fill),
    )
    .map_err(|_| EnvelopeError::UnusableKey)?;
    let mut sealed = encapped.to_bytes().to_vec();
    sealed.extend_from_slice(&ciphertext);
    Ok(BASE64URL_NOPAD.encode(&sealed))
}

/// Opens what was sealed to `own` with the same header.
pub(super) fn open(
    sealed: &str,
    header: &MessageHeader,
    own: &InstanceKeys,
) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
    let sealed = BASE64URL_NOPAD
        .decode(sealed.as_bytes())
        .map_err(|_| EnvelopeError::Malformed)?;
    let (encapped, ciphertext) = sealed
        .split_at_checked(ENCAPPED)
        .ok_or(EnvelopeError::Malformed)?;
    let encapped =
        <Dh as Kem>::EncappedKey::from_bytes(encapped).map_err(|_| EnvelopeError::Unsealable)?;
    single_shot_open::<ChaCha20Poly1305, HkdfSha256, Dh>(
        &OpModeR::Base,
        own.opening_key(),
        &encapped,
        INFO,
        ciphertext,
        &associated_data(header),
    )
    .map(Zeroizing::new)
    .map_err(|_| EnvelopeError::Unsealable)
}

/// The caller's randomness in the form that the crate `hpke` needs.
struct Filled<'a>(&'a dyn Fn(&mut [u8]));

impl TryRng for Filled<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        (self.0)(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        (self.0)(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        (self.0)(bytes);
        Ok(())
    }
}

impl TryCryptoRng for Filled<'_> {}
