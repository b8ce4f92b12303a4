//! What stands ready for several factors, for changes in order, for an audit that names its actor, and for machines.

use crate::support::{Database, Options, PT, TestApp, both, code_at, enrolled};
use app::model::SyncOutcome;
use server::ambient::SystemClock;
use server::domain::{
    Change, FactorName, FactorSource, InstanceName, NewTotpFactor, PersonChange, PersonId, Proof,
    Revision, Seconds, SecretBytes, Timestamp, TotpSecret,
};
use server::ports::{Clock as _, LeaseClock as _};
use server::storage::{Channel, DatabaseClock};

both!(
    r24_changes_of_a_person_leave_in_order_and_hold_up_nobody_else,
    |database: Database| async move {
        let app = TestApp::new(database, Options::default()).await;
        let (ana, bia) = (app.person("ana.souza").await, app.person("bia.lima").await);
        let store = app.services.store();
        let now = Timestamp(app.now());
        // the later one is written first, and is due first
        for (person, revision, at) in [(ana, 2, -20), (ana, 1, -10), (bia, 1, -5)] {
            store
                .write_with((person, revision, at), move |tx, (person, revision, at)| {
                    Box::pin(async move {
                        let at = now + Seconds(*at);
                        let revision = Revision {
                            counter: *revision,
                            instance: InstanceName::parse("JMU").unwrap(),
                        };
                        let told = (Proof::Operator, Change::Blocked);
                        let peer = InstanceName::parse("STM").unwrap();
                        tx.tell_peer(*person, &peer, &revision, told, None, at)
                            .await
                    })
                })
                .await
                .unwrap();
        }
        let lease = async |at: Timestamp| {
            let row = store
                .write_with(at, |tx, at| {
                    Box::pin(tx.lease_rows::<PersonChange>(
                        Channel::Sync,
                        "STM",
                        1,
                        Seconds(60),
                        *at,
                    ))
                })
                .await;
            row.unwrap().pop().map(|row| row.id)
        };
        let first = lease(now).await.expect("the first change of Ana");
        let other = lease(now).await.expect("the change of Bia");
        assert_ne!(first, other);
        assert_eq!(lease(now).await, None, "the second waits for the first");
        // not past it either while it is tried again
        store
            .write_with((first.clone(), now + Seconds(30)), |tx, (id, at)| {
                Box::pin(tx.retry_row(id, "no answer", *at))
            })
            .await
            .unwrap();
        assert_eq!(lease(now).await, None);
        assert_eq!(lease(now + Seconds(30)).await, Some(first.clone()));
        store
            .write_with((first.clone(), now), |tx, (id, now)| {
                Box::pin(tx.finish_row(id, Some(SyncOutcome::NoRecord), *now))
            })
            .await
            .unwrap();
        let second = lease(now + Seconds(30))
            .await
            .expect("the second change of Ana");
        assert!(second != first && second != other);
    }
);

both!(
    r21_audit_rows_are_in_sequence_and_name_who_acted,
    |database: Database| async move {
        let (app, _) = enrolled(database).await;
        app.browser()
            .post(
                "/api/sign-in",
                &[("login", "ninguem"), ("password", "x"), ("intent", "enter")],
            )
            .await;
        app.services
            .for_operator("maria.admin")
            .act(
                "ana.souza",
                server::services::people::AccountAct::Unblock,
                "",
            )
            .await
            .unwrap()
            .unwrap();
        let mut conn = app.database.connect().await;
        let rows: Vec<(i64, String, String, String, String)> = sqlx::query_as(
            "SELECT CAST(seq AS BIGINT), actor_kind, actor, event, outcome FROM audit ORDER BY seq",
        )
        .fetch_all(&mut conn)
        .await
        .unwrap();
        assert!(rows.windows(2).all(|pair| pair[0].0 < pair[1].0));
        let person = app.operator().list_people().await.unwrap()[0]
            .id
            .to_string();
        let told: Vec<_> = rows
            .iter()
            .map(|(_, kind, actor, event, outcome)| [&**kind, &**actor, &**event, &**outcome])
            .collect();
        assert_eq!(
            told,
            [
                ["operator", "operator", "registration", "done"],
                ["person", &*person, "sign_in", "password"],
                ["person", &*person, "enrolment", "begun"],
                ["person", &*person, "enrolment", "code_accepted"],
                ["person", &*person, "activation", "confirmed"],
                ["visitor", "", "sign_in", "mismatch"],
                ["operator", "maria.admin", "unblock", "done"],
            ]
        );
    }
);

