//! Findings H3, H4 and M4: counting knows the network, the owner has a way out, and attacks are told (R31).

use crate::support::{Answer, Browser, Database, Options, PT, TestApp, both, code_at};
use server::domain::{AlarmThresholds, NetworkBudget, Seconds};

const CONTACT: &str = "ana@advocacia.example";
/// Addresses of two networks of strangers, and of the owner's.
const ATTACKER: &str = "198.51.100.7";
const OTHER_ATTACKER: &str = "192.0.2.9";
const OWNER: &str = "203.0.113.5";

async fn guess(browser: &mut Browser, login: &str) -> Answer {
    let form = [("login", login), ("password", "wrong"), ("intent", "enter")];
    browser.post("/api/sign-in", &form).await
}

async fn with_people(database: Database, options: Options, more: usize) -> TestApp {
    let app = TestApp::new(database, options).await;
    app.person_with("ana.souza", &["lawyer"], &[CONTACT], None)
        .await;
    for n in 0..more {
        app.person(&format!("pessoa{n}x")).await;
    }
    app
}

const LOCKED: &str = "Houve muitas tentativas sem sucesso.";
const AT_THE_LIMIT: &str =
    "Houve tentativas demais sem sucesso. Abra o link enviado aos e-mails cadastrados.";

both!(
    h3_one_network_makes_only_itself_wait,
    |database: Database| async move {
        let app = with_people(database, Options::default(), 0).await;
        for _ in 0..6 {
            guess(&mut app.browser().coming_from(ATTACKER), "ana.souza").await;
        }
        // a neighbour in the same network waits, with the right password too
        let mut neighbour = app.browser().coming_from("198.51.100.200");
        neighbour.sign_in("ana.souza", "enter").await.shows(LOCKED);
        // the owner's network does not
        let mut owner = app.browser().coming_from(OWNER);
        owner.sign_in("ana.souza", "enter").await.at("/inicio");
        // and the owner's success does not end the attacker's wait
        guess(&mut app.browser().coming_from(ATTACKER), "ana.souza")
            .await
            .shows(LOCKED);
        // nor does it make the count over all networks a fresh one for the attacker's network
        app.clock.forward(31);
        guess(&mut app.browser().coming_from(ATTACKER), "ana.souza").await;
        guess(&mut app.browser().coming_from(ATTACKER), "ana.souza")
            .await
            .shows(LOCKED);
    }
);

both!(
    h3_at_the_ceiling_the_owner_has_a_mailed_way_out_for_one_browser,
    |database: Database| async move {
        let app = with_people(database, Options::default(), 0).await;
        // 16 networks, 5 free guesses each: nothing from anywhere is judged any more
        for network in 0..16 {
            let mut attacker = app.browser().coming_from(&format!("10.0.{network}.1"));
            for _ in 0..5 {
                guess(&mut attacker, "ana.souza")
                    .await
                    .shows(PT.problem_credentials());
            }
        }
        let mut owner = app.browser().coming_from(OWNER);
        let refused = owner.sign_in("ana.souza", "enter").await;
        refused.shows(AT_THE_LIMIT);
        // nobody learns from it who exists
        for network in 0..16 {
            let mut attacker = app.browser().coming_from(&format!("10.0.{network}.1"));
            for _ in 0..5 {
                guess(&mut attacker, "ninguem").await;
            }
        }
        let nobody = guess(&mut app.browser().coming_from(OWNER), "ninguem").await;
        assert_eq!(nobody.body.replace("ninguem", "ana.souza"), refused.body);
        // trying again mails no second link; one hour later another can be had
        owner.sign_in("ana.souza", "enter").await;
        assert_eq!(app.kinds_to(CONTACT).await, ["sign_in_locked"]);

        let token = app.link_to(CONTACT).await;
        let path = format!("/liberar-navegador/{token}");
        let mut scanner = app.browser().coming_from(ATTACKER);
        scanner
            .get(&path)
            .await
            .shows("Liberar este navegador?")
            .shows("Ana (ana.souza)");
        scanner
            .sign_in("ana.souza", "enter")
            .await
            .shows(AT_THE_LIMIT);
        owner
            .post("/api/sign-in-link", &[("token", &token)])
            .await
            .at(&path)
            .shows("Agora entre com o usuário e a senha");
        // once, and for that browser alone
        scanner
            .post("/api/sign-in-link", &[("token", &token)])
            .await
            .shows(PT.refused_used_title());
        scanner
            .sign_in("ana.souza", "enter")
            .await
            .shows(AT_THE_LIMIT);
        // it is no key: the password is still asked for
        guess(&mut owner, "ana.souza")
            .await
            .shows(PT.problem_credentials());
        owner.sign_in("ana.souza", "enter").await.at("/inicio");
        scanner
            .sign_in("ana.souza", "enter")
            .await
            .shows(AT_THE_LIMIT);
    }
);

