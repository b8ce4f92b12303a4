//! What a thief with a phone, a phished code or a mailbox tried against the ways in without the phone (review of November 2026).

use crate::lost_phone::{ANA, CONTACT, Court, LOST, ask, court, enrol, number_on, opens};
use crate::recovery_codes::make_codes;
use crate::support::{Browser, Database, Options, PASSWORD, PT, TestApp, WILLING, both, code_at};

/// A full session adds an authenticator, up to the mail with its link; returns the setup key.
async fn begin_to_add(court: &Court, browser: &mut Browser) -> String {
    let page = browser
        .post("/api/new-phone", &[("replaces", ""), ("label", "")])
        .await;
    let key = page.at("/habilitar").setup_key();
    let code = code_at(&key, court.app.now());
    browser
        .post("/api/enrolment-submit", &[("code", &code)])
        .await
        .at("/habilitar/email-enviado")
        // the address was not typed here
        .hides(ANA);
    key
}

/// The link of the way by the mailbox, after the wait.
async fn recovery_link(court: &Court) -> String {
    // not in the second of a sign-in with a code
    court.app.clock.forward(1);
    let mut browser = court.at_code("ana.souza").await;
    browser.post("/api/recovery-ask", &[]).await;
    court.app.clock.forward(86_400);
    court.app.services.mail_recovery_links().await.unwrap();
    court.app.link_to(ANA).await
}

both!(
    a_phished_code_of_the_only_phone_reports_no_theft,
    |database: Database| async move {
        let court = court(database).await;
        let app = &court.app;
        let mut elsewhere = court.inside("ana.souza").await;
        let mut thief = court.at_code("ana.souza").await;
        app.next_step();
        let code = code_at(court.key("ana.souza"), app.now());
        thief
            .post("/api/report-stolen", &[("code", &code)])
            .await
            .at("/entrar/celular-roubado")
            .shows(PT.problem_code_wrong());
        elsewhere.get("/conta").await.at("/conta");
        // codes that were made a moment ago change no address with the phone
        let codes = make_codes(app, &mut thief, court.key("ana.souza")).await;
        let mut thief = court.at_code("ana.souza").await;
        thief
            .post("/api/report-stolen", &[("code", &codes[0])])
            .await
            .at("/habilitar/aviso");
        app.clock.forward(60);
        let page = thief.post("/api/enrolment-begin", &[]).await;
        page.at("/habilitar").hides("name=\"email\"");
    }
);

both!(
    what_a_thief_has_begun_ends_with_the_theft_that_the_support_team_confirms,
    |database: Database| async move {
        let court = court(database).await;
        let app = &court.app;
        app.clock.forward(60);
        let mut thief = court.inside("ana.souza").await;
        begin_to_add(&court, &mut thief).await;
        let link = app.link_to(ANA).await;
        let mut ana = court.at_code("ana.souza").await;
        let number = number_on(&ana.post("/api/entry-ask", &[("stolen", "1")]).await);
        let mut desk = court.inside("sup.um").await;
        court
            .approve(&mut desk, "sup.um", &number)
            .await
            .shows(PT.desk_approved());
        app.browser()
            .post("/api/activation-confirm", &[("token", &link)])
            .await
            .shows(PT.refused_cancelled_title());
        app.clock.forward(60);
        let key = enrol(app, &mut ana, None).await;
        assert!(opens(&court, &key).await);
    }
);

both!(
    a_peer_that_was_down_is_not_given_a_phone_that_was_stolen_meanwhile,
    |database: Database| async move {
        let options = Options {
            peers: vec!["STM"],
            ..Options::default()
        };
        let app = TestApp::new(database, options).await;
        app.person("ana.souza").await;
        let (key, _) = app.browser().enrol(&app, "ana.souza", ANA).await;
        let mut ana = app.browser();
        let codes = make_codes(&app, &mut ana, &key).await;
        let mut ana = app.browser();
        ana.sign_in("ana.souza", "enter").await.at("/entrar/codigo");
        ana.post("/api/report-stolen", &[("code", &codes[0])])
            .await
            .at("/habilitar/aviso");
        // what is told is the theft, and nothing with the secret of the phone
        let dump = app.database.dump().await;
        let told = dump.column("outbox", "kind");
        let states = dump.column("outbox", "state");
        let of = |kind: &str| {
            let kind = Some(kind.as_bytes().to_vec());
            let at = told.iter().position(|told| *told == kind).unwrap();
            states[at].clone()
        };
        assert_eq!(of("factor_activated"), Some(b"withdrawn".to_vec()));
        assert_eq!(of("factors_revoked"), Some(b"queued".to_vec()));
        assert!(app.services.deliver_next_change(&WILLING).await.unwrap());
        assert!(!app.services.deliver_next_change(&WILLING).await.unwrap());
    }
);

both!(
    not_me_of_a_change_takes_back_what_came_after_it,
    |database: Database| async move {
        let court = court(database).await;
        let app = &court.app;
        // older than what any block takes back
        app.clock.forward(11 * 86_400);
        let mut thief = court.inside("ana.souza").await;
        make_codes(app, &mut thief, court.key("ana.souza")).await;
        let not_me = app.link_to(CONTACT).await;
        app.clock.forward(60);
        let theirs = begin_to_add(&court, &mut thief).await;
        app.confirm(ANA).await.at("/ativada");
        app.browser()
            .post("/api/not-me", &[("token", &not_me)])
            .await
            .shows(PT.reported_title());
        app.give_back("ana.souza").await;
        assert!(!opens(&court, &theirs).await);
        assert!(opens(&court, court.key("ana.souza")).await);
    }
);

