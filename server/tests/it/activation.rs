//! Behind the mailed link: R11, R14, R15, R18, R22.

use crate::support::{Database, Options, PT, TestApp, both_ways};

const ANA: &str = "ana@correio.example";

async fn mailed(database: Database) -> (TestApp, crate::support::Browser, String) {
    let app = TestApp::new(database, Options::default()).await;
    app.person_with("ana.souza", &["lawyer"], &["ana@advocacia.example"], None)
        .await;
    let mut browser = app.browser();
    browser.reach_mail(&app, "ana.souza", ANA).await;
    let token = app.link_to(ANA).await;
    (app, browser, token)
}

both_ways!(
    r11_opening_the_link_changes_nothing,
    |database: Database| async move {
        let (app, _, token) = mailed(database).await;
        let path = format!("/ativar/{token}");
        for _ in 0..3 {
            let page = app.browser().get(&path).await;
            page.shows("Confirma a ativação da autenticação em 2 fatores?")
                .shows("Ana (ana.souza)")
                .shows("Firefox, Linux");
            assert_eq!(page.headers["referrer-policy"], "strict-origin");
            let mut head = app.browser();
            let request = head
                .request(http::Method::HEAD, &path)
                .body(axum::body::Body::empty());
            head.send(request.unwrap()).await;
        }
        assert_eq!(
            app.operator().list_people().await.unwrap()[0].factor,
            "none"
        );
    }
);

both_ways!(
    r14_a_link_is_used_once_and_leads_to_the_page_by_the_receipt,
    |database: Database| async move {
        let (app, mut first, token) = mailed(database).await;
        let mut phone = app.browser();
        phone.get(&format!("/ativar/{token}")).await;
        let page = phone
            .post("/api/activation-confirm", &[("token", &token)])
            .await;
        page.at("/ativada")
            .shows("A autenticação em 2 fatores foi ativada.")
            .hides(&token);
        // the link signed nobody in
        assert!(!phone.cookies.contains_key("jmu-session"));
        phone.get("/inicio").await.at("/");
        // a browser without the receipt learns nothing
        app.browser()
            .get("/ativada")
            .await
            .shows("Esta página não está mais disponível");
        // the browser that began goes on
        first
            .get("/habilitar/email-enviado")
            .await
            .at("/ativada")
            .shows("Entrar com o código");
        // used is used
        let mut again = app.browser();
        again
            .get(&format!("/ativar/{token}"))
            .await
            .shows("Link já usado");
        again
            .post("/api/activation-confirm", &[("token", &token)])
            .await
            .shows("Link já usado");
        // the receipt ends after a quarter of an hour
        app.clock.forward(15 * 60 + 1);
        phone
            .get("/ativada")
            .await
            .shows("Esta página não está mais disponível");
    }
);

both_ways!(
    r14_twenty_parallel_confirmations_activate_once,
    |database: Database| async move {
        let (app, _, token) = mailed(database).await;
        let posts: Vec<_> = (0..20)
            .map(|_| {
                let (mut browser, token) = (app.browser(), token.clone());
                tokio::spawn(async move {
                    browser
                        .post("/api/activation-confirm", &[("token", &token)])
                        .await
                        .path
                })
            })
            .collect();
        let mut confirmed = 0;
        for post in posts {
            confirmed += usize::from(post.await.unwrap() == "/ativada");
        }
        assert_eq!(confirmed, 1);
        let kinds = app.kinds_to(ANA).await;
        assert_eq!(kinds, ["activation_link", "enrolment_activated"]);
    }
);

both_ways!(
    r14_every_refusal_has_its_own_sentence_and_none_names_a_user,
    |database: Database| async move {
        let (app, mut browser, token) = mailed(database).await;
        let open = async |token: &str| {
            let page = app.browser().get(&format!("/ativar/{token}")).await;
            page.hides("ana.souza");
            page
        };
        for unknown in [
            "x",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            &token[1..],
        ] {
            open(unknown)
                .await
                .shows("Abra o link inteiro do e-mail ou entre para receber outro.");
        }
        // start over in the same browser: a newer QR voids the link
        browser
            .post("/api/enrolment-begin", &[])
            .await
            .at("/habilitar");
        open(&token)
            .await
            .shows("Use o link do e-mail mais recente ou entre para recomeçar.");
        app.clock.forward(3601);
        open(&token)
            .await
            .shows("Use o link do e-mail mais recente ou entre para recomeçar.");
    }
);

both_ways!(r14_a_link_expires, |database: Database| async move {
    let (app, mut browser, token) = mailed(database).await;
    app.clock.forward(3601);
    let mut phone = app.browser();
    phone
        .get(&format!("/ativar/{token}"))
        .await
        .shows("Link vencido");
    phone
        .post("/api/activation-confirm", &[("token", &token)])
        .await
        .shows("Link vencido");
    browser.get("/habilitar/email-enviado").await.at("/");
});

both_ways!(
    r14_links_of_one_purpose_do_not_serve_another,
    |database: Database| async move {
        let (app, _, activation) = mailed(database).await;
        let not_me = app.link_to("ana@advocacia.example").await;
        let unknown = "Abra o link inteiro do e-mail ou entre para receber outro.";
        let mut browser = app.browser();
        browser
            .post("/api/activation-confirm", &[("token", &not_me)])
            .await
            .shows(unknown);
        browser
            .post("/api/not-me", &[("token", &activation)])
            .await
            .shows(unknown);
        let people = app.operator().list_people().await.unwrap();
        assert!(people[0].factor == "none" && !people[0].blocked);
    }
);

