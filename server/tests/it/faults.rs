//! The database goes away, mail is down, a process is replaced: fails closed, loses nothing.

use crate::support::{Database, Options, TestApp, both};
use server::ports::MailError;

both!(
    a_replica_takes_over_in_the_middle_of_the_journey,
    |database: Database| async move {
        let app = TestApp::new(database, Options::default()).await;
        app.person("ana.souza").await;
        let mut browser = app.browser();
        let key = browser.reach_qr("ana.souza").await;
        let other = app.replica().await;
        let mut browser = browser.through(&other);
        assert_eq!(browser.get("/habilitar").await.setup_key(), key);
        let code = crate::support::code_at(&key, app.now());
        let form = [("code", code.as_str()), ("email", "ana@correio.example")];
        browser
            .post("/api/enrolment-submit", &form)
            .await
            .at("/habilitar/email-enviado");
        let token = app.link_to("ana@correio.example").await;
        browser
            .post("/api/activation-confirm", &[("token", &token)])
            .await
            .at("/ativada");
    }
);

both!(
    an_unreachable_mail_server_keeps_the_mail_until_its_link_is_dead,
    |database: Database| async move {
        let app = TestApp::new(database, Options::default()).await;
        app.person("ana.souza").await;
        let mut browser = app.browser();
        browser
            .reach_mail(&app, "ana.souza", "ana@correio.example")
            .await;
        app.mailer
            .fail_with(Some(MailError::Transient("connection refused".to_owned())));
        let mut attempts = 0;
        for _ in 0..120 {
            while app.services.deliver_next_mail(&*app.mailer).await.unwrap() {
                attempts += 1;
            }
            app.clock.forward(30);
        }
        assert!(
            (5..30).contains(&attempts),
            "{attempts} attempts in an hour"
        );
        app.mailer.fail_with(None);
        app.clock.forward(700);
        assert!(
            app.mails_to("ana@correio.example").await.is_empty(),
            "a dead link was mailed"
        );
    }
);

both!(
    a_mail_refused_for_good_is_told,
    |database: Database| async move {
        let app = TestApp::new(database, Options::default()).await;
        app.person("ana.souza").await;
        let mut browser = app.browser();
        browser
            .reach_mail(&app, "ana.souza", "ana@correio.example")
            .await;
        app.mailer
            .fail_with(Some(MailError::Permanent("550 no such user".to_owned())));
        app.services.deliver_next_mail(&*app.mailer).await.unwrap();
        browser
            .get("/habilitar/email-enviado")
            .await
            .shows("O e-mail foi recusado");
    }
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r23_while_postgresql_is_away_pages_say_so_and_afterwards_all_goes_on() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let app = TestApp::new(database.clone(), Options::default()).await;
    app.person("ana.souza").await;
    let mut browser = app.browser();
    let key = browser.reach_qr("ana.souza").await;

    database.shut_out().await;
    let page = browser.get("/habilitar").await;
    assert_eq!(page.status, 503);
    page.shows("Tente de novo").hides(&key);
    let code = crate::support::code_at(&key, app.now());
    let form = [("code", code.as_str()), ("email", "ana@correio.example")];
    let answer = browser.post("/api/enrolment-submit", &form).await;
    assert_eq!(answer.status, 503, "nothing was accepted");
    let ready = browser.get("/health/ready").await;
    assert_eq!(ready.status, 503);

    database.let_in().await;
    assert_eq!(browser.get("/habilitar").await.setup_key(), key);
    browser
        .post("/api/enrolment-submit", &form)
        .await
        .at("/habilitar/email-enviado");
}