both!(
    m5_strangers_ring_no_alarm_and_a_forged_name_one_an_hour,
    |database: Database| async move {
        let options = Options {
            name: "STM",
            peers: vec!["JMU"],
            ..Options::default()
        };
        let app = TestApp::new(database, options).await;
        let mut browser = app.browser();
        let encode = |json: &str| data_encoding::BASE64URL_NOPAD.encode(json.as_bytes());
        let mut post = async |header: &str, issuer: &str| {
            let claims =
                format!(r#"{{"iss":"{issuer}","aud":"STM","iat":0,"jti":"m","events":{{}}}}"#);
            let signature = data_encoding::BASE64URL_NOPAD.encode(&[0; 64]);
            let token = format!("{}.{}.{signature}", encode(header), encode(&claims));
            let request = http::Request::post("/sync/v2/events")
                .header("content-type", "application/json")
                .body(format!(r#"{{"sets":["{token}"]}}"#).into())
                .unwrap();
            let answer = browser.send(request).await;
            assert!(answer.body.contains("\"err\":"), "{}", answer.body);
        };
        let other_key = r#"{"alg":"EdDSA","typ":"secevent+jwt","kid":"0000"}"#;
        post(r#"{"alg":"none"}"#, "").await;
        post(r#"{"alg":"none"}"#, "JMU").await;
        post(other_key, "EVIL").await;
        assert_eq!(app.database.dump().await.rows("audit"), 0);
        // a token of nobody's key, under the name of a peer: anybody can send it, and it may be the peer's changed key
        for minutes in [0, 30, 29, 1, 59] {
            app.clock.forward(minutes * 60);
            post(other_key, "JMU").await;
        }
        let dump = app.database.dump().await;
        assert_eq!(dump.rows("audit"), 2, "at 0 and 60 minutes");
        let told = "a message that names JMU is not to be trusted: invalid_key, from unknown";
        assert!(dump.has_value(told));
    }
);

both!(
    r11_no_page_posts_to_a_route_for_machines,
    |database: Database| async move {
        let app = TestApp::new(database, Options::default()).await;
        let mut browser = app.browser();
        for (name, value) in [
            ("origin", app.origin.as_str()),
            ("origin", "https://evil.example"),
            ("sec-fetch-site", "same-origin"),
        ] {
            let request = http::Request::post("/sync/v2/events")
                .header("content-type", "application/json")
                .header(name, value)
                .body(r#"{"sets":[]}"#.into())
                .unwrap();
            assert_eq!(browser.send(request).await.status, 403, "{name}: {value}");
        }
    }
);

async fn add_factor(app: &TestApp, person: PersonId, secret: Vec<u8>) {
    let secret_length = secret.len();
    let secret = TotpSecret::from_bytes(SecretBytes::new(secret)).unwrap();
    let new = NewTotpFactor {
        label: String::new(),
        person,
        secret,
        last_step: 0,
        source: FactorSource::Sync(FactorName {
            home: InstanceName::parse("TJX").unwrap(),
            id: format!("f{secret_length}"),
        }),
        proof: Proof::FirstEnrolment,
        added_counter: 1,
        replaces_all: false,
        seen: [].into(),
    };
    app.services
        .store()
        .write_with((new, Timestamp(app.now())), |tx, (new, now)| {
            Box::pin(async move { tx.insert_totp(new, *now).await.map(|_| ()) })
        })
        .await
        .unwrap();
}

both!(
    a_person_may_have_several_authenticators_with_secrets_of_any_length,
    |database: Database| async move {
        let (app, key) = enrolled(database).await;
        let person = app.operator().list_people().await.unwrap()[0].id;
        for length in [16, 64] {
            add_factor(&app, person, vec![u8::try_from(length).unwrap(); length]).await;
        }
        let key_of =
            |length: u8| data_encoding::BASE32_NOPAD.encode(&vec![length; usize::from(length)]);
        for key in [key_of(16), key, key_of(64)] {
            let mut browser = app.browser();
            browser
                .sign_in("ana.souza", "enter")
                .await
                .at("/entrar/codigo");
            let code = code_at(&key, app.now());
            let home = browser.post("/api/verify-code", &[("code", &code)]).await;
            home.at("/inicio");
            assert_eq!(home.body.matches("TJX").count(), 2, "each is shown");
        }
        // each code once, whichever authenticator it is of
        let mut browser = app.browser();
        browser.sign_in("ana.souza", "enter").await;
        browser
            .post(
                "/api/verify-code",
                &[("code", &code_at(&key_of(64), app.now()))],
            )
            .await
            .shows(PT.problem_code_used());
    }
);

both!(
    a_factor_that_was_taken_away_is_not_none,
    |database: Database| async move {
        let app = TestApp::new(database, Options::default()).await;
        app.person("ana.souza").await;
        let mut inside = app.browser();
        inside.sign_in("ana.souza", "enter").await.at("/inicio");
        let mut conn = app.database.connect().await;
        sqlx::raw_sql("UPDATE person_security SET factor_state = 'revoked'")
            .execute(&mut conn)
            .await
            .unwrap();
        // the password alone neither opens nor enrols
        for intent in ["enter", "second-factor"] {
            app.browser()
                .sign_in("ana.souza", intent)
                .await
                .at("/")
                .shows(PT.problem_blocked());
        }
        inside.get("/habilitar/aviso").await.at("/");
    }
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_on_postgresql_lease_by_its_clock() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let app = TestApp::new(database, Options::default()).await;
    let clock = DatabaseClock(app.services.store().clone());
    let told = clock.lease_time().await.unwrap();
    // the instance's own clock stands still, in another year or not
    assert!((told.0 - SystemClock.now().0).abs() <= 5, "{told:?}");
    assert!((told.0 - app.now()).abs() > 60, "{told:?}");
}
