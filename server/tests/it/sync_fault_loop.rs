//! R24, the long way (`make test-faults`): either of two instances is killed again and again while changes are on their way to the other.

use crate::prepared::{PreparedActivation, prepare_activations};
use crate::support::process::{Patience, Process, post_if_there};
use crate::support::served_pair::ServedPair;
use crate::support::{Database, both};
use server::ambient::SystemEntropy;
use server::ports::Entropy;
use server::services::Services;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Kills where `EPROC_KILLS` does not say how many.
const KILLS: usize = 200;
/// People of each instance whose activation begins shortly before a kill.
const AT_ONCE: usize = 3;
/// Leases of a minute run out, and what failed is tried again after a while.
const PATIENCE: Duration = Duration::from_mins(3);

both!(
    #[ignore = "minutes: run by make test-faults"]
    r24_killed_at_random_moments_no_change_is_lost_doubled_or_unreadable,
    |database: Database| async move {
        let kills = std::env::var("EPROC_KILLS").map_or(KILLS, |count| count.parse().unwrap());
        let ServedPair {
            mut processes,
            services,
            urls,
        } = ServedPair::init(&database).await;
        let [jmu, stm] = &services;
        let people = i64::try_from(kills * AT_ONCE).unwrap();
        let homes = [
            prepare_activations([jmu, stm], 0..people).await.unwrap(),
            prepare_activations([stm, jmu], people..2 * people)
                .await
                .unwrap(),
        ];
        for process in &mut processes {
            process.serve().await;
        }
        let origins = processes.each_ref().map(Process::origin);
        let processes = Arc::new(Mutex::new(processes));
        let mut acting = Vec::new();
        for kill in 0..kills {
            for (home, origin) in homes.iter().zip(&origins) {
                for prepared in home.iter().skip(kill * AT_ONCE).take(AT_ONCE) {
                    let act = act_stubbornly(origin.clone(), prepared.clone());
                    acting.push(tokio::spawn(act));
                }
            }
            let processes = processes.clone();
            let killing = tokio::task::spawn_blocking(move || kill_one(&processes));
            killing.await.unwrap();
        }
        for act in acting {
            act.await.unwrap();
        }
        settled(&services).await;

        let mut interrupted = 0;
        for url in &urls {
            let attempts = "SELECT COUNT(*) FROM outbox WHERE channel = 'sync' AND attempts > 1";
            interrupted += count(url, attempts).await;
            let unreadable = "SELECT COUNT(*) FROM outbox WHERE last_error = 'unreadable'";
            assert_eq!(count(url, unreadable).await, 0);
            // each told its owner once
            let doubled = "SELECT COUNT(*) FROM (SELECT person_id FROM outbox \
                WHERE kind = 'enrolment_activated' GROUP BY person_id HAVING COUNT(*) > 1) AS twice";
            assert_eq!(count(url, doubled).await, 0);
        }
        println!("{kills} kills; {interrupted} changes were tried more than once");
        assert!(interrupted > 0, "no kill has met a change on its way");
        for prepared in homes.iter().flatten() {
            compare(&services, prepared).await;
        }
        let mut processes = Arc::into_inner(processes).unwrap().into_inner().unwrap();
        for process in &mut processes {
            let log = process.log();
            for wrong in ["ALARM", "outbox cannot be", "a panic"] {
                assert!(!log.contains(wrong), "{wrong}:\n{log}");
            }
            assert_eq!(process.end("-TERM"), Some(0));
        }
    }
);

/// Kills one of the two, at any moment of what is under way, and starts it again.
fn kill_one(processes: &Mutex<[Process; 2]>) {
    let entropy: &dyn Entropy = &SystemEntropy;
    let [byte, which] = entropy.bytes::<2>();
    std::thread::sleep(Duration::from_millis(u64::from(byte) / 3));
    let mut processes = processes.lock().unwrap();
    let process = &mut processes[usize::from(which % 2)];
    process.end("-KILL");
    process.start();
    process.wait_until_it_listens();
}

/// Whether the activation of this person is taken back at once.
fn is_taken_back(prepared: &PreparedActivation) -> bool {
    prepared.person.get() % 2 == 0
}

/// Presses **Confirmar**, and for every other person *Não fui eu* behind it, each until it is answered.
async fn act_stubbornly(origin: String, prepared: PreparedActivation) {
    let mut acts = vec![("/api/activation-confirm", &prepared.activation)];
    if is_taken_back(&prepared) {
        acts.push(("/api/not-me", &prepared.not_me));
    }
    for (path, token) in acts {
        let patience = Patience::of(PATIENCE);
        let form = format!("token={}", token.expose());
        loop {
            match post_if_there(&origin, path, form.clone()).await {
                Some(302) => break,
                None => assert!(patience.lasts(), "{path} is never answered"),
                Some(status) => panic!("{path}: {status}"),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Waits until nothing is on its way any more.
async fn settled(services: &[Services; 2]) {
    let patience = Patience::of(PATIENCE);
    for services in services {
        let operator = services.for_operator("test");
        while operator
            .waiting_changes()
            .await
            .unwrap()
            .iter()
            .any(|queue| queue.waiting > 0)
        {
            assert!(patience.lasts(), "changes wait for ever");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

async fn count(url: &str, statement: &'static str) -> i64 {
    let mut db = Database::connect_to(url).await;
    sqlx::query_scalar(statement)
        .fetch_one(&mut db)
        .await
        .unwrap()
}

/// Both instances know one authenticator of this person, under one name; it works at both with one secret, or at neither.
async fn compare(services: &[Services; 2], prepared: &PreparedActivation) {
    let mut names = Vec::new();
    for services in services {
        let mut db = services.store().reader().await.unwrap();
        let known = db.known_factors(prepared.person).await.unwrap();
        assert_eq!(known.len(), 1, "{known:?}");
        let active = db.active_totps(prepared.person).await.unwrap();
        if is_taken_back(prepared) {
            assert!(active.is_empty(), "what was taken back works");
            assert!(known[0].end.is_some());
        } else {
            let [totp] = &*active else {
                panic!("{} authenticators", active.len());
            };
            assert!(totp.secret == prepared.secret, "another secret");
        }
        names.push(known[0].name.clone());
    }
    assert_eq!(names[0], names[1]);
}
