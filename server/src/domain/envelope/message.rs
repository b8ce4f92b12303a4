//! A change as a Security Event Token (RFC 8417).

use super::super::{Change, MessageHeader, PersonChange, SyncMessage, Timestamp};
use super::jws::{self, Unverified};
use super::{EnvelopeError, InstanceKeys, MAX_AGE, MAX_AHEAD, PeerKeys, VERSION, bounded, sealed};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use zeroize::Zeroizing;

const TYP: &str = "secevent+jwt";

/// The readable part of a message. It tells nothing about the person.
#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    iat: i64,
    jti: String,
    events: BTreeMap<String, Value>,
}

/// The only event of a token.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    v: u32,
    sealed: String,
}

/// Signs `message` with the keys `own` and seals its change to `destination`. `fill` must give unpredictable bytes.
pub fn seal_message(
    message: &SyncMessage,
    own: &InstanceKeys,
    destination: &PeerKeys,
    now: Timestamp,
    fill: &dyn Fn(&mut [u8]),
) -> Result<String, EnvelopeError> {
    check_bounds(message, now)?;
    let header = &message.header;
    // with this capacity the buffer never moves, so no copy of the secret is left in memory
    let mut json = Zeroizing::new(Vec::with_capacity(4096));
    serde_json::to_writer(&mut *json, &message.change).map_err(|_| EnvelopeError::Malformed)?;
    let sealed = sealed::seal(&json, header, destination, fill)?;
    let event =
        serde_json::to_value(Event { v: VERSION, sealed }).map_err(|_| EnvelopeError::Malformed)?;
    let claims = Claims {
        iss: header.issuer.clone(),
        aud: header.audience.clone(),
        iat: now.0,
        jti: header.id.clone(),
        events: BTreeMap::from([(message.change.change.event_uri().to_owned(), event)]),
    };
    jws::sign(TYP, &claims, own)
}

/// Checks and opens a received token, with the keys `own` of this instance, the current ones first. The order is: shape, algorithm, type, issuer, key, signature, audience, age,
/// version, seal, values.
pub fn open_message(
    token: &str,
    own_name: &str,
    own: &[Arc<InstanceKeys>],
    find_peer: &dyn Fn(&str) -> Vec<PeerKeys>,
    now: Timestamp,
) -> Result<SyncMessage, EnvelopeError> {
    let token = Unverified::parse(token, TYP)?;
    let peer = find_peer(&token.issuer()?);
    if peer.is_empty() {
        return Err(EnvelopeError::UnknownPeer);
    }
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
    let (uri, event) = single_event(claims.events)?;
    let header = MessageHeader {
        id: claims.jti,
        issuer: claims.iss,
        audience: claims.aud,
    };
    // while keys are changed it may be sealed to the older ones
    let json = own
        .iter()
        .map(|keys| sealed::open(&event.sealed, &header, keys))
        .reduce(Result::or)
        .ok_or(EnvelopeError::Unsealable)??;
    let change: PersonChange =
        serde_json::from_slice(&json).map_err(|_| EnvelopeError::Malformed)?;
    if uri != change.change.event_uri() {
        return Err(EnvelopeError::Malformed);
    }
    let message = SyncMessage { header, change };
    check_bounds(&message, now)?;
    Ok(message)
}

/// Returns the only event of a token and its name; an error when this release does not know the event or its version.
fn single_event(events: BTreeMap<String, Value>) -> Result<(String, Event), EnvelopeError> {
    let mut events = events.into_iter();
    let (Some((uri, event)), None) = (events.next(), events.next()) else {
        return Err(EnvelopeError::Malformed);
    };
    let version = event
        .get("v")
        .and_then(Value::as_u64)
        .ok_or(EnvelopeError::Malformed)?;
    if version != u64::from(VERSION) || !Change::is_known_event(&uri) {
        return Err(EnvelopeError::UnknownVersion);
    }
    let event = Event::deserialize(event).map_err(|_| EnvelopeError::Malformed)?;
    Ok((uri, event))
}

/// Checks the bounds that the types do not hold, before sealing and after opening.
fn check_bounds(message: &SyncMessage, now: Timestamp) -> Result<(), EnvelopeError> {
    let SyncMessage { header, change } = message;
    bounded(&header.issuer, 64)?;
    bounded(&header.audience, 64)?;
    bounded(&header.id, 128)?;
    if change.is_bounded(&header.issuer, now + MAX_AHEAD) {
        Ok(())
    } else {
        Err(EnvelopeError::Malformed)
    }
}