both!(
    h3_a_link_gives_its_mailbox_five_guesses_and_no_more,
    |database: Database| async move {
        let app = with_people(database, Options::default(), 0).await;
        let mut owner = app.browser().coming_from(OWNER);
        owner.sign_in("ana.souza", "enter").await.at("/inicio");
        owner.post("/api/sign-out", &[]).await;
        // the known browser itself uses the whole ceiling up
        for network in 0..16 {
            let mut attacker = app.browser().coming_from(&format!("10.0.{network}.1"));
            for _ in 0..5 {
                guess(&mut attacker, "ana.souza").await;
            }
        }
        for _ in 0..20 {
            guess(&mut owner, "ana.souza").await;
            app.clock.forward(3_600);
        }
        owner
            .sign_in("ana.souza", "enter")
            .await
            .shows(AT_THE_LIMIT);
        let token = app.link_to(CONTACT).await;
        let mut thief = app.browser().coming_from(ATTACKER);
        thief.post("/api/sign-in-link", &[("token", &token)]).await;
        for _ in 0..5 {
            guess(&mut thief, "ana.souza")
                .await
                .shows(PT.problem_credentials());
        }
        guess(&mut thief, "ana.souza").await.shows(AT_THE_LIMIT);
    }
);

both!(
    h3_links_are_mailed_every_half_hour_and_twelve_times_a_day_at_most,
    |database: Database| async move {
        let app = with_people(database, Options::default(), 0).await;
        for network in 0..16 {
            let mut attacker = app.browser().coming_from(&format!("10.0.{network}.1"));
            for _ in 0..5 {
                guess(&mut attacker, "ana.souza").await;
            }
        }
        let mut attacker = app.browser().coming_from(ATTACKER);
        for _ in 0..4 {
            guess(&mut attacker, "ana.souza").await;
            app.clock.forward(600);
        }
        assert_eq!(app.kinds_to(CONTACT).await.len(), 2, "at 0 and 30 minutes");
        for _ in 0..30 {
            app.clock.forward(1_800);
            guess(&mut attacker, "ana.souza").await;
        }
        assert_eq!(app.kinds_to(CONTACT).await.len(), 12);
        // a link works for an hour
        let token = app.link_to(CONTACT).await;
        app.clock.forward(3_600 * 10);
        app.browser()
            .get(&format!("/liberar-navegador/{token}"))
            .await
            .shows(PT.refused_expired_title());
    }
);

fn small_budget() -> Options {
    Options {
        network_budget: NetworkBudget {
            failures: 10,
            refill: Seconds(30),
        },
        ..Options::default()
    }
}

both!(
    h4_a_network_sprays_no_more_accounts_than_its_budget,
    |database: Database| async move {
        let app = with_people(database, small_budget(), 12).await;
        let mut attacker = app.browser().coming_from(ATTACKER);
        for n in 0..10 {
            guess(&mut attacker, &format!("pessoa{n}x"))
                .await
                .shows(PT.problem_credentials());
        }
        // spent: the next attempt is told to come later, right or wrong, and is no failure of its account
        let told = "Muitas senhas erradas vieram da rede que você usa.";
        guess(&mut attacker, "pessoa11x").await.shows(told);
        guess(&mut attacker, "ninguem").await.shows(told);
        attacker.sign_in("ana.souza", "enter").await.shows(told);
        let dump = app.database.dump().await;
        assert_eq!(dump.rows("throttle"), 10 * 2);
        // another network is not slowed down
        app.browser()
            .coming_from(OWNER)
            .sign_in("ana.souza", "enter")
            .await
            .at("/inicio");
        // it comes back one by one; twenty seconds are waited for, so that the owner need not come again
        app.clock.forward(30);
        guess(&mut attacker, "pessoa10x")
            .await
            .shows(PT.problem_credentials());
        guess(&mut attacker, "pessoa11x").await.shows(told);
    }
);

