//! One POST for each message; an answer counts only when the peer signed it.

use super::setup::{PeerSetupError, client};
use crate::{
    domain::{
        envelope::{
            self, EnvelopeError, InstanceKeys, MAX_TOKEN_BYTES, MESSAGE_TYPE, PeerKeys, REPLY_TYPE,
        },
        peer::Peer,
        sync::SyncMessage,
    },
    ports::{Clock, Entropy, PeerError, Peers},
};
use app::model::SyncOutcome;
use async_trait::async_trait;
use reqwest::{
    Client, Response, StatusCode, Url,
    header::{ACCEPT, CONTENT_TYPE},
};
use std::{collections::BTreeMap, error::Error, sync::Arc, time::Duration};

/// Longest time of one delivery, with connection and answer.
pub const TIMEOUT: Duration = Duration::from_secs(10);

struct Destination {
    endpoint: Url,
    keys: PeerKeys,
    client: Client,
}

/// The peers of this instance over HTTP.
pub struct HttpPeers {
    name: String,
    keys: Arc<InstanceKeys>,
    destinations: BTreeMap<String, Destination>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl HttpPeers {
    /// For the instance `name` with its `keys`. Each peer has a client of its own, so that certificate authorities and
    /// connections are not shared.
    pub fn new(
        name: impl Into<String>,
        keys: Arc<InstanceKeys>,
        peers: Vec<Peer>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        timeout: Duration,
    ) -> Result<Self, PeerSetupError> {
        let name = name.into();
        let mut destinations = BTreeMap::new();
        for peer in peers {
            let destination = Destination {
                endpoint: peer.url.endpoint(envelope::PATH),
                keys: peer.keys,
                client: client(&peer, timeout)?,
            };
            let peer = peer.name.to_string();
            if peer == name || destinations.contains_key(&peer) {
                return Err(PeerSetupError::Name(peer));
            }
            destinations.insert(peer, destination);
        }
        Ok(Self {
            name,
            keys,
            destinations,
            clock,
            entropy,
        })
    }

    fn seal(&self, message: &SyncMessage, to: &Destination) -> Result<String, EnvelopeError> {
        let fill = |buffer: &mut [u8]| self.entropy.fill(buffer);
        envelope::seal_message(message, &self.keys, &to.keys, self.clock.now(), &fill)
    }
}

#[async_trait]
impl Peers for HttpPeers {
    async fn deliver(&self, message: &SyncMessage) -> Result<SyncOutcome, PeerError> {
        let header = &message.header;
        let name = &header.audience;
        let to = self.destinations.get(name).ok_or_else(|| {
            PeerError::Transient(format!("no peer named {name} is configured here"))
        })?;
        if header.issuer != self.name {
            return Err(PeerError::Transient(format!(
                "{} is not this instance",
                header.issuer
            )));
        }
        let token = self
            .seal(message, to)
            .map_err(|error| PeerError::Transient(format!("cannot seal to {name}: {error}")))?;
        let response = to
            .client
            .post(to.endpoint.clone())
            .header(CONTENT_TYPE, MESSAGE_TYPE)
            .header(ACCEPT, REPLY_TYPE)
            .body(token)
            .send()
            .await
            .map_err(|error| no_answer(name, error))?;
        let status = response.status();
        let body = body(name, response).await;
        if status != StatusCode::OK {
            return Err(refused(name, status, &body.unwrap_or_default()));
        }
        let reply = String::from_utf8(body?)
            .map_err(|_| PeerError::Untrusted(format!("{name} answered with no token")))?;
        envelope::open_reply(&reply, &header.id, name, &to.keys, &self.name)
            .map_err(|error| PeerError::Untrusted(format!("the answer of {name}: {error}")))
    }
}

/// The error of an answer other than 200. It is not signed, so it is never final. A peer that refuses the message (400, 401,
/// 403) shows that keys, names or clocks do not fit, and an operator must look: untrusted. Everything else is the network, an
/// overload or a release: transient.
fn refused(name: &str, status: StatusCode, body: &[u8]) -> PeerError {
    match status {
        StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            let reason = reason(body);
            PeerError::Untrusted(format!("{name} refused the message: {status}, {reason}"))
        }
        _ => PeerError::Transient(format!("{name} answered {status}")),
    }
}

/// The error code in the body if it is one of RFC 8935 §2.4. Nothing else of the body goes into the log.
fn reason(body: &[u8]) -> &'static str {
    let body = serde_json::from_slice::<serde_json::Value>(body).unwrap_or_default();
    let told = body.get("err").and_then(serde_json::Value::as_str);
    let known = [
        "invalid_request",
        "invalid_key",
        "invalid_issuer",
        "invalid_audience",
        "authentication_failed",
        "access_denied",
    ];
    known
        .into_iter()
        .find(|code| Some(*code) == told)
        .unwrap_or("no reason given")
}

/// Reads the body, but no more than a reply may have.
async fn body(name: &str, mut response: Response) -> Result<Vec<u8>, PeerError> {
    let mut body = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| no_answer(name, error))?
    {
        if body.len() + chunk.len() > MAX_TOKEN_BYTES {
            return Err(PeerError::Untrusted(format!(
                "the answer of {name} is too long"
            )));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// A failed connection in one line with its causes: *connection refused* is in the last one.
fn no_answer(name: &str, error: reqwest::Error) -> PeerError {
    let error = error.without_url();
    let mut text = format!("{name} cannot be reached: {error}");
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    PeerError::Transient(text)
}
