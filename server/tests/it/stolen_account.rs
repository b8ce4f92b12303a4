//! Findings H5 and R33: a stolen account comes back, and a right password without a code is told.

use crate::support::{Browser, Database, Options, PT, TestApp, WILLING, both, code_at, enrolled};
use server::domain::{Demand, HashMemory, PasswordHash, Policy, SecretText};
use server::services::people::{AccountAct, ActRefusal};

const ANA: &str = "ana@correio.example";
const BLOCK: AccountAct = AccountAct::Block { keep_factor: false };

fn new_password(typed: &str) -> AccountAct {
    let memory = &mut HashMemory::default();
    AccountAct::SetPassword(PasswordHash::create(
        &SecretText::new(typed),
        [3; 16],
        memory,
    ))
}

async fn refusal(app: &TestApp, act: AccountAct) -> ActRefusal {
    let refused = app.operator().act("ana.souza", act, "ticket 7").await;
    refused.unwrap().unwrap_err()
}

async fn rows(app: &TestApp, table: &str, column: &str) -> usize {
    app.database.dump().await.column(table, column).len()
}

async fn typed_password(browser: &mut Browser, password: &str) -> crate::support::Answer {
    let form = [
        ("login", "ana.souza"),
        ("password", password),
        ("intent", "enter"),
    ];
    browser.post("/api/sign-in", &form).await
}

both!(
    h5_not_me_leaves_a_thief_neither_browser_nor_password,
    |database: Database| async move {
        let options = Options {
            peers: vec!["STM"],
            ..Options::default()
        };
        let app = TestApp::new(database, options).await;
        let contact = "ana@advocacia.example";
        app.person_with("ana.souza", &["lawyer"], &[contact], None)
            .await;
        let mut thief = app.browser();
        let key = thief.reach_mail(&app, "ana.souza", ANA).await;
        let link = app.link_to(ANA).await;
        let form = [("token", &*link)];
        let confirming = thief.post("/api/activation-confirm", &form);
        // the other instance answers while the confirmation waits for it
        let delivering = async {
            while !app.services.deliver_next_change(&WILLING).await.unwrap() {
                tokio::task::yield_now().await;
            }
        };
        tokio::join!(confirming, delivering).0.at("/ativada");
        app.next_step();
        thief
            .sign_in_with_code(&app, "ana.souza", &key)
            .await
            .at("/inicio");
        assert_eq!(rows(&app, "known_browser", "token_hash").await, 1);

        let not_me = app.link_to(contact).await;
        app.browser()
            .post("/api/not-me", &[("token", &not_me)])
            .await
            .shows(PT.reported_title())
            .shows("O autenticador retirado aqui ainda pode valer em: STM.");
        thief.get("/inicio").await.at("/");
        assert_eq!(rows(&app, "known_browser", "token_hash").await, 0);
        // the desk cannot hand the account back with the thief's password
        assert_eq!(
            refusal(&app, AccountAct::Unblock).await,
            ActRefusal::NewPasswordNeeded
        );
        thief
            .sign_in("ana.souza", "enter")
            .await
            .shows(PT.problem_blocked());
        app.act("ana.souza", new_password("a new one 1")).await;
        typed_password(&mut thief, "a new one 1")
            .await
            .shows(PT.problem_blocked());
        app.act("ana.souza", AccountAct::Unblock).await;
        thief
            .sign_in("ana.souza", "enter")
            .await
            .shows(PT.problem_credentials());
        typed_password(&mut app.browser(), "a new one 1")
            .await
            .at("/inicio");
    }
);

both!(
    h5_a_block_takes_back_what_was_activated_lately,
    |database: Database| async move {
        let (app, key) = enrolled(database).await;
        let mut thief = app.browser();
        thief
            .sign_in_with_code(&app, "ana.souza", &key)
            .await
            .at("/inicio");
        let done = app.block("ana.souza").await;
        assert!(done.took_factor_back && done.still_active_at.is_empty());
        thief.get("/inicio").await.at("/");
        assert_eq!(rows(&app, "totp", "factor_id").await, 0);
        assert_eq!(rows(&app, "known_browser", "token_hash").await, 0);
        // the owner is told at the email that goes with the factor
        assert_eq!(app.kinds_to(ANA).await.last(), Some(&"account_changed"));
        app.give_back("ana.souza").await;
        assert_eq!(
            app.operator().list_people().await.unwrap()[0].factor,
            "none"
        );

        // an authenticator of long ago, or one that the operator keeps, stays
        app.clock.forward(60);
        app.browser().enrol(&app, "ana.souza", ANA).await;
        let kept = app
            .act("ana.souza", AccountAct::Block { keep_factor: true })
            .await;
        assert!(!kept.took_factor_back);
        app.clock.forward(86_400 * 11);
        assert!(!app.act("ana.souza", BLOCK).await.took_factor_back);
        assert_eq!(
            app.operator().list_people().await.unwrap()[0].factor,
            "active"
        );
    }
);

