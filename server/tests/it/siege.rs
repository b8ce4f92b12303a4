//! What one client can take from the others: turns at password hashing, memory (R13, R32).

use crate::support::process::{Patience, Process};
use crate::support::{Browser, Database, Options, PT, TestApp, both, both_ways};
use server::domain::ClientNetwork;
use server::services::waiting_room::{Queue, Turn};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::JoinSet;

/// Takes every turn, as long hashes would.
async fn take_all_turns(app: &TestApp) -> Vec<Turn> {
    let room = app.services.waiting_room();
    let mut turns = Vec::new();
    let soon = Duration::from_millis(200);
    while let Ok(turn) = tokio::time::timeout(
        soon,
        room.enter(Queue::KnownBrowser, ClientNetwork::Unknown),
    )
    .await
    {
        turns.push(turn.unwrap());
    }
    turns
}

/// Fills the queue of strangers with requests of one network until one more is sent away. They leave when the set is dropped.
async fn crowd(app: &TestApp, network: ClientNetwork) -> JoinSet<()> {
    let mut waiting = JoinSet::new();
    loop {
        let room = app.services.waiting_room();
        let soon = Duration::from_millis(200);
        match tokio::time::timeout(soon, room.enter(Queue::Stranger, network)).await {
            Ok(Err(_)) => return waiting,
            Ok(Ok(_)) => panic!("a turn was free"),
            Err(_) => {}
        }
        for _ in 0..512 {
            let room = Arc::clone(app.services.waiting_room());
            waiting.spawn(async move {
                drop(room.enter(Queue::Stranger, network).await);
                std::future::pending::<()>().await;
            });
        }
    }
}

async fn post_wrong_password(browser: &mut Browser, login: &str) -> crate::support::Answer {
    let form = [("login", login), ("password", "wrong"), ("intent", "enter")];
    browser.post("/api/sign-in", &form).await
}

both_ways!(
    r32_a_full_waiting_room_says_so_at_once_and_counts_nothing,
    |database: Database| async move {
        let app = TestApp::new(database, Options::default()).await;
        app.person("ana.souza").await;
        app.person("bruno.lima").await;
        let mut browser = app.browser();
        for _ in 0..6 {
            post_wrong_password(&mut browser, "bruno.lima").await;
        }
        let turns = take_all_turns(&app).await;
        let crowd = crowd(&app, ClientNetwork::Unknown).await;
        let before = app.database.dump().await;
        let answer = post_wrong_password(&mut browser, "ana.souza").await;
        answer.shows(PT.busy_text());
        assert_eq!(answer.status, 503);
        assert_eq!(answer.headers["retry-after"], "10");
        assert_eq!(app.database.dump().await, before, "nothing was counted");
        // what is not judged needs no turn
        post_wrong_password(&mut browser, "bruno.lima")
            .await
            .shows("muitas tentativas sem sucesso");
        drop((turns, crowd));
        browser.sign_in("ana.souza", "enter").await.at("/inicio");
    }
);

both!(
    r13_the_floor_counts_from_the_hash_and_not_from_the_queue,
    |database: Database| async move {
        let options = Options {
            refusal_floor_ms: 400,
            ..Options::default()
        };
        let app = TestApp::new(database, options).await;
        app.person("ana.souza").await;
        let turns = take_all_turns(&app).await;
        let mut browser = app.browser();
        let asked =
            tokio::spawn(async move { post_wrong_password(&mut browser, "ana.souza").await });
        // longer in the queue than the floor
        tokio::time::sleep(Duration::from_millis(600)).await;
        let floor = Patience::of(Duration::from_millis(400));
        drop(turns);
        asked.await.unwrap().shows(PT.problem_credentials());
        assert!(!floor.lasts(), "what the hash cost can be told");
    }
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r32_clients_that_hang_up_cost_no_memory() {
    let database = Database::sqlite();
    let mut process = Process::init(database.dir().join("instance"), database.url());
    process.import_ana("52998224725", "ana@advocacia.example");
    process.serve().await;
    let mut browser = process.browser();
    browser.sign_in("ana.souza", "enter").await.at("/inicio");
    let idle = process.resident_kib();
    for round in 0..300 {
        let form = format!("login=ninguem{round}&password=x&intent=enter");
        process.post_and_hang_up("/api/sign-in", &form).await;
    }
    // what ordinary sign-ins leave behind counts as well
    let mut all = JoinSet::new();
    for round in 0..60 {
        let mut browser = process.browser();
        all.spawn(async move { post_wrong_password(&mut browser, &format!("outro{round}")).await });
    }
    while all.join_next().await.is_some() {}
    browser.sign_in("ana.souza", "enter").await.at("/inicio");
    let cores = std::thread::available_parallelism().unwrap().get() as u64;
    let grown = process.resident_kib().saturating_sub(idle);
    assert!(
        grown <= (cores * 19 + 16) * 1024,
        "grown by {grown} KiB, from {idle} KiB"
    );
}

/// The process closes a connection on which a request begins and does not go on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r32_half_a_request_is_let_go_and_hurts_nobody() {
    let database = Database::sqlite();
    let mut process = Process::init(database.dir().join("instance"), database.url());
    process.serve().await;
    // half a header, and nothing at all
    let mut held = Vec::new();
    for n in 0..200 {
        let mut stream = process.connect().await;
        if n % 2 == 0 {
            stream
                .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n")
                .await
                .unwrap();
        }
        held.push(stream);
    }
    process.browser().get("/").await.at("/").shows("Entrar");
    let patience = Duration::from_secs(15);
    for mut stream in held {
        let mut rest = Vec::new();
        let closed = tokio::time::timeout(patience, stream.read_to_end(&mut rest)).await;
        assert!(closed.is_ok(), "a connection is still held");
    }
}

/// A client that never sends the end of its form does not hold the end of the process.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r32_the_process_ends_whatever_clients_do() {
    let database = Database::sqlite();
    let mut process = Process::init(database.dir().join("instance"), database.url());
    process.serve().await;
    let mut stream = process.connect().await;
    let head = format!(
        "POST /api/sign-in HTTP/1.1\r\nhost: x\r\norigin: {}\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: 100\r\n\r\nlogin=a",
        process.origin()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    process.browser().get("/").await.at("/");
    let patience = Patience::of(Duration::from_secs(25));
    let ended = tokio::task::spawn_blocking(move || process.end("-TERM"));
    assert_eq!(ended.await.unwrap(), Some(0));
    assert!(patience.lasts(), "it waited for the client");
    drop(stream);
}
