//! Tests of the client against small servers that behave well and badly.

mod way;

use super::*;
use crate::{
    domain::{
        email::Email,
        envelope::{InstanceKeys, MAX_TOKEN_BYTES, MESSAGE_TYPE, PATH, Receiver},
        peer::{InstanceName, Peer},
        person::Sigla,
        sync::{Change, FactorActivated, MessageHeader, Proof, SyncMessage},
        time::Timestamp,
        totp::TotpSecret,
        web_url::BaseUrl,
    },
    ports::{Clock, Entropy, PeerError, Peers},
};
use app::model::SyncOutcome;
use axum::{
    Router,
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
    routing::post,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

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
    Receiver::new("STM", keys(seed), [("JMU".to_owned(), keys(1).public())])
}

fn message() -> SyncMessage {
    SyncMessage {
        header: MessageHeader {
            id: "m-1".to_owned(),
            issuer: "JMU".to_owned(),
            audience: "STM".to_owned(),
        },
        change: Change::FactorActivated(FactorActivated {
            cpf: None,
            sigla: Sigla::parse("maria").unwrap(),
            secret: TotpSecret::new([7; 20]),
            last_step: 1,
            email: Email::parse("maria@exemplo.com.br").unwrap(),
            activated_at: NOW,
            proof: Proof::FirstEnrolment,
        }),
    }
}

fn peer(url: &str) -> Peer {
    let keys = keys(2).public();
    Peer {
        name: InstanceName::parse("STM").unwrap(),
        url: BaseUrl::parse(url).unwrap(),
        keys,
        ca_file: None,
        may_activate: true,
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

/// Delivers a message to a server that gives this answer to every message.
async fn delivered<A>(answer: A) -> Result<SyncOutcome, PeerError>
where
    A: IntoResponse + Clone + Send + Sync + 'static,
{
    let url = serve(Router::new().route(PATH, post(move || async move { answer }))).await;
    client(vec![peer(&url)]).unwrap().deliver(&message()).await
}

fn transient(result: &Result<SyncOutcome, PeerError>) -> bool {
    matches!(result, Err(PeerError::Transient(_)))
}

fn untrusted(result: &Result<SyncOutcome, PeerError>, about: &str) -> bool {
    matches!(result, Err(PeerError::Untrusted(text)) if text.contains(about))
}

#[tokio::test]
async fn a_message_is_delivered_and_answered() {
    let handler = |headers: HeaderMap, token: String| async move {
        assert_eq!(headers[header::CONTENT_TYPE], MESSAGE_TYPE);
        let opened = receiver(2).open(&token, NOW).unwrap();
        assert_eq!(opened, message());
        receiver(2)
            .reply(&opened.header, SyncOutcome::AlreadyActive)
            .unwrap()
    };
    let url = serve(Router::new().nest("/2fa", Router::new().route(PATH, post(handler)))).await;
    let outcome = client(vec![peer(&format!("{url}/2fa/"))])
        .unwrap()
        .deliver(&message())
        .await;
    assert_eq!(outcome.unwrap(), SyncOutcome::AlreadyActive);
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
}

#[tokio::test]
async fn answers_that_are_not_the_peers_are_alarms() {
    assert!(untrusted(
        &delivered("<html>Bem-vindo</html>").await,
        "agreed shape"
    ));
    assert!(untrusted(&delivered(vec![0xff; 100]).await, "no token"));
    assert!(untrusted(&delivered("").await, "agreed shape"));
    let forged = receiver(3)
        .reply(&message().header, SyncOutcome::Synchronised)
        .unwrap();
    assert!(untrusted(&delivered(forged).await, "another key"));
    let mut other = message();
    other.header.id = "m-2".to_owned();
    let other = receiver(2)
        .reply(&other.header, SyncOutcome::Synchronised)
        .unwrap();
    assert!(untrusted(&delivered(other).await, "another message"));
    assert!(untrusted(
        &delivered("a".repeat(MAX_TOKEN_BYTES + 1)).await,
        "too long"
    ));
    assert!(untrusted(&delivered("a".repeat(1 << 20)).await, "too long"));
}

#[tokio::test]
async fn a_key_that_does_not_fit_is_seen_on_both_sides() {
    // the destination has another key than the one configured at the issuer
    let handler = |token: String| async move {
        match receiver(3).open(&token, NOW) {
            Ok(_) => StatusCode::OK.into_response(),
            Err(error) => {
                let body = format!(r#"{{"err":"{}"}}"#, error.code());
                (StatusCode::BAD_REQUEST, body).into_response()
            }
        }
    };
    let url = serve(Router::new().route(PATH, post(handler))).await;
    let answer = client(vec![peer(&url)]).unwrap().deliver(&message()).await;
    assert!(untrusted(&answer, "invalid_key"), "{answer:?}");
}
