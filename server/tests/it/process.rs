//! The built program as its operators run it: `init`, `person import`, `serve`, signals, log.

use crate::support::process::{Process, now, program, sign_in_form};
use crate::support::{Database, PASSWORD, both, code_at};
use std::iter;

const EMAIL: &str = "ana.pessoal@correio.example";
const CONTACT: &str = "ana@advocacia.example";
const CPF: &str = "52998224725";

#[test]
fn r20_the_program_holds_nothing_of_the_demonstration() {
    // `.ci/test` has the release searched as well
    let built = std::env::var_os("EPROC_BIN").map_or_else(program, Into::into);
    let bytes = std::fs::read(built).unwrap();
    let installed = String::from_utf8_lossy(&bytes);
    let source = |file: &str| {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR").expect("run by cargo");
        let path = std::path::Path::new(&manifest).join("demo").join(file);
        std::fs::read_to_string(path).unwrap()
    };
    let people = source("people/jmu.csv");
    let mut words: Vec<_> = people
        .lines()
        .skip(1)
        .filter_map(|row| row.split(',').nth(1))
        .collect();
    let code = source("src/people.rs");
    let (_, password) = code.split_once("PASSWORD: &str = \"").unwrap();
    words.push(password.split_once('"').unwrap().0);
    let heading = "Mesa da demonstração";
    assert!(source("templates/desk.html").contains(heading));
    words.push(heading);
    assert_eq!(
        words.len(),
        10,
        "eight people, password and heading: {words:?}"
    );
    for word in words {
        assert!(!installed.contains(word), "{word}");
    }
    // what any instance shows is found by the same search
    assert!(installed.contains("Autenticação em dois fatores"));
}

fn token_of(link: &str) -> String {
    link.rsplit('/').next().unwrap().to_owned()
}

/// The log of a whole journey at `debug`, with whatever attackers and clumsy fingers send, and what
/// must not stand in it.
async fn log_of_a_journey(database: &Database, format: &'static str) -> (String, Vec<String>) {
    let mut process = Process::init(database.dir().join("instance"), database.url());
    process.log_format = format;
    let hash = process.import_ana(CPF, CONTACT);
    process.serve().await;
    let mut browser = process.browser();
    let key = browser.reach_qr("ana.souza").await;
    let mut secrets = vec![PASSWORD.to_owned(), hash, key];

    // what attackers and clumsy fingers send
    let forged = "ana\n{\"level\":\"INFO\",\"fields\":{\"message\":\"all is well\"}}\u{1b}[31m";
    browser
        .post(
            "/api/sign-in",
            &[
                ("login", forged),
                ("password", PASSWORD),
                ("intent", "enter"),
            ],
        )
        .await;
    for body in [
        sign_in_form("ana.souza") + "&password=once-more-a-s3cret",
        sign_in_form("ana.souza") + &"x".repeat(100_000),
        "%ff%00=once-more-a-s3cret".to_owned(),
    ] {
        process.post_raw("/api/sign-in", body).await;
    }
    secrets.push("once-more-a-s3cret".to_owned());
    // what is logged of who sends a form: quotes, line ends of Unicode, bytes that are no text
    let said = "evil\" message=\"all is well\u{85}\u{2028}INFO all is well".as_bytes();
    let said = [said, b"\xff"].concat();
    let form = sign_in_form("ana.souza");
    let refused = process
        .post_as("sec-fetch-site", &said, "/api/sign-in", form)
        .await;
    assert_eq!(refused, 403);
    let mut browser = process.browser();
    let key = browser.reach_qr("ana.souza").await;
    secrets.push(key.clone());
    for code in ["000000", "12ab56"] {
        browser
            .post("/api/enrolment-submit", &[("code", code), ("email", EMAIL)])
            .await
            .at("/habilitar");
    }

    // the way through
    let code = code_at(&key, now());
    browser
        .post(
            "/api/enrolment-submit",
            &[("code", &code), ("email", EMAIL)],
        )
        .await
        .at("/habilitar/email-enviado");
    let link = token_of(&process.link_in("activation_link").await);
    browser.get(&format!("/ativar/{link}")).await;
    browser
        .post("/api/activation-confirm", &[("token", &link)])
        .await
        .at("/ativada");
    browser
        .sign_in("ana.souza", "enter")
        .await
        .at("/entrar/codigo");
    // the code served at enrolment; the next one is accepted ahead of time by nobody
    browser
        .post("/api/verify-code", &[("code", &code)])
        .await
        .at("/entrar/codigo")
        .shows("já foi usado");
    let not_me = token_of(&process.link_in("enrolment_activated").await);
    secrets.extend(browser.cookies.values().cloned());
    secrets.extend([link, not_me, code, EMAIL.into(), CONTACT.into(), CPF.into()]);
    assert_eq!(process.end("-TERM"), Some(0), "{}", process.log());

    (process.log(), secrets)
}

