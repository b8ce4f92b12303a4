//! Measures how fast changes reach another instance, for `make bench-sync` (docs/performance.md). Two instances serve; this program prepares
//! their databases and posts to the first.
//!
//! Usage: `prepare JMU.toml STM.toml COUNT > LIST`, `activate ADDRESS LIST CLIENTS`, `arrived DATABASE COUNT`,
//! `revoke ADDRESS STM.toml LIST COUNT`. LIST has a line for each person: id, activation token, *Não fui eu* token.

#![expect(
    clippy::disallowed_methods,
    reason = "a measurement outside the program"
)]

mod prepared;

use prepared::{Outcome, prepare_activations};
use server::bootstrap::open_services;
use server::config::Config;
use server::domain::PersonId;
use server::services::Services;
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

async fn open(config: &str) -> Outcome<Services> {
    Ok(open_services(&Config::load(Path::new(config))?).await?)
}

async fn prepare(jmu: &str, stm: &str, count: i64) -> Outcome<()> {
    let (jmu, stm) = (open(jmu).await?, open(stm).await?);
    for prepared in prepare_activations([&jmu, &stm], 0..count).await? {
        let (activation, not_me) = (prepared.activation.expose(), prepared.not_me.expose());
        println!("{} {activation} {not_me}", prepared.person);
    }
    Ok(())
}

/// Sends one request on a kept connection, and returns the status line.
fn ask(stream: &mut BufReader<TcpStream>, head: &str, body: &str) -> Outcome<String> {
    stream
        .get_mut()
        .write_all(format!("{head}content-length: {}\r\n\r\n{body}", body.len()).as_bytes())?;
    let (mut status, mut length, mut is_chunked) = (String::new(), 0, false);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Err("the connection was closed".into());
        }
        let line = line.trim_end().to_ascii_lowercase();
        if status.is_empty() {
            status.clone_from(&line);
        }
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.parse()?;
        }
        is_chunked |= line == "transfer-encoding: chunked";
        if line.is_empty() {
            break;
        }
    }
    if is_chunked {
        loop {
            let mut line = String::new();
            stream.read_line(&mut line)?;
            let size = usize::from_str_radix(line.trim_end(), 16)?;
            stream.read_exact(&mut vec![0; size + 2])?;
            if size == 0 {
                return Ok(status);
            }
        }
    }
    stream.read_exact(&mut vec![0; length])?;
    Ok(status)
}

fn connect(address: &str) -> Outcome<BufReader<TcpStream>> {
    let stream = BufReader::new(TcpStream::connect(address)?);
    stream.get_ref().set_nodelay(true)?;
    Ok(stream)
}

fn post(stream: &mut BufReader<TcpStream>, address: &str, path: &str, token: &str) -> Outcome<()> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\norigin: http://{address}\r\naccept: text/html\r\n\
         content-type: application/x-www-form-urlencoded\r\n"
    );
    let status = ask(stream, &head, &format!("token={token}"))?;
    if status.starts_with("http/1.1 302") {
        Ok(())
    } else {
        Err(format!("{path}: {status}").into())
    }
}

fn millis(times: &mut [Duration], share: f64) -> f64 {
    times.sort_unstable();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "an index of a list of thousands"
    )]
    let at = ((times.len() - 1) as f64 * share) as usize;
    times[at].as_secs_f64() * 1000.0
}

