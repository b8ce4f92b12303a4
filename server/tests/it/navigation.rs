//! Moving within one document (`app::navigation`): one request a step, typed, and no way round
//! anything. That both ways of moving end alike is the business of `both_ways!` in all files.

use crate::support::{Answer, Browser, Database, PASSWORD, TestApp, both, enrolled, with_ana};
use app::model::Language;
use app::navigation::{HEADER, NavigationReply, PageContent, RunningDocument, ShownPage};
use app::view::{ClientPage, Problem};
use axum::body::Body;
use axum::http::{Method, StatusCode};

const FORM: &str = "application/x-www-form-urlencoded";

fn document(app: &TestApp) -> String {
    let running = RunningDocument {
        language: Language::Pt,
        release: app.release.clone(),
    };
    running.to_header()
}

/// A post of a running document. The header decides, whatever `Accept` says.
async fn post(browser: &mut Browser, header: &str, path: &str, body: &str) -> Answer {
    let request = browser
        .request(Method::POST, path)
        .header("content-type", FORM)
        .header("sec-fetch-site", "same-origin")
        .header(HEADER, header)
        .body(Body::from(body.to_owned()))
        .unwrap();
    browser.send(request).await
}

/// The same by a browser that takes compressed answers, which are read only where they are not.
async fn post_compressible(browser: &mut Browser, header: &str, path: &str, body: &str) -> Answer {
    let request = browser
        .request(Method::POST, path)
        .header("content-type", FORM)
        .header("sec-fetch-site", "same-origin")
        .header("accept-encoding", "br, gzip")
        .header(HEADER, header)
        .body(Body::from(body.to_owned()))
        .unwrap();
    browser.send(request).await
}

async fn get(browser: &mut Browser, header: &str, path: &str) -> Answer {
    let request = browser
        .request(Method::GET, path)
        .header(HEADER, header)
        .body(Body::empty())
        .unwrap();
    browser.send(request).await
}

#[track_caller]
fn shown(answer: &Answer) -> ShownPage {
    match answer.reply() {
        NavigationReply::Show(page) => *page,
        NavigationReply::LoadDocument { address } => panic!("loads {address}"),
        NavigationReply::LeaveOrigin { url } => panic!("leaves for {url}"),
    }
}

#[track_caller]
fn loads(answer: &Answer) -> String {
    match answer.reply() {
        NavigationReply::LoadDocument { address } => address,
        _ => panic!("is no document of its own"),
    }
}

fn html(page: &ShownPage) -> &str {
    match &page.content {
        PageContent::Html { main, .. } => main,
        PageContent::Data(_) => panic!("comes as data"),
    }
}

fn credentials(intent: &str) -> String {
    format!("login=ana.souza&password={PASSWORD}&intent={intent}").replace(' ', "+")
}

both!(
    a_step_is_one_request_and_its_page_knows_the_new_cookies,
    |database: Database| async move {
        let app = with_ana(database).await;
        let (mut browser, header) = (app.browser(), document(&app));
        // refused: the page with what was wrong, in the same answer
        let answer = post(&mut browser, &header, "/api/sign-in", "login=ana.souza").await;
        let page = shown(&answer);
        assert_eq!(page.address.as_deref(), Some("/"));
        assert!(html(&page).contains("Digite a sua senha."));
        assert!(!answer.headers.contains_key("location"));
        // accepted: the session of the answer opens the page in it
        let answer = post(&mut browser, &header, "/api/sign-in", &credentials("enter")).await;
        let page = shown(&answer);
        assert_eq!(page.address.as_deref(), Some("/inicio"));
        assert!(html(&page).contains("Bem-vindo(a), Ana Souza"));
        assert!(browser.cookies.contains_key("jmu-session"));
        // the next page of a redirect, still in one request
        let page = shown(&get(&mut browser, &header, "/").await);
        assert_eq!(page.address.as_deref(), Some("/inicio"));
        // ended: never both, the old session and its end
        let answer = post(&mut browser, &header, "/api/sign-out", "").await;
        let page = shown(&answer);
        assert_eq!(page.address.as_deref(), Some("/"));
        assert!(html(&page).contains("action=\"/api/sign-in\""));
        let page = shown(&get(&mut browser, &header, "/inicio").await);
        assert_eq!(page.address.as_deref(), Some("/"), "the session is over");
    }
);

