//! Every change at one instance reaches the other: new and stolen phones, revocations, blocks, and what is taken back.

use crate::authenticators::{add, ids_on, inside, opens};
use crate::recovery_codes::make_codes;
use crate::support::pair::{ANA, CPF};
use crate::support::{Database, NoPeers, Options, PT, Pair, TestApp, both, code_at};
use app::model::SyncOutcome;
use server::domain::{HashMemory, PasswordHash, PeerRights, SecretText, SyncAnswer, SyncMessage};
use server::ports::{PeerError, Peers};
use server::services::people::{AccountAct, ActRefusal};
use std::sync::Arc;

/// Both instances with Ana, whose phone was enrolled at JMU and serves at both.
pub async fn enrolled_pair(database: Database) -> (Pair, String) {
    let pair = Pair::new(database).await;
    pair.person("ana.souza").await;
    let (key, page) = pair.activate("ana.souza").await;
    page.shows("Sincronização realizada com sucesso em STM");
    // the next mail to the same address is a minute later
    pair.jmu.clock.forward(60);
    (pair, key)
}

/// From a full session at JMU to a new phone in place of the first one; returns its key.
pub async fn new_phone(app: &TestApp, key: &str) -> String {
    let mut browser = inside(app, key).await;
    let ids = ids_on(&browser.get("/conta/novo-celular").await);
    let new = add(app, &mut browser, &ids[0], "").await;
    app.confirm(ANA).await.at("/ativada");
    new
}

pub async fn states(app: &TestApp) -> Vec<String> {
    let dump = app.database.dump().await;
    dump.column("person_security", "factor_state")
        .into_iter()
        .map(|state| String::from_utf8(state.unwrap()).unwrap())
        .collect()
}

both!(
    a_new_phone_serves_everywhere_and_the_old_one_nowhere,
    |database: Database| async move {
        let (pair, old) = enrolled_pair(database).await;
        let mut working = inside(&pair.stm, &old).await;
        let new = new_phone(&pair.jmu, &old).await;
        assert!(opens(&pair.stm, &old).await, "STM was not told yet");
        pair.settle().await;
        assert!(!opens(&pair.stm, &old).await);
        assert!(opens(&pair.stm, &new).await && opens(&pair.jmu, &new).await);
        // who was in there by the old phone is asked for a code of the new one
        working.get("/inicio").await.at("/entrar/codigo");
        assert_eq!(
            *pair.stm.kinds_to(ANA).await.last().unwrap(),
            "security_changed"
        );
    }
);

both!(
    another_authenticator_serves_everywhere_and_is_removed_everywhere,
    |database: Database| async move {
        let (pair, key) = enrolled_pair(database).await;
        let mut browser = inside(&pair.jmu, &key).await;
        let tablet = add(&pair.jmu, &mut browser, "", "Tablet").await;
        pair.jmu.confirm(ANA).await.at("/ativada");
        pair.settle().await;
        assert!(opens(&pair.stm, &tablet).await && opens(&pair.stm, &key).await);
        // removed at STM, by the name that it has there
        let mut there = inside(&pair.stm, &key).await;
        there.get("/conta/aplicativos").await.shows("Tablet");
        let ids = ids_on(&there.get("/conta/novo-celular").await);
        let id = ids[1].clone();
        there
            .post("/api/authenticator-remove", &[("id", &id)])
            .await
            .hides("Tablet");
        pair.settle().await;
        assert!(!opens(&pair.jmu, &tablet).await);
        assert!(opens(&pair.jmu, &key).await && opens(&pair.stm, &key).await);
    }
);

both!(
    a_theft_told_at_one_closes_the_other_and_the_next_phone_opens_both,
    |database: Database| async move {
        let (pair, stolen) = enrolled_pair(database).await;
        let mut ana = pair.jmu.browser();
        pair.jmu.next_step();
        let codes = make_codes(&pair.jmu, &mut ana, &stolen).await;
        let mut ana = pair.jmu.browser();
        ana.sign_in("ana.souza", "enter").await.at("/entrar/codigo");
        ana.post("/api/report-stolen", &[("code", &codes[0])])
            .await
            .at("/habilitar/aviso");
        pair.settle().await;
        assert!(!opens(&pair.stm, &stolen).await);
        assert_eq!(states(&pair.stm).await, ["revoked"]);
        pair.jmu.clock.forward(60);
        let page = ana.post("/api/enrolment-begin", &[]).await;
        let new = page.at("/habilitar").setup_key();
        let code = code_at(&new, pair.jmu.now());
        let form = [("code", &*code), ("email", ANA)];
        ana.post("/api/enrolment-submit", &form)
            .await
            .at("/habilitar/email-enviado");
        pair.jmu.confirm(ANA).await.at("/ativada");
        pair.settle().await;
        assert!(opens(&pair.jmu, &new).await && opens(&pair.stm, &new).await);
    }
);

