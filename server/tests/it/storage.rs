//! The storage contract on both engines: atomic writes, groups, leases, races by statement.

use crate::support::{Database, Options, TestApp, both, code_at, enrolled};
use futures_util::FutureExt as _;
use server::domain::{
    Actor, AuditEvent, Change, ClientInfo, FactorName, FactorSource, FirstEnrolment, InstanceName,
    MailJob, NewTotpFactor, PersonId, Policy, Proof, Seconds, Timestamp, Token, TotpSecret,
};
use server::storage::{Channel, StoreError, StoreResult};

fn factor_of_nobody() -> NewTotpFactor {
    NewTotpFactor {
        label: String::new(),
        person: PersonId::new(PersonId::MIN).unwrap(),
        secret: TotpSecret::new([1; 20]),
        last_step: 0,
        source: FactorSource::Sync(FactorName {
            home: InstanceName::parse("TJX").unwrap(),
            id: "f1".to_owned(),
        }),
        proof: Proof::FirstEnrolment,
        added_counter: 1,
        replaces_all: false,
        seen: [].into(),
    }
}

both!(
    a_failed_closure_leaves_nothing_and_hurts_no_neighbour,
    |database: Database| async move {
        let app = TestApp::new(database, Options::default()).await;
        let id = app.person("ana.souza").await;
        let store = app.services.store().clone();
        let writes = (0..40_i64).map(|n| {
            let store = store.clone();
            tokio::spawn(async move {
                store
                    .write_with((n, id), |tx, (n, id)| {
                        Box::pin(async move {
                            let (n, id) = (*n, *id);
                            let detail = format!("write-{n}");
                            tx.audit(
                                &Actor::System,
                                AuditEvent::CodeWrong,
                                Some(id),
                                &ClientInfo::default(),
                                &detail,
                                Timestamp(n),
                            )
                            .await?;
                            match n % 4 {
                                1 => {
                                    tx.insert_totp(&factor_of_nobody(), Timestamp(n)).await?;
                                    return Err(StoreError::Inconsistent("on purpose"));
                                }
                                // on SQLite this breaks a key only when the closure has ended
                                3 => drop(tx.insert_totp(&factor_of_nobody(), Timestamp(n)).await?),
                                _ => {}
                            }
                            Ok(n)
                        })
                    })
                    .await
            })
        });
        let mut good = 0;
        for write in writes.collect::<Vec<_>>() {
            good += usize::from(write.await.unwrap().is_ok());
        }
        assert_eq!(good, 20);
        let dump = app.database.dump().await;
        for n in 0..40 {
            assert_eq!(dump.has_value(&format!("write-{n}")), n % 2 == 0, "{n}");
        }
    }
);

both!(
    a_leased_mail_is_given_to_one_worker_and_taken_over_when_the_lease_ends,
    |database: Database| async move {
        let app = TestApp::new(database, Options::default()).await;
        app.person("ana.souza").await;
        app.browser()
            .reach_mail(&app, "ana.souza", "ana@correio.example")
            .await;
        let lease = async |now: Timestamp| {
            app.services
                .store()
                .write_with(now, |tx, now| {
                    Box::pin(tx.lease_rows::<MailJob>(Channel::Mail, "", 1, Seconds(60), *now))
                })
                .await
                .unwrap()
                .pop()
                .map(|row| row.id)
        };
        let now = Timestamp(app.now());
        let first = lease(now).await.unwrap();
        assert_eq!(lease(now).await, None);
        assert_eq!(lease(now + Seconds(59)).await, None);
        // the worker was killed: after its lease another one has the mail
        assert_eq!(lease(now + Seconds(60)).await, Some(first));
    }
);

both!(
    parallel_workers_lease_each_mail_once,
    |database: Database| async move {
        let app = TestApp::new(database, Options::default()).await;
        for n in 0..10 {
            let sigla = format!("pessoa{n}");
            app.person(&sigla).await;
            app.browser()
                .reach_mail(&app, &sigla, &format!("p{n}@correio.example"))
                .await;
        }
        let other = app.replica().await;
        let mut workers = Vec::new();
        for n in 0..4 {
            let app = if n % 2 == 0 {
                app.clone()
            } else {
                other.clone()
            };
            workers.push(tokio::spawn(async move {
                while app.services.deliver_next_mail(&*app.mailer).await.unwrap() {}
            }));
        }
        for worker in workers {
            worker.await.unwrap();
        }
        let mut sent: Vec<_> = app
            .mailer
            .sent()
            .into_iter()
            .chain(other.mailer.sent())
            .collect();
        sent.sort_by(|a, b| a.to.cmp(&b.to));
        let to: Vec<_> = sent.iter().map(|mail| mail.to.clone()).collect();
        assert_eq!(
            to,
            (0..10)
                .map(|n| format!("p{n}@correio.example"))
                .collect::<Vec<_>>()
        );
    }
);

