//! Measures how fast changes reach another instance, for `make bench-sync` (docs/performance.md). Two instances serve; this program prepares
//! their databases and posts to the first.
//!
//! Usage: `prepare JMU.toml STM.toml COUNT > LIST`, `activate ADDRESS LIST CLIENTS`, `arrived STM.toml COUNT`,
//! `revoke ADDRESS STM.toml LIST COUNT`, `page ADDRESS SECONDS`. LIST has a line for each person: id, activation token, *Não fui eu* token.

#![expect(
    clippy::disallowed_methods,
    reason = "a measurement outside the program"
)]

use server::{
    ambient::{SystemClock, SystemEntropy},
    bootstrap::open_services,
    config::Config,
    domain::{
        client::ClientInfo,
        cpf::Cpf,
        email::Email,
        enrolment::EnrolmentPurpose,
        link::{Link, LinkPurpose},
        new_person::NewPerson,
        password::decoy,
        person::{PersonId, ProfileKind, Sigla},
        session::SessionLimits,
        sync::Proof,
        time::{Seconds, Timestamp},
        token::{Token, row_id},
        totp::TotpSecret,
    },
    ports::{Clock as _, Entropy},
    services::{Services, people::STAGED_AT_ONCE},
    storage::{NewEnrolment, StoreResult, Tx},
};
use std::{
    error::Error,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::ExitCode,
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Somebody whose activation waits for its link.
struct Waiting {
    person: PersonId,
    number: i64,
    enrolment: String,
    secret: TotpSecret,
    activation: Token,
    not_me: Token,
    now: Timestamp,
}

/// A CPF with right check digits.
fn cpf(number: i64) -> Outcome<Cpf> {
    let nine = format!("{:09}", 100_000_000 + number);
    (0..100)
        .find_map(|check| Cpf::parse(&format!("{nine}{check:02}")).ok())
        .ok_or_else(|| "no check digits".into())
}

impl Waiting {
    fn person(&self) -> Outcome<NewPerson> {
        Ok(NewPerson {
            id: Some(self.person),
            name: "Ana".to_owned(),
            sigla: Sigla::parse(&format!("pessoa{}", self.number))?,
            cpf: Some(cpf(self.number)?),
            password: decoy().clone(),
            profiles: vec![ProfileKind::LAWYER],
            contacts: Vec::new(),
            language: app::model::Language::Pt,
        })
    }

    /// An enrolment whose code and email were accepted, with the tokens of two mailed links.
    async fn mail(&self, tx: &mut Tx) -> StoreResult<()> {
        let now = self.now;
        let until = now + Seconds::hours(1);
        let new = NewEnrolment {
            id: self.enrolment.clone(),
            person: self.person,
            purpose: EnrolmentPurpose::First,
            proof: Proof::FirstEnrolment,
            label: String::new(),
            browser_hash: self.activation.hash(),
            secret: self.secret.clone(),
            client: ClientInfo::default(),
            expires_at: until,
        };
        tx.begin_enrolment(&new, &SessionLimits::default(), now)
            .await?;
        tx.accept_first_code(&self.enrolment, 1, None, now).await?;
        let email = Email::parse(&format!("p{}@correio.example", self.number));
        if let Ok(email) = email {
            tx.set_enrolment_email(&self.enrolment, &email, until, until)
                .await?;
        }
        for (token, purpose) in [
            (&self.activation, LinkPurpose::Activation),
            (&self.not_me, LinkPurpose::NotMe),
        ] {
            let link = Link {
                person: self.person,
                enrolment: Some(self.enrolment.clone()),
                factor: None,
                about: None,
                created_at: now,
                expires_at: until,
                used_at: None,
                voided: None,
            };
            tx.insert_link(&token.hash(), purpose, &link).await?;
        }
        Ok(())
    }
}

async fn open(config: &str) -> Outcome<Services> {
    Ok(open_services(&Config::load(Path::new(config))?).await?)
}

async fn prepare(jmu: &str, stm: &str, count: i64) -> Outcome<()> {
    let (jmu, stm) = (open(jmu).await?, open(stm).await?);
    let entropy: &dyn Entropy = &SystemEntropy;
    let now = SystemClock.now();
    for first in (0..count).step_by(STAGED_AT_ONCE) {
        let portion: Vec<_> = (first..count.min(first + i64::try_from(STAGED_AT_ONCE)?))
            .map(|number| {
                Ok(Waiting {
                    person: PersonId::new(PersonId::MIN + number)?,
                    number,
                    enrolment: row_id(entropy.bytes()),
                    secret: TotpSecret::new(entropy.bytes()),
                    activation: Token::new(entropy.bytes()),
                    not_me: Token::new(entropy.bytes()),
                    now,
                })
            })
            .collect::<Outcome<_>>()?;
        for instance in [&jmu, &stm] {
            let people = portion
                .iter()
                .map(Waiting::person)
                .collect::<Outcome<_>>()?;
            let registered = instance.for_operator("bench").register(people).await?;
            registered.map_err(|conflicts| format!("{conflicts:?}"))?;
        }
        for waiting in &portion {
            let (activation, not_me) = (waiting.activation.expose(), waiting.not_me.expose());
            println!("{} {activation} {not_me}", waiting.person);
        }
        let write = jmu.store().write_with(portion, |tx, portion| {
            Box::pin(async move {
                for waiting in portion {
                    waiting.mail(tx).await?;
                }
                Ok(())
            })
        });
        write.await?;
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

/// Confirms the activations, and prints seconds and the median of one in milliseconds.
fn activate(address: &str, file: &str, clients: usize) -> Outcome<()> {
    let text = std::fs::read_to_string(file)?;
    let lines = Mutex::new(text.lines());
    let begin = Instant::now();
    let mut times = thread::scope(|scope| {
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
        let mut all = Vec::new();
        for client in clients {
            all.extend(client.join().map_err(|_| "a client failed")??);
        }
        Ok::<_, Box<dyn Error + Send + Sync>>(all)
    })?;
    println!(
        "{:.2} {:.1}",
        begin.elapsed().as_secs_f64(),
        millis(&mut times, 0.5)
    );
    Ok(())
}

async fn active(services: &Services) -> Outcome<usize> {
    let people = services.for_operator("bench").list_people().await?;
    Ok(people
        .iter()
        .filter(|person| person.factor == "active")
        .count())
}

/// Returns when so many people have a factor.
async fn arrived(stm: &str, count: usize) -> Outcome<()> {
    let services = open(stm).await?;
    let begin = Instant::now();
    while active(&services).await? < count {
        if begin.elapsed() > Duration::from_mins(5) {
            return Err("they did not arrive within five minutes".into());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Ok(())
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
    }
    println!(
        "{:.0} {:.0}",
        millis(&mut times, 0.5),
        millis(&mut times, 0.99)
    );
    Ok(())
}

/// Loads the sign-in page again and again as one user, and prints the median in milliseconds.
fn page(address: &str, seconds: u64) -> Outcome<()> {
    let mut stream = connect(address)?;
    let head = format!("GET / HTTP/1.1\r\nhost: {address}\r\naccept: text/html\r\n");
    let (begin, mut times) = (Instant::now(), Vec::new());
    while begin.elapsed() < Duration::from_secs(seconds) {
        let sent = Instant::now();
        ask(&mut stream, &head, "")?;
        times.push(sent.elapsed());
        thread::sleep(Duration::from_millis(5));
    }
    println!("{:.2}", millis(&mut times, 0.5));
    Ok(())
}

async fn run() -> Outcome<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match *arguments {
        ["prepare", jmu, stm, count] => prepare(jmu, stm, count.parse()?).await,
        ["activate", address, file, clients] => activate(address, file, clients.parse()?),
        ["arrived", stm, count] => arrived(stm, count.parse()?).await,
        ["revoke", address, stm, file, count] => revoke(address, stm, file, count.parse()?).await,
        ["page", address, seconds] => page(address, seconds.parse()?),
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
