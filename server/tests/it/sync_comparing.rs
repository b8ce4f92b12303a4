//! Two instances compare their people: who differs and why, and what a restored one has lost (R24).

use crate::authenticators::{add, inside, opens};
use crate::support::pair::{ANA, CPF};
use crate::support::{Database, NoPeers, Options, Pair, TestApp, both};
use crate::sync_changes::{enrolled_pair, new_phone, states};
use app::model::SyncOutcome;
use server::domain::{
    Change, Cpf, InstanceName, MessageHeader, PeerRights, PersonChange, Proof, Sigla, SyncAnswer,
    SyncMessage, Timestamp,
};
use server::ports::{PeerError, Peers};
use server::services::people::AccountAct;
use server::services::sync::{Compared, WhyDiffering};
use std::time::Duration;

/// What JMU hears of STM.
async fn compared(pair: &Pair) -> Compared {
    let services = &pair.jmu.services;
    let compared = services.compare_with("STM", &*pair.to_stm, Duration::ZERO);
    compared.await.unwrap().unwrap()
}

async fn reasons(pair: &Pair) -> Vec<WhyDiffering> {
    let differing = compared(pair).await.differing;
    differing.into_iter().map(|person| person.why).collect()
}

both!(
    r24_who_differs_is_told_with_the_reason_and_nothing_is_changed_by_it,
    |database: Database| async move {
        let here = Options {
            peer_rights: PeerRights {
                may_replace: false,
                may_block: false,
                ..Options::default().peer_rights
            },
            ..Options::default()
        };
        let pair = Pair::with(database, Database::sqlite(), here).await;
        pair.person("ana.souza").await;
        let (key, page) = pair.activate("ana.souza").await;
        page.shows("Sincronização realizada com sucesso em STM");
        let before = [&pair.jmu, &pair.stm].map(|app| app.database.clone());
        let dumps = [before[0].dump().await, before[1].dump().await];
        let same = compared(&pair).await;
        assert_eq!((same.asked, same.differing.len()), (1, 0));
        for (database, before) in before.iter().zip(dumps) {
            let changed = before.changes_to(&database.dump().await);
            assert!(changed.is_empty(), "{changed:?}");
        }
        let silent = pair
            .jmu
            .services
            .compare_with("STM", &NoPeers, Duration::ZERO);
        assert_eq!(silent.await.unwrap(), None);

        pair.jmu
            .act("ana.souza", AccountAct::Block { keep_factor: true })
            .await;
        assert_eq!(reasons(&pair).await, [WhyDiffering::Waiting]);
        pair.settle().await;
        assert_eq!(reasons(&pair).await, [WhyDiffering::Block]);
        drop(key);
    }
);