both!(
    h4_right_passwords_and_known_browsers_take_nothing_from_a_budget,
    |database: Database| async move {
        let app = with_people(database, small_budget(), 0).await;
        let mut known = app.browser().coming_from(ATTACKER);
        known.sign_in("ana.souza", "enter").await.at("/inicio");
        // a bar association: many right passwords from one network
        for _ in 0..15 {
            app.browser()
                .coming_from("198.51.100.20")
                .sign_in("ana.souza", "enter")
                .await
                .at("/inicio");
        }
        for n in 0..10 {
            guess(
                &mut app.browser().coming_from(ATTACKER),
                &format!("ninguem{n}"),
            )
            .await;
        }
        app.browser()
            .coming_from(ATTACKER)
            .sign_in("ana.souza", "enter")
            .await
            .shows("Muitas senhas erradas vieram da rede que você usa.");
        // inside the attacker's network, with the budget spent
        known.sign_in("ana.souza", "enter").await.at("/inicio");
        for _ in 0..3 {
            guess(&mut known, "ana.souza")
                .await
                .shows(PT.problem_credentials());
        }
        known.sign_in("ana.souza", "enter").await.at("/inicio");
    }
);

both!(
    h4_a_spent_budget_slows_a_stranger_down_who_then_gets_in,
    |database: Database| async move {
        let options = Options {
            network_budget: NetworkBudget {
                failures: 10,
                refill: Seconds(1),
            },
            ..Options::default()
        };
        let app = with_people(database, options, 0).await;
        for n in 0..10 {
            guess(
                &mut app.browser().coming_from(ATTACKER),
                &format!("ninguem{n}"),
            )
            .await;
        }
        app.browser()
            .coming_from(ATTACKER)
            .sign_in("ana.souza", "enter")
            .await
            .at("/inicio");
    }
);

both!(
    h4_guesses_at_the_same_time_take_each_from_the_budget,
    |database: Database| async move {
        let app = with_people(database, small_budget(), 0).await;
        let guesses = (0..30).map(|n| {
            let mut attacker = app.browser().coming_from(ATTACKER);
            async move { guess(&mut attacker, &format!("ninguem{n}")).await }
        });
        let answers = futures_util::future::join_all(guesses).await;
        let judged = answers
            .iter()
            .filter(|answer| answer.body.contains(PT.problem_credentials()))
            .count();
        assert_eq!(judged, 10);
    }
);

both!(
    h4_an_attack_on_many_accounts_gives_one_alarm_an_hour,
    |database: Database| async move {
        let options = Options {
            alarms: AlarmThresholds {
                waiting_accounts: 3,
                failing_accounts: 8,
                failures: 1_000,
            },
            ..Options::default()
        };
        let app = with_people(database, options, 12).await;
        let alarms = async || {
            app.services.look_for_attacks().await.unwrap();
            let dump = app.database.dump().await;
            let told = dump.column("audit", "detail");
            let text = |value: &Option<Vec<u8>>| {
                String::from_utf8_lossy(value.as_deref().unwrap_or_default()).into_owned()
            };
            let told = told.iter().map(text);
            told.filter(|detail| detail.contains("within an hour"))
                .collect::<Vec<_>>()
        };
        // one wrong password at many accounts
        for n in 0..8 {
            guess(
                &mut app.browser().coming_from(ATTACKER),
                &format!("pessoa{n}x"),
            )
            .await;
        }
        assert_eq!(alarms().await, [""; 0]);
        guess(&mut app.browser().coming_from(OTHER_ATTACKER), "ninguem").await;
        let told = "passwords failed at 9 accounts within an hour, from 198.51.100.0/24 (8), 192.0.2.0/24 (1)";
        assert_eq!(alarms().await, [told]);
        assert_eq!(alarms().await.len(), 1, "not repeated within the hour");
        // many accounts made to wait
        for n in 0..4 {
            for _ in 0..6 {
                guess(
                    &mut app.browser().coming_from(ATTACKER),
                    &format!("pessoa{n}x"),
                )
                .await;
            }
        }
        assert_eq!(alarms().await.len(), 2);
        let waiting = "failures of 4 accounts reached a wait within an hour";
        assert!(alarms().await.iter().any(|detail| detail == waiting));
        app.clock.forward(3_601);
        assert_eq!(alarms().await.len(), 2, "nothing new");
    }
);

