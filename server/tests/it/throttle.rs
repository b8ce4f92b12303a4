//! Guessing: counted failures, waits, and what they must not tell (R4, R13).

use crate::support::process::Patience;
use crate::support::{Database, Options, PASSWORD, TestApp, both, code_at, enrolled};
use futures_util::future::join_all;
use server::domain::Token;
use std::time::Duration;

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
        assert_eq!(wrong.body, right.body);
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
    r4_codes_that_come_at_the_same_time_are_all_counted,
    |database: Database| async move {
        let (app, key) = enrolled(database).await;
        let replica = app.replica().await;
        let mut browser = app.browser();
        browser
            .sign_in("ana.souza", "enter")
            .await
            .at("/entrar/codigo");
        let posts = (0..20).map(|n| {
            let mut browser = browser.through(if n % 2 == 0 { &app } else { &replica });
            async move {
                let form = [("code", "000000")];
                browser.post_once("/api/verify-code", &form).await;
            }
        });
        join_all(posts).await;
        let judged = async || {
            let mut conn = app.database.connect().await;
            let count = "SELECT COUNT(*) FROM audit WHERE event = 'code' AND outcome = 'wrong'";
            let (judged,): (i64,) = sqlx::query_as(count).fetch_one(&mut conn).await.unwrap();
            judged
        };
        assert_eq!(judged().await, 3, "the third makes all others wait");
        // a right code begins the count again
        app.clock.forward(31);
        let form = [("code", code_at(&key, app.now()))];
        let form = form.each_ref().map(|(name, value)| (*name, value.as_str()));
        browser.post("/api/verify-code", &form).await.at("/inicio");
        let mut stranger = app.browser();
        stranger
            .sign_in("ana.souza", "enter")
            .await
            .at("/entrar/codigo");
        for _ in 0..2 {
            let again = stranger
                .post("/api/verify-code", &[("code", "000000")])
                .await;
            again.shows("O código não confere.");
        }
        assert_eq!(judged().await, 5);
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
    r4_an_invented_browser_token_gives_no_allowance_of_its_own,
    |database: Database| async move {
        let (app, key) = enrolled(database).await;
        let mut browser = app.browser();
        browser.sign_in("ana.souza", "enter").await;
        for n in 0..6 {
            let invented = Token::new([n; 32]).expose().to_owned();
            browser.cookies.insert("jmu-browser".to_owned(), invented);
            let form = [("code", "000000")];
            let answer = browser.post("/api/verify-code", &form).await;
            assert_eq!(answer.body.contains("Muitas tentativas"), n >= 2, "{n}");
        }
        // nor does somebody else's, which the sign-in replaces
        app.clock.forward(31);
        let invented = browser.cookies["jmu-browser"].clone();
        let form = [("code", code_at(&key, app.now()))];
        let form = form.each_ref().map(|(name, value)| (*name, value.as_str()));
        browser.post("/api/verify-code", &form).await.at("/inicio");
        assert_ne!(browser.cookies["jmu-browser"], invented);
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
        stranger.get("/entrar/codigo").await.shows(
            "Abra o link enviado aos seus e-mails cadastrados. Sem ele, ligue para o suporte.",
        );
        owner
            .sign_in_with_code(&app, "ana.souza", &key)
            .await
            .at("/inicio");
        // the rest of the 100 is the owner's, who is asked for each of it, and then for none
        let gone =
            "Abra o link enviado aos seus e-mails cadastrados. Sem ele, ligue para o suporte.";
        let mut asked = async |code: &str| {
            app.clock.forward(3601);
            let page = owner.sign_in("ana.souza", "enter").await;
            let answer = owner.post("/api/verify-code", &[("code", code)]).await;
            answer.at("/entrar/codigo");
            (!page.body.contains(gone), !answer.body.contains(gone))
        };
        for _ in 1..20 {
            assert_eq!(asked("000000").await, (true, true));
        }
        assert_eq!(asked("000000").await, (true, false), "the last of the 100");
        let right = code_at(&key, app.now() + 3601);
        assert_eq!(
            asked(&right).await,
            (false, false),
            "a right code is not judged"
        );
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
                .body
                .replace(login, "?")
        };
        assert_eq!(
            ask("ana.souza", "wrong").await,
            ask("ninguem", "wrong").await
        );
        app.block("ana.souza").await;
        assert_eq!(
            ask("ana.souza", "wrong").await,
            ask("ninguem", "wrong").await
        );
        // that an account is blocked is told only behind the right password
        let mut owner = app.browser();
        owner
            .sign_in("ana.souza", "enter")
            .await
            .shows("Conta bloqueada: ligue para");
    }
);

/// The same hour of the day for each trial, so that the same times are told.
fn midnight_after(now: i64) -> i64 {
    (now / 86_400 + 1) * 86_400
}

both!(
    r13_no_refusal_comes_before_the_floor,
    |database: Database| async move {
        let floor = Duration::from_millis(400);
        let options = Options {
            refusal_floor_ms: 400,
            ..Options::default()
        };
        let app = TestApp::new(database.clone(), options).await;
        app.person("ana.souza").await;
        // an imported hash that is judged in a moment
        let mut conn = database.connect().await;
        sqlx::query("UPDATE person SET password_hash = $1")
            .bind(bcrypt::hash(PASSWORD, 4).unwrap())
            .execute(&mut conn)
            .await
            .unwrap();
        let mut browser = app.browser();
        // wrong five times, then locked; and nobody
        for login in ["ana.souza"; 7].into_iter().chain(["ninguem"]) {
            let waiting = Patience::of(floor);
            let form = [("login", login), ("password", "wrong"), ("intent", "enter")];
            browser.post_once("/api/sign-in", &form).await;
            assert!(!waiting.lasts(), "{login} was refused before the floor");
        }
    }
);

both!(
    r13_waits_are_the_same_for_nobody_and_for_any_spelling,
    |database: Database| async move {
        let app = TestApp::new(database, Options::default()).await;
        app.person_with("ana.souza", &["lawyer"], &[], Some("52998224725"))
            .await;
        let mut told = Vec::new();
        for spellings in [
            ["ana.souza", "ANA.SOUZA", "52998224725", "529.982.247-25"],
            ["ninguem", "NINGUEM", " ninguem ", "Ninguem"],
        ] {
            app.clock.forward(midnight_after(app.now()) - app.now());
            // failures up to the first wait and beyond, in the wait, right after it, in the next
            let mut answers = Vec::new();
            for (n, wait) in [0, 0, 0, 0, 0, 0, 0, 29, 1, 0, 59, 1, 0]
                .into_iter()
                .enumerate()
            {
                app.clock.forward(wait);
                let login = spellings[n % 4];
                let form = [("login", login), ("password", "wrong"), ("intent", "enter")];
                let page = app.browser().post("/api/sign-in", &form).await;
                let body = page.at("/").body.replace(&format!("value=\"{login}\""), "");
                assert!(!body.contains(login), "{login} stands elsewhere too");
                answers.push((page.status, body));
            }
            told.push(answers);
        }
        let waits = |text: &&(http::StatusCode, String)| text.1.contains("Houve muitas tentativas");
        assert_eq!(told[0].iter().filter(waits).count(), 5, "of 13");
        assert!(told[0] == told[1], "nobody and somebody are told apart");
    }
);
