//! What may go wrong between two instances, beyond what the envelope and the client refuse by themselves: nothing is lost, and nothing is
//! done twice (R23, R24).

use crate::prepared::{PreparedActivation, prepare_activations};
use crate::support::pair::Pair;
use crate::support::process::{Patience, Process, post_if_there};
use crate::support::served_pair::ServedPair;
use crate::support::{Database, Options, TestApp, both};
use app::model::SyncOutcome;
use server::domain::{SyncAnswer, SyncMessage};
use server::ports::{PeerError, Peers};
use server::services::Services;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// Presses **Confirmar** of each at JMU; all wait for STM together.
async fn confirm_all(jmu: &TestApp, people: &[PreparedActivation]) {
    let confirmed = people.iter().map(|prepared| async {
        let token = [("token", prepared.activation.expose())];
        let answer = jmu
            .browser()
            .post_once("/api/activation-confirm", &token)
            .await;
        assert_eq!(answer.location(), "/ativada");
    });
    futures_util::future::join_all(confirmed).await;
}

async fn is_active(services: &Services, prepared: &PreparedActivation) -> bool {
    let mut db = services.store().reader().await.unwrap();
    !db.active_totps(prepared.person).await.unwrap().is_empty()
}

both!(
    two_replicas_that_deliver_at_once_tell_each_change_once,
    |database: Database| async move {
        let pair = Pair::new(database).await;
        let (jmu, stm) = (&pair.jmu, &pair.stm);
        let instances = [&*jmu.services, &*stm.services];
        let people = prepare_activations(instances, 0..40).await.unwrap();
        confirm_all(jmu, &people).await;
        let other = jmu.replica().await;
        let deliver = |services: Arc<Services>| {
            let peers = pair.to_stm.clone();
            async move { while services.deliver_next_change(&*peers).await.unwrap() {} }
        };
        tokio::join!(
            deliver(jmu.services.clone()),
            deliver(other.services.clone()),
            deliver(other.services.clone()),
        );
        let told = jmu.database.dump().await;
        let channels = told.column("outbox", "channel");
        let attempts = told.column("outbox", "attempts");
        for (channel, attempts) in channels.iter().zip(&attempts) {
            if channel.as_deref() == Some(b"sync") {
                assert_eq!(attempts.as_deref(), Some(&b"1"[..]), "leased twice");
            }
        }
        let received = stm.database.dump().await;
        assert_eq!(received.rows("sync_inbox"), people.len());
        assert_eq!(received.rows("factor"), people.len());
    }
);

both!(
    a_clock_that_is_ten_minutes_off_delays_changes_and_loses_none,
    |database: Database| async move {
        let options = |name, peer| Options {
            name,
            peers: vec![peer],
            ..Options::default()
        };
        let jmu = TestApp::new(database, options("JMU", "STM")).await;
        let stm = TestApp::new(Database::sqlite(), options("STM", "JMU")).await;
        jmu.clock.forward(600);
        let pair = Pair::between(jmu, stm).await;
        let (jmu, stm) = (&pair.jmu, &pair.stm);
        let instances = [&*jmu.services, &*stm.services];
        let people = prepare_activations(instances, 0..1).await.unwrap();
        confirm_all(jmu, &people).await;
        pair.settle().await;
        assert!(
            !is_active(&stm.services, &people[0]).await,
            "from the future"
        );
        let audited = jmu.database.dump().await.column("audit", "event");
        assert!(
            audited.contains(&Some(b"alarm".to_vec())),
            "nobody is called"
        );
        // somebody sets the clock
        stm.clock.forward(600);
        jmu.clock.forward(60);
        pair.settle().await;
        assert!(is_active(&stm.services, &people[0]).await);
        assert_eq!(stm.database.dump().await.rows("sync_inbox"), 1);
    }
);

/// Answers when it is told to.
struct LateAnswer(Notify);

#[async_trait::async_trait]
impl Peers for LateAnswer {
    async fn deliver(
        &self,
        _: &str,
        messages: &[SyncMessage],
    ) -> Result<Vec<Result<SyncAnswer, PeerError>>, PeerError> {
        self.0.notified().await;
        let answer = SyncAnswer::of(SyncOutcome::NoRecord);
        Ok(messages.iter().map(|_| Ok(answer)).collect())
    }

    async fn is_reachable(&self, _: &str) -> bool {
        true
    }
}

both!(
    an_answer_that_comes_after_that_of_the_retry_changes_nothing,
    |database: Database| async move {
        let pair = Pair::new(database).await;
        let (jmu, stm) = (&pair.jmu, &pair.stm);
        let instances = [&*jmu.services, &*stm.services];
        let people = prepare_activations(instances, 0..1).await.unwrap();
        confirm_all(jmu, &people).await;
        let late = Arc::new(LateAnswer(Notify::new()));
        let (services, peers) = (jmu.services.clone(), late.clone());
        let first = tokio::spawn(async move { services.deliver_batch("STM", &*peers).await });
        let leased = Patience::of(Duration::from_secs(20));
        while !jmu
            .database
            .dump()
            .await
            .column("outbox", "attempts")
            .contains(&Some(b"1".to_vec()))
        {
            assert!(leased.lasts(), "nothing is leased");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // its lease runs out, and another worker delivers
        jmu.clock.forward(61);
        pair.settle().await;
        let outcomes = || async { jmu.database.dump().await.column("outbox", "outcome") };
        let before = outcomes().await;
        assert!(
            before.contains(&Some(b"synchronised".to_vec())),
            "{before:?}"
        );
        late.0.notify_one();
        first.await.unwrap().unwrap();
        assert_eq!(outcomes().await, before);
    }
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_there_delays_changes_and_loses_none() {
    let database = Database::sqlite();
    let ServedPair {
        processes: [mut jmu, mut stm],
        services: [at_jmu, at_stm],
        ..
    } = ServedPair::init(&database).await;
    let people = prepare_activations([&at_jmu, &at_stm], 0..20)
        .await
        .unwrap();
    jmu.serve().await;
    stm.serve_without_room().await;
    // at once, because each answer waits two seconds for STM
    futures_util::future::join_all(people.iter().map(|prepared| press(&jmu, prepared))).await;
    assert!(!is_active(&at_stm, &people[19]).await, "there was room");
    assert!(!stm.is_ready().await, "a full disk is not told");
    stm.give_room();
    let patience = Patience::of(Duration::from_mins(1));
    for prepared in &people {
        while !is_active(&at_stm, prepared).await {
            assert!(patience.lasts(), "it does not arrive:\n{}", stm.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    assert!(stm.is_ready().await);
}

async fn press(jmu: &Process, prepared: &PreparedActivation) {
    let form = format!("token={}", prepared.activation.expose());
    let pressed = post_if_there(&jmu.origin(), "/api/activation-confirm", form).await;
    assert_eq!(pressed, Some(302));
}