both!(
    h4_guesses_from_many_networks_give_an_alarm_too_and_ten_times_as_many_another,
    |database: Database| async move {
        let options = Options {
            alarms: AlarmThresholds {
                failures: 8,
                ..AlarmThresholds::default()
            },
            ..Options::default()
        };
        let app = with_people(database, options, 1).await;
        let alarms = async || {
            app.services.look_for_attacks().await.unwrap();
            let dump = app.database.dump().await;
            let told = dump.column("audit", "detail");
            let is_alarm = |value: &&Option<Vec<u8>>| {
                let text = String::from_utf8_lossy(value.as_deref().unwrap_or_default());
                text.contains("passwords were wrong within an hour, over all networks")
            };
            told.iter().filter(is_alarm).count()
        };
        let guess_from = async |networks: std::ops::Range<u8>| {
            for network in networks {
                let mut attacker = app.browser().coming_from(&format!("10.0.{network}.1"));
                guess(&mut attacker, &format!("ninguem{network}")).await;
            }
        };
        guess_from(0..8).await;
        assert_eq!(alarms().await, 0);
        guess_from(8..9).await;
        assert_eq!((alarms().await, alarms().await), (1, 1));
        guess_from(9..10).await;
        assert_eq!(alarms().await, 2, "ten is a digit more than nine");
    }
);

both!(
    h3_all_that_wait_are_let_try_again_and_blocked_ones_stay_blocked,
    |database: Database| async move {
        let app = with_people(database, Options::default(), 2).await;
        for login in ["ana.souza", "pessoa0x", "ninguem"] {
            for _ in 0..6 {
                guess(&mut app.browser().coming_from(OWNER), login).await;
            }
        }
        guess(&mut app.browser().coming_from(OWNER), "pessoa1x").await;
        app.block("pessoa0x").await;
        let forgotten = app.operator().forget_all_locked("attack of today").await;
        assert_eq!(forgotten.unwrap(), 2);
        let mut owner = app.browser().coming_from(OWNER);
        owner.sign_in("ana.souza", "enter").await.at("/inicio");
        owner
            .sign_in("pessoa0x", "enter")
            .await
            .shows(PT.problem_blocked());
        let dump = app.database.dump().await;
        assert!(dump.has_value("attack of today"));
        // who did not wait was not touched
        assert!(
            dump.column("throttle", "failures")
                .contains(&Some(b"1".to_vec()))
        );
    }
);

both!(
    m4_posts_against_a_locked_account_write_a_row_a_minute,
    |database: Database| async move {
        let app = with_people(database, Options::default(), 0).await;
        let rows = async || app.database.dump().await.rows("audit");
        for login in ["ana.souza", "ninguem"] {
            let mut attacker = app.browser().coming_from(ATTACKER);
            for _ in 0..6 {
                guess(&mut attacker, login).await;
            }
            let before = rows().await;
            for _ in 0..20 {
                guess(&mut attacker, login).await.shows(LOCKED);
            }
            assert_eq!(rows().await - before, 1, "{login}");
            app.clock.forward(3_600 * 24 * 60);
        }
    }
);

both!(
    m4_an_account_at_its_limit_is_audited_from_ten_networks_a_minute,
    |database: Database| async move {
        let app = with_people(database, Options::default(), 0).await;
        for login in ["ana.souza", "ninguem"] {
            for network in 0..16 {
                let mut attacker = app.browser().coming_from(&format!("10.0.{network}.1"));
                for _ in 0..5 {
                    guess(&mut attacker, login).await;
                }
            }
            let before = app.database.dump().await.rows("audit");
            for network in 16..56 {
                let mut attacker = app.browser().coming_from(&format!("10.0.{network}.1"));
                guess(&mut attacker, login).await;
            }
            assert_eq!(
                app.database.dump().await.rows("audit") - before,
                10,
                "{login}"
            );
            app.clock.forward(61);
        }
    }
);

