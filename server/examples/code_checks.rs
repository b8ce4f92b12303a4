//! For `make bench`: sign-ins that wait for their code, and how many codes a second a running instance checks.
//!
//! `code_checks prepare CONFIG COUNT` registers people with an authenticator and a session after the password, and prints a line
//! for each: the session's token and the setup key. `code_checks post ADDRESS FILE CLIENTS` posts the code of each line once and
//! prints how many a second were accepted, and how many were not. `code_checks statements CONFIG FILE` checks the code of the first
//! line without a server, and prints how many statements the database was sent. `code_checks commits FOLDER SECONDS` prints how many rows
//! a second SQLite commits one by one on the disk of that folder.

use app::api::backend::RequestContext;
use server::ambient::{SystemClock, SystemEntropy};
use server::bootstrap::open_services;
use server::config::Config;
use server::domain::password::decoy;
use server::domain::{
    Circumstances, ClientInfo, Email, FactorName, FactorSource, NewPerson, NewTotpFactor, PersonId,
    ProfileKind, Proof, Seconds, Session, Sigla, Stage, Timestamp, Token, TotpSecret,
};
use server::ports::{Clock as _, Entropy};
use server::services::people::STAGED_AT_ONCE;
use server::services::sign_in::ProofForm;
use server::storage::{StoreResult, Tx};
use sqlx::{AnyConnection, Connection as _};
use std::error::Error;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// A sign-in that waits for its code.
struct Waiting {
    person: PersonId,
    number: i64,
    secret: TotpSecret,
    token: Token,
    now: Timestamp,
}

impl Waiting {
    fn person(&self) -> Outcome<NewPerson> {
        Ok(NewPerson {
            id: Some(self.person),
            name: "Ana".to_owned(),
            sigla: Sigla::parse(&format!("codigo{}", self.number))?,
            cpf: None,
            password: decoy().clone(),
            profiles: vec![ProfileKind::LAWYER],
            contacts: Vec::new(),
            language: app::model::Language::Pt,
        })
    }
}

/// Gives a registered person an authenticator, and a session after the password.
async fn open_session(tx: &mut Tx, waiting: &Waiting, email: &Email) -> StoreResult<()> {
    let Waiting { person, now, .. } = *waiting;
    let revision = tx.begin_change(person).await?;
    tx.activate_first_factor(person, email, &revision, now)
        .await?;
    let factor = NewTotpFactor {
        label: String::new(),
        person,
        secret: waiting.secret.clone(),
        last_step: 0,
        source: FactorSource::Sync(FactorName {
            home: revision.instance.clone(),
            id: person.to_string(),
        }),
        proof: Proof::FirstEnrolment,
        added_counter: revision.counter,
        replaces_all: false,
        seen: [].into(),
    };
    tx.insert_totp(&factor, now).await?;
    let session = Session {
        id_hash: waiting.token.hash(),
        person,
        stage: Stage::Password,
        continue_to: app::model::SignInPurpose::Enter,
        provisional: false,
        recovery: None,
        auth_time: now,
        last_seen_at: now,
        expires_at: now + Seconds::minutes(10),
    };
    let opened = Circumstances {
        at: now,
        client: ClientInfo::default(),
    };
    let due = now + Seconds::minutes(5);
    tx.open_session(&session, None, Some(due), &opened).await
}

async fn prepare(config: &str, count: i64) -> Outcome<()> {
    let services = open_services(&Config::load(Path::new(config))?).await?;
    let entropy: &dyn Entropy = &SystemEntropy;
    let now = SystemClock.now();
    for first in (0..count).step_by(STAGED_AT_ONCE) {
        let portion: Vec<_> = (first..count.min(first + i64::try_from(STAGED_AT_ONCE)?))
            .map(|number| {
                Ok(Waiting {
                    person: PersonId::new(PersonId::MIN + number)?,
                    number,
                    secret: TotpSecret::new(entropy.bytes()),
                    token: Token::new(entropy.bytes()),
                    now,
                })
            })
            .collect::<Outcome<_>>()?;
        for waiting in &portion {
            println!("{} {}", waiting.token.expose(), waiting.secret.setup_key());
        }
        let people = portion
            .iter()
            .map(Waiting::person)
            .collect::<Outcome<_>>()?;
        let registered = services.for_operator("bench").register(people).await?;
        registered.map_err(|conflicts| format!("{conflicts:?}"))?;
        let input = (portion, Email::parse("ana@example.com")?);
        let store = services.store();
        store
            .write_with(input, |tx, (portion, email)| {
                Box::pin(async move {
                    for waiting in portion {
                        open_session(tx, waiting, email).await?;
                    }
                    Ok(())
                })
            })
            .await?;
    }
    Ok(())
}

