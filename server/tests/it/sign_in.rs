//! Password, then code: R1, R2, R3, R7, R8, R19, R27.

use crate::support::{Database, Options, PASSWORD, TestApp, both_ways, code_at, enrolled};

both_ways!(the_journey_of_the_manual, |database: Database| async move {
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

both_ways!(
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

both_ways!(
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

both_ways!(
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

both_ways!(
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

both_ways!(
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

both_ways!(
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
        let person = app.operator().list_people().await.unwrap();
        assert!(person[0].factor == "active");
    }
);

both_ways!(
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

both_ways!(
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

both_ways!(
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
