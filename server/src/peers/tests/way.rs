//! Tests of the transport: redirects, no answer, and what may be configured.

use super::*;
use axum::{response::Redirect, routing::get};

#[tokio::test]
async fn redirects_are_not_followed() {
    let followed = || async {
        receiver(2)
            .reply(&message().header, SyncOutcome::Synchronised)
            .unwrap()
    };
    let router = Router::new()
        .route(PATH, post(|| async { Redirect::temporary("/elsewhere") }))
        .route("/elsewhere", post(followed).merge(get(followed)));
    let url = serve(router).await;
    let answer = client(vec![peer(&url)]).unwrap().deliver(&message()).await;
    assert!(transient(&answer), "{answer:?}");
}

#[tokio::test]
async fn nobody_there_or_too_slow() {
    let slow = || async { tokio::time::sleep(Duration::from_mins(1)).await };
    let url = serve(Router::new().route(PATH, post(slow))).await;
    let answer = client(vec![peer(&url)]).unwrap().deliver(&message()).await;
    assert!(transient(&answer), "{answer:?}");

    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let answer = client(vec![peer(&url)]).unwrap().deliver(&message()).await;
    assert!(
        transient(&answer) && format!("{answer:?}").contains("refused"),
        "{answer:?}"
    );

    let answer = client(Vec::new()).unwrap().deliver(&message()).await;
    assert!(
        transient(&answer) && format!("{answer:?}").contains("STM"),
        "{answer:?}"
    );
    let mut foreign = message();
    foreign.header.issuer = "TJX".to_owned();
    let answer = client(vec![peer(&url)]).unwrap().deliver(&foreign).await;
    assert!(
        transient(&answer) && format!("{answer:?}").contains("TJX"),
        "{answer:?}"
    );
}

#[tokio::test]
async fn what_the_operator_may_not_configure() {
    let twice = vec![peer("https://a"), peer("https://b")];
    assert!(matches!(client(twice), Err(PeerSetupError::Name(_))));
    let own = Peer {
        name: InstanceName::parse("JMU").unwrap(),
        ..peer("https://a")
    };
    assert!(matches!(client(vec![own]), Err(PeerSetupError::Name(_))));
    for file in ["/nowhere/ca.pem", "/dev/null"] {
        let peer = Peer {
            ca_file: Some(file.into()),
            ..peer("https://a")
        };
        assert!(
            matches!(client(vec![peer]), Err(PeerSetupError::Authorities(..))),
            "{file}"
        );
    }
}