both!(
    r24_another_authenticator_that_the_other_refuses_differs,
    |database: Database| async move {
        let here = Options {
            peer_rights: PeerRights {
                may_replace: false,
                ..Options::default().peer_rights
            },
            ..Options::default()
        };
        let pair = Pair::with(database, Database::sqlite(), here).await;
        pair.person("ana.souza").await;
        let (key, _) = pair.activate("ana.souza").await;
        // nobody there, and that is told too
        pair.jmu.person("rui.lima").await;
        pair.jmu
            .browser()
            .enrol(&pair.jmu, "rui.lima", "rui@correio.example")
            .await;
        pair.jmu.clock.forward(60);
        let mut browser = inside(&pair.jmu, &key).await;
        add(&pair.jmu, &mut browser, "", "Tablet").await;
        pair.jmu.confirm(ANA).await.at("/ativada");
        pair.settle().await;
        let mut told: Vec<_> = compared(&pair)
            .await
            .differing
            .into_iter()
            .map(|person| (person.sigla, person.peer, person.why))
            .collect();
        told.sort_by(|one, other| one.0.cmp(&other.0));
        let stm = || "STM".to_owned();
        assert_eq!(
            told,
            [
                ("ana.souza".to_owned(), stm(), WhyDiffering::Factors),
                ("rui.lima".to_owned(), stm(), WhyDiffering::NoRecord),
            ]
        );
    }
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r24_a_restored_instance_notices_as_a_whole_before_anybody_comes() {
    for asks_first in ["JMU", "STM"] {
        let (pair, stolen) = enrolled_pair(Database::sqlite()).await;
        let key = new_phone(&pair.jmu, &stolen).await;
        pair.settle().await;
        let backup = pair.jmu.database.backup().await;
        pair.jmu.act("ana.souza", AccountAct::ResetFactor).await;
        pair.settle().await;
        assert_eq!(states(&pair.stm).await, ["revoked"]);
        let here = Options {
            name: "JMU",
            peers: vec!["STM"],
            ..Options::default()
        };
        let restored = TestApp::over(backup, here, pair.jmu.clock.clone()).await;
        let pair = Pair::between(restored, pair.stm).await;
        assert!(opens(&pair.jmu, &key).await, "what was revoked works again");
        if asks_first == "STM" {
            let there = &pair.stm.services;
            let answer = there.compare_with("JMU", &*pair.to_jmu, Duration::ZERO);
            let differing = answer.await.unwrap().unwrap().differing;
            assert_eq!(differing[0].why, WhyDiffering::LostThere);
        } else {
            assert_eq!(reasons(&pair).await, [WhyDiffering::LostHere]);
        }
        settle_what_is_told_again(&pair).await;
        assert!(!opens(&pair.jmu, &key).await, "{asks_first} asked first");
        assert_eq!(states(&pair.jmu).await, ["revoked"]);
        assert!(reasons(&pair).await.is_empty());
        let dump = pair.jmu.database.dump().await;
        assert!(dump.has_value("lost"), "the audit of the person");
        let told = "STM knows changes of 1 people that this instance has lost: it was restored from an older backup";
        assert!(dump.has_value(told), "the alarm");
    }
}

/// What is told as newer waits two seconds.
async fn settle_what_is_told_again(pair: &Pair) {
    for _ in 0..3 {
        pair.settle().await;
        pair.jmu.clock.forward(3);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r24_what_the_other_has_revoked_ends_at_a_restored_one_too() {
    let (pair, key) = enrolled_pair(Database::sqlite()).await;
    let backup = pair.jmu.database.backup().await;
    // by STM, so that JMU loses no change of its own
    pair.stm.act("ana.souza", AccountAct::ResetFactor).await;
    pair.settle().await;
    assert!(!opens(&pair.jmu, &key).await);
    let here = Options {
        name: "JMU",
        peers: vec!["STM"],
        ..Options::default()
    };
    let restored = TestApp::over(backup, here, pair.jmu.clock.clone()).await;
    let pair = Pair::between(restored, pair.stm).await;
    assert!(opens(&pair.jmu, &key).await, "what was revoked works again");
    assert_eq!(reasons(&pair).await, [WhyDiffering::Factors]);
    // asked twice, told once
    assert_eq!(reasons(&pair).await, [WhyDiffering::Factors]);
    pair.settle().await;
    assert!(!opens(&pair.jmu, &key).await);
    assert_eq!(states(&pair.jmu).await, ["revoked"]);
}

/// Answers a comparison with what a peer that lies, or that was told a change meanwhile, would.
struct StaleAnswers(i64);

#[async_trait::async_trait]
impl Peers for StaleAnswers {
    async fn deliver(
        &self,
        _: &str,
        messages: &[SyncMessage],
    ) -> Result<Vec<Result<SyncAnswer, PeerError>>, PeerError> {
        Ok(messages
            .iter()
            .map(|_| Ok(SyncAnswer::stale(self.0)))
            .collect())
    }

    async fn is_reachable(&self, _: &str) -> bool {
        true
    }
}

both!(
    r24_a_stale_answer_to_a_comparison_is_no_proof_of_a_loss,
    |database: Database| async move {
        let (pair, key) = enrolled_pair(database).await;
        let counter = pair.jmu.database.dump().await;
        let counter = counter
            .column("person_security", "revision_counter")
            .remove(0);
        let counter: i64 = String::from_utf8(counter.unwrap())
            .unwrap()
            .parse()
            .unwrap();
        let jmu = &pair.jmu.services;
        // the change is known here: it was made and told while STM was asked
        let before = pair.jmu.database.dump().await;
        let (told_meanwhile, lie) = (StaleAnswers(counter), StaleAnswers(counter + 5));
        let answer = jmu.compare_with("STM", &told_meanwhile, Duration::ZERO);
        assert!(answer.await.unwrap().unwrap().differing.is_empty());
        let changed = before.changes_to(&pair.jmu.database.dump().await);
        assert!(changed.is_empty(), "{changed:?}");
        // a lie makes it ask, and the true answer changes nothing
        let answer = jmu.compare_with("STM", &lie, Duration::ZERO);
        let differing = answer.await.unwrap().unwrap().differing;
        assert_eq!(differing[0].why, WhyDiffering::LostHere);
        pair.settle().await;
        assert!(opens(&pair.jmu, &key).await && opens(&pair.stm, &key).await);
        assert!(!pair.jmu.database.dump().await.has_value("lost"));
        assert!(compared(&pair).await.differing.is_empty());
    }
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r24_an_old_comparison_that_is_repeated_tells_nothing() {
    let (pair, _) = enrolled_pair(Database::sqlite()).await;
    let jmu = InstanceName::parse("JMU").unwrap();
    for (age, answered) in [(0, SyncOutcome::Synchronised), (601, SyncOutcome::Refused)] {
        let message = SyncMessage {
            header: MessageHeader {
                id: format!("m{age}"),
                issuer: "JMU".to_owned(),
                audience: "STM".to_owned(),
            },
            change: PersonChange {
                cpf: Some(Cpf::parse(CPF).unwrap()),
                sigla: Sigla::parse("ana.souza").unwrap(),
                counter: 9,
                seen: [].into(),
                made_at: Timestamp(pair.stm.now() - age),
                proof: Proof::Operator,
                change: Change::Compared {
                    active: Vec::new(),
                    is_blocked: false,
                },
            },
        };
        let answer = pair.stm.services.for_peer(&jmu).receive(message).await;
        assert_eq!(answer.unwrap().outcome, answered);
    }
}