both!(
    a_page_of_another_person_never_comes_along,
    |database: Database| async move {
        let app = with_ana(database).await;
        app.person("bruno.lima").await;
        let (mut browser, header) = (app.browser(), document(&app));
        post(&mut browser, &header, "/api/sign-in", &credentials("enter")).await;
        let bruno = credentials("enter").replace("ana.souza", "bruno.lima");
        let page = shown(&post(&mut browser, &header, "/api/sign-in", &bruno).await);
        assert!(html(&page).contains("bruno.lima") && !html(&page).contains("ana.souza"));
        // signed in with a wrong password after that: the page of the new answer, not the old home
        let wrong = "login=ana.souza&password=x";
        let page = shown(&post(&mut browser, &header, "/api/sign-in", wrong).await);
        assert!(html(&page).contains("Usuário ou senha não conferem."));
    }
);

both!(
    r6_the_secret_comes_as_data_uncompressed_and_never_as_a_picture,
    |database: Database| async move {
        let app = with_ana(database).await;
        let (mut browser, header) = (app.browser(), document(&app));
        let intent = credentials("second-factor");
        let notice = post_compressible(&mut browser, &header, "/api/sign-in", &intent).await;
        assert!(
            notice.headers.contains_key("content-encoding"),
            "others are"
        );
        let begun = post_compressible(&mut browser, &header, "/api/enrolment-begin", "").await;
        let body = "code=1&email=ana%40mail.example";
        let submit = "/api/enrolment-submit";
        let refused = post_compressible(&mut browser, &header, submit, body).await;
        let asked = get(&mut browser, &header, "/habilitar").await;
        for answer in [&begun, &refused, &asked] {
            assert!(!answer.headers.contains_key("content-encoding"));
            assert_eq!(answer.headers["cache-control"], "no-store, no-transform");
            let page = shown(answer);
            assert_eq!(page.address.as_deref(), Some("/habilitar"));
            let PageContent::Data(ClientPage::Enrol(view)) = page.content else {
                panic!("the browser draws this page");
            };
            assert!(view.uri.starts_with("otpauth://totp/") && view.setup_key.len() == 32);
            let wire = String::from_utf8_lossy(&answer.bytes);
            assert!(!wire.contains("<svg") && !wire.contains(".5h"), "a QR path");
        }
        let PageContent::Data(ClientPage::Enrol(view)) = shown(&refused).content else {
            panic!("the browser draws this page");
        };
        assert_eq!(
            view.form.problem("code"),
            Some(&Problem::Code(app::model::CodeRefusal::Malformed))
        );
        assert_eq!(view.form.value("email"), "ana@mail.example");
        // another browser with the same header gets no secret
        let page = shown(&get(&mut app.browser(), &header, "/habilitar").await);
        assert_eq!(page.address.as_deref(), Some("/"));
    }
);

both!(
    the_header_alone_gives_nobody_anything,
    |database: Database| async move {
        let (app, _) = enrolled(database.clone()).await;
        let header = document(&app);
        for path in [
            "/inicio",
            "/conta",
            "/habilitar",
            "/habilitar/aviso",
            "/habilitar/email-enviado",
            "/habilitar/corrigir-email",
            "/entrar/codigo",
        ] {
            let page = shown(&get(&mut app.browser(), &header, path).await);
            assert_eq!(page.address.as_deref(), Some("/"), "{path}");
        }
        // with the password alone: the code page, whatever is asked for
        let mut browser = app.browser();
        post(&mut browser, &header, "/api/sign-in", &credentials("enter")).await;
        for path in ["/", "/inicio", "/conta", "/habilitar", "/habilitar/aviso"] {
            let page = shown(&get(&mut browser, &header, path).await);
            let at = page.address.as_deref();
            assert!(at == Some("/entrar/codigo") || at == Some("/"), "{path}");
            assert!(!html(&page).contains("Ana Souza"), "{path}");
        }
        // a form of another site stays refused, with the header and without
        for site in ["cross-site", "same-site", "none"] {
            let request = browser
                .request(Method::POST, "/api/sign-out")
                .header("content-type", FORM)
                .header("sec-fetch-site", site)
                .header(HEADER, &header)
                .body(Body::empty())
                .unwrap();
            let answer = browser.send(request).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN);
            let page = shown(&answer);
            assert!(html(&page).contains("Pedido recusado"));
            assert_eq!(page.address, None, "a fault has no address of its own");
        }
        // the server functions that only read hold nothing but their answer
        let answer = get(&mut browser, &header, "/api/enrolment-progress").await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    }
);