both!(
    a_used_link_is_used_for_everybody,
    |database: Database| async move {
        use server::domain::{Link, LinkPurpose};
        let app = TestApp::new(database, Options::default()).await;
        let person = app.person("ana.souza").await;
        let token = Token::new([5; 32]).hash();
        let now = Timestamp(app.now());
        let store = app.services.store();
        let link = Link {
            about: None,
            person,
            enrolment: None,
            factor: None,
            created_at: now,
            expires_at: now + Seconds(60),
            used_at: None,
            voided: None,
        };
        store
            .write_with((token.clone(), link), |tx, (token, link)| {
                Box::pin(tx.insert_link(token, LinkPurpose::NotMe, link))
            })
            .await
            .unwrap();
        let mut won = 0;
        let uses: Vec<_> = (0..20)
            .map(|_| {
                let (store, token) = (store.clone(), token.clone());
                tokio::spawn(async move {
                    store
                        .write_with((token, now), |tx, (token, now)| {
                            Box::pin(tx.use_link(token, *now))
                        })
                        .await
                        .unwrap()
                })
            })
            .collect();
        for used in uses {
            won += usize::from(used.await.unwrap());
        }
        assert_eq!(won, 1);
    }
);

both!(
    r1_fifty_parallel_uses_of_a_step_win_once,
    |database: Database| async move {
        // at the statement itself: a sign-in holds the person's row before it comes there
        let (app, _) = enrolled(database).await;
        let person = app.operator().list_people().await.unwrap()[0].id;
        let store = app.services.store();
        let mut db = store.reader().await.unwrap();
        let factor = db.active_totps(person).await.unwrap().remove(0);
        drop(db);
        let now = Timestamp(app.now());
        let use_step = |step: i64| {
            let (store, id) = (store.clone(), factor.id.clone());
            tokio::spawn(async move {
                let done = store.write_with((id, step, now), |tx, (id, step, now)| {
                    Box::pin(tx.use_time_step(id, *step, *now))
                });
                done.await.unwrap()
            })
        };
        for step in [factor.last_step + 1, factor.last_step + 2] {
            let uses: Vec<_> = (0..50).map(|_| use_step(step)).collect();
            let mut won = 0;
            for used in uses {
                won += usize::from(used.await.unwrap());
            }
            assert_eq!(won, 1, "step {step}");
        }
        // fifty steps at once: whatever the order, none wins after a later one
        let first = factor.last_step + 3;
        let uses: Vec<_> = (0..50).map(|n| use_step(first + n * 7 % 50)).collect();
        let mut won = Vec::new();
        for (n, used) in uses.into_iter().enumerate() {
            won.extend(used.await.unwrap().then_some(n * 7 % 50));
        }
        assert!(won.contains(&49), "the newest step wins: {won:?}");
        for step in [first, first + 49] {
            assert!(!use_step(step).await.unwrap(), "used or overtaken");
        }
    }
);

both!(
    l1_a_change_that_panics_hurts_no_other_and_readiness_needs_a_writer,
    |database: Database| async move {
        let app = TestApp::new(database, Options::default()).await;
        let panicking = app.services.store().write_with((), |_, ()| {
            Box::pin(async { panic!("a change that panics") })
        });
        let result: StoreResult<()> = panicking.await;
        result.unwrap_err();
        app.person("ana.souza").await;
        app.services.is_ready().await.unwrap();
    }
);

both!(
    a_code_check_takes_at_most_nine_statements,
    |database: Database| async move {
        let (app, key) = enrolled(database).await;
        let (store, mut browser) = (app.services.store(), app.browser());
        // a browser that is not known, one that is, and one whose failures are cleared
        for (most, fails_before) in [(9, false), (8, false), (10, true)] {
            app.next_step();
            browser
                .sign_in("ana.souza", "enter")
                .await
                .at("/entrar/codigo");
            if fails_before {
                browser
                    .post("/api/verify-code", &[("code", "000000")])
                    .await;
            }
            let before = store.statements();
            let code = code_at(&key, app.now());
            let form = [("code", code.as_str())];
            let answer = browser.post_once("/api/verify-code", &form).await;
            assert_eq!(answer.location(), "/inicio");
            let taken = store.statements() - before;
            assert!(
                (6..=most).contains(&taken),
                "{taken} statements, at most {most}"
            );
            browser.post("/api/sign-out", &[]).await;
        }
    }
);

