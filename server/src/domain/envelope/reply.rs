//! The signed answer of the destination. An outcome is final at the issuer, so nobody on the way may forge one.

use super::jws::{self, Unverified};
use super::{EnvelopeError, InstanceKeys, PeerKeys, VERSION, bounded};
use crate::domain::sync::GREATEST_COUNTER;
use crate::domain::{Difference, SyncAnswer};
use app::model::SyncOutcome;
use serde::{Deserialize, Serialize};

/// A separate type, so that no message counts as a reply and no reply as a message.
const TYP: &str = "eproc-sync-reply+jwt";

/// There is no time in it: the outcome for one `jti` is recorded once and does not change.
#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    /// The `jti` of the message.
    reply_to: String,
    v: u32,
    outcome: String,
    /// With the outcome `stale`: the newest revision of the issuer that is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    known: Option<i64>,
    /// The answer to a comparison: what differs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    differs: Option<Difference>,
}

/// Signs the `answer` to the message `jti`, from the instance `own_name` to the message's issuer `to`.
pub fn sign_reply(
    jti: &str,
    answer: SyncAnswer,
    own: &InstanceKeys,
    own_name: &str,
    to: &str,
) -> Result<String, EnvelopeError> {
    bounded(jti, 128)?;
    let claims = Claims {
        iss: own_name.to_owned(),
        aud: to.to_owned(),
        reply_to: jti.to_owned(),
        v: VERSION,
        outcome: answer.outcome.code().to_owned(),
        known: answer.known,
        differs: answer.differs,
    };
    jws::sign(TYP, &claims, own)
}

/// Verifies a reply to the message `jti` from the peer `from`, whose keys are among `keys`, to this instance `own_name`.
pub fn open_reply(
    token: &str,
    jti: &str,
    from: &str,
    keys: &[PeerKeys],
    own_name: &str,
) -> Result<SyncAnswer, EnvelopeError> {
    let claims: Claims = Unverified::parse(token, TYP)?.verify(keys)?;
    if claims.iss != from {
        return Err(EnvelopeError::UnknownPeer);
    }
    if claims.aud != own_name {
        return Err(EnvelopeError::NotForUs);
    }
    if claims.reply_to != jti {
        return Err(EnvelopeError::OtherMessage);
    }
    if claims.v != VERSION {
        return Err(EnvelopeError::UnknownVersion);
    }
    let is_bounded = |known: i64| (0..=GREATEST_COUNTER).contains(&known);
    if !claims.known.is_none_or(is_bounded) {
        return Err(EnvelopeError::Malformed);
    }
    let outcome = SyncOutcome::from_code(&claims.outcome).ok_or(EnvelopeError::UnknownVersion)?;
    Ok(SyncAnswer {
        outcome,
        known: claims.known,
        differs: claims.differs,
    })
}
