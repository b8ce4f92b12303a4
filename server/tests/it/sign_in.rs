//! Password, then code: R1, R3, R4, R7, R8, R9, R13, R27.

use crate::support::{Database, Options, PASSWORD, TestApp, both, code_at};

async fn enrolled(database: Database) -> (TestApp, String) {
    let app = TestApp::new(database, Options::default()).await;
    app.person("ana.souza").await;
    let (key, _) = app
        .browser()
        .enrol(&app, "ana.souza", "ana@correio.example")
        .await;
    app.next_step();
    (app, key)
}

both!(the_journey_of_the_manual, |database: Database| async move {
    let app = TestApp::new(database, Options::default()).await;
    app.person("ana.souza").await;
    let mut browser = app.browser();
    browser
        .get("/")
        .await
        .shows("Usuário")
        .shows("Autenticação em dois fatores");
    let (key, page) = browser
        .enrol(&app, "ana.souza", "ana@correio.example")
        .await;
    page.at("/ativada")
        .shows("A autenticação em 2 fatores foi ativada.");
    app.next_step();
    let home = browser.sign_in_with_code(&app, "ANA.SOUZA", &key).await;
    home.at("/inicio")
        .shows("Ana Souza")
        .shows("e-Proc/JMU")
        .shows("Ativa desde");
    browser.post("/api/sign-out", &[]).await.at("/");
    browser.get("/inicio").await.at("/");
});

both!(
    r1_fifty_parallel_posts_of_one_code_make_one_session,
    |database: Database| async move {
        let (app, key) = enrolled(database).await;
        let code = code_at(&key, app.now());
        let mut browsers = Vec::new();
        for _ in 0..50 {
            let mut browser = app.browser();
            browser
                .sign_in("ana.souza", "enter")
                .await
                .at("/entrar/codigo");
            browsers.push(browser);
        }
        let posts = browsers.into_iter().map(|mut browser| {
            let code = code.clone();
            tokio::spawn(async move { browser.post("/api/verify-code", &[("code", &code)]).await })
        });
        let mut inside = 0;
        for post in posts.collect::<Vec<_>>() {
            let page = post.await.unwrap();
            match page.path.as_str() {
                "/inicio" => inside += 1,
                _ => assert!(page.path == "/entrar/codigo", "{}", page.path),
            }
        }
        assert_eq!(inside, 1);
    }
);

both!(
    r1_two_processes_on_one_database_accept_a_code_once,
    |database: Database| async move {
        let (app, key) = enrolled(database).await;
        let other = app.replica().await;
        let code = code_at(&key, app.now());
        let mut posts = Vec::new();
        for n in 0..20 {
            let mut browser = app.browser();
            browser.sign_in("ana.souza", "enter").await;
            let mut browser = if n % 2 == 0 {
                browser
            } else {
                browser.through(&other)
            };
            let code = code.clone();
            posts.push(tokio::spawn(async move {
                browser
                    .post("/api/verify-code", &[("code", &code)])
                    .await
                    .path
            }));
        }
        let mut inside = 0;
        for post in posts {
            inside += usize::from(post.await.unwrap() == "/inicio");
        }
        assert_eq!(inside, 1);
    }
);

both!(
    r1_a_code_is_not_accepted_after_a_later_one_nor_after_it_served_at_enrolment,
    |database: Database| async move {
        let app = TestApp::new(database, Options::default()).await;
        app.person("ana.souza").await;
        let mut browser = app.browser();
        let (key, _) = browser
            .enrol(&app, "ana.souza", "ana@correio.example")
            .await;
        // the code of the enrolment, still in its step
        browser
            .sign_in_with_code(&app, "ana.souza", &key)
            .await
            .shows("Este código já foi usado");
        app.next_step();
        browser
            .sign_in_with_code(&app, "ana.souza", &key)
            .await
            .at("/inicio");
        // the previous step's code, after the later one
        let mut other = app.browser();
        other.sign_in("ana.souza", "enter").await;
        let before = code_at(&key, app.now() - 30);
        other
            .post("/api/verify-code", &[("code", &before)])
            .await
            .at("/entrar/codigo")
            .shows("Este código já foi usado. Aguarde o próximo");
    }
);

