//! Cookies and headers: R10, R11, R12.

use crate::support::{Answer, Database, Options, TestApp, both, both_ways};
use axum::body::Body;
use axum::http::Method;

both!(
    r10_over_plain_http_names_carry_the_instance_and_no_secure,
    |database: Database| async move {
        let app = TestApp::new(database, Options::default()).await;
        app.person("ana.souza").await;
        let mut browser = app.browser();
        let form = [
            ("login", "ana.souza"),
            ("password", crate::support::PASSWORD),
        ];
        let answer = browser.post_once("/api/sign-in", &form).await;
        let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().collect();
        let session = cookies
            .iter()
            .find(|c| c.to_str().unwrap().starts_with("jmu-session="))
            .unwrap();
        let session = session.to_str().unwrap();
        assert!(
            session.ends_with("; Path=/; HttpOnly; SameSite=Lax"),
            "{session}"
        );
    }
);

both!(
    r10_https_gives_host_prefix_and_secure,
    |database: Database| async move {
        let app = TestApp::new(
            database,
            Options {
                https: true,
                ..Options::default()
            },
        )
        .await;
        app.person("ana.souza").await;
        let mut browser = app.browser();
        let form = [
            ("login", "ana.souza"),
            ("password", crate::support::PASSWORD),
        ];
        let answer = browser.post_once("/api/sign-in", &form).await;
        let all = answer.headers.get_all("set-cookie").iter();
        let session = all
            .map(|c| c.to_str().unwrap())
            .find(|c| c.contains("-session="))
            .unwrap();
        assert!(session.starts_with("__Host-jmu-session="), "{session}");
        assert!(
            session.ends_with("; Path=/; HttpOnly; SameSite=Lax; Secure"),
            "{session}"
        );
        let sent = |answer: &Answer| answer.headers["strict-transport-security"].clone();
        assert_eq!(sent(&answer), "max-age=31536000; includeSubDomains");
        // signed in by it
        browser.get("/inicio").await.at("/inicio");
    }
);

/// Findings L16: a court with a name below this one that is not https can leave the subdomains out.
#[tokio::test]
async fn l16_subdomains_may_be_left_out_of_hsts() {
    let options = Options {
        https: true,
        hsts_subdomains: false,
        ..Options::default()
    };
    let app = TestApp::new(Database::sqlite(), options).await;
    let answer = app.browser().get_once("/").await;
    assert_eq!(
        answer.headers["strict-transport-security"],
        "max-age=31536000"
    );
}

both!(
    cookies_of_others_of_old_versions_and_cut_in_half_count_as_none,
    |database: Database| async move {
        let app = TestApp::new(database, Options::default()).await;
        app.person("ana.souza").await;
        let mut browser = app.browser();
        browser.sign_in("ana.souza", "enter").await.at("/inicio");
        let whole = browser.cookies["jmu-session"].clone();
        for bad in [
            "",
            "x",
            &whole[..20],
            &format!("{whole}{whole}"),
            "é",
            &"A".repeat(43),
            "v1.abc",
        ] {
            let mut other = app.browser();
            for name in [
                "session",
                "enrolment",
                "receipt",
                "browser",
                "form",
                "language",
            ] {
                other.cookies.insert(format!("jmu-{name}"), bad.to_owned());
            }
            other.get("/inicio").await.at("/");
            other
                .get("/ativada")
                .await
                .shows("Esta página não está mais disponível");
        }
        // a doubled cookie: nobody can tell which is ours
        let request = browser
            .request(Method::GET, "/inicio")
            .header(
                "cookie",
                format!("jmu-session={whole}; jmu-session={whole}x"),
            )
            .body(Body::empty())
            .unwrap();
        assert!(app.browser().send(request).await.status.is_redirection());
        // the sealed form cookie of one form does not speak on another
        let mut mixed = app.browser();
        mixed
            .post("/api/sign-in", &[("login", "a")])
            .await
            .shows("Digite a sua senha.");
        mixed.sign_in("ana.souza", "second-factor").await;
        mixed
            .get("/habilitar/aviso")
            .await
            .hides("Digite a sua senha.");
    }
);