fn assert_no_secret_in(log: &str, secrets: &[String]) {
    for line in log.lines() {
        for secret in secrets {
            assert!(!line.contains(secret), "{secret} is in the log: {line}");
        }
    }
    let requests = log.lines().filter(|line| line.contains("/api/sign-in"));
    assert!(requests.count() >= 4, "the log is the log:\n{log}");
    let line_ends = |c: char| c != '\n' && (c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'));
    assert!(
        !log.contains(line_ends),
        "what a viewer may take for more lines:\n{log}"
    );
}

both!(
    r22_no_secret_is_in_the_log_of_a_whole_journey_and_each_entry_is_one_line,
    |database: Database| async move {
        let (log, secrets) = log_of_a_journey(&database, "json").await;
        assert_no_secret_in(&log, &secrets);
        let mut quoted = 0;
        for line in log.lines() {
            let entry: serde_json::Value = serde_json::from_str(line).expect(line);
            assert!(entry["level"].is_string(), "{line}");
            assert_ne!(entry["fields"]["message"], "all is well", "{line}");
            let site = entry["fields"]["site"].as_str().unwrap_or_default();
            quoted += usize::from(site.contains("all is well"));
        }
        assert_eq!(quoted, 1, "what was sent is logged, as a value:\n{log}");
    }
);

both!(
    r22_each_entry_of_the_text_log_is_one_line_whatever_was_sent,
    |database: Database| async move {
        let (log, secrets) = log_of_a_journey(&database, "text").await;
        assert_no_secret_in(&log, &secrets);
        let mut quoted = 0;
        for line in log.lines() {
            let mut words = line.split_whitespace();
            let time = words.next().unwrap_or_default();
            assert!(
                time.len() > 20 && time.starts_with("20") && time.ends_with('Z'),
                "{line}"
            );
            let level = words.next().unwrap_or_default();
            assert!(
                ["ERROR", "WARN", "INFO", "DEBUG"].contains(&level),
                "{line}"
            );
            quoted += usize::from(line.contains("all is well"));
            assert!(
                !line.contains("message=\"all is well"),
                "the quotes are the sender's: {line}"
            );
        }
        assert_eq!(
            quoted, 1,
            "what was sent is logged, within its quotes:\n{log}"
        );
    }
);

both!(
    r23_killed_at_any_point_of_the_journey_the_user_goes_on,
    |database: Database| async move {
        let mut process = Process::init(database.dir().join("instance"), database.url());
        process.import_ana(CPF, CONTACT);
        process.serve().await;
        let mut browser = process.browser();
        let key = browser.reach_qr("ana.souza").await;
        process.end("-KILL");
        process.serve().await;
        assert_eq!(browser.get("/habilitar").await.setup_key(), key);
        let code = code_at(&key, now());
        browser
            .post(
                "/api/enrolment-submit",
                &[("code", &code), ("email", EMAIL)],
            )
            .await
            .at("/habilitar/email-enviado");
        // acknowledged: whatever happens now, the mail goes out
        process.end("-KILL");
        process.serve().await;
        let link = token_of(&process.link_in("activation_link").await);
        browser
            .post("/api/activation-confirm", &[("token", &link)])
            .await
            .at("/ativada");
        process.end("-KILL");
        process.serve().await;
        browser
            .get("/ativada")
            .await
            .shows("A autenticação em 2 fatores foi ativada.");
        browser
            .sign_in("ana.souza", "enter")
            .await
            .at("/entrar/codigo");
        assert_eq!(process.end("-TERM"), Some(0));
    }
);

both!(
    a_mistake_at_the_end_of_a_long_import_leaves_nobody,
    |database: Database| async move {
        let process = Process::init(database.dir().join("instance"), database.url());
        let hash = process.import_ana(CPF, CONTACT);
        // more than two portions
        let import = |last: &str| {
            let header = "id,name,sigla,cpf,password_hash,profiles,contacts,language".to_owned();
            let row = |n| format!(",Pessoa {n},pessoa{n},,{hash},lawyer;citizen,p{n}@a.example,");
            let last = last.replace("HASH", &hash);
            let rows = iter::once(header).chain((0..1200).map(row)).chain([last]);
            let rows = rows.collect::<Vec<_>>().join("\n");
            let file = database.dir().join("people.csv");
            std::fs::write(&file, rows).unwrap();
            let done = process.output(&["person", "import", &file.display().to_string()]);
            (done.status.code(), String::from_utf8(done.stderr).unwrap())
        };
        let people = || {
            let listed = process.output(&["person", "list"]);
            String::from_utf8(listed.stdout).unwrap().lines().count()
        };
        let before = people();
        for (last, reason) in [
            (",Bia,bia,12345678900,HASH,lawyer,,", "line 1202, cpf: "),
            (
                ",Bia,ANA.SOUZA,,HASH,lawyer,,",
                "line 1202, sigla: somebody is registered",
            ),
            (
                ",Bia,pessoa7,,HASH,lawyer,,",
                "line 1202, sigla: the same as in line 9",
            ),
        ] {
            let (code, told) = import(last);
            assert_eq!(code, Some(1), "{told}");
            assert!(
                told.contains("nobody was imported") && told.contains(reason),
                "{told}"
            );
            assert_eq!(people(), before);
        }
        let (code, told) = import(",Bia,bia,,HASH,lawyer,,");
        assert_eq!(code, Some(0), "{told}");
        assert!(told.contains("registered: 1201"), "{told}");
        assert_eq!(people(), before + 1201);
        // the same file again conflicts in every row, of which the first thousand are told
        let (code, told) = import(",Bia,bia,,HASH,lawyer,,");
        assert_eq!(code, Some(1));
        assert_eq!(told.matches("somebody is registered").count(), 1000);
    }
);

#[tokio::test(flavor = "multi_thread")]
async fn a_second_serve_on_one_sqlite_file_is_refused_in_words() {
    let database = Database::sqlite();
    let mut process = Process::init(database.dir().join("instance"), database.url());
    process.import_ana(CPF, CONTACT);
    process.serve().await;
    // findings L8: the key is in its memory, of which no dump is written
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", process.id())).unwrap();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"));
    let words: Vec<_> = core.unwrap().split_whitespace().collect();
    assert_eq!(words[4..6], ["0", "0"]);
    let second = process.output(&["serve"]);
    assert_eq!(second.status.code(), Some(1), "{second:?}");
    let told = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(told.contains("another process serves"), "{told}");
    // the command line may be used meanwhile, and who serves goes on
    let listed = process.output(&["person", "list"]);
    assert!(listed.status.success(), "{listed:?}");
    process
        .browser()
        .sign_in("ana.souza", "enter")
        .await
        .at("/inicio");
    // and after its end another may serve, however it ended
    process.end("-KILL");
    process.serve().await;
}
