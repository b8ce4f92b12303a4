//! What is forgotten, and that nothing else is.

use crate::support::{Database, Options, TestApp, both};
use server::domain::Token;

const DAY: i64 = 86_400;

both!(
    what_came_to_nothing_is_wiped_then_deleted_and_what_is_in_use_stays,
    |database: Database| async move {
        let app = TestApp::new(database.clone(), Options::default()).await;
        app.person("ana.souza").await;
        app.person("bia.lima").await;
        let mut ana = app.browser();
        let (key, page) = ana.enrol(&app, "ana.souza", "ana@correio.example").await;
        page.at("/ativada");
        let mut bia = app.browser();
        bia.reach_mail(&app, "bia.lima", "bia@correio.example")
            .await;
        app.mails_to("bia@correio.example").await;
        assert_eq!(app.services.forget().await.unwrap(), 0, "all is in use");
        bia.get("/habilitar/email-enviado")
            .await
            .shows("bia@correio.example");

        // two days later her secret and address are gone, and Ana's receipt
        app.clock.forward(2 * DAY);
        assert_eq!(app.services.forget().await.unwrap(), 2);
        let cookie = Token::parse(&bia.cookies["jmu-enrolment"]).unwrap().hash();
        let store = app.services.store();
        let mut db = store.reader().await.unwrap();
        let left = db.enrolment_of_browser(&cookie).await.unwrap().unwrap();
        assert_eq!(left.email, None);
        assert!(db.pending_secret(&left.id).await.is_err());
        drop(db);
        bia.get("/habilitar/email-enviado")
            .await
            .hides("bia@correio.example");

        // the audit is kept for its own period
        app.clock.forward(360 * DAY);
        app.services.forget().await.unwrap();
        assert!(database.dump().await.rows("audit") > 4, "the audit stays");
        // after a year and more people and factor are left
        app.clock.forward(140 * DAY);
        assert!(app.services.forget().await.unwrap() > 1);
        assert_eq!(app.services.forget().await.unwrap(), 0);
        let mut db = store.reader().await.unwrap();
        assert!(db.enrolment_of_browser(&cookie).await.unwrap().is_none());
        drop(db);
        let dump = database.dump().await;
        for (table, rows) in [
            ("person", 2),
            ("factor", 1),
            // the activated one, which says when and where it was begun
            ("enrolment", 1),
            ("session", 0),
            ("session_authentication", 0),
            ("known_browser", 0),
            ("link", 0),
            ("receipt", 0),
            ("outbox", 0),
            ("audit", 0),
        ] {
            assert_eq!(dump.rows(table), rows, "{table}");
        }
        app.browser()
            .sign_in_with_code(&app, "ana.souza", &key)
            .await
            .at("/inicio")
            .shows("Ativa");
    }
);