both_ways!(
    r11_no_get_changes_anything,
    |database: Database| async move {
        let app = TestApp::new(database.clone(), Options::default()).await;
        app.person("ana.souza").await;
        let mut browser = app.browser();
        browser
            .reach_mail(&app, "ana.souza", "ana@correio.example")
            .await;
        let token = app.link_to("ana@correio.example").await;
        // long enough for a GET to note when this session was seen
        app.clock.forward(61);
        let before = database.dump().await;
        for path in [
            "/",
            "/entrar/codigo",
            "/habilitar/aviso",
            "/habilitar",
            "/habilitar/email-enviado",
            "/habilitar/corrigir-email",
            &format!("/ativar/{token}"),
            &format!("/nao-fui-eu/{token}"),
            "/ativada",
            "/inicio",
            "/conta",
            "/privacidade",
            "/api/sign-out",
            "/api/enrolment-cancel",
            "/api/enrolment-begin",
            "/api/activation-confirm",
            "/health/ready",
        ] {
            for method in [Method::GET, Method::HEAD] {
                let request = browser
                    .request(method, path)
                    .header("x-http-method-override", "POST")
                    .header("x-method-override", "DELETE")
                    .body(Body::empty())
                    .unwrap();
                browser.step(request).await;
            }
        }
        // the one column that a GET writes, after its answer and at most once a minute: when the
        // session was last seen. Idle sessions end by it; nothing is decided by a GET.
        let (table, column) = ("session", "last_seen_at");
        app.noted_as_seen().await;
        let after = database.dump().await;
        let before = before.without(table, column);
        let changes = before.changes_to(&after.without(table, column));
        assert!(changes.is_empty(), "a GET changed {changes:#?}");
        // that the dump sees what a POST does
        browser.post("/api/enrolment-cancel", &[]).await;
        let after = database.dump().await.without(table, column);
        assert!(!before.changes_to(&after).is_empty());
    }
);

both_ways!(
    r11_a_post_of_another_site_is_refused,
    |database: Database| async move {
        let app = TestApp::new(database, Options::default()).await;
        app.person("ana.souza").await;
        let mut browser = app.browser();
        browser.sign_in("ana.souza", "enter").await.at("/inicio");
        for (name, value) in [
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://evil.example"),
        ] {
            let request = browser
                .request(Method::POST, "/api/sign-out")
                .header("content-type", "application/x-www-form-urlencoded")
                .header(name, value)
                .body(Body::empty())
                .unwrap();
            let answer = browser.step(request).await;
            assert_eq!(answer.status, 403);
            answer.shows("Pedido recusado");
        }
        browser.get("/inicio").await.at("/inicio");
    }
);

both_ways!(
    r12_every_answer_carries_the_policy,
    |database: Database| async move {
        let app = TestApp::new(database, Options::default()).await;
        let mut browser = app.browser();
        for path in [
            "/",
            "/privacidade",
            "/nowhere",
            "/ativar/x",
            "/pkg/none.js",
            "/health/live",
        ] {
            let answer = browser.get_once(path).await;
            let policy = answer.headers["content-security-policy"].to_str().unwrap();
            assert!(
                policy.starts_with("default-src 'none'; script-src 'self'"),
                "{policy}"
            );
            assert!(
                !policy.contains("unsafe-inline") && !policy.contains("http"),
                "{policy}"
            );
            assert!(!policy.contains("ws:"), "{policy}");
            assert_eq!(answer.headers["x-content-type-options"], "nosniff");
            assert_eq!(answer.headers["cross-origin-opener-policy"], "same-origin");
            assert!(answer.headers.contains_key("referrer-policy"));
            // nothing inline, nothing from elsewhere
            assert!(
                !answer.body.contains("<style") && !answer.body.contains(" style="),
                "{path}"
            );
            assert!(
                !answer.body.contains("onclick") && !answer.body.contains("src=\"http"),
                "{path}"
            );
            assert!(!policy.contains("nonce"), "no script stands inside a page");
            for script in answer.body.split("<script").skip(1) {
                let ours = ["/boot.js", "/link.js"];
                let file = ours.map(|file| script.contains(&format!("src=\"{file}\"")));
                assert!(file.contains(&true), "{path}: {script}");
                assert!(
                    script.contains("></script>"),
                    "{path}: a script with a body"
                );
            }
        }
        assert_eq!(browser.get_once("/nowhere").await.status, 404);
    }
);

both!(
    the_desk_of_the_demonstration_does_not_exist_here,
    |database: Database| async move {
        let app = TestApp::new(database, Options::default()).await;
        let mut browser = app.browser();
        for path in ["/clock", "/stm", "/mail/0", "/mails.json", "/state.json"] {
            assert_eq!(browser.get_once(path).await.status, 404, "{path}");
        }
        for path in ["/clock", "/stm"] {
            let answer = browser
                .post_once(path, &[("seconds", "60"), ("state", "off")])
                .await;
            assert!(
                answer.status == 404 || answer.status == 405,
                "{path} {}",
                answer.status
            );
        }
        assert!(
            app.operator().list_people().await.unwrap().is_empty(),
            "r20: no default account"
        );
    }
);