both!(
    r2_a_clock_jumping_back_reopens_nothing,
    |database: Database| async move {
        let (app, key) = enrolled(database).await;
        app.browser()
            .sign_in_with_code(&app, "ana.souza", &key)
            .await
            .at("/inicio");
        app.clock.forward(-30);
        let mut browser = app.browser();
        browser
            .sign_in_with_code(&app, "ana.souza", &key)
            .await
            .shows("Este código já foi usado");
    }
);

both!(
    r3_what_is_not_six_digits_is_refused_before_it_is_judged,
    |database: Database| async move {
        let (app, key) = enrolled(database).await;
        let mut browser = app.browser();
        browser.sign_in("ana.souza", "enter").await;
        for _ in 0..6 {
            for bad in ["12345", "abcdef", "1234567", "１２３４５６"] {
                browser
                    .post("/api/verify-code", &[("code", bad)])
                    .await
                    .shows("O código tem 6 dígitos.");
            }
        }
        // none of it counted
        let spaced = code_at(&key, app.now());
        let spaced = format!(" {} {} ", &spaced[..3], &spaced[3..]);
        browser
            .post("/api/verify-code", &[("code", &spaced)])
            .await
            .at("/inicio");
    }
);

both!(
    r4_locked_means_locked_for_a_right_code_too,
    |database: Database| async move {
        let (app, key) = enrolled(database).await;
        let mut browser = app.browser();
        browser.sign_in("ana.souza", "enter").await;
        for _ in 0..2 {
            browser
                .post("/api/verify-code", &[("code", "000000")])
                .await
                .shows("O código não confere.");
        }
        browser
            .post("/api/verify-code", &[("code", "000000")])
            .await
            .shows("Muitas tentativas");
        let wrong = browser
            .post("/api/verify-code", &[("code", "111111")])
            .await;
        let right = browser
            .post("/api/verify-code", &[("code", &code_at(&key, app.now()))])
            .await;
        assert_eq!(wrong.page(), right.page());
        right
            .at("/entrar/codigo")
            .shows("Tente de novo às 12:01 (em 30 segundos)");
        // a new session, an unknown browser, another spelling: no fresh allowance; and the right
        // password has cleared nothing
        let mut other = app.browser();
        other
            .sign_in("Ana.Souza", "enter")
            .await
            .shows("Muitas tentativas");
        // the owner is told once
        let mails = app.kinds_to("ana@correio.example").await;
        assert_eq!(
            mails.iter().filter(|kind| **kind == "wrong_codes").count(),
            1
        );
        app.clock.forward(31);
        browser
            .post("/api/verify-code", &[("code", &code_at(&key, app.now()))])
            .await
            .at("/inicio");
    }
);

both!(
    r4_a_forwarded_for_header_gives_no_fresh_allowance,
    |database: Database| async move {
        let (app, _) = enrolled(database).await;
        let mut browser = app.browser();
        browser.sign_in("ana.souza", "enter").await;
        for n in 0..5 {
            let request = browser
                .request(http::Method::POST, "/api/verify-code")
                .header("content-type", "application/x-www-form-urlencoded")
                .header("sec-fetch-site", "same-origin")
                .header("x-forwarded-for", format!("203.0.113.{n}"))
                .header("forwarded", format!("for=203.0.113.{n}"))
                .body("code=000000".into())
                .unwrap();
            browser.send(request).await;
        }
        browser
            .get("/entrar/codigo")
            .await
            .shows("Muitas tentativas");
    }
);

both!(
    r4_a_stranger_cannot_lock_out_a_browser_that_signed_in_before,
    |database: Database| async move {
        let (app, key) = enrolled(database).await;
        let mut owner = app.browser();
        owner
            .sign_in_with_code(&app, "ana.souza", &key)
            .await
            .at("/inicio");
        owner.post("/api/sign-out", &[]).await;
        let mut stranger = app.browser();
        stranger.sign_in("ana.souza", "enter").await;
        for _ in 0..90 {
            stranger
                .post_once("/api/verify-code", &[("code", "000000")])
                .await;
            app.clock.forward(3601);
            stranger = app.browser();
            stranger.sign_in("ana.souza", "enter").await;
        }
        // 80 were judged, then no more, and no wait helps
        stranger
            .get("/entrar/codigo")
            .await
            .shows("Fale com o suporte para liberar o acesso");
        owner
            .sign_in_with_code(&app, "ana.souza", &key)
            .await
            .at("/inicio");
    }
);