both!(
    r34_whoever_used_one_code_of_an_old_sheet_has_none_after_not_me,
    |database: Database| async move {
        let court = court(database).await;
        let app = &court.app;
        let mut own = court.inside("ana.souza").await;
        let codes = make_codes(app, &mut own, court.key("ana.souza")).await;
        app.clock.forward(300 * 86_400);
        let mut thief = court.at_code("ana.souza").await;
        thief
            .post("/api/recovery-code", &[("recovery_code", &codes[0])])
            .await
            .at("/inicio");
        let not_me = app.link_to(CONTACT).await;
        app.browser()
            .post("/api/not-me", &[("token", &not_me)])
            .await
            .shows(PT.reported_title());
        app.give_back("ana.souza").await;
        let mut thief = court.at_code("ana.souza").await;
        thief.get(LOST).await.hides(PT.lost_code());
        assert_eq!(app.database.dump().await.rows("recovery_code"), 0);
    }
);

both!(
    the_owner_s_code_ends_the_way_by_the_mailbox_also_after_its_link_was_used,
    |database: Database| async move {
        let court = court(database).await;
        let app = &court.app;
        let post = async |link: &str| {
            let mut thief = app.browser();
            let form = [("token", link), ("password", PASSWORD)];
            thief
                .post("/api/recovery-link", &form)
                .await
                .at("/habilitar/aviso");
            thief
        };
        // before the enrolment is begun
        let mut thief = post(&recovery_link(&court).await).await;
        assert!(opens(&court, court.key("ana.souza")).await);
        thief
            .post("/api/enrolment-begin", &[])
            .await
            .shows(PT.problem_gone());
        // before it is confirmed
        let mut thief = post(&recovery_link(&court).await).await;
        let page = thief.post("/api/enrolment-begin", &[]).await;
        let key = page.at("/habilitar").setup_key();
        let code = code_at(&key, app.now());
        thief
            .post("/api/enrolment-submit", &[("code", &code)])
            .await;
        let link = app.link_to(ANA).await;
        let mut own = court.inside("ana.souza").await;
        let confirmed = app
            .browser()
            .post("/api/activation-confirm", &[("token", &link)])
            .await;
        confirmed.shows(PT.refused_cancelled_title());
        // and who ends the session ends what was begun in it
        own.post("/api/sessions-end", &[]).await;
        thief.get("/habilitar/email-enviado").await.at("/");
        assert!(opens(&court, court.key("ana.souza")).await);
    }
);

both!(
    a_removed_authenticator_wakes_no_request_that_its_code_had_ended,
    |database: Database| async move {
        let court = court(database).await;
        let app = &court.app;
        app.clock.forward(60);
        let mut own = court.inside("ana.souza").await;
        let tablet = begin_to_add(&court, &mut own).await;
        app.confirm(ANA).await.at("/ativada");
        let mut thief = court.at_code("ana.souza").await;
        thief.post("/api/recovery-ask", &[]).await;
        app.clock.forward(60);
        let mut own = court.inside("ana.souza").await;
        let page = own.get("/conta/aplicativos").await;
        let first = page.body.split("name=\"id\" value=\"").nth(1).unwrap();
        let first = first.split('"').next().unwrap().to_owned();
        own.post("/api/authenticator-remove", &[("id", &first)])
            .await;
        app.clock.forward(86_400);
        assert_eq!(app.services.mail_recovery_links().await.unwrap(), 0);
        assert!(opens(&court, &tablet).await);
    }
);

both!(
    a_proof_by_recovery_code_does_not_make_the_block_take_the_own_phone,
    |database: Database| async move {
        let court = court(database).await;
        let app = &court.app;
        let mut own = court.inside("ana.souza").await;
        let codes = make_codes(app, &mut own, court.key("ana.souza")).await;
        let form = [("code", &*codes[0]), ("to", "/conta/codigos")];
        own.post("/api/confirm-identity", &form)
            .await
            .at("/conta/codigos");
        own.post("/api/block-account", &[])
            .await
            .at("/conta-bloqueada");
        app.give_back("ana.souza").await;
        assert!(opens(&court, court.key("ana.souza")).await);
    }
);

both!(
    a_request_shows_the_owner_the_browser_that_goes_on_and_not_the_desk,
    |database: Database| async move {
        let court = court(database).await;
        let app = &court.app;
        let mut ana = app.browser().coming_from("198.51.100.7");
        ana.sign_in("ana.souza", "enter").await.at("/entrar/codigo");
        let number = ask(&mut ana).await;
        let mut desk = court.inside("sup.um").await.coming_from("203.0.113.9");
        court
            .approve(&mut desk, "sup.um", &number)
            .await
            .shows(PT.desk_approved());
        let mails = app.mails_to(CONTACT).await;
        let told = &mails.last().unwrap().text;
        assert!(
            told.contains("198.51.100.7") && !told.contains("203.0.113.9"),
            "{told}"
        );
        let mut own = court.inside("ana.souza").await;
        own.get("/conta/historico").await.hides("203.0.113.9");
    }
);
