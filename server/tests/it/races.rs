//! Attacks that a review of the whole found: requests that meet, callers that go away, what is
//! left over from an enrolment that ended (R1, R4, R9, R16, R17, R29).

use crate::support::{Browser, Database, Options, PASSWORD, PT, TestApp, both, code_at, enrolled};
use futures_util::future::{join, join_all};
use server::domain::{Actor, AuditEvent, ClientInfo, Demand, FirstEnrolment, Policy, Timestamp};
use server::storage::{StoreResult, Tx};
use std::sync::Arc;
use tokio::sync::Notify;

const ANA: &str = "ana@correio.example";
const CONTACT: &str = "ana@advocacia.example";

async fn with(database: Database, policy: Policy) -> TestApp {
    let options = Options {
        policy,
        ..Options::default()
    };
    let app = TestApp::new(database, options).await;
    app.person_with("ana.souza", &["lawyer"], &[CONTACT], None)
        .await;
    app
}

fn required() -> Policy {
    Policy {
        default: Demand::Required,
        ..Policy::default()
    }
}

/// An audit row with this detail.
async fn note(tx: &mut Tx, detail: &str) -> StoreResult<()> {
    let (actor, event) = (&Actor::System, AuditEvent::CodeWrong);
    tx.audit(
        actor,
        event,
        None,
        &ClientInfo::default(),
        detail,
        Timestamp(1),
    )
    .await
}

