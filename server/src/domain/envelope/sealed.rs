//! The sealed part: HPKE base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305.

use super::{EnvelopeError, INFO, InstanceKeys, PeerKeys, keys::Dh};
use data_encoding::BASE64URL_NOPAD;
use hpke::{
    Deserializable, Kem, OpModeR, OpModeS, Serializable,
    aead::ChaCha20Poly1305,
    kdf::HkdfSha256,
    rand_core::{TryCryptoRng, TryRng},
    single_shot_open, single_shot_seal_with_rng,
};
use std::convert::Infallible;
use zeroize::Zeroizing;

/// Length of the encapsulated key in front of the ciphertext.
const ENCAPPED: usize = 32;

/// What a sealed part belongs to; it opens nowhere else.
pub(super) struct Binding<'a> {
    pub(super) iss: &'a str,
    pub(super) aud: &'a str,
    pub(super) jti: &'a str,
}

impl Binding<'_> {
    /// Each part behind its length (64 bits, big-endian), so that no two bindings look alike.
    fn aad(&self) -> Vec<u8> {
        let mut aad = Vec::new();
        for part in [self.iss, self.aud, self.jti] {
            aad.extend_from_slice(&(part.len() as u64).to_be_bytes());
            aad.extend_from_slice(part.as_bytes());
        }
        aad
    }
}

/// Seals `plain` to `destination`: base64url of encapsulated key and ciphertext.
pub(super) fn seal(
    plain: &[u8],
    binding: &Binding<'_>,
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
        &binding.aad(),
        &mut Filled(fill),
    )
    .map_err(|_| EnvelopeError::UnusableKey)?;
    let mut sealed = encapped.to_bytes().to_vec();
    sealed.extend_from_slice(&ciphertext);
    Ok(BASE64URL_NOPAD.encode(&sealed))
}

/// Opens what was sealed to `own` under the same binding.
pub(super) fn open(
    sealed: &str,
    binding: &Binding<'_>,
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
        &binding.aad(),
    )
    .map(Zeroizing::new)
    .map_err(|_| EnvelopeError::Unsealable)
}

/// The caller's randomness in the shape that HPKE asks for.
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