both!(
    h5_not_me_takes_back_at_the_other_exactly_what_was_carried_there,
    |database: Database| async move {
        let pair = Pair::new(database).await;
        let contact = "ana@advocacia.example";
        for app in [&pair.jmu, &pair.stm] {
            app.person_with("ana.souza", &["lawyer"], &[contact], Some(CPF))
                .await;
        }
        let (key, _) = pair.activate("ana.souza").await;
        assert!(opens(&pair.stm, &key).await);
        let not_me = pair.jmu.link_to(contact).await;
        pair.jmu
            .browser()
            .post("/api/not-me", &[("token", &not_me)])
            .await
            .shows(PT.reported_title());
        pair.settle().await;
        // as before the thief, but closed until there is a new password
        assert_eq!(states(&pair.stm).await, ["none"]);
        pair.stm
            .browser()
            .sign_in("ana.souza", "enter")
            .await
            .shows(PT.problem_blocked());
        let told = pair.stm.kinds_to(contact).await;
        assert_eq!(
            told,
            [
                "enrolment_activated",
                "security_changed",
                "security_changed"
            ]
        );
        // and JMU's page no longer says that it may work there
        let page = pair
            .jmu
            .browser()
            .get(&format!("/nao-fui-eu/{not_me}"))
            .await;
        page.hides("ainda pode valer");
    }
);

/// The messages arrive, and their answers are lost.
struct AnswersLost(Arc<dyn Peers>);

#[async_trait::async_trait]
impl Peers for AnswersLost {
    async fn deliver(
        &self,
        peer: &str,
        messages: &[SyncMessage],
    ) -> Result<Vec<Result<SyncAnswer, PeerError>>, PeerError> {
        self.0.deliver(peer, messages).await?;
        Err(PeerError::Unreachable("lost".to_owned()))
    }

    async fn is_reachable(&self, _: &str) -> bool {
        false
    }
}

both!(
    h5_what_is_under_way_when_it_is_taken_back_is_taken_back_too,
    |database: Database| async move {
        let pair = Pair::new(database).await;
        pair.person("ana.souza").await;
        let (key, _) = pair.jmu.browser().enrol(&pair.jmu, "ana.souza", ANA).await;
        // it arrives in the same second as the block, and nobody here knows that it did
        let lost = AnswersLost(pair.to_stm.clone());
        assert!(pair.jmu.services.deliver_next_change(&lost).await.unwrap());
        assert!(opens(&pair.stm, &key).await);
        pair.jmu.block("ana.souza").await;
        pair.settle().await;
        assert_eq!(states(&pair.stm).await, ["none"]);
        assert!(!opens(&pair.stm, &key).await);
    }
);

both!(
    a_block_holds_at_both_and_opens_where_there_is_a_new_password,
    |database: Database| async move {
        let (pair, key) = enrolled_pair(database).await;
        // older than what a block takes back
        pair.jmu.clock.forward(11 * 86_400);
        let mut there = inside(&pair.stm, &key).await;
        pair.jmu.block("ana.souza").await;
        pair.settle().await;
        there.get("/inicio").await.at("/");
        assert!(!opens(&pair.stm, &key).await);
        // JMU opens with its new password; STM's is still the old one
        pair.jmu.give_back("ana.souza").await;
        pair.settle().await;
        assert!(opens(&pair.jmu, &key).await);
        assert!(!opens(&pair.stm, &key).await);
        let operator = pair.stm.operator();
        let refused = operator.act("ana.souza", AccountAct::Unblock, "7").await;
        assert_eq!(refused.unwrap(), Err(ActRefusal::NewPasswordNeeded));
        pair.stm.give_back("ana.souza").await;
        assert!(opens(&pair.stm, &key).await);
    }
);

both!(
    what_a_revoked_phone_has_begun_at_the_other_leads_nowhere,
    |database: Database| async move {
        let (pair, key) = enrolled_pair(database).await;
        let mut ana = inside(&pair.jmu, &key).await;
        let tablet = add(&pair.jmu, &mut ana, "", "Tablet").await;
        pair.jmu.confirm(ANA).await.at("/ativada");
        pair.settle().await;
        // a thief with the first phone begins to add one at STM, up to the mail
        pair.jmu.clock.forward(60);
        let mut thief = inside(&pair.stm, &key).await;
        let theirs = add(&pair.stm, &mut thief, "", "").await;
        let link = pair.stm.link_to(ANA).await;
        // its owner removes the phone at JMU with the tablet
        let mut ana = inside(&pair.jmu, &tablet).await;
        let ids = ids_on(&ana.get("/conta/novo-celular").await);
        ana.post("/api/authenticator-remove", &[("id", &ids[0])])
            .await
            .shows(PT.apps_done());
        pair.settle().await;
        pair.stm
            .browser()
            .post("/api/activation-confirm", &[("token", &link)])
            .await
            .shows(PT.refused_cancelled_title());
        thief.get("/conta").await.at("/entrar/codigo");
        assert!(!opens(&pair.stm, &theirs).await && !opens(&pair.stm, &key).await);
        assert!(opens(&pair.stm, &tablet).await);
    }
);