both!(
    r23_a_caller_that_goes_away_leaves_no_half_written_transaction,
    |database: Database| async move {
        let app = with(database, Policy::default()).await;
        let store = app.services.store().clone();
        let (entered, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let input = (entered.clone(), go_on.clone());
        let write = tokio::spawn({
            let store = store.clone();
            async move {
                store
                    .write_with(input, |tx, i| {
                        Box::pin(async move {
                            note(tx, "first-half").await?;
                            i.0.notify_one();
                            i.1.notified().await;
                            note(tx, "second-half").await
                        })
                    })
                    .await
            }
        });
        entered.notified().await;
        write.abort();
        assert!(write.await.unwrap_err().is_cancelled());
        go_on.notify_one();
        // whoever gets that connection next must not commit the half
        join_all((0..40_i64).map(|n| store.write_with(n, |tx, _| Box::pin(note(tx, "another")))))
            .await
            .into_iter()
            .for_each(|done| done.unwrap());
        let dump = app.database.dump().await;
        assert!(dump.has_value("another"));
        assert_eq!(dump.has_value("first-half"), dump.has_value("second-half"));
    }
);

both!(
    r29_not_me_of_the_start_takes_back_what_was_begun_again_right_after,
    |database: Database| async move {
        let app = with(database, Policy::default()).await;
        app.browser().reach_qr("ana.souza").await;
        let of_start = app.link_to(CONTACT).await;
        // again from another browser: the same story, told once
        app.clock.forward(60);
        let mut stranger = app.browser();
        let (_, page) = stranger.enrol(&app, "ana.souza", ANA).await;
        page.at("/ativada");
        let told = app.kinds_to(CONTACT).await;
        assert_eq!(told, ["enrolment_started", "enrolment_activated"]);
        app.browser()
            .post("/api/not-me", &[("token", &of_start)])
            .await
            .shows(PT.reported_title());
        assert_eq!(
            app.operator().list_people().await.unwrap()[0].factor,
            "none"
        );
        // that button is used up: whoever begins again right after the unblocking is told of anew
        app.give_back("ana.souza").await;
        app.browser().reach_qr("ana.souza").await;
        let told = app.kinds_to(CONTACT).await;
        let of_start = told.iter().filter(|kind| **kind == "enrolment_started");
        assert_eq!(of_start.count(), 2, "{told:?}");
    }
);

both!(
    r29_an_approval_ends_with_the_block_and_with_its_enrolment,
    |database: Database| async move {
        let policy = Policy {
            first_enrolment: FirstEnrolment::Approved,
            ..Policy::default()
        };
        let app = with(database, policy).await;
        let refused = async |browser: &mut Browser| {
            browser.sign_in("ana.souza", "second-factor").await;
            browser
                .post("/api/enrolment-begin", &[])
                .await
                .shows("A primeira habilitação precisa ser liberada pelo suporte: ligue para");
        };
        app.approve("ana.souza").await;
        app.block("ana.souza").await;
        app.give_back("ana.souza").await;
        refused(&mut app.browser()).await;
        // used up by an activation that is then denied
        app.approve("ana.souza").await;
        app.browser().enrol(&app, "ana.souza", ANA).await;
        let not_me = app.link_to(CONTACT).await;
        app.browser()
            .post("/api/not-me", &[("token", &not_me)])
            .await
            .shows(PT.reported_title());
        app.give_back("ana.souza").await;
        refused(&mut app.browser()).await;
    }
);

both!(
    r9_an_activation_wakes_no_session_that_had_run_out,
    |database: Database| async move {
        let app = with(database, Policy::default()).await;
        let mut found = app.browser();
        found.sign_in("ana.souza", "enter").await.at("/inicio");
        app.clock.forward(31 * 60);
        let mut ana = app.browser();
        ana.enrol(&app, "ana.souza", ANA).await.1.at("/ativada");
        found.get("/inicio").await.at("/");
        found.get("/entrar/codigo").await.at("/");
    }
);

both!(
    r9_a_provisional_entry_ends_with_its_authenticator,
    |database: Database| async move {
        let app = with(database, required()).await;
        app.person("bruno.lima").await;
        for (sigla, denied) in [("ana.souza", false), ("bruno.lima", true)] {
            let mut thief = app.browser();
            let key = thief.reach_mail(&app, sigla, "l@correio.example").await;
            app.clock.forward(61);
            thief.sign_in(sigla, "enter").await;
            let code = code_at(&key, app.now());
            thief
                .post("/api/verify-code", &[("code", &code)])
                .await
                .at("/inicio");
            if denied {
                let link = app.link_to("l@correio.example").await;
                app.browser()
                    .post("/api/activation-deny", &[("token", &link)])
                    .await;
            } else {
                // the owner begins anew
                let mut owner = app.browser();
                owner
                    .sign_in(sigla, "second-factor")
                    .await
                    .at("/habilitar/email-enviado");
                owner
                    .post("/api/enrolment-begin", &[])
                    .await
                    .at("/habilitar");
            }
            let page = thief.get("/inicio").await;
            assert_eq!(page.path, "/habilitar/aviso", "denied: {denied}");
        }
    }
);

both!(
    r4_the_owner_s_sign_in_gives_strangers_no_fresh_allowance,
    |database: Database| async move {
        let (app, key) = enrolled(database).await;
        let mut owner = app.browser();
        owner
            .sign_in_with_code(&app, "ana.souza", &key)
            .await
            .at("/inicio");
        let guess = async |password: &str| {
            let form = [
                ("login", "ana.souza"),
                ("password", password),
                ("intent", "enter"),
            ];
            app.browser().post("/api/sign-in", &form).await
        };
        for _ in 0..6 {
            guess("wrong").await;
        }
        guess(PASSWORD).await.shows("Houve muitas tentativas");
        let mut stranger_in = app.browser();
        app.clock.forward(31);
        stranger_in
            .sign_in("ana.souza", "enter")
            .await
            .at("/entrar/codigo");
        for _ in 0..3 {
            stranger_in
                .post("/api/verify-code", &[("code", "000000")])
                .await;
        }
        for _ in 0..6 {
            guess("wrong").await;
        }
        owner
            .sign_in_with_code(&app, "ana.souza", &key)
            .await
            .at("/inicio");
        guess("wrong").await.shows("Houve muitas tentativas");
        stranger_in
            .post("/api/verify-code", &[("code", "000000")])
            .await
            .shows("Muitas tentativas");
    }
);

both!(
    r4_a_browser_that_signed_in_keeps_its_allowance_before_any_factor_too,
    |database: Database| async move {
        let app = with(database, Policy::default()).await;
        let mut owner = app.browser();
        owner.sign_in("ana.souza", "enter").await.at("/inicio");
        owner.post("/api/sign-out", &[]).await;
        let wrong = [
            ("login", "ana.souza"),
            ("password", "wrong"),
            ("intent", "enter"),
        ];
        for _ in 0..20 {
            app.browser().post("/api/sign-in", &wrong).await;
        }
        app.browser()
            .sign_in("ana.souza", "enter")
            .await
            .shows("Houve muitas tentativas");
        owner.sign_in("ana.souza", "enter").await.at("/inicio");
        // with the factor, who only knew the password is a stranger again
        let known = owner.cookies["jmu-browser"].clone();
        let mut ana = app.browser();
        app.clock.forward(3601);
        let (key, _) = ana.enrol(&app, "ana.souza", ANA).await;
        app.next_step();
        let mut thief = app.browser();
        thief
            .cookies
            .insert("jmu-browser".to_owned(), known.clone());
        thief
            .sign_in("ana.souza", "enter")
            .await
            .at("/entrar/codigo");
        for _ in 0..3 {
            thief.post("/api/verify-code", &[("code", "000000")]).await;
        }
        let mut stranger = app.browser();
        stranger.sign_in("ana.souza", "enter").await;
        stranger
            .get("/entrar/codigo")
            .await
            .shows("Muitas tentativas");
        // and a cookie that somebody else laid there is not taken over
        app.clock.forward(3601);
        thief
            .sign_in_with_code(&app, "ana.souza", &key)
            .await
            .at("/inicio");
        assert_ne!(thief.cookies["jmu-browser"], known);
    }
);

both!(
    r14_another_spelling_of_a_path_loosens_nothing,
    |database: Database| async move {
        let app = with(database, Policy::default()).await;
        let mut browser = app.browser();
        let key = browser.reach_qr("ana.souza").await;
        for path in ["/habilitar/", "//habilitar", "/habilitar//"] {
            let request = browser
                .request(http::Method::GET, path)
                .header("accept-encoding", "br, gzip")
                .body(axum::body::Body::empty())
                .unwrap();
            let answer = browser.send(request).await;
            let headers = &answer.headers;
            assert!(!headers.contains_key("content-encoding"), "{path}");
            assert_eq!(headers["cache-control"], "no-store", "{path}");
        }
        assert_eq!(browser.get("/habilitar").await.setup_key(), key);
        let page = app.browser().get("/ativar/x/").await;
        assert_eq!(page.headers["referrer-policy"], "strict-origin");
    }
);

both!(
    r23_a_mail_that_cannot_be_read_holds_up_no_other,
    |database: Database| async move {
        let app = with(database.clone(), Policy::default()).await;
        app.browser().reach_qr("ana.souza").await;
        let mut conn = database.connect().await;
        sqlx::query("UPDATE outbox SET payload_sealed = id_hash FROM (SELECT id_hash FROM session LIMIT 1) AS any_bytes")
            .execute(&mut conn)
            .await
            .unwrap();
        app.person("bruno.lima").await;
        app.browser().reach_mail(&app, "bruno.lima", ANA).await;
        assert_eq!(app.kinds_to(ANA).await, ["activation_link"]);
        assert!(app.kinds_to(CONTACT).await.is_empty());
    }
);

both!(
    r17_resends_at_once_send_one_mail,
    |database: Database| async move {
        let app = with(database, Policy::default()).await;
        let mut browser = app.browser();
        browser.reach_mail(&app, "ana.souza", ANA).await;
        app.clock.forward(61);
        let mut tabs = vec![browser; 12];
        join_all(
            tabs.iter_mut()
                .map(|tab| tab.post("/api/enrolment-resend", &[])),
        )
        .await;
        assert_eq!(app.kinds_to(ANA).await.len(), 2);
    }
);

both!(
    r16_a_resend_that_meets_a_correction_never_brings_the_old_address_back,
    |database: Database| async move {
        let app = with(database, Policy::default()).await;
        for n in 0..8 {
            let sigla = format!("ana.souza{n}");
            let (old, new) = (
                format!("old{n}@correio.example"),
                format!("new{n}@correio.example"),
            );
            app.person(&sigla).await;
            let mut tab = app.browser();
            tab.reach_mail(&app, &sigla, &old).await;
            app.clock.forward(61);
            let mut other = tab.clone();
            join(
                tab.post("/api/enrolment-address", &[("email", &new)]),
                other.post("/api/enrolment-resend", &[]),
            )
            .await;
            // if the correction came through, no link to the old address works
            tab.get("/habilitar/email-enviado")
                .await
                .shows(&new)
                .hides(&old);
            let link = app.link_to(&old).await;
            app.browser()
                .get(&format!("/ativar/{link}"))
                .await
                .shows("Use o link enviado ao novo endereço ou entre para receber outro.");
        }
    }
);

both!(
    r17_one_mailbox_has_one_cap_however_its_address_is_written,
    |database: Database| async move {
        let app = with(database, Policy::default()).await;
        let mut ana = app.browser();
        ana.reach_mail(&app, "ana.souza", "c@correio.example").await;
        let key = ana.post("/api/enrolment-begin", &[]).await.setup_key();
        for spelling in [
            "C@CORREIO.example",
            "c@ｃorreio.example",
            "c@correio。example",
        ] {
            let code = code_at(&key, app.now());
            ana.post(
                "/api/enrolment-submit",
                &[("code", &code), ("email", spelling)],
            )
            .await
            .at("/habilitar")
            .shows("só pode ser enviado");
        }
        // and without the right code nothing is told of anybody's mails
        ana.post(
            "/api/enrolment-submit",
            &[("code", "000000"), ("email", "c@correio.example")],
        )
        .await
        .shows("O código não confere")
        .hides("só pode ser enviado");
    }
);

both!(
    l4_what_others_had_sent_to_a_mailbox_does_not_stop_its_owner,
    |database: Database| async move {
        let app = with(database, Policy::default()).await;
        let people = ["bruno.lima", "carla.dias", "davi.melo"];
        for sigla in people {
            app.person(sigla).await;
        }
        // two accounts use up the mailbox
        for sigla in &people[..2] {
            let mut stranger = app.browser();
            stranger.reach_mail(&app, sigla, ANA).await;
            for _ in 0..4 {
                app.clock.forward(61);
                stranger.post("/api/enrolment-resend", &[]).await;
            }
        }
        let mails = async || app.mails_to(ANA).await.len();
        assert_eq!(mails().await, 10);
        app.browser().reach_mail(&app, "ana.souza", ANA).await;
        assert_eq!(mails().await, 11, "her own goes all the same");
        // and a third account gets one, too, and no second one within the hour
        let mut third = app.browser();
        third.reach_mail(&app, "davi.melo", ANA).await;
        app.clock.forward(61);
        third.post("/api/enrolment-resend", &[]).await;
        assert_eq!(mails().await, 12);
    }
);

both!(
    l3_alerts_of_a_start_end_after_a_dozen_a_day_and_the_button_stays,
    |database: Database| async move {
        let app = with(database, Policy::default()).await;
        for _ in 0..20 {
            app.browser().reach_qr("ana.souza").await;
            app.clock.forward(660);
        }
        assert_eq!(app.kinds_to(CONTACT).await.len(), 12);
        let not_me = app.link_to(CONTACT).await;
        app.browser()
            .post("/api/not-me", &[("token", &not_me)])
            .await
            .shows(PT.reported_title());
        let (people, dump) = (
            app.operator().list_people().await,
            app.database.dump().await,
        );
        assert!(people.unwrap()[0].blocked);
        assert!(
            dump.column("enrolment", "state")
                .contains(&Some(b"cancelled".to_vec()))
        );
    }
);
