//! JWS compact serialisation (RFC 7515) with exactly one algorithm: `EdDSA` over Ed25519.
//!
//! General libraries bring many algorithms and choose by a header that the sender writes. Here nothing is negotiated,
//! so nothing can be confused (decision 15).

use super::{EnvelopeError, InstanceKeys, MAX_TOKEN_BYTES, PeerKeys};
use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::{Signature, VerifyingKey};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

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

/// Signs `claims` as a token of type `typ`; an error when the token is too long.
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

/// A token that is split but not verified. Only its issuer can be read, to find the key.
pub(super) struct Unverified<'a> {
    input: &'a str,
    kid: String,
    claims: Vec<u8>,
    signature: Signature,
}

impl<'a> Unverified<'a> {
    /// Splits `token`; an error when its type is not `typ` or its algorithm is not `EdDSA`.
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
        // RFC 7515 §4.1.11: a token with extensions that are not understood must be refused
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

    /// The issuer that the token claims to have, not verified.
    pub(super) fn issuer(&self) -> Result<String, EnvelopeError> {
        Ok(from_json::<Issuer>(&self.claims)?.iss)
    }

    /// Returns the claims when the signature is that of one of the keys `trusted` of the peer: while it changes them there are two.
    pub(super) fn verify<C: DeserializeOwned>(
        self,
        trusted: &[PeerKeys],
    ) -> Result<C, EnvelopeError> {
        let peer = trusted
            .iter()
            .find(|keys| self.kid == keys.fingerprint())
            .ok_or(EnvelopeError::UnknownKey)?;
        VerifyingKey::from_bytes(&peer.verify)
            .and_then(|key| key.verify_strict(self.input.as_bytes(), &self.signature))
            .map_err(|_| EnvelopeError::BadSignature)?;
        from_json(&self.claims)
    }
}

/// The issuer that a token claims to have, whatever else is wrong with it; `None` when it claims none.
pub fn claimed_issuer(token: &str) -> Option<String> {
    if token.len() > MAX_TOKEN_BYTES {
        return None;
    }
    let claims = decode(token.split('.').nth(1)?).ok()?;
    from_json::<Issuer>(&claims).ok().map(|claims| claims.iss)
}

/// Decodes base64url without padding. A second spelling of the same bytes is refused, so a token has one form.
fn decode(part: &str) -> Result<Vec<u8>, EnvelopeError> {
    BASE64URL_NOPAD
        .decode(part.as_bytes())
        .map_err(|_| EnvelopeError::Malformed)
}

fn from_json<T: DeserializeOwned>(json: &[u8]) -> Result<T, EnvelopeError> {
    serde_json::from_slice(json).map_err(|_| EnvelopeError::Malformed)
}
