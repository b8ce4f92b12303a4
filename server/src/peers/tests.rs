//! Tests of the client against small servers that behave well and badly.

mod way;

use super::*;
use crate::domain::envelope::{BATCH_TYPE, MAX_BATCH_BYTES, PATH};
use crate::domain::{
    BaseUrl, Batch, BatchAnswer, BatchReply, Change, Email, FactorName, InstanceKeys, InstanceName,
    MessageHeader, Peer, PersonChange, Proof, Receiver, SharedFactor, Sigla, SyncAnswer,
    SyncMessage, Timestamp, TotpSecret,
};
use crate::ports::{Clock, Entropy, PeerError, Peers};
use app::model::SyncOutcome;
use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::post;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const NOW: Timestamp = Timestamp(1_790_000_000);

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        NOW
    }
}

struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, buffer: &mut [u8]) {
        for byte in buffer {
            *byte = self.0.fetch_add(1, Ordering::Relaxed).to_le_bytes()[0];
        }
    }
}

fn keys(seed: u8) -> Arc<InstanceKeys> {
    Arc::new(InstanceKeys::derive(&[seed; 32]))
}

fn receiver(seed: u8) -> Receiver {
    Receiver::new(
        "STM",
        vec![keys(seed)],
        [("JMU".to_owned(), vec![keys(1).public()])],
    )
}

fn message() -> SyncMessage {
    SyncMessage {
        header: MessageHeader {
            id: "m-1".to_owned(),
            issuer: "JMU".to_owned(),
            audience: "STM".to_owned(),
        },
        change: PersonChange {
            cpf: None,
            sigla: Sigla::parse("maria").unwrap(),
            counter: 1,
            seen: [].into(),
            made_at: NOW,
            proof: Proof::FirstEnrolment,
            change: Change::FactorActivated(SharedFactor {
                factor: FactorName {
                    home: InstanceName::parse("JMU").unwrap(),
                    id: "f1".to_owned(),
                },
                label: String::new(),
                secret: TotpSecret::new([7; 20]),
                last_step: 1,
                email: Email::parse("maria@exemplo.com.br").unwrap(),
            }),
        },
    }
}

/// The body of an answer to one message.
fn signed(reply: String) -> String {
    let replies = vec![BatchAnswer::Signed { reply }];
    serde_json::to_string(&BatchReply { replies }).unwrap()
}

fn reply_of(seed: u8, id: &str, outcome: SyncOutcome) -> String {
    let mut header = message().header;
    header.id = id.to_owned();
    let reply = receiver(seed).reply(&header, SyncAnswer::of(outcome));
    signed(reply.unwrap())
}

fn peer(url: &str) -> Peer {
    let keys = keys(2).public();
    Peer {
        name: InstanceName::parse("STM").unwrap(),
        url: BaseUrl::parse(url).unwrap(),
        keys,
        next_keys: None,
        ca_file: None,
        may_activate: true,
        may_replace: true,
        may_revoke: true,
        may_block: true,
        may_set_password: false,
        match_by_sigla: false,
    }
}

fn client(peers: Vec<Peer>) -> Result<HttpPeers, PeerSetupError> {
    let entropy = Arc::new(Counting(AtomicU64::new(0)));
    HttpPeers::new(
        "JMU",
        keys(1),
        peers,
        Arc::new(Fixed),
        entropy,
        Duration::from_secs(3),
    )
}

async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

/// Delivers one message to a peer.
async fn deliver(peers: &HttpPeers, message: &SyncMessage) -> Result<SyncAnswer, PeerError> {
    let answers = peers.deliver("STM", std::slice::from_ref(message)).await?;
    answers.into_iter().next().expect("an answer")
}

/// Delivers a message to a server that gives this answer to every message.
async fn delivered<A>(answer: A) -> Result<SyncAnswer, PeerError>
where
    A: IntoResponse + Clone + Send + Sync + 'static,
{
    let url = serve(Router::new().route(PATH, post(move || async move { answer }))).await;
    deliver(&client(vec![peer(&url)]).unwrap(), &message()).await
}

fn transient(result: &Result<SyncAnswer, PeerError>) -> bool {
    matches!(result, Err(PeerError::Transient(_)))
}

fn unreachable(result: &Result<SyncAnswer, PeerError>) -> bool {
    matches!(result, Err(PeerError::Unreachable(_)))
}

fn untrusted(result: &Result<SyncAnswer, PeerError>, about: &str) -> bool {
    matches!(result, Err(PeerError::Untrusted(text)) if text.contains(about))
}