both!(
    r4_a_clock_that_is_off_is_told_only_after_two_codes_that_agree,
    |database: Database| async move {
        let (app, key) = enrolled(database).await;
        let mut browser = app.browser();
        browser.sign_in("ana.souza", "enter").await;
        let ahead = code_at(&key, app.now() + 120);
        browser
            .post("/api/verify-code", &[("code", &ahead)])
            .await
            .shows("O código não confere.");
        app.next_step();
        let ahead_again = code_at(&key, app.now() + 120);
        browser
            .post("/api/verify-code", &[("code", &ahead_again)])
            .await
            .shows("cerca de 2 minutos adiantado");
        // both steps are burnt: the codes given away never sign in
        app.clock.forward(90);
        browser
            .post("/api/verify-code", &[("code", &ahead)])
            .await
            .shows("Este código já foi usado");
    }
);

both!(
    r7_with_the_factor_active_the_password_alone_opens_nothing_but_the_code_page,
    |database: Database| async move {
        let (app, _) = enrolled(database).await;
        let mut thief = app.browser();
        thief
            .sign_in("ana.souza", "second-factor")
            .await
            .at("/entrar/codigo");
        for page in [
            "/inicio",
            "/conta",
            "/habilitar",
            "/habilitar/aviso",
            "/habilitar/email-enviado",
            "/habilitar/corrigir-email",
        ] {
            let answer = thief.get(page).await;
            assert!(
                answer.path == "/entrar/codigo" || answer.path == "/habilitar/aviso",
                "{page} led to {}",
                answer.path
            );
            answer.at("/entrar/codigo").hides("secret=");
        }
        for function in [
            "enrolment-begin",
            "enrolment-submit",
            "enrolment-extend",
            "enrolment-resend",
            "enrolment-address",
            "enrolment-cancel",
        ] {
            let form = [("code", "123456"), ("email", "ladrao@correio.example")];
            let answer = thief.post(&format!("/api/{function}"), &form).await;
            answer.at("/entrar/codigo").hides("secret=");
        }
        let person = app.services.list_people().await.unwrap();
        assert!(person[0].factor_active);
    }
);

both!(
    r8_steps_cannot_be_skipped,
    |database: Database| async move {
        let app = TestApp::new(database, Options::default()).await;
        app.person("ana.souza").await;
        let mut browser = app.browser();
        // without the password nothing of it is there
        for page in [
            "/habilitar",
            "/habilitar/aviso",
            "/habilitar/email-enviado",
            "/entrar/codigo",
            "/inicio",
            "/conta",
        ] {
            browser.get(page).await.at("/").hides("secret=");
        }
        browser
            .get("/ativada")
            .await
            .shows("Esta página não está mais disponível");
        browser
            .post("/api/verify-code", &[("code", "123456")])
            .await
            .at("/");
        browser
            .post("/api/enrolment-submit", &[("code", "1")])
            .await
            .at("/");
        // with it, the mail page does not come before the code
        browser.sign_in("ana.souza", "second-factor").await;
        browser
            .get("/habilitar/email-enviado")
            .await
            .at("/habilitar/aviso");
        browser.get("/habilitar").await.at("/habilitar/aviso");
        browser.get("/inicio").await.at("/habilitar/aviso");
    }
);

both!(
    r9_a_new_id_at_each_elevation_and_the_old_one_is_dead,
    |database: Database| async move {
        let (app, key) = enrolled(database).await;
        let mut browser = app.browser();
        browser.sign_in("ana.souza", "enter").await;
        let before = browser.cookies["jmu-session"].clone();
        browser
            .post("/api/verify-code", &[("code", &code_at(&key, app.now()))])
            .await
            .at("/inicio");
        let after = browser.cookies["jmu-session"].clone();
        assert_ne!(before, after);
        let mut old = app.browser();
        old.cookies.insert("jmu-session".to_owned(), before);
        old.get("/entrar/codigo").await.at("/");
        // sign-out kills it on the server
        browser.post("/api/sign-out", &[]).await;
        let mut replayed = app.browser();
        replayed.cookies.insert("jmu-session".to_owned(), after);
        replayed.get("/inicio").await.at("/");
    }
);