both!(
    m4_counters_of_known_and_unknown_logins_are_forgotten_alike,
    |database: Database| async move {
        let app = with_people(database, Options::default(), 0).await;
        for login in ["ana.souza", "ninguem"] {
            for _ in 0..3 {
                guess(&mut app.browser().coming_from(ATTACKER), login).await;
            }
            for network in 0..16 {
                let mut attacker = app.browser().coming_from(&format!("10.0.{network}.1"));
                for _ in 0..5 {
                    guess(&mut attacker, &format!("{login}.no.limite")).await;
                }
            }
        }
        let rows = async || app.database.dump().await.rows("throttle");
        assert_eq!(rows().await, 2 * 2 + 2 * 17);
        app.clock.forward(86_400 * 30);
        app.services.forget().await.unwrap();
        assert_eq!(rows().await, 2 * 2 + 2 * 17);
        app.clock.forward(1);
        app.services.forget().await.unwrap();
        // what is at the ceiling stays: waiting must not give new attempts there
        assert_eq!(rows().await, 2 * 17);
        assert_eq!(app.database.dump().await.rows("network_budget"), 0);
    }
);

both!(
    r31_the_code_field_knows_the_network_too,
    |database: Database| async move {
        let (app, key) = crate::support::enrolled(database).await;
        let mut thief = app.browser().coming_from(ATTACKER);
        thief
            .sign_in("ana.souza", "enter")
            .await
            .at("/entrar/codigo");
        for _ in 0..3 {
            thief.post("/api/verify-code", &[("code", "000000")]).await;
        }
        thief.get("/entrar/codigo").await.shows("Muitas tentativas");
        let mut owner = app.browser().coming_from(OWNER);
        owner
            .sign_in("ana.souza", "enter")
            .await
            .at("/entrar/codigo");
        let code = code_at(&key, app.now());
        owner
            .post("/api/verify-code", &[("code", &code)])
            .await
            .at("/inicio");
    }
);

both!(
    m4_the_audit_has_a_period_and_is_exported_in_order,
    |database: Database| async move {
        let app = with_people(database, Options::default(), 0).await;
        for login in ["ana.souza", "ninguem"] {
            guess(&mut app.browser().coming_from(ATTACKER), login).await;
        }
        let rows = async |after| {
            let mut db = app.services.store().reader().await.unwrap();
            db.audit_rows(after, 2).await.unwrap()
        };
        let first = rows(0).await;
        let second = rows(first[1].seq).await;
        let told = first
            .iter()
            .chain(&second)
            .map(|row| (&*row.event, &*row.outcome));
        assert_eq!(
            told.collect::<Vec<_>>(),
            [
                ("registration", "done"),
                ("sign_in", "mismatch"),
                ("sign_in", "mismatch")
            ]
        );
        assert_eq!(
            (&*second[0].network, second[0].person_id),
            ("198.51.100.0/24", None)
        );
        app.clock.forward(86_400 * 365);
        app.services.forget().await.unwrap();
        assert_eq!(app.database.dump().await.rows("audit"), 3);
        app.clock.forward(1);
        app.services.forget().await.unwrap();
        assert_eq!(app.database.dump().await.rows("audit"), 0);
    }
);

both!(
    l13_a_wait_that_was_set_while_the_clock_was_ahead_does_not_last,
    |database: Database| async move {
        let app = with_people(database, Options::default(), 0).await;
        app.clock.forward(86_400);
        for _ in 0..6 {
            guess(&mut app.browser().coming_from(OWNER), "ana.souza").await;
        }
        app.clock.forward(-86_400);
        app.browser()
            .coming_from(OWNER)
            .sign_in("ana.souza", "enter")
            .await
            .at("/inicio");
    }
);

both!(
    h3_two_posts_of_one_link_let_one_browser_try,
    |database: Database| async move {
        let app = with_people(database, Options::default(), 0).await;
        for network in 0..16 {
            let mut attacker = app.browser().coming_from(&format!("10.0.{network}.1"));
            for _ in 0..5 {
                guess(&mut attacker, "ana.souza").await;
            }
        }
        guess(&mut app.browser().coming_from(OWNER), "ana.souza").await;
        let token = app.link_to(CONTACT).await;
        let posts = (0..20).map(|_| {
            let (mut browser, token) = (app.browser().coming_from(OWNER), token.clone());
            async move {
                browser
                    .post_once("/api/sign-in-link", &[("token", &token)])
                    .await;
                browser.cookies.contains_key("jmu-browser")
            }
        });
        let known = futures_util::future::join_all(posts).await;
        assert_eq!(known.into_iter().filter(|known| *known).count(), 1);
    }
);