/// Checks the first code and returns how many statements that took.
async fn statements(config: &str, file: &str) -> Outcome<u64> {
    let services = open_services(&Config::load(Path::new(config))?).await?;
    let text = std::fs::read_to_string(file)?;
    let (token, setup_key) = text
        .lines()
        .next()
        .and_then(|line| line.split_once(' '))
        .ok_or("no line")?;
    let mut context = RequestContext::default();
    context.cookies.session = Some(token.to_owned());
    let before = services.store().statements();
    match services
        .check_proof(&context, &code(setup_key)?, ProofForm::Code)
        .await
    {
        Ok(_) => Ok(services.store().statements() - before),
        Err(stop) => Err(format!("the code was not accepted: {stop:?}").into()),
    }
}

/// The code of a setup key at this moment.
fn code(setup_key: &str) -> Outcome<String> {
    let secret = data_encoding::BASE32_NOPAD.decode(setup_key.as_bytes())?;
    let totp = totp_rs::Builder::new()
        .with_secret(secret)
        .build_noncompliant();
    Ok(totp
        .generate(u64::try_from(SystemClock.now().0)?)
        .to_string())
}

/// Posts one code. True when it was accepted.
fn post(stream: &mut BufReader<TcpStream>, address: &str, line: &str) -> Outcome<bool> {
    let (token, setup_key) = line.split_once(' ').ok_or("no setup key")?;
    let body = format!("code={}", code(setup_key)?);
    let head = format!(
        "POST /api/verify-code HTTP/1.1\r\nhost: {address}\r\norigin: http://{address}\r\naccept: text/html\r\n\
         content-type: application/x-www-form-urlencoded\r\ncookie: jmu-session={token}\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.get_mut().write_all(head.as_bytes())?;
    let (mut length, mut is_home) = (0, false);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Err("the connection was closed".into());
        }
        let line = line.trim_end().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.parse()?;
        }
        is_home |= line == "location: /inicio";
        if line.is_empty() {
            break;
        }
    }
    stream.by_ref().take(length).read_to_end(&mut Vec::new())?;
    Ok(is_home)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a measurement outside the program"
)]
fn post_all(address: &str, file: &str, clients: usize) -> Outcome<()> {
    let text = std::fs::read_to_string(file)?;
    let lines = Mutex::new(text.lines());
    let (accepted, refused) = (AtomicU64::new(0), AtomicU64::new(0));
    let begin = Instant::now();
    thread::scope(|scope| {
        let clients: Vec<_> = (0..clients)
            .map(|_| {
                scope.spawn(|| -> Outcome<()> {
                    let mut stream = BufReader::new(TcpStream::connect(address)?);
                    stream.get_ref().set_nodelay(true)?;
                    loop {
                        let next = lines.lock().map_err(|_| "a client failed")?.next();
                        let Some(line) = next else {
                            return Ok(());
                        };
                        let counter = if post(&mut stream, address, line)? {
                            &accepted
                        } else {
                            &refused
                        };
                        counter.fetch_add(1, Ordering::Relaxed);
                    }
                })
            })
            .collect();
        clients
            .into_iter()
            .try_for_each(|client| client.join().map_err(|_| "a client failed")?)
    })?;
    let (accepted, refused) = (accepted.into_inner(), refused.into_inner());
    let rate = accepted * 1000 / u64::try_from(begin.elapsed().as_millis())?.max(1);
    println!("{rate} {refused}");
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "a measurement outside the program"
)]
async fn commits(folder: &str, seconds: u64) -> Outcome<()> {
    sqlx::any::install_default_drivers();
    let path = Path::new(folder).join("commits.db");
    let mut connection =
        AnyConnection::connect(&format!("sqlite://{}?mode=rwc", path.display())).await?;
    for statement in [
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        "CREATE TABLE row (id INTEGER PRIMARY KEY, text TEXT NOT NULL)",
    ] {
        sqlx::raw_sql(statement).execute(&mut connection).await?;
    }
    let (begin, mut count) = (Instant::now(), 0);
    while begin.elapsed() < Duration::from_secs(seconds) {
        sqlx::query("INSERT INTO row (text) VALUES ($1)")
            .bind("a row of some fifty bytes, as short as a row can be")
            .execute(&mut connection)
            .await?;
        count += 1;
    }
    connection.close().await?;
    println!("{}", count / seconds);
    Ok(())
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["prepare", config, count] => match count.parse() {
            Ok(count) => prepare(config, count).await,
            Err(error) => Err(Box::from(error)),
        },
        ["post", address, file, clients] => match clients.parse() {
            Ok(clients) => post_all(address, file, clients),
            Err(error) => Err(Box::from(error)),
        },
        ["statements", config, file] => match statements(config, file).await {
            Ok(count) => {
                println!("{count}");
                Ok(())
            }
            Err(error) => Err(error),
        },
        ["commits", folder, seconds] => match seconds.parse() {
            Ok(seconds) => commits(folder, seconds).await,
            Err(error) => Err(Box::from(error)),
        },
        _ => Err("wrong usage".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("code_checks: {error}");
            ExitCode::FAILURE
        }
    }
}
