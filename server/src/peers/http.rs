//! Several messages in one POST; an answer counts only when the peer signed it.

use super::setup::{PeerSetupError, client};
use crate::domain::envelope::{self, BATCH_TYPE, MAX_BATCH_BYTES};
use crate::domain::{
    Batch, BatchAnswer, BatchReply, EnvelopeError, InstanceKeys, Peer, PeerKeys, SyncAnswer,
    SyncMessage,
};
use crate::ports::{Clock, Entropy, PeerError, Peers};
use async_trait::async_trait;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Client, Response, StatusCode, Url};
use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

/// Longest time of one delivery, with connection and answer.
pub const TIMEOUT: Duration = Duration::from_secs(10);
/// Longest time of the question whether a peer answers at all.
const PROBE_TIMEOUT: Duration = Duration::from_secs(2);

struct Destination {
    endpoint: Url,
    /// Its keys, and those that it is changing to.
    keys: Vec<PeerKeys>,
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
                keys: peer.trusted_keys(),
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
        let keys = to.keys.first().ok_or(EnvelopeError::UnusableKey)?;
        envelope::seal_message(message, &self.keys, keys, self.clock.now(), &fill)
    }
}

#[async_trait]
impl Peers for HttpPeers {
    async fn deliver(
        &self,
        name: &str,
        messages: &[SyncMessage],
    ) -> Result<Vec<Result<SyncAnswer, PeerError>>, PeerError> {
        let to = self.destination(name)?;
        let mut batch = Batch::default();
        // a message that cannot be sealed is not sent, and its answer says why
        let mut answers = Vec::with_capacity(messages.len());
        for message in messages {
            if !batch.has_room() {
                break;
            }
            answers.push(match self.seal(message, to) {
                Ok(token) => {
                    batch.sets.push(token);
                    Ok(&message.header.id)
                }
                Err(error) => Err(PeerError::Transient(format!(
                    "cannot seal to {name}: {error}"
                ))),
            });
        }
        let reply = self.post(name, to, &batch).await?;
        if reply.replies.len() != batch.sets.len() {
            let what = format!("{name} did not answer every message");
            return Err(PeerError::Untrusted(what));
        }
        let mut replies = reply.replies.into_iter();
        let opened = |id: &str, reply: Option<BatchAnswer>| match reply {
            Some(BatchAnswer::Signed { reply }) => {
                envelope::open_reply(&reply, id, name, &to.keys, &self.name)
                    .map_err(|error| PeerError::Untrusted(format!("the answer of {name}: {error}")))
            }
            Some(BatchAnswer::Refused { err, .. }) => Err(PeerError::Untrusted(format!(
                "{name} refused the message: {}",
                known_code(&err)
            ))),
            Some(BatchAnswer::Failed { .. }) | None => Err(PeerError::Transient(format!(
                "{name} could not apply the message"
            ))),
        };
        Ok(answers
            .into_iter()
            .map(|answer| answer.and_then(|id| opened(id, replies.next())))
            .collect())
    }

    async fn is_reachable(&self, name: &str) -> bool {
        let Ok(to) = self.destination(name) else {
            return false;
        };
        let asked = to
            .client
            .get(to.endpoint.clone())
            .timeout(PROBE_TIMEOUT)
            .send()
            .await;
        // a proxy answers in place of a peer that is down
        asked.is_ok_and(|answer| !answer.status().is_server_error())
    }
}

impl HttpPeers {
    fn destination(&self, name: &str) -> Result<&Destination, PeerError> {
        self.destinations
            .get(name)
            .ok_or_else(|| PeerError::Transient(format!("no peer named {name} is configured here")))
    }

    async fn post(
        &self,
        name: &str,
        to: &Destination,
        batch: &Batch,
    ) -> Result<BatchReply, PeerError> {
        let sent = serde_json::to_vec(batch)
            .map_err(|error| PeerError::Transient(format!("cannot write the request: {error}")))?;
        let response = to
            .client
            .post(to.endpoint.clone())
            .header(CONTENT_TYPE, BATCH_TYPE)
            .header(ACCEPT, BATCH_TYPE)
            .body(sent)
            .send()
            .await
            .map_err(|error| no_answer(name, error))?;
        let status = response.status();
        let body = body(name, response).await;
        if status != StatusCode::OK {
            return Err(refused(name, status, &body.unwrap_or_default()));
        }
        serde_json::from_slice(&body?)
            .map_err(|_| PeerError::Untrusted(format!("{name} answered with something else")))
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
    known_code(
        body.get("err")
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default(),
    )
}

/// The code if it is one of RFC 8935 §2.4.
fn known_code(told: &str) -> &'static str {
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
        .find(|code| *code == told)
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
        if body.len() + chunk.len() > MAX_BATCH_BYTES {
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
    PeerError::Unreachable(text)
}