both!(
    h5_a_reset_factor_is_revoked_until_an_approval_and_never_less_than_a_code,
    |database: Database| async move {
        // the laxest policy: the password alone opens a full session of who never had a factor
        let options = Options {
            policy: Policy {
                default: Demand::Optional,
                ..Policy::default()
            },
            ..Options::default()
        };
        let app = TestApp::new(database, options).await;
        app.person("ana.souza").await;
        assert_eq!(
            refusal(&app, AccountAct::ResetFactor).await,
            ActRefusal::NoActiveFactor
        );
        let (key, _) = app.browser().enrol(&app, "ana.souza", ANA).await;
        app.next_step();
        let mut inside = app.browser();
        inside
            .sign_in_with_code(&app, "ana.souza", &key)
            .await
            .at("/inicio");
        assert!(
            app.act("ana.souza", AccountAct::ResetFactor)
                .await
                .took_factor_back
        );
        inside.get("/inicio").await.at("/");
        assert_eq!(app.kinds_to(ANA).await.last(), Some(&"account_changed"));
        for intent in ["enter", "second-factor"] {
            app.browser()
                .sign_in("ana.souza", intent)
                .await
                .shows(PT.problem_blocked());
        }
        // an approval opens the enrolment, and nothing else, whichever button is pressed
        app.approve("ana.souza").await;
        let mut owner = app.browser();
        owner
            .sign_in("ana.souza", "enter")
            .await
            .at("/habilitar/aviso");
        owner.get("/inicio").await.at("/habilitar/aviso");
        app.clock.forward(86_400);
        owner.get("/habilitar/aviso").await.at("/");
        owner
            .sign_in("ana.souza", "enter")
            .await
            .shows(PT.problem_blocked());
        app.approve("ana.souza").await;
        let (key, page) = owner.enrol(&app, "ana.souza", ANA).await;
        page.at("/ativada");
        app.next_step();
        owner
            .sign_in_with_code(&app, "ana.souza", &key)
            .await
            .at("/inicio");
    }
);

both!(
    h5_a_confirmation_after_the_approval_ended_activates_nothing,
    |database: Database| async move {
        let (app, _) = enrolled(database).await;
        app.act("ana.souza", AccountAct::ResetFactor).await;
        app.approve("ana.souza").await;
        app.clock.forward(86_400 - 60);
        let mut owner = app.browser();
        owner.reach_mail(&app, "ana.souza", ANA).await;
        app.clock.forward(60);
        let link = app.link_to(ANA).await;
        owner
            .post("/api/activation-confirm", &[("token", &link)])
            .await
            .shows(PT.refused_cancelled_title());
        assert_eq!(
            app.operator().list_people().await.unwrap()[0].factor,
            "revoked"
        );
    }
);

both!(
    h5_a_new_password_ends_what_the_old_one_opened,
    |database: Database| async move {
        let app = crate::support::with_ana(database).await;
        let (mut thief, mut half_way) = (app.browser(), app.browser());
        thief.sign_in("ana.souza", "enter").await.at("/inicio");
        half_way.reach_qr("ana.souza").await;
        app.act("ana.souza", new_password("a new one 1")).await;
        thief.get("/inicio").await.at("/");
        half_way.get("/habilitar").await.at("/");
        assert_eq!(rows(&app, "known_browser", "token_hash").await, 0);
        thief
            .sign_in("ana.souza", "enter")
            .await
            .shows(PT.problem_credentials());
        typed_password(&mut thief, "a new one 1")
            .await
            .at("/inicio");
    }
);

