//! The ip of a client behind a proxy, and without one (R31).

use crate::support::{Database, Options, TestApp, both};
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use std::net::SocketAddr;
use tower::ServiceExt as _;

/// Signs in with a wrong password over a connection from `connection`; the ip in the audit.
async fn audited_ip(app: &TestApp, connection: &str, forwarded: &[&str]) -> Option<String> {
    let peer = SocketAddr::new(connection.parse().unwrap(), 4711);
    let mut request = Request::post("/api/sign-in")
        .header("accept", "text/html")
        .header("origin", &app.origin)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("forwarded", "for=192.0.2.66")
        .header("x-real-ip", "192.0.2.66")
        .extension(ConnectInfo(peer));
    for value in forwarded {
        request = request.header("x-forwarded-for", *value);
    }
    let form = Body::from("login=ninguem&password=x&intent=enter");
    let answer = app.router.clone().oneshot(request.body(form).unwrap());
    assert!(answer.await.unwrap().status().is_redirection());
    let mut conn = app.database.connect().await;
    let newest = "SELECT ip FROM audit ORDER BY seq DESC LIMIT 1";
    let (ip,): (Option<String>,) = sqlx::query_as(newest).fetch_one(&mut conn).await.unwrap();
    ip.filter(|ip| !ip.is_empty())
}

both!(
    r31_only_a_known_proxy_names_the_client,
    |database: Database| async move {
        let options = Options {
            https: true,
            trusted_proxies: vec!["10.0.0.0/8"],
            ..Options::default()
        };
        let app = TestApp::new(database, options).await;
        let forged = &["203.0.113.9", "198.51.100.7"];
        let ip = audited_ip(&app, "10.1.1.1", forged).await;
        assert_eq!(ip.as_deref(), Some("198.51.100.7"), "the browser's");
        let ip = audited_ip(&app, "198.51.100.200", forged).await;
        assert_eq!(ip.as_deref(), Some("198.51.100.200"), "past the proxy");
        let ip = audited_ip(&app, "10.1.1.1", &["198.51.100.7, <script>"]).await;
        assert_eq!(ip, None);
    }
);

both!(
    r31_an_unknown_proxy_s_address_is_nobody_s,
    |database: Database| async move {
        let options = Options {
            https: true,
            ..Options::default()
        };
        let app = TestApp::new(database, options).await;
        let ip = audited_ip(&app, "10.1.1.1", &["198.51.100.7"]).await;
        assert_eq!(
            ip, None,
            "behind https there is a proxy, and it is not known"
        );
    }
);

both!(
    r31_without_a_proxy_the_connection_tells,
    |database: Database| async move {
        let app = TestApp::new(database, Options::default()).await;
        let ip = audited_ip(&app, "127.0.0.1", &["198.51.100.7"]).await;
        assert_eq!(ip.as_deref(), Some("127.0.0.1"));
    }
);
