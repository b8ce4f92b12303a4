//! First activations that travel over real HTTP between two instances, and what is answered (R24).

use crate::support::pair::{ANA, CPF};
use crate::support::{Database, NoPeers, Options, PT, Pair, TestApp, both, code_at};
use app::model::SyncOutcome;
use server::domain::{
    Change, Cpf, Email, FactorName, InstanceName, MessageHeader, PeerRights, PersonChange, Proof,
    SharedFactor, Sigla, SyncMessage, Timestamp, TotpSecret,
};
use server::services::Services;
use std::time::Duration;

both!(
    success_and_one_entry_serves_both_instances,
    |database: Database| async move {
        let pair = Pair::new(database).await;
        pair.jmu
            .person_with("ana.souza", &["lawyer"], &[], Some(CPF))
            .await;
        // another sigla there: found by CPF
        pair.stm
            .person_with("asouza", &["lawyer"], &["ana@outro.example"], Some(CPF))
            .await;
        let mut entered = pair.stm.browser();
        entered.sign_in("asouza", "enter").await.at("/inicio");
        let (key, page) = pair.activate("ana.souza").await;
        page.at("/ativada")
            .shows("Sincronização realizada com sucesso em STM");
        // who was in there on the password alone is asked for the code now (R9)
        entered.get("/inicio").await.at("/entrar/codigo");
        // the code of the enrolment is used up there too
        let mut there = pair.stm.browser();
        there
            .sign_in_with_code(&pair.stm, "asouza", &key)
            .await
            .shows("Este código já foi usado");
        pair.jmu.next_step();
        there
            .sign_in_with_code(&pair.stm, "asouza", &key)
            .await
            .at("/inicio")
            .shows("Habilitada em JMU.");
        // and there the code of the entry is asked for that the app has
        pair.stm
            .browser()
            .sign_in("asouza", "enter")
            .await
            .shows("Digite os 6 dígitos da entrada e-Proc/JMU.");
        // the person's contacts there are told
        assert_eq!(
            pair.stm.kinds_to("ana@outro.example").await,
            ["enrolment_activated"]
        );
    }
);

both!(
    no_record_at_the_destination_blocks_nothing,
    |database: Database| async move {
        let pair = Pair::new(database).await;
        let id = pair
            .jmu
            .person_with("76912345620", &["lawyer"], &[], Some("76912345620"))
            .await;
        let (key, page) = pair.activate("76912345620").await;
        page.at("/ativada")
            .shows("A autenticação em 2 fatores foi ativada.")
            .shows(&format!(
                "Erro ao sincronizar senha de pessoa {id} para STM(STM)."
            ))
            .shows("Identificações:")
            .shows("Motivo:")
            .shows("Não possui cadastro no destino")
            .shows("<dd>769</dd>")
            .hides("76912345620");
        pair.jmu.next_step();
        let mut browser = pair.jmu.browser();
        browser
            .sign_in_with_code(&pair.jmu, "76912345620", &key)
            .await
            .at("/inicio");
    }
);

both!(
    a_first_enrolment_never_touches_an_active_factor_there,
    |database: Database| async move {
        let pair = Pair::new(database).await;
        pair.jmu
            .person_with("ana.souza", &["lawyer"], &[], Some(CPF))
            .await;
        pair.stm
            .person_with("ana.souza", &["lawyer"], &[], Some(CPF))
            .await;
        let (own, _) = pair
            .stm
            .browser()
            .enrol(&pair.stm, "ana.souza", "ana@stm.example")
            .await;
        let (_, page) = pair.activate("ana.souza").await;
        page.shows("Já possui autenticação em dois fatores no destino");
        pair.jmu.next_step();
        let mut there = pair.stm.browser();
        there
            .sign_in_with_code(&pair.stm, "ana.souza", &own)
            .await
            .at("/inicio");
    }
);

both!(
    cpf_and_sigla_of_two_people_are_a_refusal,
    |database: Database| async move {
        let pair = Pair::new(database).await;
        pair.jmu
            .person_with("ana.souza", &["lawyer"], &[], Some(CPF))
            .await;
        pair.stm
            .person_with("outra", &["lawyer"], &[], Some(CPF))
            .await;
        pair.stm
            .person_with("ana.souza", &["lawyer"], &[], None)
            .await;
        let (_, page) = pair.activate("ana.souza").await;
        page.shows("CPF e sigla pertencem a pessoas diferentes no destino");
        assert!(
            pair.stm
                .operator()
                .list_people()
                .await
                .unwrap()
                .iter()
                .all(|p| p.factor == "none")
        );
    }
);