both_ways!(
    not_me_on_an_activation_link_cancels_and_no_more,
    |database: Database| async move {
        let (app, mut browser, token) = mailed(database).await;
        app.browser()
            .post("/api/activation-deny", &[("token", &token)])
            .await
            .at("/ativacao-recusada");
        browser
            .get("/habilitar/email-enviado")
            .await
            .at("/habilitar/aviso");
        let people = app.operator().list_people().await.unwrap();
        assert!(people[0].factor == "none" && !people[0].blocked);
        app.browser()
            .get(&format!("/ativar/{token}"))
            .await
            .shows("Habilitação cancelada");
    }
);

both_ways!(
    r15_the_host_of_a_link_comes_from_the_configuration,
    |database: Database| async move {
        let app = TestApp::new(database, Options::default()).await;
        app.person("ana.souza").await;
        let mut browser = app.browser();
        let key = browser.reach_qr("ana.souza").await;
        let code = crate::support::code_at(&key, app.now());
        let request = browser
            .request(http::Method::POST, "/api/enrolment-submit")
            .header("host", "evil.example")
            .header("x-forwarded-host", "evil.example")
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("code={code}&email=ana%40correio.example").into())
            .unwrap();
        browser.send(request).await;
        let mails = app.mails_to(ANA).await;
        let link = mails[0].link.as_deref().unwrap();
        assert!(link.starts_with("http://127.0.0.1:3000/ativar/"), "{link}");
        assert!(!mails[0].text.contains("evil"));
    }
);

both_ways!(
    r18_the_activation_is_told_to_the_person_and_to_every_contact,
    |database: Database| async move {
        let (app, mut browser, token) = mailed(database).await;
        browser
            .post("/api/activation-confirm", &[("token", &token)])
            .await;
        assert_eq!(
            app.kinds_to(ANA).await,
            ["activation_link", "enrolment_activated"]
        );
        let contact = "ana@advocacia.example";
        assert_eq!(
            app.kinds_to(contact).await,
            ["enrolment_started", "enrolment_activated"]
        );
        // and its button blocks
        let not_me = app.link_to(contact).await;
        app.browser()
            .post("/api/not-me", &[("token", &not_me)])
            .await
            .shows(PT.reported_title());
        browser
            .sign_in("ana.souza", "enter")
            .await
            .shows("Conta bloqueada: ligue para");
    }
);

both_ways!(
    r29_not_me_takes_the_activation_back_and_never_a_later_one,
    |database: Database| async move {
        let (app, mut stranger, token) = mailed(database).await;
        stranger
            .post("/api/activation-confirm", &[("token", &token)])
            .await
            .at("/ativada");
        let contact = "ana@advocacia.example";
        let notices: Vec<_> = app
            .mails_to(contact)
            .await
            .into_iter()
            .map(|mail| mail.link.unwrap().rsplit('/').next().unwrap().to_owned())
            .collect();
        let [of_start, of_activation] = &notices[..] else {
            panic!("two notices, not {}", notices.len());
        };
        let mut contact = app.browser();
        contact
            .post("/api/not-me", &[("token", of_activation)])
            .await
            .shows(PT.reported_title());
        // neither receipt nor browser shows an activation that is no more
        stranger.get("/ativada").await.hides("foi ativada");
        // the owner, unblocked by the desk, begins anew: no stranger's code is asked for
        app.give_back("ana.souza").await;
        app.clock.forward(120);
        let mut owner = app.browser();
        owner.enrol(&app, "ana.souza", ANA).await.1.at("/ativada");
        // the other old notice was dealt with by the desk: it takes nothing away and blocks nobody
        contact
            .post("/api/not-me", &[("token", of_start)])
            .await
            .shows(PT.refused_cancelled_title());
        owner
            .sign_in("ana.souza", "enter")
            .await
            .at("/entrar/codigo");
    }
);

both_ways!(
    r29_not_me_and_the_confirmation_at_once_never_leave_a_factor_behind_the_block,
    |database: Database| async move {
        let app = TestApp::new(database, Options::default()).await;
        for n in 0..8 {
            let (sigla, email) = (format!("ana.{n}x"), format!("ana{n}@correio.example"));
            let contact = format!("ana{n}@advocacia.example");
            app.person_with(&sigla, &["lawyer"], &[&contact], None)
                .await;
            app.browser().reach_mail(&app, &sigla, &email).await;
            let link = app.link_to(&email).await;
            let not_me = app.link_to(&contact).await;
            let (mut stranger, mut owner) = (app.browser(), app.browser());
            let confirm = tokio::spawn(async move {
                stranger
                    .post("/api/activation-confirm", &[("token", &link)])
                    .await
            });
            let deny =
                tokio::spawn(async move { owner.post("/api/not-me", &[("token", &not_me)]).await });
            assert_eq!(confirm.await.unwrap().status, 200);
            deny.await.unwrap().shows(PT.reported_title());
        }
        for person in app.operator().list_people().await.unwrap() {
            assert!(person.blocked && person.factor == "none");
        }
    }
);
