//! Recovery codes: made in a full session with a fresh code, shown once, used once, with a counter of their own (R30, R34).

use crate::support::{Answer, Browser, Database, PT, TestApp, both, both_ways, code_at, enrolled};
use futures_util::future::join_all;
use server::services::people::AccountAct;

const ANA: &str = "ana@correio.example";
const LOST: &str = "/entrar/sem-celular";
const CODES: &str = "/conta/codigos";

/// The recovery codes that a page shows.
pub fn codes_on(page: &Answer) -> Vec<String> {
    let list = page.body.split("class=\"codes\"").nth(1).expect("no codes");
    let list = list.split("</ol>").next().unwrap();
    list.split("<li>")
        .skip(1)
        .map(|item| item.split('<').next().unwrap().to_owned())
        .collect()
}

/// Signs in with a code of the app and makes recovery codes.
pub async fn make_codes(app: &TestApp, browser: &mut Browser, key: &str) -> Vec<String> {
    app.next_step();
    browser
        .sign_in_with_code(app, "ana.souza", key)
        .await
        .at("/inicio");
    let page = browser.post("/api/recovery-codes-make", &[]).await;
    codes_on(page.at(CODES))
}

async fn use_code(browser: &mut Browser, code: &str) -> Answer {
    browser
        .post("/api/recovery-code", &[("recovery_code", code)])
        .await
}

/// A browser that has given the password.
async fn after_password(app: &TestApp) -> Browser {
    let mut browser = app.browser();
    browser
        .sign_in("ana.souza", "enter")
        .await
        .at("/entrar/codigo");
    browser
}

async fn events(app: &TestApp, event: &str) -> usize {
    let events = app.database.dump().await.column("audit", "event");
    let wanted = Some(event.as_bytes().to_vec());
    events.iter().filter(|found| **found == wanted).count()
}

both_ways!(
    a_lost_phone_costs_six_actions_and_four_pages,
    |database: Database| async move {
        let (app, key) = enrolled(database).await;
        let mut own = app.browser();
        let codes = make_codes(&app, &mut own, &key).await;
        assert_eq!(codes.len(), 10);
        // one of them shows that they are kept, and stays valid
        own.post("/api/recovery-codes-keep", &[("recovery_code", &codes[3])])
            .await
            .at(CODES)
            .shows(PT.codes_kept())
            .hides(&codes[0]);

        // 1 user, 2 password, 3 Entrar
        let mut other = after_password(&app).await;
        // 4 the link on the code page
        let page = other.get("/entrar/codigo").await;
        page.shows(LOST);
        other.get(LOST).await.at(LOST).shows(PT.lost_code());
        // 5 the code as people type it, 6 Entrar
        let typed = codes[3].to_lowercase().replace('-', " ");
        use_code(&mut other, &typed).await.at("/inicio");
        let mails = app.mails_to(ANA).await;
        let told = mails.iter().find(|mail| {
            mail.text
                .contains("alguém entrou com um código de recuperação")
        });
        assert!(told.unwrap().text.contains("Códigos restantes: 9."));

        let mut third = after_password(&app).await;
        use_code(&mut third, &codes[3])
            .await
            .at(LOST)
            .shows(PT.problem_recovery_code_used());
    }
);

both!(
    r30_the_database_has_no_code_and_the_page_shows_them_once,
    |database: Database| async move {
        let (app, key) = enrolled(database).await;
        let mut own = app.browser();
        let codes = make_codes(&app, &mut own, &key).await;
        let dump = app.database.dump().await;
        for code in &codes {
            let bare = code.replace('-', "");
            assert!(!dump.holds(code) && !dump.holds(&bare));
        }
        // within its minutes the page can be printed again, and only with the cookie that carries them
        own.get(CODES).await.shows(&codes[0]);
        let mut without = own.clone();
        without.cookies.retain(|name, _| !name.ends_with("form"));
        without.get(CODES).await.at(CODES).hides(&codes[0]);
        app.clock.forward(601);
        own.get(CODES).await.hides(&codes[0]);
    }
);

