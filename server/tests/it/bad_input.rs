//! Over-long, binary, mixed-script, missing, doubled and unknown fields; wrong methods and types.

use crate::support::{Database, Options, PT, TestApp, both_ways};
use axum::body::Body;
use axum::http::Method;

async fn post_raw(app: &TestApp, path: &str, kind: &str, body: Vec<u8>) -> crate::support::Answer {
    let mut browser = app.browser();
    let request = browser
        .request(Method::POST, path)
        .header("content-type", kind)
        .header("sec-fetch-site", "same-origin")
        .header("referer", "http://127.0.0.1:3000/?x=1")
        .body(Body::from(body))
        .unwrap();
    browser.step(request).await
}

const FORM: &str = "application/x-www-form-urlencoded";

both_ways!(
    forms_that_cannot_be_read_get_a_page_and_never_the_framework_s_error,
    |database: Database| async move {
        let app = TestApp::new(database, Options::default()).await;
        let cases: [(&str, Vec<u8>, u16); 5] = [
            (FORM, b"login=a&login=b&password=x".to_vec(), 400),
            ("application/json", br#"{"login":"a"}"#.to_vec(), 415),
            ("multipart/form-data; boundary=x", b"--x--".to_vec(), 415),
            ("", b"login=a".to_vec(), 415),
            (FORM, [b"login=".to_vec(), vec![b'a'; 20_000]].concat(), 413),
        ];
        for (kind, body, status) in cases {
            let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
            let answer = post_raw(&app, "/api/sign-in", kind, body).await;
            let loc = answer.location().to_owned();
            assert!(!loc.contains("__err"), "{shown}: {loc}");
            assert_eq!(answer.status.as_u16(), status, "{shown}");
            answer.shows("Formulário incompleto");
            if app.browser().running.is_none() {
                answer.shows("Equipe de Suporte");
            }
        }
    }
);

both_ways!(
    bytes_that_are_no_text_are_a_wrong_user_or_password,
    |database: Database| async move {
        let app = TestApp::new(database, Options::default()).await;
        app.person("ana.souza").await;
        for body in [
            "login=%FF%FE&password=x",
            "login=ana.souza%FF&password=correct%20horse",
            "login=%FFana.souza&password=correct%20horse",
            "login=ana.souza&password=correct%20horse%FF",
            "login=ana.souza&password=%C0%80correct%20horse",
        ] {
            let mut browser = app.browser();
            let request = browser
                .request(Method::POST, "/api/sign-in")
                .header("content-type", FORM)
                .header("sec-fetch-site", "same-origin")
                .body(Body::from(body))
                .unwrap();
            let answer = browser.step(request).await;
            let page = browser.follow(answer).await;
            page.at("/").shows(PT.problem_credentials());
            assert!(!browser.cookies.contains_key("jmu-session"), "{body}");
        }
    }
);

both_ways!(
    missing_unknown_and_over_long_fields_are_answered_on_the_page,
    |database: Database| async move {
        let app = TestApp::new(database, Options::default()).await;
        app.person("ana.souza").await;
        let mut browser = app.browser();
        browser
            .post("/api/sign-in", &[])
            .await
            .at("/")
            .shows("Digite o seu usuário.")
            .shows("Digite a sua senha.")
            .shows("href=\"#login\"");
        let long = "á".repeat(900);
        for form in [
            [("login", long.as_str()), ("password", "x")],
            [("login", "ana.souza"), ("password", long.as_str())],
        ] {
            browser
                .post("/api/sign-in", &form)
                .await
                .at("/")
                .shows("O texto é longo demais.");
        }
        // unknown fields change nothing
        let form = [
            ("login", "ana.souza"),
            ("password", crate::support::PASSWORD),
            ("stage", "full"),
            ("intent", "second-factor"),
        ];
        browser
            .post("/api/sign-in", &form)
            .await
            .at("/habilitar/aviso");
        for login in [
            "аna.souza",
            "ana.souza\u{0}",
            "ana\r\nSet-Cookie: x=1",
            "<script>",
            "' OR 1=1 --",
        ] {
            let mut browser = app.browser();
            let form = [("login", login), ("password", crate::support::PASSWORD)];
            browser
                .post("/api/sign-in", &form)
                .await
                .at("/")
                .shows("Usuário ou senha não conferem.")
                .hides("<script>a");
        }
    }
);

both_ways!(wrong_methods_do_nothing, |database: Database| async move {
    let app = TestApp::new(database.clone(), Options::default()).await;
    app.person("ana.souza").await;
    let mut browser = app.browser();
    browser
        .reach_mail(&app, "ana.souza", "ana@correio.example")
        .await;
    let token = app.link_to("ana@correio.example").await;
    let before = database.dump().await;
    for (method, path, status) in [
        (Method::PUT, "/", 405),
        (Method::PUT, "/api/sign-out", 405),
        (Method::DELETE, "/api/sign-out", 405),
        (Method::PATCH, "/api/enrolment-cancel", 405),
        (Method::OPTIONS, "/api/enrolment-cancel", 405),
        (Method::PUT, "/api/activation-confirm", 405),
        (Method::PATCH, "/habilitar", 405),
        (Method::POST, "/", 405),
        (Method::POST, "/inicio", 405),
        (Method::POST, &format!("/ativar/{token}"), 405),
        (Method::PUT, "/sync/v2/events", 405),
    ] {
        let request = browser
            .request(method.clone(), path)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", FORM)
            .body(Body::from(format!("token={token}")))
            .unwrap();
        let answer = browser.step(request).await;
        assert_eq!(answer.status, status, "{method} {path}");
    }
    let changes = before.changes_to(&database.dump().await);
    assert!(changes.is_empty(), "{changes:#?}");
    browser
        .get("/habilitar/email-enviado")
        .await
        .at("/habilitar/email-enviado");
});

both_ways!(
    an_unknown_function_is_not_found_in_our_words,
    |database: Database| async move {
        let app = TestApp::new(database, Options::default()).await;
        let answer = post_raw(&app, "/api/nothing", FORM, Vec::new()).await;
        assert!(answer.status.is_client_error(), "{}", answer.status);
        assert!(!answer.body.contains("server function"), "{}", answer.body);
    }
);

both_ways!(
    the_language_button_leads_only_to_our_own_pages,
    |database: Database| async move {
        let app = TestApp::new(database, Options::default()).await;
        let mut browser = app.browser();
        for back in [
            "https://evil.example/",
            "//evil.example",
            "/\\evil.example",
            "/%0d%0aX: y",
        ] {
            browser
                .post("/api/language", &[("lang", "en"), ("back", back)])
                .await
                .at("/");
        }
        browser
            .post("/api/language", &[("lang", "en"), ("back", "/privacidade")])
            .await
            .at("/privacidade")
            .shows("<html lang=\"en\">")
            .shows("Privacy");
        browser
            .post("/api/sign-in", &[("login", "x"), ("password", "y")])
            .await
            .shows("There is a problem");
        browser
            .post("/api/language", &[("lang", "pt"), ("back", "/")])
            .await
            .shows("lang=\"pt-BR\"");
    }
);