/// Findings M9: on PostgreSQL a row that somebody holds is waited for five seconds, not for ever.
#[tokio::test]
async fn m9_a_row_that_is_held_is_not_waited_for_for_ever() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let app = TestApp::new(database, Options::default()).await;
    let person = app.person("ana.souza").await;
    let mut conn = app.database.connect().await;
    sqlx::raw_sql("BEGIN; SELECT version FROM person_security FOR UPDATE")
        .execute(&mut conn)
        .await
        .unwrap();
    let locking = app
        .services
        .store()
        .write_with(person, |tx, person| Box::pin(tx.lock_person(*person)));
    let refused = tokio::time::timeout(std::time::Duration::from_mins(1), locking).await;
    refused.expect("it ended by itself").unwrap_err();
    sqlx::raw_sql("ROLLBACK").execute(&mut conn).await.unwrap();
    app.browser()
        .sign_in("ana.souza", "enter")
        .await
        .at("/inicio");
}

/// On PostgreSQL a code is not looked at while another transaction has the person: what it would read may not stay true.
#[tokio::test]
async fn r4_a_code_waits_for_whoever_changes_the_person() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let (app, key) = enrolled(database).await;
    let mut browser = app.browser();
    browser
        .sign_in("ana.souza", "enter")
        .await
        .at("/entrar/codigo");
    let mut conn = app.database.connect().await;
    sqlx::raw_sql("BEGIN; SELECT version FROM person_security FOR UPDATE")
        .execute(&mut conn)
        .await
        .unwrap();
    let code = code_at(&key, app.now());
    let form = [("code", code.as_str())];
    let mut post = Box::pin(browser.post_once("/api/verify-code", &form));
    let waits = tokio::time::timeout(std::time::Duration::from_millis(400), &mut post).await;
    assert!(waits.is_err(), "it did not wait");
    sqlx::raw_sql("UPDATE person_security SET blocked_at = 1; COMMIT")
        .execute(&mut conn)
        .await
        .unwrap();
    assert_ne!(post.await.location(), "/inicio", "blocked meanwhile");
}

/// Findings L14: an approval that ended while the enrolment waited for the person is none.
#[tokio::test]
async fn l14_an_approval_is_looked_at_behind_the_lock() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let policy = Policy {
        first_enrolment: FirstEnrolment::Approved,
        ..Policy::default()
    };
    let options = Options {
        policy,
        ..Options::default()
    };
    let app = TestApp::new(database, options).await;
    app.person("ana.souza").await;
    app.approve("ana.souza").await;
    let mut browser = app.browser();
    browser.sign_in("ana.souza", "second-factor").await;
    let mut conn = app.database.connect().await;
    sqlx::raw_sql("BEGIN; SELECT version FROM person_security FOR UPDATE")
        .execute(&mut conn)
        .await
        .unwrap();
    let mut post = Box::pin(browser.post_once("/api/enrolment-begin", &[]));
    let waits = tokio::time::timeout(std::time::Duration::from_millis(400), &mut post).await;
    assert!(waits.is_err(), "it did not wait");
    sqlx::raw_sql("UPDATE person_security SET enrolment_approved_until = 1; COMMIT")
        .execute(&mut conn)
        .await
        .unwrap();
    post.await;
    assert_eq!(app.database.dump().await.rows("enrolment"), 0);
}

both!(
    what_is_queued_wakes_the_workers_after_its_commit_and_nothing_else_does,
    |database: Database| async move {
        let app = TestApp::new(database, Options::default()).await;
        let person = app.person("ana.souza").await;
        let store = app.services.store();
        let woken = store.outbox_wake().notified();
        let audited = store.write_with(app.now(), |tx, now| {
            Box::pin(async move {
                let (actor, client) = (Actor::System, ClientInfo::default());
                let event = AuditEvent::RevisionLost;
                tx.audit(&actor, event, None, &client, "", Timestamp(*now))
                    .await
            })
        });
        audited.await.unwrap();
        assert!(woken.now_or_never().is_none(), "nothing is queued");
        let woken = store.outbox_wake().notified();
        let queued = store.write_with((person, app.now()), |tx, (person, now)| {
            Box::pin(async move {
                let revision = tx.begin_change(*person).await?;
                let stm = InstanceName::parse("STM").unwrap();
                let told = (Proof::Operator, Change::Blocked);
                tx.tell_peer(*person, &stm, &revision, told, None, Timestamp(*now))
                    .await
            })
        });
        queued.await.unwrap();
        assert!(woken.now_or_never().is_some(), "the workers sleep on");
    }
);