both!(
    m8_a_sigla_alone_names_nobody_unless_both_sides_agreed,
    |database: Database| async move {
        for (agreed, here, there) in [
            (false, None, Some(CPF)),
            (false, Some(CPF), None),
            (false, None, None),
            (true, None, Some(CPF)),
            (false, Some(CPF), Some(CPF)),
        ] {
            let stm = Options {
                name: "STM",
                peers: vec!["JMU"],
                peer_rights: PeerRights {
                    match_by_sigla: agreed,
                    ..Options::default().peer_rights
                },
                ..Options::default()
            };
            let pair = Pair::with(Database::sqlite(), Database::sqlite(), stm).await;
            let lawyer = ["lawyer"];
            pair.jmu.person_with("ana.souza", &lawyer, &[], here).await;
            pair.stm.person_with("ana.souza", &lawyer, &[], there).await;
            pair.activate("ana.souza").await;
            let factor = pair.stm.operator().list_people().await.unwrap()[0].factor;
            let is_found = agreed || here.is_some() && there.is_some();
            assert_eq!(factor == "active", is_found, "{agreed} {here:?} {there:?}");
        }
        drop(database);
    }
);

both!(
    a_dead_peer_delays_the_page_by_two_seconds_at_most_and_settles_later,
    |database: Database| async move {
        let pair = Pair::new(database).await;
        pair.jmu
            .person_with("ana.souza", &["lawyer"], &[], Some(CPF))
            .await;
        pair.stm
            .person_with("ana.souza", &["lawyer"], &[], Some(CPF))
            .await;
        let mut browser = pair.jmu.browser();
        browser.reach_mail(&pair.jmu, "ana.souza", ANA).await;
        let token = pair.jmu.link_to(ANA).await;
        pair.jmu
            .services
            .deliver_next_change(&NoPeers)
            .await
            .unwrap();
        // the two seconds, and what the request itself takes
        let page = tokio::time::timeout(
            Duration::from_secs(3),
            browser.post("/api/activation-confirm", &[("token", &token)]),
        )
        .await
        .expect("the page waited too long");
        page.at("/ativada")
            .shows("Sincronização com STM em andamento.");
        assert!(
            pair.jmu
                .services
                .deliver_next_change(&NoPeers)
                .await
                .unwrap()
        );
        // it is due at once: the worker waits for the first answer, and not the row
        assert!(
            pair.jmu
                .services
                .deliver_next_change(&*pair.to_stm)
                .await
                .unwrap()
        );
        browser
            .get("/ativada")
            .await
            .shows("Sincronização realizada com sucesso em STM");
    }
);

both!(
    the_same_message_twice_gets_the_same_answer,
    |database: Database| async move {
        let pair = Pair::new(Database::sqlite()).await;
        let stm = TestApp::over(
            database,
            Options {
                name: "STM",
                peers: vec!["JMU"],
                ..Options::default()
            },
            pair.jmu.clock.clone(),
        )
        .await;
        stm.person_with("ana.souza", &["lawyer"], &[], Some(CPF))
            .await;
        let message = message(&stm, "m1");
        for _ in 0..3 {
            let answer = receive(&stm.services, message.clone()).await;
            assert_eq!(answer, SyncOutcome::Synchronised);
        }
        let parallel: Vec<_> = (0..10)
            .map(|_| {
                let (services, message) = (stm.services.clone(), message.clone());
                tokio::spawn(async move { receive(&services, message).await })
            })
            .collect();
        for answer in parallel {
            assert_eq!(answer.await.unwrap(), SyncOutcome::Synchronised);
        }
        // a day later too, and nothing of it is done again
        stm.clock.forward(86_400);
        let before = stm.database.dump().await;
        let answer = receive(&stm.services, message.clone()).await;
        assert_eq!(answer, SyncOutcome::Synchronised);
        let changed = before.changes_to(&stm.database.dump().await);
        assert!(changed.is_empty(), "{changed:?}");
        // another message for the same person finds the factor active
        let later = self::message(&stm, "m2");
        assert_eq!(
            receive(&stm.services, later).await,
            SyncOutcome::AlreadyActive
        );
    }
);

fn message(to: &TestApp, id: &str) -> SyncMessage {
    SyncMessage {
        header: MessageHeader {
            id: id.to_owned(),
            issuer: "JMU".to_owned(),
            audience: "STM".to_owned(),
        },
        change: PersonChange {
            cpf: Some(Cpf::parse(CPF).unwrap()),
            sigla: Sigla::parse("ana.souza").unwrap(),
            counter: id[1..].parse().unwrap(),
            seen: [].into(),
            made_at: Timestamp(to.now()),
            proof: Proof::FirstEnrolment,
            change: Change::FactorActivated(SharedFactor {
                factor: FactorName {
                    home: jmu(),
                    id: id.to_owned(),
                },
                label: String::new(),
                secret: TotpSecret::new([3; 20]),
                last_step: 1,
                email: Email::parse(ANA).unwrap(),
            }),
        },
    }
}

fn jmu() -> InstanceName {
    InstanceName::parse("JMU").unwrap()
}

async fn receive(services: &Services, message: SyncMessage) -> SyncOutcome {
    let answer = services.for_peer(&jmu()).receive(message).await;
    answer.unwrap().outcome
}

