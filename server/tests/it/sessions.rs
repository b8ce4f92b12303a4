//! Sessions: their ids, their ends, and what an activation does to them (R9).

use crate::support::{Database, Options, TestApp, both_ways, code_at, enrolled};
use futures_util::future::{join, join_all};

const ANA: &str = "ana@correio.example";

both_ways!(
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

both_ways!(
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

both_ways!(
    r9_a_session_in_use_ends_after_twelve_hours,
    |database: Database| async move {
        let (app, key) = enrolled(database).await;
        let mut browser = app.browser();
        browser
            .sign_in_with_code(&app, "ana.souza", &key)
            .await
            .at("/inicio");
        let begun = app.now();
        let end = begun + 12 * 3600;
        while app.now() + 29 * 60 < end {
            app.clock.forward(29 * 60);
            browser.get("/inicio").await.at("/inicio");
            app.noted_as_seen().await;
        }
        app.clock.forward(end - 1 - app.now());
        browser.get("/conta").await.at("/conta");
        app.noted_as_seen().await;
        app.clock.forward(1);
        browser.get("/conta").await.at("/");
        browser.get("/inicio").await.at("/");
    }
);

both_ways!(
    r9_an_activation_takes_password_only_sessions_to_the_code_page,
    |database: Database| async move {
        let app = TestApp::new(database, Options::default()).await;
        app.person("ana.souza").await;
        // somebody who knows the password is in already, where it alone is enough
        let mut thief = app.browser();
        thief.sign_in("ana.souza", "enter").await.at("/inicio");
        // Ana too, and enrols from there
        let mut ana = app.browser();
        ana.sign_in("ana.souza", "enter").await.at("/inicio");
        ana.get("/habilitar/aviso").await;
        let key = ana
            .post("/api/enrolment-begin", &[])
            .await
            .at("/habilitar")
            .setup_key();
        let code = code_at(&key, app.now());
        ana.post("/api/enrolment-submit", &[("code", &code), ("email", ANA)])
            .await
            .at("/habilitar/email-enviado");
        thief.get("/inicio").await.at("/inicio");
        app.confirm(ANA).await;

        thief.get("/inicio").await.at("/entrar/codigo");
        thief.get("/conta").await.at("/entrar/codigo");
        thief
            .post("/api/enrolment-begin", &[])
            .await
            .at("/entrar/codigo");
        // for her it is one code
        ana.get("/habilitar/email-enviado")
            .await
            .at("/ativada")
            .shows("Entrar com o código");
        app.next_step();
        let code = code_at(&key, app.now());
        ana.post("/api/verify-code", &[("code", &code)])
            .await
            .at("/inicio");
        // and a session behind a code outlives nothing but its own limits
        app.clock.forward(11 * 60);
        ana.get("/inicio").await.at("/inicio");
        thief.get("/inicio").await.at("/");
    }
);

both_ways!(
    r9_a_password_that_meets_the_activation_opens_nothing_but_the_code_page,
    |database: Database| async move {
        let app = TestApp::new(database, Options::default()).await;
        for n in 0..10 {
            let (sigla, email) = (format!("ana.souza{n}"), format!("ana{n}@correio.example"));
            app.person(&sigla).await;
            app.browser().reach_mail(&app, &sigla, &email).await;
            let mut thieves: Vec<_> = (0..4).map(|_| app.browser()).collect();
            let entering = thieves
                .iter_mut()
                .map(|thief| thief.sign_in(&sigla, "enter"));
            let confirming = app.confirm(&email);
            join(join_all(entering), confirming).await;
            for thief in &mut thieves {
                thief.get("/inicio").await.at("/entrar/codigo");
            }
        }
    }
);