both!(
    an_operator_s_reset_reaches_the_other,
    |database: Database| async move {
        let (pair, key) = enrolled_pair(database).await;
        let mut there = inside(&pair.stm, &key).await;
        pair.jmu.act("ana.souza", AccountAct::ResetFactor).await;
        pair.settle().await;
        there.get("/inicio").await.at("/");
        assert_eq!(states(&pair.stm).await, ["revoked"]);
        // the operator there lets the person enrol again, and both have the new phone
        pair.jmu.approve("ana.souza").await;
        pair.jmu.clock.forward(60);
        let (new, page) = pair.jmu.browser().enrol(&pair.jmu, "ana.souza", ANA).await;
        page.at("/ativada");
        pair.settle().await;
        assert!(opens(&pair.jmu, &new).await && opens(&pair.stm, &new).await);
    }
);

both!(
    two_new_phones_at_the_same_time_end_in_one_at_both,
    |database: Database| async move {
        let (pair, old) = enrolled_pair(database).await;
        let at_jmu = new_phone(&pair.jmu, &old).await;
        let at_stm = new_phone(&pair.stm, &old).await;
        pair.settle().await;
        for app in [&pair.jmu, &pair.stm] {
            assert!(!opens(app, &old).await && !opens(app, &at_jmu).await);
            assert!(opens(app, &at_stm).await, "STM comes after JMU");
        }
        let told = pair.jmu.database.dump().await;
        assert!(told.has_value("superseded"), "in the outbox and the audit");
    }
);

async fn typed_password(app: &TestApp, password: &str) -> crate::support::Answer {
    let form = [
        ("login", "ana.souza"),
        ("password", password),
        ("intent", "enter"),
    ];
    app.browser().post("/api/sign-in", &form).await
}

both!(
    a_password_travels_only_where_both_have_agreed,
    |database: Database| async move {
        for agreed in [false, true] {
            let options = || Options {
                peer_rights: PeerRights {
                    may_set_password: agreed,
                    ..Options::default().peer_rights
                },
                ..Options::default()
            };
            let jmu = TestApp::new(
                Database::sqlite(),
                Options {
                    name: "JMU",
                    peers: vec!["STM"],
                    ..options()
                },
            )
            .await;
            let there = Options {
                name: "STM",
                peers: vec!["JMU"],
                ..options()
            };
            let stm = TestApp::over(Database::sqlite(), there, jmu.clock.clone()).await;
            let pair = Pair::between(jmu, stm).await;
            pair.person("ana.souza").await;
            let memory = &mut HashMemory::default();
            let hash = PasswordHash::create(&SecretText::new("a new one 1"), [3; 16], memory);
            let set = AccountAct::SetPassword(hash);
            pair.jmu.act("ana.souza", set).await;
            let dump = pair.jmu.database.dump().await;
            assert_eq!(dump.rows("outbox"), usize::from(agreed), "no hash waits");
            pair.settle().await;
            let page = typed_password(&pair.stm, "a new one 1").await;
            assert_eq!(page.path == "/inicio", agreed, "{}", page.path);
        }
        drop(database);
    }
);

both!(
    an_instance_restored_from_an_older_backup_revives_nothing,
    |database: Database| async move {
        let (pair, stolen) = enrolled_pair(Database::sqlite()).await;
        let key = new_phone(&pair.jmu, &stolen).await;
        pair.settle().await;
        // the backup of yesterday: before the new phone, as the old database had it
        let backup = pair.jmu.database.backup().await;
        // meanwhile the owner took the new phone back as stolen, and STM was told
        pair.jmu.act("ana.souza", AccountAct::ResetFactor).await;
        pair.settle().await;
        assert_eq!(states(&pair.stm).await, ["revoked"]);
        let there = Options {
            name: "JMU",
            peers: vec!["STM"],
            ..Options::default()
        };
        let restored = TestApp::over(backup, there, pair.jmu.clock.clone()).await;
        let pair = Pair::between(restored, pair.stm).await;
        // the thief has the phone that JMU has forgotten to be revoked, and enrols another one
        pair.jmu.clock.forward(60);
        let theirs = new_phone(&pair.jmu, &key).await;
        pair.settle().await;
        for app in [&pair.jmu, &pair.stm] {
            assert!(!opens(app, &key).await && !opens(app, &theirs).await);
            assert_eq!(states(app).await, ["revoked"]);
        }
        let dump = pair.jmu.database.dump().await;
        assert!(dump.has_value("lost"), "the audit of the person");
        let told = "STM knows changes of 1 people that this instance has lost: it was restored from an older backup";
        assert!(dump.has_value(told), "the alarm");
        drop(database);
    }
);