both!(
    r9_sessions_end_idle_and_absolutely,
    |database: Database| async move {
        let (app, key) = enrolled(database).await;
        let mut browser = app.browser();
        browser
            .sign_in_with_code(&app, "ana.souza", &key)
            .await
            .at("/inicio");
        app.clock.forward(30 * 60 + 1);
        browser.get("/inicio").await.at("/");
        // the password-only session lasts ten minutes
        let mut slow = app.browser();
        slow.sign_in("ana.souza", "enter").await;
        app.clock.forward(601);
        slow.post("/api/verify-code", &[("code", &code_at(&key, app.now()))])
            .await
            .at("/")
            .shows("O tempo para concluir terminou");
    }
);

both!(
    r13_unknown_user_and_wrong_password_get_the_same_answer,
    |database: Database| async move {
        let app = TestApp::new(database, Options::default()).await;
        app.person("ana.souza").await;
        let ask = async |login: &str, password: &str| {
            let mut browser = app.browser();
            let form = [
                ("login", login),
                ("password", password),
                ("intent", "enter"),
            ];
            let page = browser.post("/api/sign-in", &form).await;
            page.at("/")
                .shows("Usuário ou senha não conferem.")
                .page()
                .replace(login, "?")
        };
        assert_eq!(
            ask("ana.souza", "wrong").await,
            ask("ninguem", "wrong").await
        );
        app.services.block("ana.souza").await.unwrap();
        assert_eq!(
            ask("ana.souza", "wrong").await,
            ask("ninguem", "wrong").await
        );
        // that an account is blocked is told only behind the right password
        let mut owner = app.browser();
        owner
            .sign_in("ana.souza", "enter")
            .await
            .shows("Esta conta está bloqueada.");
    }
);

both!(
    r13_waits_are_the_same_for_nobody_and_for_any_spelling,
    |database: Database| async move {
        let app = TestApp::new(database, Options::default()).await;
        app.person_with("ana.souza", &["lawyer"], &[], Some("52998224725"))
            .await;
        for (spellings, known) in [
            (
                ["ana.souza", "ANA.SOUZA", "52998224725", "529.982.247-25"],
                true,
            ),
            (["ninguem", "NINGUEM", "ninguem", "Ninguem"], false),
        ] {
            let mut browser = app.browser();
            for n in 0..8 {
                let form = [
                    ("login", spellings[n % 4]),
                    ("password", "wrong"),
                    ("intent", "enter"),
                ];
                browser.post("/api/sign-in", &form).await;
            }
            let form = [
                ("login", spellings[0]),
                ("password", PASSWORD),
                ("intent", "enter"),
            ];
            browser
                .post("/api/sign-in", &form)
                .await
                .at("/")
                .shows("Houve muitas tentativas sem sucesso.");
            assert!(known || spellings[0] == "ninguem");
        }
    }
);

both!(
    somebody_already_active_who_presses_two_factor_lands_on_the_account_page,
    |database: Database| async move {
        let (app, key) = enrolled(database).await;
        let mut browser = app.browser();
        browser
            .sign_in("ana.souza", "second-factor")
            .await
            .at("/entrar/codigo");
        let code = code_at(&key, app.now());
        browser
            .post("/api/verify-code", &[("code", &code)])
            .await
            .at("/conta")
            .shows("Segurança da conta");
    }
);

both!(
    r19_an_older_hash_is_upgraded_at_sign_in,
    |database: Database| async move {
        let app = TestApp::new(database.clone(), Options::default()).await;
        let id = app.person("ana.souza").await;
        // bcrypt of the same password, made elsewhere
        let mut conn = database.connect().await;
        let old = bcrypt::hash(PASSWORD, 4).unwrap();
        sqlx::query("UPDATE person SET password_hash = $1 WHERE id = $2")
            .bind(old)
            .bind(id.get())
            .execute(&mut conn)
            .await
            .unwrap();
        app.browser()
            .sign_in("ana.souza", "enter")
            .await
            .at("/inicio");
        let (hash,): (String,) = sqlx::query_as("SELECT password_hash FROM person WHERE id = $1")
            .bind(id.get())
            .fetch_one(&mut conn)
            .await
            .unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
    }
);
