//! What operators do with the sync of two instances: real processes, real files, the commands of the program.

use crate::prepared::{PreparedActivation, prepare_activations};
use crate::support::Database;
use crate::support::process::{Patience, Process, post_if_there};
use crate::support::served_pair::ServedPair;
use server::services::Services;
use std::fs;
use std::time::Duration;

/// What is told while both serve arrives within it.
const SOON: Duration = Duration::from_secs(20);

fn told(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&[&*output.stdout, &*output.stderr].concat()).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r24_peer_check_tells_whether_the_other_is_reached_and_fits() {
    let database = Database::sqlite();
    let ServedPair { processes, .. } = ServedPair::init(&database).await;
    let [jmu, mut stm] = processes;
    let away = jmu.output(&["peer", "check"]);
    assert!(!away.status.success(), "nobody answers: {}", told(&away));
    stm.serve().await;
    let there = jmu.output(&["peer", "check"]);
    assert!(there.status.success(), "{}", told(&there));
    assert!(told(&there).contains("STM: answers"), "{}", told(&there));
    // no peer there: its signature is nobody's
    let stranger = Process::init_as("TJM", database.dir().join("TJM"), "sqlite:tjm.db");
    stranger.add_peer(&stm);
    let refused = stranger.output(&["peer", "check"]);
    assert!(!refused.status.success(), "{}", told(&refused));
}

/// The line of an instance's public keys.
fn keys_of(process: &Process) -> String {
    let shown = String::from_utf8(process.output(&["peer", "show"]).stdout).unwrap();
    let line = shown.lines().find_map(|line| line.strip_prefix("keys = "));
    line.unwrap().trim_matches('"').to_owned()
}

