//! Tests of the transport: redirects, no answer, and what may be configured.

use super::*;
use axum::response::Redirect;
use axum::routing::get;

#[tokio::test]
async fn redirects_are_not_followed() {
    let followed = || async { reply_of(2, "m-1", SyncOutcome::Synchronised) };
    let router = Router::new()
        .route(PATH, post(|| async { Redirect::temporary("/elsewhere") }))
        .route("/elsewhere", post(followed).merge(get(followed)));
    let url = serve(router).await;
    let answer = deliver(&client(vec![peer(&url)]).unwrap(), &message()).await;
    assert!(transient(&answer), "{answer:?}");
}

#[tokio::test]
async fn nobody_there_or_too_slow() {
    let slow = || async { tokio::time::sleep(Duration::from_mins(1)).await };
    let url = serve(Router::new().route(PATH, post(slow))).await;
    let answer = deliver(&client(vec![peer(&url)]).unwrap(), &message()).await;
    assert!(unreachable(&answer), "{answer:?}");

    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let answer = deliver(&client(vec![peer(&url)]).unwrap(), &message()).await;
    assert!(
        unreachable(&answer) && format!("{answer:?}").contains("refused"),
        "{answer:?}"
    );

    // something that speaks no TLS stands where https was asked for
    let url = serve(Router::new().route(PATH, post(slow))).await;
    let https = url.replace("http:", "https:");
    let answer = deliver(&client(vec![peer(&https)]).unwrap(), &message()).await;
    assert!(unreachable(&answer), "{answer:?}");

    let answer = deliver(&client(Vec::new()).unwrap(), &message()).await;
    assert!(
        transient(&answer) && format!("{answer:?}").contains("STM"),
        "{answer:?}"
    );
}

#[tokio::test]
async fn the_probe_tells_whether_somebody_answers() {
    let there = get(|| async { StatusCode::NO_CONTENT });
    let proxy = get(|| async { StatusCode::BAD_GATEWAY });
    for (answer, is_reachable) in [(there, true), (proxy, false)] {
        let url = serve(Router::new().route(PATH, answer)).await;
        let peers = client(vec![peer(&url)]).unwrap();
        assert_eq!(peers.is_reachable("STM").await, is_reachable);
        assert!(!peers.is_reachable("TJX").await);
    }
    let nobody = client(vec![peer("http://127.0.0.1:1")]).unwrap();
    assert!(!nobody.is_reachable("STM").await);
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