both!(
    an_unknown_or_unentitled_origin_changes_nothing,
    |database: Database| async move {
        // known and trusted to sign, but not to activate: over HTTP, from one instance to the other
        let unentitled = Options {
            name: "STM",
            peers: vec!["JMU"],
            peer_rights: PeerRights::default(),
            ..Options::default()
        };
        let pair = Pair::with(Database::sqlite(), database.clone(), unentitled).await;
        for app in [&pair.jmu, &pair.stm] {
            app.person_with("ana.souza", &["lawyer"], &[], Some(CPF))
                .await;
        }
        let (_, page) = pair.activate("ana.souza").await;
        page.at("/ativada").shows(PT.sync_refused());
        assert_eq!(
            pair.stm.operator().list_people().await.unwrap()[0].factor,
            "none"
        );
        assert_eq!(pair.stm.database.dump().await.rows("factor"), 0);

        // not known at all
        let app = TestApp::new(
            Database::sqlite(),
            Options {
                name: "STM",
                ..Options::default()
            },
        )
        .await;
        app.person_with("ana.souza", &["lawyer"], &[], Some(CPF))
            .await;
        let answer = receive(&app.services, message(&app, "m1")).await;
        assert_eq!(answer, SyncOutcome::Refused);
        // and over HTTP an unsigned body is not even opened
        let mut browser = app.browser();
        let request = browser
            .request(http::Method::POST, "/sync/v2/events")
            .header("content-type", "application/json")
            .body(r#"{"sets":["a.b.c"]}"#.into())
            .unwrap();
        let answer = browser.send(request).await;
        assert_eq!(answer.status, 200);
        assert!(answer.body.contains("invalid_request"), "{}", answer.body);
        assert_eq!(
            app.operator().list_people().await.unwrap()[0].factor,
            "none"
        );
    }
);

both!(
    a_pending_enrolment_there_is_overtaken,
    |database: Database| async move {
        let pair = Pair::new(database).await;
        pair.jmu
            .person_with("ana.souza", &["lawyer"], &[], Some(CPF))
            .await;
        pair.stm
            .person_with("ana.souza", &["lawyer"], &[], Some(CPF))
            .await;
        let mut there = pair.stm.browser();
        let stale = there.reach_qr("ana.souza").await;
        let (key, page) = pair.activate("ana.souza").await;
        page.shows("Sincronização realizada com sucesso em STM");
        there
            .get("/habilitar")
            .await
            .at("/entrar/codigo")
            .hides(&stale);
        pair.jmu.next_step();
        let code = code_at(&key, pair.jmu.now());
        there
            .post("/api/verify-code", &[("code", &code)])
            .await
            .at("/inicio");
    }
);

both!(
    r24_the_destination_applies_only_what_would_have_been_enough_there,
    |database: Database| async move {
        use server::domain::{FirstEnrolment, Policy};
        let app = TestApp::new(
            database,
            Options {
                name: "STM",
                peers: vec!["JMU"],
                policy: Policy {
                    first_enrolment: FirstEnrolment::Approved,
                    ..Policy::default()
                },
                ..Options::default()
            },
        )
        .await;
        app.person_with("ana.souza", &["lawyer"], &[], Some(CPF))
            .await;
        let answer = receive(&app.services, message(&app, "m1")).await;
        assert_eq!(answer, SyncOutcome::Refused);
        app.approve("ana.souza").await;
        // an address that is refused here is refused from a peer too
        let mut institutional = message(&app, "m2");
        let Change::FactorActivated(activated) = &mut institutional.change.change else {
            unreachable!()
        };
        activated.email = Email::parse("ana@stm.jus.br").unwrap();
        let answer = receive(&app.services, institutional).await;
        assert_eq!(answer, SyncOutcome::Refused);
        let answer = receive(&app.services, message(&app, "m3")).await;
        assert_eq!(answer, SyncOutcome::Synchronised);
    }
);

both!(
    an_operator_has_told_again_what_a_peer_has_not_applied,
    |database: Database| async move {
        let none = Options {
            peer_rights: PeerRights::default(),
            ..Options::default()
        };
        let pair = Pair::with(database, Database::sqlite(), none).await;
        pair.person("ana.souza").await;
        let (_, page) = pair.activate("ana.souza").await;
        page.shows(PT.sync_refused());
        let again = async || {
            let told = pair.jmu.operator().tell_again("ana.souza").await;
            told.unwrap().unwrap()
        };
        assert_eq!(again().await, ["STM"]);
        assert!(again().await.is_empty(), "it is under way");
        let operator = pair.jmu.operator();
        let waiting = operator.waiting_changes().await.unwrap();
        assert_eq!((waiting[0].peer.as_str(), waiting[0].waiting), ("STM", 1));
        pair.settle().await;
        let told = operator.told_changes("ana.souza").await.unwrap().unwrap();
        let outcomes: Vec<_> = told.iter().map(|change| change.outcome.as_str()).collect();
        assert_eq!(outcomes, ["refused", "refused"]);
        let dump = pair.jmu.database.dump().await;
        assert!(dump.has_value("told_again"), "audited");
    }
);
