//! JWS compact serialisation (RFC 7515), with one algorithm and no choices: `EdDSA` over Ed25519.
//!
//! Written out because the general libraries bring every other algorithm along; here nothing is
//! negotiated, so there is nothing to confuse.

use super::{EnvelopeError, InstanceKeys, MAX_TOKEN_BYTES, PeerKeys};
use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::{Signature, VerifyingKey};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

const ALGORITHM: &str = "EdDSA";

#[derive(Serialize)]
struct Header<'a> {
    alg: &'a str,
    typ: &'a str,
    kid: &'a str,
}

#[derive(Deserialize)]
struct ReadHeader {
    alg: String,
    #[serde(default)]
    typ: String,
    #[serde(default)]
    kid: String,
    crit: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Issuer {
    iss: String,
}

/// Signs `claims` as a token of type `typ`.
pub(super) fn sign(
    typ: &str,
    claims: &impl Serialize,
    own: &InstanceKeys,
) -> Result<String, EnvelopeError> {
    let header = Header {
        alg: ALGORITHM,
        typ,
        kid: &own.public().fingerprint(),
    };
    let mut token = format!("{}.{}", encode(&header)?, encode(claims)?);
    let signature = own.sign(token.as_bytes());
    token.push('.');
    token.push_str(&BASE64URL_NOPAD.encode(&signature.to_bytes()));
    if token.len() > MAX_TOKEN_BYTES {
        return Err(EnvelopeError::TooLarge);
    }
    Ok(token)
}

fn encode(part: &impl Serialize) -> Result<String, EnvelopeError> {
    let json = serde_json::to_vec(part).map_err(|_| EnvelopeError::Malformed)?;
    Ok(BASE64URL_NOPAD.encode(&json))
}

/// A token taken apart but not yet believed: only its issuer can be asked, to find the key.
pub(super) struct Unverified<'a> {
    input: &'a str,
    kid: String,
    claims: Vec<u8>,
    signature: Signature,
}

impl<'a> Unverified<'a> {
    /// Takes `token` apart if it is of type `typ` and says it is signed with `EdDSA`.
    pub(super) fn parse(token: &'a str, typ: &str) -> Result<Self, EnvelopeError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(EnvelopeError::TooLarge);
        }
        let (input, signature) = token.rsplit_once('.').ok_or(EnvelopeError::Malformed)?;
        let (header, claims) = input.split_once('.').ok_or(EnvelopeError::Malformed)?;
        let header: ReadHeader = from_json(&decode(header)?)?;
        if header.alg != ALGORITHM {
            return Err(EnvelopeError::WrongAlgorithm);
        }
        if header.typ != typ {
            return Err(EnvelopeError::WrongType);
        }
        if header.crit.is_some() {
            return Err(EnvelopeError::Malformed);
        }
        let signature =
            Signature::from_slice(&decode(signature)?).map_err(|_| EnvelopeError::Malformed)?;
        Ok(Self {
            input,
            kid: header.kid,
            claims: decode(claims)?,
            signature,
        })
    }

    /// Who claims to have issued it.
    pub(super) fn issuer(&self) -> Result<String, EnvelopeError> {
        Ok(from_json::<Issuer>(&self.claims)?.iss)
    }

    /// The claims, once the signature is found to be `peer`'s.
    pub(super) fn verify<C: DeserializeOwned>(self, peer: &PeerKeys) -> Result<C, EnvelopeError> {
        if self.kid != peer.fingerprint() {
            return Err(EnvelopeError::UnknownKey);
        }
        VerifyingKey::from_bytes(&peer.verify)
            .and_then(|key| key.verify_strict(self.input.as_bytes(), &self.signature))
            .map_err(|_| EnvelopeError::BadSignature)?;
        from_json(&self.claims)
    }
}

/// Base64url without padding; the decoder refuses every second spelling of the same bytes.
fn decode(part: &str) -> Result<Vec<u8>, EnvelopeError> {
    BASE64URL_NOPAD
        .decode(part.as_bytes())
        .map_err(|_| EnvelopeError::Malformed)
}

fn from_json<T: DeserializeOwned>(json: &[u8]) -> Result<T, EnvelopeError> {
    serde_json::from_slice(json).map_err(|_| EnvelopeError::Malformed)
}