#[tokio::test]
async fn messages_are_delivered_together_and_answered_in_their_order() {
    let handler = |headers: HeaderMap, body: axum::body::Bytes| async move {
        assert_eq!(headers[header::CONTENT_TYPE], BATCH_TYPE);
        let replies = Batch::parse(&body)
            .unwrap()
            .sets
            .iter()
            .map(|token| {
                let opened = receiver(2).open(token, NOW).unwrap();
                let outcome = match &*opened.header.id {
                    "m-1" => SyncOutcome::AlreadyActive,
                    "m-2" => return BatchAnswer::Failed { failed: true },
                    _ => SyncOutcome::NoRecord,
                };
                let reply = receiver(2).reply(&opened.header, SyncAnswer::of(outcome));
                BatchAnswer::Signed {
                    reply: reply.unwrap(),
                }
            })
            .collect();
        axum::Json(BatchReply { replies })
    };
    let url = serve(Router::new().nest("/2fa", Router::new().route(PATH, post(handler)))).await;
    let messages = ["m-1", "m-2", "m-3"].map(|id| {
        let mut message = message();
        message.header.id = id.to_owned();
        message
    });
    let answers = client(vec![peer(&format!("{url}/2fa/"))])
        .unwrap()
        .deliver("STM", &messages)
        .await
        .unwrap();
    let outcomes: Vec<_> = answers
        .into_iter()
        .map(|answer| answer.ok().map(|answer| answer.outcome))
        .collect();
    assert_eq!(
        outcomes,
        [
            Some(SyncOutcome::AlreadyActive),
            None,
            Some(SyncOutcome::NoRecord)
        ]
    );
}

#[tokio::test]
async fn a_request_holds_no_more_than_a_peer_takes() {
    let handler = |body: axum::body::Bytes| async move {
        assert!(body.len() <= MAX_BATCH_BYTES);
        let taken = Batch::parse(&body).unwrap().sets.len();
        let replies = (0..taken)
            .map(|_| BatchAnswer::Failed { failed: true })
            .collect();
        axum::Json(BatchReply { replies })
    };
    let url = serve(Router::new().route(PATH, post(handler))).await;
    let messages = vec![message(); 100];
    let peers = client(vec![peer(&url)]).unwrap();
    let answers = peers.deliver("STM", &messages).await.unwrap();
    assert_eq!(answers.len(), 64, "the others wait for the next request");
}

#[tokio::test]
async fn answers_that_are_worth_another_try() {
    for status in [500, 502, 503, 404, 408, 413, 429, 204, 301] {
        let answer = delivered(StatusCode::from_u16(status).unwrap()).await;
        assert!(transient(&answer), "{status}: {answer:?}");
    }
}

#[tokio::test]
async fn refusals_are_alarms_and_quote_known_codes_only() {
    let known = (
        StatusCode::BAD_REQUEST,
        r#"{"err":"invalid_audience","description":"x"}"#,
    );
    assert!(untrusted(&delivered(known).await, "invalid_audience"));
    let unknown = (StatusCode::FORBIDDEN, "{\"err\":\"a\\nb\"}");
    assert!(untrusted(&delivered(unknown).await, "no reason given"));
    let of_one = r#"{"replies":[{"err":"invalid_key","description":"x\ny"}]}"#;
    assert!(untrusted(&delivered(of_one).await, "invalid_key"));
}

#[tokio::test]
async fn answers_that_are_not_the_peers_are_alarms() {
    for garbage in ["<html>Bem-vindo</html>", "", "{\"replies\":[{}]}"] {
        let answer = delivered(garbage).await;
        assert!(untrusted(&answer, "something else"), "{answer:?}");
    }
    let none = delivered(r#"{"replies":[]}"#).await;
    assert!(untrusted(&none, "did not answer every message"));
    let forged = reply_of(3, "m-1", SyncOutcome::Synchronised);
    assert!(untrusted(&delivered(forged).await, "another key"));
    let other = reply_of(2, "m-2", SyncOutcome::Synchronised);
    assert!(untrusted(&delivered(other).await, "another message"));
    let long = signed("a".repeat(20_000));
    assert!(untrusted(&delivered(long).await, "too long"));
    let endless = "a".repeat(MAX_BATCH_BYTES + 1);
    assert!(untrusted(&delivered(endless).await, "too long"));
}

#[tokio::test]
async fn a_key_that_does_not_fit_is_seen_on_both_sides() {
    // the destination has another key than the one configured at the issuer
    let handler = |body: axum::body::Bytes| async move {
        let token = Batch::parse(&body).unwrap().sets.remove(0);
        let error = receiver(3).open(&token, NOW).unwrap_err();
        let replies = vec![BatchAnswer::Refused {
            err: error.code().to_owned(),
            description: error.to_string(),
        }];
        axum::Json(BatchReply { replies })
    };
    let url = serve(Router::new().route(PATH, post(handler))).await;
    let answer = deliver(&client(vec![peer(&url)]).unwrap(), &message()).await;
    assert!(untrusted(&answer, "invalid_key"), "{answer:?}");
}

#[tokio::test]
async fn while_a_peer_changes_its_keys_both_count() {
    let reply = reply_of(4, "m-1", SyncOutcome::NoRecord);
    let handler = move || async move { reply };
    let url = serve(Router::new().route(PATH, post(handler))).await;
    let answer = deliver(&client(vec![peer(&url)]).unwrap(), &message()).await;
    assert!(untrusted(&answer, "another key"), "{answer:?}");
    let changing = Peer {
        next_keys: Some(keys(4).public()),
        ..peer(&url)
    };
    let answer = deliver(&client(vec![changing]).unwrap(), &message()).await;
    assert_eq!(answer.unwrap().outcome, SyncOutcome::NoRecord);
}
