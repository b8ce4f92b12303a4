//! What a stolen database or log shows: R5, R17, R22, R30.

use crate::support::{Database, Options, TestApp, both};

both!(
    r30_a_stolen_database_shows_no_secret_link_mail_cpf_or_sigla,
    |database: Database| async move {
        let app = TestApp::new(
            database.clone(),
            Options {
                peers: vec!["STM"],
                ..Options::default()
            },
        )
        .await;
        let contact = "contato.ana@advocacia.example";
        app.person_with("76912345620", &["lawyer"], &[contact], Some("76912345620"))
            .await;
        let mut browser = app.browser();
        let key = browser.reach_qr("76912345620").await;
        let seed = data_encoding::BASE32_NOPAD.decode(key.as_bytes()).unwrap();
        let code = crate::support::code_at(&key, app.now());
        let form = [("code", code.as_str()), ("email", "ana@correio.example")];
        browser.post("/api/enrolment-submit", &form).await;
        // while the mail still waits in the outbox, and after everything
        let pending = database.dump().await;
        let token = app.link_to("ana@correio.example").await;
        browser
            .post("/api/activation-confirm", &[("token", &token)])
            .await
            .at("/ativada");
        let active = database.dump().await;
        let session = browser.cookies["jmu-session"].clone();
        for dump in [&pending, &active] {
            for needle in [
                "76912345620",
                "ana@correio.example",
                contact,
                &key,
                &token,
                &session,
                &code,
            ] {
                assert!(!dump.holds(needle), "the database shows {needle}");
            }
            let hex = data_encoding::HEXLOWER.encode(&seed);
            assert!(!dump.holds(&seed), "the database shows the seed");
            assert!(!dump.holds(hex), "the database shows the seed in hex");
        }
    }
);

both!(
    r5_a_ciphertext_moved_to_another_row_fails_closed,
    |database: Database| async move {
        let app = TestApp::new(database.clone(), Options::default()).await;
        let (ana, bruno) = (
            app.person("ana.souza").await,
            app.person("bruno.lima").await,
        );
        app.browser()
            .enrol(&app, "ana.souza", "ana@correio.example")
            .await;
        let (key, _) = app
            .browser()
            .enrol(&app, "bruno.lima", "bruno@correio.example")
            .await;
        app.next_step();
        let mut conn = database.connect().await;
        sqlx::query(
            "UPDATE totp SET secret_sealed = (SELECT t.secret_sealed FROM totp t \
             JOIN factor f ON f.id = t.factor_id WHERE f.person_id = $1) \
             WHERE factor_id = (SELECT id FROM factor WHERE person_id = $2)",
        )
        .bind(bruno.get())
        .bind(ana.get())
        .execute(&mut conn)
        .await
        .unwrap();
        // Bruno's seed under Ana's name: his code does not open her account
        let mut thief = app.browser();
        thief
            .sign_in("ana.souza", "enter")
            .await
            .at("/entrar/codigo");
        let code = crate::support::code_at(&key, app.now());
        let answer = thief.post("/api/verify-code", &[("code", &code)]).await;
        assert_eq!(answer.status, 503);
        answer.shows("A falha foi nossa.").shows("referência");
        // nor does the database answer more than that
        answer.hides("sealed").hides("damaged");
    }
);

both!(
    rows_that_need_no_secret_hold_none_after_activation,
    |database: Database| async move {
        let app = TestApp::new(database.clone(), Options::default()).await;
        app.person("ana.souza").await;
        app.browser()
            .enrol(&app, "ana.souza", "ana@correio.example")
            .await;
        let mut conn = database.connect().await;
        let (left,): (i64,) = sqlx::query_as(
        "SELECT COUNT(*) FROM enrolment WHERE secret_sealed IS NOT NULL OR email_sealed IS NOT NULL",
    )
    .fetch_one(&mut conn)
    .await
    .unwrap();
        assert_eq!(left, 0);
    }
);