both!(
    who_is_registered_later_has_the_phone_without_anybody_resending,
    |database: Database| async move {
        let pair = Pair::with(Database::sqlite(), database, Options::default()).await;
        let lawyer = ["lawyer"];
        pair.jmu
            .person_with("ana.souza", &lawyer, &[], Some(CPF))
            .await;
        let (key, page) = pair.activate("ana.souza").await;
        page.shows(PT.sync_no_record());
        pair.jmu.clock.forward(60);
        let mut browser = inside(&pair.jmu, &key).await;
        let tablet = add(&pair.jmu, &mut browser, "", "Tablet").await;
        pair.jmu.confirm(ANA).await.at("/ativada");
        pair.settle().await;
        assert_eq!(pair.stm.services.ask_for_late_people().await.unwrap(), 0);
        // under another sigla there: found by CPF, as always
        pair.stm
            .person_with("asouza", &lawyer, &[], Some(CPF))
            .await;
        assert_eq!(pair.stm.services.ask_for_late_people().await.unwrap(), 1);
        assert_eq!(pair.stm.services.ask_for_late_people().await.unwrap(), 0);
        pair.settle().await;
        for key in [&key, &tablet] {
            pair.jmu.next_step();
            let mut there = pair.stm.browser();
            there
                .sign_in_with_code(&pair.stm, "asouza", key)
                .await
                .at("/inicio");
        }
        browser = inside(&pair.jmu, &key).await;
        browser
            .get("/conta")
            .await
            .shows("Sincronização realizada com sucesso em STM");
    }
);

both!(
    a_peer_is_told_again_only_what_it_was_told_in_vain,
    |database: Database| async move {
        use server::domain::{Change, InstanceName, Proof};
        let pair = Pair::with(Database::sqlite(), database, Options::default()).await;
        let id = pair.person("ana.souza").await;
        pair.activate("ana.souza").await;
        let rows = pair.jmu.database.dump().await.rows("outbox");
        // STM asks although it has everything, as somebody who wants secrets would
        let asking = (id, pair.stm.now());
        let store = pair.stm.services.store();
        store
            .write_with(asking, |tx, (id, now)| {
                Box::pin(async move {
                    let now = server::domain::Timestamp(*now);
                    let revision = tx.begin_change(*id).await?;
                    let jmu = InstanceName::parse("JMU").unwrap();
                    let told = (Proof::Operator, Change::Registered);
                    tx.tell_peer(*id, &jmu, &revision, told, None, now).await
                })
            })
            .await
            .unwrap();
        pair.settle().await;
        assert_eq!(pair.jmu.database.dump().await.rows("outbox"), rows);
    }
);

both!(
    what_waits_for_a_peer_that_is_down_arrives_once_and_is_wiped,
    |database: Database| async move {
        let pair = Pair::new(database).await;
        for n in 0..20 {
            let (sigla, mail) = (format!("pessoa{n}"), format!("p{n}@correio.example"));
            pair.jmu.person(&sigla).await;
            pair.stm.person(&sigla).await;
            pair.jmu.browser().enrol(&pair.jmu, &sigla, &mail).await;
        }
        // sigla alone is enough where both agree
        for _ in 0..3 {
            assert!(
                pair.jmu
                    .services
                    .deliver_next_change(&NoPeers)
                    .await
                    .unwrap()
            );
        }
        pair.settle().await;
        assert_eq!(states(&pair.stm).await, vec!["active"; 20]);
        let dump = pair.jmu.database.dump().await;
        let outcomes = dump.column("outbox", "outcome");
        let synchronised = Some(SyncOutcome::Synchronised.code().as_bytes().to_vec());
        assert_eq!(outcomes.iter().filter(|o| **o == synchronised).count(), 20);
        let wiped = dump.column("outbox", "payload_sealed");
        let kinds = dump.column("outbox", "channel");
        let left = wiped.iter().zip(&kinds);
        let sync = Some(b"sync".to_vec());
        assert!(
            left.into_iter()
                .all(|(sealed, channel)| *channel != sync || sealed.is_none())
        );
    }
);