#[tokio::test]
async fn r24_peer_add_takes_a_section_whose_fingerprint_was_compared() {
    let database = Database::sqlite();
    let init = |name| Process::init_as(name, database.dir().join(name), "sqlite:x.db");
    let (jmu, stm) = (init("JMU"), init("STM"));
    let shown = stm.output(&["peer", "show"]).stdout;
    let section = database.dir().join("stm-section.toml");
    fs::write(&section, &shown).unwrap();
    let text = String::from_utf8(shown).unwrap();
    let line = text.lines().find(|line| line.starts_with("# keys "));
    let fingerprint = line.unwrap().trim_start_matches("# keys ");
    let config = fs::read_to_string(jmu.config_file()).unwrap();
    let add = |section: &str, fingerprint: &str| {
        jmu.output(&["peer", "add", section, "--fingerprint", fingerprint])
    };
    let path = section.to_str().unwrap();

    let mut other = fingerprint.to_owned();
    let last = if other.ends_with('0') { "1" } else { "0" };
    other.replace_range(other.len() - 1.., last);
    let refused = add(path, &other);
    assert!(!refused.status.success());
    assert!(
        told(&refused).contains("by telephone"),
        "{}",
        told(&refused)
    );
    for wrong in [
        String::new(),
        "[[peers]]\nname = \"STM\"\n".to_owned(),
        format!("{text}\n{text}"),
        text.replace("\"STM\"", "\"JMU\""),
        format!("{text}\n[log]\nlevel = \"debug\"\n"),
        format!("{text}may_fly = true\n"),
        // what only the operator of JMU may give, or what was not read out
        format!("{text}may_set_password = true\n"),
        format!("{text}ca_file = \"/tmp/ca.pem\"\n"),
        format!("{text}next_keys = \"{}\"\n", keys_of(&jmu)),
    ] {
        let file = database.dir().join("wrong.toml");
        fs::write(&file, &wrong).unwrap();
        let refused = add(file.to_str().unwrap(), fingerprint);
        assert!(!refused.status.success(), "{wrong}");
    }
    let untouched = fs::read_to_string(jmu.config_file()).unwrap();
    assert_eq!(untouched, config, "a refused section changes nothing");

    // capital letters and blanks, as somebody writes down what is read out
    let spoken = fingerprint.to_uppercase().replace('-', " ");
    let added = add(path, &spoken);
    assert!(added.status.success(), "{}", told(&added));
    let after = fs::read_to_string(jmu.config_file()).unwrap();
    assert!(after.starts_with(&config) && after.contains(&keys_of(&stm)));
    let mode = |path| fs::metadata(path).unwrap().permissions();
    assert_eq!(mode(jmu.config_file()), mode(stm.config_file()));
    let again = add(path, fingerprint);
    assert!(
        told(&again).contains("stands in another"),
        "{}",
        told(&again)
    );
    let left = fs::read_dir(database.dir().join("JMU")).unwrap();
    let left = left.filter(|file| {
        let name = file.as_ref().unwrap().file_name();
        name.to_string_lossy().starts_with("jmu.toml.")
    });
    assert_eq!(left.count(), 0, "a file is left beside the configuration");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r24_keys_of_the_sync_change_without_a_message_that_is_lost() {
    let database = Database::sqlite();
    let ServedPair {
        mut processes,
        services,
        ..
    } = ServedPair::init(&database).await;
    let [jmu, stm] = &services;
    let here = prepare_activations([jmu, stm], 0..6).await.unwrap();
    let there = prepare_activations([stm, jmu], 6..12).await.unwrap();
    let key = database.dir().join("new.key");
    let key = key.to_str().unwrap();
    let made = processes[0].output(&["peer", "keygen", key]);
    assert!(made.status.success(), "{}", told(&made));
    let again = processes[0].output(&["peer", "keygen", key]);
    assert!(!again.status.success(), "a key that exists is left alone");
    // the numbered lines are what the operator does, in their words
    let steps: Vec<_> = told(&made)
        .lines()
        .filter_map(|line| Some(line.split_once("keys.sync_files = ")?.1.to_owned()))
        .map(|rest| rest.split(", restart").next().unwrap().to_owned())
        .collect();
    assert_eq!(steps.len(), 3, "{}", told(&made));
    let own = |jmu: &Process, files: &str| {
        jmu.set("[keys]", &format!("sync_files = {files}"));
    };
    let theirs = |stm: &Process, jmu: &Process| {
        let shown = String::from_utf8(jmu.output(&["peer", "show"]).stdout).unwrap();
        stm.remove_peers();
        stm.append(&shown);
    };
    for process in &mut processes {
        process.serve().await;
    }
    let mut people = here.iter().zip(&there);
    let mut go_on = async |processes: &[Process; 2]| {
        let (one, other) = people.next().unwrap();
        for (process, prepared) in processes.iter().zip([one, other]) {
            confirm(process, prepared).await;
            for services in &services {
                arrives(services, prepared).await;
            }
        }
    };
    go_on(&processes).await;
    // 1 and 2: it opens what is sealed to either, and STM trusts both
    own(&processes[0], &steps[0]);
    restart(&mut processes[0]).await;
    go_on(&processes).await;
    theirs(&processes[1], &processes[0]);
    restart(&mut processes[1]).await;
    go_on(&processes).await;
    let while_changing = processes[0].output(&["peer", "keygen", "x.key"]);
    assert!(!while_changing.status.success(), "an old key would be lost");
    // 3 and 4: it signs with the new one, and STM seals to it and trusts it alone
    own(&processes[0], &steps[1]);
    restart(&mut processes[0]).await;
    go_on(&processes).await;
    theirs(&processes[1], &processes[0]);
    processes[1].unset("next_keys");
    restart(&mut processes[1]).await;
    go_on(&processes).await;
    // 5: nothing is signed with the old one or sealed to it any more
    own(&processes[0], &steps[2]);
    restart(&mut processes[0]).await;
    go_on(&processes).await;
    for process in &processes {
        let log = process.log();
        assert!(
            !log.contains("ALARM") && !log.contains("will be tried again"),
            "{log}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r24_reconcile_shows_who_differs_and_why() {
    let database = Database::sqlite();
    let ServedPair {
        processes: [mut jmu, mut stm],
        services: [at_jmu, at_stm],
        ..
    } = ServedPair::init(&database).await;
    let people = prepare_activations([&at_jmu, &at_stm], 0..70)
        .await
        .unwrap();
    jmu.serve().await;
    stm.serve().await;
    let confirmed = people.iter().map(|prepared| confirm(&jmu, prepared));
    futures_util::future::join_all(confirmed).await;
    for prepared in &people {
        arrives(&at_stm, prepared).await;
    }
    let reconcile = || jmu.output(&["sync", "reconcile"]);
    let patience = Patience::of(SOON);
    let same = loop {
        let same = reconcile();
        if same.status.success() || !patience.lasts() {
            break same;
        }
        // the last answers are being written
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    assert!(same.status.success(), "{}", told(&same));
    assert!(
        told(&same).contains("STM: 70 people compared"),
        "{}",
        told(&same)
    );
    // blocked at STM alone, where nothing tells JMU: its rights there were taken away
    stm.remove_peers();
    let login = "pessoa69";
    let blocked = stm.output(&["person", "block", login, "--reason", "a test"]);
    assert!(blocked.status.success(), "{}", told(&blocked));
    let differing = reconcile();
    assert!(!differing.status.success());
    let text = told(&differing);
    // blocked there within days of the activation, which a block takes back
    assert!(text.contains("pessoa69\tSTM\tfactors"), "{text}");
    assert!(text.contains("1 differ"), "{text}");
    stm.end("-TERM");
    let silent = reconcile();
    assert!(
        told(&silent).contains("no answer from STM"),
        "{}",
        told(&silent)
    );
}

async fn restart(process: &mut Process) {
    assert_eq!(process.end("-TERM"), Some(0));
    process.serve().await;
}

async fn confirm(process: &Process, prepared: &PreparedActivation) {
    let form = format!("token={}", prepared.activation.expose());
    let path = "/api/activation-confirm";
    let answered = post_if_there(&process.origin(), path, form).await;
    assert_eq!(answered, Some(302));
}

/// Waits until the authenticator of this person works at an instance.
async fn arrives(services: &Services, prepared: &PreparedActivation) {
    let patience = Patience::of(SOON);
    loop {
        let mut db = services.store().reader().await.unwrap();
        if !db.active_totps(prepared.person).await.unwrap().is_empty() {
            return;
        }
        assert!(patience.lasts(), "it does not arrive");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