/// Confirms the activations, while another user loads the sign-in page again and again. Prints the seconds of all, the median of one
/// activation and the median of a page, both in milliseconds.
fn activate(address: &str, file: &str, clients: usize) -> Outcome<()> {
    let text = std::fs::read_to_string(file)?;
    let lines = Mutex::new(text.lines());
    let is_over = AtomicBool::new(false);
    let begin = Instant::now();
    let (mut times, mut pages) = thread::scope(|scope| {
        let clients: Vec<_> = (0..clients)
            .map(|_| {
                scope.spawn(|| -> Outcome<Vec<Duration>> {
                    let mut stream = connect(address)?;
                    let mut times = Vec::new();
                    loop {
                        let next = lines.lock().map_err(|_| "a client failed")?.next();
                        let Some(line) = next else {
                            return Ok(times);
                        };
                        let token = line.split(' ').nth(1).ok_or("no token")?;
                        let sent = Instant::now();
                        post(&mut stream, address, "/api/activation-confirm", token)?;
                        times.push(sent.elapsed());
                    }
                })
            })
            .collect();
        let pages = scope.spawn(|| load_pages(address, &is_over));
        let mut all = Vec::new();
        let mut ended = Ok(());
        for client in clients {
            match client.join() {
                Ok(Ok(times)) => all.extend(times),
                Ok(Err(error)) => ended = Err(error),
                Err(_) => ended = Err("a client failed".into()),
            }
        }
        is_over.store(true, Ordering::Relaxed);
        let pages = pages.join().map_err(|_| "the pages failed")??;
        ended.map(|()| (all, pages))
    })?;
    println!(
        "{:.2} {:.1} {:.2}",
        begin.elapsed().as_secs_f64(),
        millis(&mut times, 0.5),
        millis(&mut pages, 0.5)
    );
    Ok(())
}

/// How long each load of the sign-in page takes to one user, until told that it is over.
fn load_pages(address: &str, is_over: &AtomicBool) -> Outcome<Vec<Duration>> {
    let mut stream = connect(address)?;
    let head = format!("GET / HTTP/1.1\r\nhost: {address}\r\naccept: text/html\r\n");
    let mut times = Vec::new();
    while !is_over.load(Ordering::Relaxed) {
        let sent = Instant::now();
        ask(&mut stream, &head, "")?;
        times.push(sent.elapsed());
        thread::sleep(Duration::from_millis(5));
    }
    Ok(times)
}

/// Returns when so many people of this SQLite database have a factor. It asks the database itself, by one light statement: the use case that
/// lists people opens every sealed name, and would take from the instances the time that is measured.
async fn arrived(database: &str, count: i64) -> Outcome<()> {
    let file = SqliteConnectOptions::new().filename(database);
    let mut db = file.read_only(true).connect().await?;
    let begin = Instant::now();
    loop {
        let statement = "SELECT COUNT(*) FROM person_security WHERE factor_state = 'active'";
        let active: i64 = sqlx::query_scalar(statement).fetch_one(&mut db).await?;
        if active >= count {
            return Ok(());
        }
        if begin.elapsed() > Duration::from_mins(5) {
            return Err("they did not arrive within five minutes".into());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Presses *Não fui eu* for the first people of the list, one after the other, and prints median and p99 in milliseconds until their factor
/// is gone at the other instance.
async fn revoke(address: &str, stm: &str, file: &str, count: usize) -> Outcome<()> {
    let services = open(stm).await?;
    let text = std::fs::read_to_string(file)?;
    let mut stream = connect(address)?;
    let mut times = Vec::new();
    for line in text.lines().take(count) {
        let mut parts = line.split(' ');
        let person: PersonId = parts.next().ok_or("no id")?.parse()?;
        let token = parts.nth(1).ok_or("no token")?;
        let sent = Instant::now();
        post(&mut stream, address, "/api/not-me", token)?;
        loop {
            let mut db = services.store().reader().await?;
            if db.active_totps(person).await?.is_empty() {
                break;
            }
            drop(db);
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        times.push(sent.elapsed());
        // so that the next one finds the worker asleep, not still at the one before
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
    println!(
        "{:.0} {:.0}",
        millis(&mut times, 0.5),
        millis(&mut times, 0.99)
    );
    Ok(())
}

async fn run() -> Outcome<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match *arguments {
        ["prepare", jmu, stm, count] => prepare(jmu, stm, count.parse()?).await,
        ["activate", address, file, clients] => activate(address, file, clients.parse()?),
        ["arrived", database, count] => arrived(database, count.parse()?).await,
        ["revoke", address, stm, file, count] => revoke(address, stm, file, count.parse()?).await,
        _ => Err("unknown arguments".into()),
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