both!(
    l7_acts_are_audited_with_operator_and_reason,
    |database: Database| async move {
        let (app, _) = enrolled(database).await;
        for act in [AccountAct::ResetFactor, new_password("a new one 1"), BLOCK] {
            app.act("ana.souza", act).await;
        }
        let mut conn = app.database.connect().await;
        let told: Vec<(String, String, String, String)> = sqlx::query_as(
            "SELECT actor, event, outcome, detail FROM audit WHERE actor_kind = 'operator' \
             AND event <> 'registration' ORDER BY seq",
        )
        .fetch_all(&mut conn)
        .await
        .unwrap();
        let row = |event: &str, outcome: &str| {
            let words = ["operator", event, outcome, "ticket 7"].map(str::to_owned);
            words.into()
        };
        let expected: [(String, String, String, String); 3] = [
            row("factor", "revoked_by_operator"),
            row("password", "set_by_operator"),
            row("block", "done"),
        ];
        assert_eq!(told, expected);
    }
);

both!(
    r33_a_right_password_without_a_code_is_told_once_an_hour_with_a_way_to_block,
    |database: Database| async move {
        let (app, key) = enrolled(database).await;
        let told = async || {
            app.services.tell_of_sign_ins_without_code().await.unwrap();
            let kinds = app.kinds_to(ANA).await;
            kinds
                .iter()
                .filter(|kind| **kind == "password_without_code")
                .count()
        };
        // with the code in time there is nothing to tell
        app.browser()
            .sign_in_with_code(&app, "ana.souza", &key)
            .await
            .at("/inicio");
        app.clock.forward(600);
        assert_eq!(told().await, 0);

        // signing out does not hide it, and it is told after five minutes, not before
        let mut thief = app.browser();
        thief
            .sign_in("ana.souza", "enter")
            .await
            .at("/entrar/codigo");
        thief.post("/api/sign-out", &[]).await.at("/");
        app.clock.forward(299);
        assert_eq!(told().await, 0);
        app.clock.forward(1);
        assert_eq!((told().await, told().await), (1, 1));

        // the next ones are gathered: one mail an hour
        for _ in 0..3 {
            app.browser()
                .sign_in("ana.souza", "enter")
                .await
                .at("/entrar/codigo");
            app.clock.forward(600);
            assert_eq!(told().await, 1);
        }
        app.clock.forward(1_800);
        assert_eq!(told().await, 2);
        let mail = app.mails_to(ANA).await.pop().unwrap();
        assert!(mail.text.contains("foi aceita 3 vezes"), "{}", mail.text);

        let not_me = app.link_to(ANA).await;
        let mut owner = app.browser();
        owner
            .get(&format!("/nao-fui-eu/{not_me}"))
            .await
            .shows("digitou a senha de Ana");
        owner
            .post("/api/not-me", &[("token", &not_me)])
            .await
            .shows(PT.reported_title());
        thief
            .sign_in("ana.souza", "enter")
            .await
            .shows(PT.problem_blocked());
        // the owner's own authenticator stays
        assert_eq!(
            app.operator().list_people().await.unwrap()[0].factor,
            "active"
        );
    }
);

both!(
    r33_beginning_again_in_one_browser_neither_delays_nor_doubles_it,
    |database: Database| async move {
        let (app, key) = enrolled(database).await;
        let mut browser = app.browser();
        for _ in 0..3 {
            browser
                .sign_in("ana.souza", "enter")
                .await
                .at("/entrar/codigo");
            app.clock.forward(100);
        }
        assert_eq!(
            app.services.tell_of_sign_ins_without_code().await.unwrap(),
            1
        );
        let mail = app.mails_to(ANA).await.pop().unwrap();
        assert!(
            mail.text.contains("foi aceita, e o código"),
            "{}",
            mail.text
        );
        // and a code after the second password settles both
        app.clock.forward(3_600);
        browser
            .sign_in("ana.souza", "enter")
            .await
            .at("/entrar/codigo");
        app.clock.forward(60);
        browser
            .sign_in("ana.souza", "enter")
            .await
            .at("/entrar/codigo");
        let code = code_at(&key, app.now());
        browser
            .post("/api/verify-code", &[("code", &code)])
            .await
            .at("/inicio");
        app.clock.forward(600);
        assert_eq!(
            app.services.tell_of_sign_ins_without_code().await.unwrap(),
            0
        );
    }
);

