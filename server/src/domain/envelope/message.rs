//! *Factor activated* as a Security Event Token.

use super::{
    super::{
        secret::SecretBytes,
        sync::{FactorActivated, Proof},
        time::Timestamp,
        totp,
    },
    EnvelopeError, FACTOR_ACTIVATED, InstanceKeys, MAX_AGE, MAX_AHEAD, PeerKeys, VERSION, bounded,
    jws::{self, Unverified},
    sealed::{self, Binding},
};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use zeroize::Zeroizing;

const TYP: &str = "secevent+jwt";

/// What everybody on the way may read: no word about the person.
#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    iat: i64,
    jti: String,
    events: BTreeMap<String, Value>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    v: u32,
    sealed: String,
}

/// What only the destination reads. Unknown fields are refused: what is not understood is not
/// applied; a new field is a new version.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Plain<'a> {
    cpf: Option<String>,
    sigla: String,
    #[serde(borrow)]
    secret: &'a str,
    last_step: i64,
    email: String,
    activated_at: Timestamp,
    proof: Proof,
}

/// Signs `message` with `own` keys and seals its personal part to `destination`. `fill` gives
/// unpredictable bytes.
pub fn seal_message(
    message: &FactorActivated,
    own: &InstanceKeys,
    destination: &PeerKeys,
    now: Timestamp,
    fill: &dyn Fn(&mut [u8]),
) -> Result<String, EnvelopeError> {
    check(message, now)?;
    let secret = Zeroizing::new(BASE64URL_NOPAD.encode(message.secret.expose()));
    let plain = Plain {
        cpf: message.cpf.clone(),
        sigla: message.sigla.clone(),
        secret: &secret,
        last_step: message.last_step,
        email: message.email.clone(),
        activated_at: message.activated_at,
        proof: message.proof,
    };
    // room enough that the buffer never moves and leaves a copy behind
    let mut json = Zeroizing::new(Vec::with_capacity(4096));
    serde_json::to_writer(&mut *json, &plain).map_err(|_| EnvelopeError::Malformed)?;
    let sealed = sealed::seal(&json, &binding_of(message), destination, fill)?;
    let event =
        serde_json::to_value(Event { v: VERSION, sealed }).map_err(|_| EnvelopeError::Malformed)?;
    let claims = Claims {
        iss: message.origin.clone(),
        aud: message.destination.clone(),
        iat: now.0,
        jti: message.message_id.clone(),
        events: BTreeMap::from([(FACTOR_ACTIVATED.to_owned(), event)]),
    };
    jws::sign(TYP, &claims, own)
}

/// Checks a received token and opens it: shape, algorithm, type, issuer, key, signature,
/// audience, age, version, seal, values, in this order.
pub fn open_message(
    token: &str,
    own_name: &str,
    own: &InstanceKeys,
    find_peer: &dyn Fn(&str) -> Option<PeerKeys>,
    now: Timestamp,
) -> Result<FactorActivated, EnvelopeError> {
    let token = Unverified::parse(token, TYP)?;
    let peer = find_peer(&token.issuer()?).ok_or(EnvelopeError::UnknownPeer)?;
    let claims: Claims = token.verify(&peer)?;
    if claims.aud != own_name {
        return Err(EnvelopeError::NotForUs);
    }
    let issued = Timestamp(claims.iat);
    if issued > now + MAX_AHEAD {
        return Err(EnvelopeError::FromTheFuture);
    }
    if issued < now - MAX_AGE {
        return Err(EnvelopeError::TooOld);
    }
    let event = event_of(&claims)?;
    let binding = Binding {
        iss: &claims.iss,
        aud: &claims.aud,
        jti: &claims.jti,
    };
    let json = sealed::open(&event.sealed, &binding, own)?;
    let plain: Plain<'_> = serde_json::from_slice(&json).map_err(|_| EnvelopeError::Malformed)?;
    let secret = BASE64URL_NOPAD
        .decode(plain.secret.as_bytes())
        .map(SecretBytes::new)
        .map_err(|_| EnvelopeError::Malformed)?;
    let message = FactorActivated {
        message_id: claims.jti,
        origin: claims.iss,
        destination: claims.aud,
        cpf: plain.cpf,
        sigla: plain.sigla,
        secret,
        last_step: plain.last_step,
        email: plain.email,
        activated_at: plain.activated_at,
        proof: plain.proof,
    };
    check(&message, now)?;
    Ok(message)
}

/// The one event of a token, if this release knows it in this version.
fn event_of(claims: &Claims) -> Result<Event, EnvelopeError> {
    let mut events = claims.events.iter();
    let (Some((uri, event)), None) = (events.next(), events.next()) else {
        return Err(EnvelopeError::Malformed);
    };
    let version = event
        .get("v")
        .and_then(Value::as_u64)
        .ok_or(EnvelopeError::Malformed)?;
    if uri != FACTOR_ACTIVATED || version != u64::from(VERSION) {
        return Err(EnvelopeError::UnknownVersion);
    }
    Event::deserialize(event).map_err(|_| EnvelopeError::Malformed)
}

fn binding_of(message: &FactorActivated) -> Binding<'_> {
    Binding {
        iss: &message.origin,
        aud: &message.destination,
        jti: &message.message_id,
    }
}

/// Bounds of the values, held on both sides. The step is bounded too: a peer that names one of
/// the far future would make every coming code *already used*.
fn check(message: &FactorActivated, now: Timestamp) -> Result<(), EnvelopeError> {
    let latest = now + MAX_AHEAD;
    bounded(&message.origin, 64)?;
    bounded(&message.destination, 64)?;
    bounded(&message.message_id, 128)?;
    bounded(&message.sigla, 200)?;
    bounded(&message.email, 320)?;
    let cpf_fits = message
        .cpf
        .as_ref()
        .is_none_or(|cpf| cpf.len() == 11 && cpf.bytes().all(|byte| byte.is_ascii_digit()));
    if !cpf_fits
        || message.secret.expose().len() != totp::SECRET_BYTES
        || !(0..=totp::step_at(latest)).contains(&message.last_step)
        || message.activated_at > latest
    {
        return Err(EnvelopeError::Malformed);
    }
    Ok(())
}