both!(
    codes_in_a_shared_browser_are_shown_to_their_owner_only,
    |database: Database| async move {
        let (app, key) = enrolled(database).await;
        app.person("bia.lima").await;
        let (other_key, _) = app
            .browser()
            .enrol(&app, "bia.lima", "bia@correio.example")
            .await;
        let mut shared = app.browser();
        let codes = make_codes(&app, &mut shared, &key).await;
        let cookie = shared
            .cookies
            .iter()
            .find(|(name, _)| name.ends_with("form"))
            .map(|(name, value)| (name.clone(), value.clone()))
            .unwrap();
        shared
            .sign_in_with_code(&app, "bia.lima", &other_key)
            .await
            .at("/inicio");
        shared.cookies.insert(cookie.0, cookie.1);
        shared.get(CODES).await.at(CODES).hides(&codes[0]);
    }
);

both!(
    a_code_is_spent_once_by_fifty_parallel_posts,
    |database: Database| async move {
        let (app, key) = enrolled(database).await;
        let codes = make_codes(&app, &mut app.browser(), &key).await;
        let mut browsers = Vec::new();
        for _ in 0..50 {
            browsers.push(after_password(&app).await);
        }
        let posts = browsers
            .iter_mut()
            .map(|browser| use_code(browser, &codes[0]));
        let answers = join_all(posts).await;
        let inside = answers.iter().filter(|answer| answer.path == "/inicio");
        assert_eq!(inside.count(), 1);
        assert_eq!(events(&app, "recovery_code").await, 50);
    }
);

both!(
    r34_a_hundred_wrong_codes_are_judged_at_most_and_shut_only_themselves,
    |database: Database| async move {
        let (app, key) = enrolled(database).await;
        let codes = make_codes(&app, &mut app.browser(), &key).await;
        let mut thief = after_password(&app).await;
        for _ in 0..120 {
            use_code(&mut thief, "00000-00000").await;
            app.clock.forward(3_601);
            thief = after_password(&app).await;
        }
        let judged = app
            .database
            .dump()
            .await
            .column("audit", "outcome")
            .into_iter()
            .filter(|outcome| *outcome == Some(b"wrong".to_vec()))
            .count();
        assert_eq!(judged, 80);
        // locked also for a right code, and both get the same page
        let locked = PT.problem_locked_for_good();
        use_code(&mut thief, &codes[0]).await.at(LOST).shows(locked);
        // the field for the app's code is open
        app.next_step();
        app.browser()
            .sign_in_with_code(&app, "ana.souza", &key)
            .await
            .at("/inicio");
    }
);

both!(
    r34_who_locks_the_code_field_does_not_lock_the_recovery_codes,
    |database: Database| async move {
        let (app, key) = enrolled(database).await;
        let codes = make_codes(&app, &mut app.browser(), &key).await;
        let mut thief = after_password(&app).await;
        for _ in 0..4 {
            thief.post("/api/verify-code", &[("code", "000000")]).await;
        }
        thief
            .get("/entrar/codigo")
            .await
            .shows(PT.code_locked_title())
            .shows(LOST);
        use_code(&mut after_password(&app).await, &codes[0])
            .await
            .at("/inicio");
    }
);

both!(
    a_password_only_session_makes_and_keeps_no_codes,
    |database: Database| async move {
        let (app, key) = enrolled(database).await;
        let codes = make_codes(&app, &mut app.browser(), &key).await;
        let mut thief = after_password(&app).await;
        for page in [
            CODES,
            "/conta",
            "/conta/novo-celular",
            "/conta/aplicativos",
            "/conta/sessoes",
            "/conta/historico",
            "/conta/bloquear",
        ] {
            thief.get(page).await.at("/entrar/codigo");
        }
        for (form, fields) in [
            ("recovery-codes-make", vec![]),
            ("recovery-codes-keep", vec![("recovery_code", &*codes[0])]),
            ("recovery-codes-later", vec![]),
            ("confirm-identity", vec![("code", "123456"), ("to", CODES)]),
            ("new-phone", vec![("replaces", ""), ("label", "x")]),
            ("authenticator-rename", vec![("id", "x"), ("label", "x")]),
            ("authenticator-remove", vec![("id", "x")]),
            ("session-end", vec![("id", "00")]),
            ("sessions-end", vec![]),
            ("block-account", vec![]),
        ] {
            let page = thief.post(&format!("/api/{form}"), &fields).await;
            assert!(
                ["/entrar/codigo", "/"].contains(&&*page.path),
                "{form}: {}",
                page.path
            );
            thief = after_password(&app).await;
        }
        let dump = app.database.dump().await;
        assert_eq!(dump.column("recovery_code", "code_index").len(), 10);
        assert_eq!(dump.column("factor", "id").len(), 1);
        assert_eq!(events(&app, "block").await, 0);
    }
);