both!(
    r33_two_processes_tell_it_once,
    |database: Database| async move {
        let (app, _) = enrolled(database).await;
        app.browser().sign_in("ana.souza", "enter").await;
        app.clock.forward(300);
        let replica = app.replica().await;
        let (one, other) = tokio::join!(
            app.services.tell_of_sign_ins_without_code(),
            replica.services.tell_of_sign_ins_without_code()
        );
        assert_eq!(one.unwrap() + other.unwrap(), 1);
        let kinds = [app.kinds_to(ANA).await, replica.kinds_to(ANA).await].concat();
        let told = kinds
            .iter()
            .filter(|kind| **kind == "password_without_code")
            .count();
        assert_eq!(told, 1, "{kinds:?}");
    }
);

both!(
    a_thief_s_factor_taken_back_never_leaves_the_password_alone_where_there_was_one_before,
    |database: Database| async move {
        let (app, _) = enrolled(database).await;
        app.act("ana.souza", AccountAct::ResetFactor).await;
        app.approve("ana.souza").await;
        // with the approval somebody else enrols
        app.clock.forward(60);
        app.browser().enrol(&app, "ana.souza", ANA).await;
        assert!(app.act("ana.souza", BLOCK).await.took_factor_back);
        app.give_back("ana.souza").await;
        let factor = app.operator().list_people().await.unwrap()[0].factor;
        assert_eq!(factor, "revoked");
        app.browser()
            .sign_in("ana.souza", "enter")
            .await
            .shows(PT.problem_blocked());
    }
);

both!(
    what_was_mailed_before_the_account_was_repaired_does_nothing_afterwards,
    |database: Database| async move {
        let app = TestApp::new(database, Options::default()).await;
        let contact = "ana@advocacia.example";
        app.person_with("ana.souza", &["lawyer"], &[contact], None)
            .await;
        // a thief begins an enrolment, and 80 wrong passwords make a link
        app.browser().reach_qr("ana.souza").await;
        let of_start = app.link_to(contact).await;
        for network in 0..16 {
            let mut attacker = app.browser().coming_from(&format!("10.0.{network}.1"));
            for _ in 0..5 {
                typed_password(&mut attacker, "wrong").await;
            }
        }
        typed_password(&mut app.browser().coming_from("10.9.9.9"), "wrong").await;
        let of_limit = app.link_to(contact).await;
        assert_ne!(of_start, of_limit);
        app.block("ana.souza").await;
        app.give_back("ana.souza").await;
        for (path, token) in [("/api/sign-in-link", &of_limit), ("/api/not-me", &of_start)] {
            app.browser()
                .post(path, &[("token", token)])
                .await
                .shows(PT.refused_cancelled_title());
        }
        assert_eq!(rows(&app, "known_browser", "token_hash").await, 0);
        assert!(!app.operator().list_people().await.unwrap()[0].blocked);
        // and whoever begins now, minutes after, is told of anew
        let starts = async || {
            let kinds = app.kinds_to(contact).await;
            kinds
                .iter()
                .filter(|kind| **kind == "enrolment_started")
                .count()
        };
        assert_eq!(starts().await, 1);
        app.browser().reach_qr("ana.souza").await;
        assert_eq!(starts().await, 2);
    }
);

both!(
    r33_what_an_operator_dealt_with_is_not_told_an_hour_later,
    |database: Database| async move {
        let (app, _) = enrolled(database).await;
        for _ in 0..2 {
            app.browser().sign_in("ana.souza", "enter").await;
            app.clock.forward(300);
            app.services.tell_of_sign_ins_without_code().await.unwrap();
        }
        app.act("ana.souza", AccountAct::Block { keep_factor: true })
            .await;
        app.give_back("ana.souza").await;
        app.clock.forward(3_600);
        let told = app.services.tell_of_sign_ins_without_code().await;
        assert_eq!(told.unwrap(), 0);
    }
);

both!(
    r4_wrong_codes_from_many_networks_are_one_mail_an_hour,
    |database: Database| async move {
        let (app, _) = enrolled(database).await;
        let guess_codes = async |networks: std::ops::Range<u8>| {
            for network in networks {
                let mut thief = app.browser().coming_from(&format!("10.0.{network}.1"));
                thief.sign_in("ana.souza", "enter").await;
                for _ in 0..3 {
                    thief.post("/api/verify-code", &[("code", "000000")]).await;
                }
            }
        };
        let mails = async || {
            let kinds = app.kinds_to(ANA).await;
            kinds.iter().filter(|kind| **kind == "wrong_codes").count()
        };
        guess_codes(0..10).await;
        assert_eq!(mails().await, 1);
        app.clock.forward(3_601);
        guess_codes(10..12).await;
        assert_eq!(mails().await, 2);
    }
);