both!(
    r14_a_mailed_link_is_always_a_document_and_untouched_by_the_header,
    |database: Database| async move {
        let app = with_ana(database.clone()).await;
        let mut browser = app.browser();
        browser
            .reach_mail(&app, "ana.souza", "ana@correio.example")
            .await;
        let token = app.link_to("ana@correio.example").await;
        let before = database.dump().await;
        let header = document(&app);
        for page in ["ativar", "nao-fui-eu", "liberar-navegador"] {
            let path = format!("/{page}/{token}");
            assert_eq!(loads(&get(&mut browser, &header, &path).await), path);
        }
        let changes = before.changes_to(&database.dump().await);
        assert!(changes.is_empty(), "asking changed something: {changes:#?}");
        let page = browser.get_once(&format!("/ativar/{token}")).await;
        page.shows("src=\"/link.js\"")
            .hides("boot.js")
            .hides("wasm");
        // its form is posted as a document; with the header it would do the same once
        let body = format!("token={token}");
        let answer = post(&mut browser, &header, "/api/activation-confirm", &body).await;
        assert_eq!(shown(&answer).address.as_deref(), Some("/ativada"));
        let answer = post(&mut browser, &header, "/api/activation-confirm", &body).await;
        assert_eq!(loads(&answer), format!("/ativar/{token}"), "used: says why");
    }
);

both!(
    a_document_of_another_release_gets_its_next_page_as_a_document,
    |database: Database| async move {
        let app = with_ana(database).await;
        let mut browser = app.browser();
        let old = "pt /pkg/older.js /pkg/older.wasm /pkg/older.css";
        let refused = post(&mut browser, old, "/api/sign-in", "login=ana.souza").await;
        assert_eq!(loads(&refused), "/");
        // nothing was lost: the document shows what was wrong
        browser
            .get("/")
            .await
            .shows("Digite a sua senha.")
            .shows("value=\"ana.souza\"");
        let entered = post(&mut browser, old, "/api/sign-in", &credentials("enter")).await;
        assert_eq!(loads(&entered), "/inicio");
        browser.get("/inicio").await.at("/inicio");
        assert_eq!(loads(&get(&mut browser, old, "/conta").await), "/conta");
    }
);

both!(
    a_header_that_is_not_ours_changes_nothing,
    |database: Database| async move {
        let app = with_ana(database).await;
        let mut browser = app.browser();
        for bad in ["", "1", "xx /pkg/a.js", "pt", "\u{ff}"] {
            let page = get(&mut browser, bad, "/").await;
            page.shows("<!DOCTYPE html>")
                .shows("action=\"/api/sign-in\"");
        }
    }
);

both!(
    faults_are_replies_with_their_status,
    |database: Database| async move {
        let app = with_ana(database).await;
        let (mut browser, header) = (app.browser(), document(&app));
        let long = format!("login={}", "a".repeat(20_000));
        for (kind, body, status) in [
            (FORM, long.as_str(), StatusCode::PAYLOAD_TOO_LARGE),
            (FORM, "login=a&login=b", StatusCode::BAD_REQUEST),
            (
                "multipart/form-data; boundary=x",
                "--x--",
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ),
        ] {
            let request = browser
                .request(Method::POST, "/api/sign-in")
                .header("content-type", kind)
                .header("sec-fetch-site", "same-origin")
                .header(HEADER, &header)
                .body(Body::from(body.to_owned()))
                .unwrap();
            let answer = browser.send(request).await;
            assert_eq!(answer.status, status, "{kind}");
            let page = shown(&answer);
            assert_eq!(page.address, None);
            assert!(html(&page).contains("Formulário incompleto"));
        }
        let answer = get(&mut browser, &header, "/nao-existe").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert!(html(&shown(&answer)).contains("Página não encontrada"));
    }
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r23_a_fault_of_ours_is_a_reply_with_its_reference() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let app = with_ana(database.clone()).await;
    let (mut browser, header) = (app.browser(), document(&app));
    post(
        &mut browser,
        &header,
        "/api/sign-in",
        &credentials("second-factor"),
    )
    .await;
    database.shut_out().await;
    let begun = post(&mut browser, &header, "/api/enrolment-begin", "").await;
    let asked = get(&mut browser, &header, "/habilitar/aviso").await;
    for answer in [&begun, &asked] {
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        let page = shown(answer);
        let reference = html(&page).split("a referência ").nth(1).expect("one");
        assert!(reference.len() > 8, "{reference}");
    }
    assert_eq!(shown(&begun).address, None);
    assert_eq!(shown(&asked).address.as_deref(), Some("/habilitar/aviso"));
    database.let_in().await;
    let page = shown(&post(&mut browser, &header, "/api/enrolment-begin", "").await);
    assert_eq!(page.address.as_deref(), Some("/habilitar"));
}