both!(
    an_open_session_alone_makes_no_codes,
    |database: Database| async move {
        let (app, key) = enrolled(database).await;
        let mut own = app.browser();
        let before = make_codes(&app, &mut own, &key).await;
        app.clock.forward(601);
        own.get(CODES).await.shows(PT.proof_why());
        own.post("/api/recovery-codes-make", &[])
            .await
            .at(CODES)
            .shows(PT.proof_why());
        let confirm = |code: &str| vec![("code", code.to_owned()), ("to", CODES.to_owned())];
        let post = async |browser: &mut Browser, form: Vec<(&'static str, String)>| {
            let form: Vec<_> = form.iter().map(|(name, value)| (*name, &**value)).collect();
            browser.post("/api/confirm-identity", &form).await
        };
        post(&mut own, confirm("000000"))
            .await
            .at(CODES)
            .shows(PT.problem_code_wrong());
        let session = own.cookies.clone();
        post(&mut own, confirm(&code_at(&key, app.now())))
            .await
            .at(CODES)
            .hides(PT.proof_why());
        // a new id, as at each elevation (R9)
        assert_ne!(own.cookies, session);
        let mut old = app.browser();
        old.cookies = session;
        old.get("/inicio").await.at("/");
        // a recovery code is a proof too
        app.clock.forward(601);
        post(&mut own, confirm(&before[0]))
            .await
            .at(CODES)
            .hides(PT.proof_why());
        own.post("/api/recovery-codes-make", &[]).await;
        // those of before no longer work
        use_code(&mut after_password(&app).await, &before[1])
            .await
            .shows(PT.problem_recovery_code_wrong());
    }
);

both!(
    r34_codes_made_in_a_session_that_is_disavowed_die_with_it,
    |database: Database| async move {
        let (app, key) = enrolled(database).await;
        // a block takes back what was activated lately, too
        app.clock.forward(11 * 86_400);
        let mut thief = app.browser();
        let codes = make_codes(&app, &mut thief, &key).await;
        let not_me = app.link_to(ANA).await;
        let mut mailbox = app.browser();
        mailbox
            .get(&format!("/nao-fui-eu/{not_me}"))
            .await
            .shows("A segurança da conta de");
        mailbox
            .post("/api/not-me", &[("token", &not_me)])
            .await
            .shows(PT.reported_title());
        app.give_back("ana.souza").await;
        let mut again = after_password(&app).await;
        again.get(LOST).await.hides(PT.lost_code());
        use_code(&mut again, &codes[0])
            .await
            .shows(PT.problem_recovery_code_wrong());

        // an operator's block does the same
        let codes = make_codes(&app, &mut app.browser(), &key).await;
        app.block("ana.souza").await;
        app.give_back("ana.souza").await;
        use_code(&mut after_password(&app).await, &codes[0])
            .await
            .shows(PT.problem_recovery_code_wrong());
        // older ones are the owner's
        let codes = make_codes(&app, &mut app.browser(), &key).await;
        app.clock.forward(11 * 86_400);
        app.block("ana.souza").await;
        app.give_back("ana.souza").await;
        use_code(&mut after_password(&app).await, &codes[0])
            .await
            .at("/inicio");
        app.act("ana.souza", AccountAct::ResetFactor).await;
        let left = app.database.dump().await;
        assert_eq!(left.column("recovery_code", "code_index").len(), 0);
    }
);

both_ways!(
    home_offers_codes_in_one_line_and_warns_at_three,
    |database: Database| async move {
        let (app, key) = enrolled(database).await;
        let mut own = app.browser();
        own.sign_in_with_code(&app, "ana.souza", &key)
            .await
            .at("/inicio")
            .shows(PT.codes_offer());
        own.post("/api/recovery-codes-later", &[])
            .await
            .at("/inicio")
            .hides(PT.codes_offer());
        app.clock.forward(31 * 86_400);
        let mut later = app.browser();
        later
            .sign_in_with_code(&app, "ana.souza", &key)
            .await
            .shows(PT.codes_offer());
        let codes = make_codes(&app, &mut later, &key).await;
        later.get("/inicio").await.hides(PT.codes_offer());
        for code in &codes[..6] {
            use_code(&mut after_password(&app).await, code)
                .await
                .hides("restantes");
        }
        use_code(&mut after_password(&app).await, &codes[6])
            .await
            .at("/inicio")
            .shows("Códigos de recuperação restantes: 3.");
    }
);
