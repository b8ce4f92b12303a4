//! One instance as a process of its own: the built program, its configuration file, its log.

use super::browser::encode;
use super::{Browser, PASSWORD};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use server::bootstrap::open_services;
use server::config::Config;
use server::services::Services;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::io::AsyncWriteExt as _;

/// A configured instance, serving or not. Killed with the value.
pub struct Process {
    dir: PathBuf,
    /// Its configuration and key are named by it, in lower case.
    instance: &'static str,
    port: u16,
    database: String,
    /// `json` or `text`.
    pub log_format: &'static str,
    running: Option<Child>,
    /// A script of the shell that starts it.
    starts_by: Option<&'static str>,
}

impl Process {
    /// `init` in an empty folder, for JMU.
    pub fn init(dir: PathBuf, database: &str) -> Self {
        Self::init_as("JMU", dir, database)
    }

    /// `init` in an empty folder.
    pub fn init_as(instance: &'static str, dir: PathBuf, database: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap();
        let process = Self {
            dir,
            instance,
            port: port.local_addr().unwrap().port(),
            database: database.to_owned(),
            log_format: "json",
            running: None,
            starts_by: None,
        };
        std::fs::create_dir_all(process.dir.join("site/pkg")).unwrap();
        let dir = process.dir.to_str().unwrap();
        let made = Command::new(program())
            .args(["init", "--dir", dir, "--instance", instance])
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        process
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.args(arguments).arg("--config");
        command.arg(self.config_file());
        for (name, value) in [
            ("INSTANCE__PUBLIC_URL", self.origin()),
            ("LISTEN__ADDR", format!("127.0.0.1:{}", self.port)),
            ("DATABASE__URL", self.database.clone()),
            ("MAIL__TRANSPORT", "file".into()),
            ("MAIL__FROM", "nao-responda@stm.jus.br".into()),
            ("MAIL__FILE__DIR", self.path("mails")),
            ("SUPPORT__NAME", "Suporte".into()),
            ("SUPPORT__EMAIL", "suporte@stm.jus.br".into()),
            ("SUPPORT__PHONE", "(61) 3313-9144".into()),
            ("ASSETS__DIR", self.path("site")),
            ("LOG__FORMAT", self.log_format.into()),
            ("LOG__LEVEL", "debug".into()),
            ("SESSIONS__REFUSAL_FLOOR_MS", "0".into()),
        ] {
            command.env(format!("EPROC_2FA__{name}"), value);
        }
        command
    }

    pub fn config_file(&self) -> PathBuf {
        let name = self.instance.to_lowercase();
        self.dir.join(format!("{name}.toml"))
    }

    /// Makes another instance its peer, as operators do: with the section that `peer show` prints there.
    pub fn add_peer(&self, other: &Self) {
        let shown = other.output(&["peer", "show"]);
        assert!(shown.status.success(), "{shown:?}");
        self.append(&String::from_utf8(shown.stdout).unwrap());
    }

    /// Writes behind its configuration.
    pub fn append(&self, section: &str) {
        let config = OpenOptions::new().append(true).open(self.config_file());
        writeln!(config.unwrap(), "\n{section}").unwrap();
    }

    /// Writes a setting where a section begins, in the place of one that was written before.
    pub fn set(&self, section: &str, setting: &str) {
        let (name, _) = setting.split_once(" = ").unwrap();
        self.unset(name);
        let config = std::fs::read_to_string(self.config_file()).unwrap();
        let config = config.replacen(section, &format!("{section}\n{setting}"), 1);
        std::fs::write(self.config_file(), config).unwrap();
    }

    /// Takes a setting out.
    pub fn unset(&self, name: &str) {
        let config = std::fs::read_to_string(self.config_file()).unwrap();
        let other = |line: &&str| !line.starts_with(&format!("{name} = "));
        let others: Vec<_> = config.lines().filter(other).collect();
        std::fs::write(self.config_file(), others.join("\n") + "\n").unwrap();
    }

    /// Takes all peers out of its configuration, which stand at its end.
    pub fn remove_peers(&self) {
        let config = std::fs::read_to_string(self.config_file()).unwrap();
        let at = config.find("\n[[peers]]").unwrap();
        std::fs::write(self.config_file(), &config[..=at]).unwrap();
    }

    /// The use cases over its database, beside the process that serves.
    pub async fn services(&self) -> Services {
        let name = self.instance.to_lowercase();
        let config = std::fs::read_to_string(self.config_file()).unwrap();
        let config = config.replace(&format!("sqlite:{name}.db"), &self.database);
        let file = self.dir.join("beside.toml");
        std::fs::write(&file, config).unwrap();
        let config = Config::load_without_environment(&file).unwrap();
        open_services(&config).await.unwrap()
    }

    /// Runs a command of the program on this instance to its end.
    pub fn output(&self, arguments: &[&str]) -> std::process::Output {
        self.command(arguments).output().unwrap()
    }

    fn path(&self, name: &str) -> String {
        self.dir.join(name).display().to_string()
    }

    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Registers Ana Souza with CPF and contact, by `person import`; her imported password hash.
    pub fn import_ana(&self, cpf: &str, contact: &str) -> String {
        let hash = bcrypt::hash(PASSWORD, 4).unwrap();
        let file = self.path("people.csv");
        let rows = format!(
            "id,name,sigla,cpf,password_hash,profiles,contacts,language\n\
             ,Ana Souza,ana.souza,{cpf},{hash},lawyer,{contact},\n"
        );
        std::fs::write(&file, rows).unwrap();
        let done = self.command(&["person", "import", &file]).output().unwrap();
        assert!(done.status.success(), "{done:?}");
        hash
    }

    /// `serve`, until it is ready; its log goes on in the same file.
    pub async fn serve(&mut self) {
        self.start();
        let patience = Patience::of(Duration::from_mins(1));
        while !self.is_ready().await {
            assert!(patience.lasts(), "not ready:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Whether it says that it can work.
    pub async fn is_ready(&self) -> bool {
        let url = format!("{}/health/ready", self.origin());
        CLIENT
            .get(url)
            .send()
            .await
            .is_ok_and(|answer| answer.status() == 204)
    }

    /// `serve` with as much room for its files as they have already: each further write fails, as on a full disk.
    pub async fn serve_without_room(&mut self) {
        // ends with an error of the write, where the signal would end the process
        self.starts_by = Some("trap '' XFSZ; exec \"$0\" \"$@\"");
        self.serve().await;
        self.limit_files("1:");
    }

    /// Files may grow again.
    pub fn give_room(&self) {
        self.limit_files("unlimited:");
    }

    fn limit_files(&self, bytes: &str) {
        let limited = Command::new("prlimit")
            .args(["--pid", &self.id().to_string(), &format!("--fsize={bytes}")])
            .status();
        assert!(limited.unwrap().success());
    }

    /// Starts it, and does not wait until it is ready.
    pub fn start(&mut self) {
        let log: File = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.dir.join("log"))
            .unwrap();
        let plain = self.command(&["serve"]);
        let mut command = match self.starts_by {
            None => plain,
            Some(script) => {
                let mut shell = Command::new("sh");
                shell.args(["-c", script]).arg(plain.get_program());
                shell.args(plain.get_args());
                let set = plain
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?)));
                shell.envs(set);
                shell
            }
        };
        let child = command
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        self.running = Some(child);
    }

    /// Waits until connections are accepted, blocking the thread.
    pub fn wait_until_it_listens(&self) {
        let patience = Patience::of(Duration::from_mins(1));
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(patience.lasts(), "does not listen:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Ends the process with a signal and waits for it; its exit code, if it had one to give.
    pub fn end(&mut self, signal: &str) -> Option<i32> {
        let mut child = self.running.take().expect("it serves");
        let id = child.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(sent.success());
        child.wait().unwrap().code()
    }

    /// Everything logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.dir.join("log")).unwrap_or_default()
    }

    /// The link in the newest mail of a kind, once it is written: what a killed process had in its
    /// hands is taken over when its lease of a minute has run out.
    pub async fn link_in(&self, kind: &str) -> String {
        let patience = Patience::of(Duration::from_secs(90));
        loop {
            if let Some(link) = self.find_link(kind) {
                return link;
            }
            assert!(patience.lasts(), "no {kind}:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The link in the newest mail of a kind, if there is one.
    pub fn find_link(&self, kind: &str) -> Option<String> {
        let newest = std::fs::read_dir(self.dir.join("mails"))
            .ok()?
            .map(|entry| entry.unwrap().path())
            .filter(|path| {
                let name = path.file_name().unwrap().to_string_lossy();
                name.starts_with(kind) && name.ends_with(".eml")
            })
            .max_by_key(|path| path.metadata().unwrap().modified().unwrap())?;
        // quoted-printable: only the soft line breaks can stand in a link
        let mail = std::fs::read_to_string(newest)
            .unwrap()
            .replace("=\r\n", "");
        let at = mail.find(&self.origin())?;
        Some(
            mail[at..]
                .chars()
                .take_while(|c| !c.is_whitespace())
                .collect(),
        )
    }

    /// A browser whose requests go over the network to this process.
    pub fn browser(&self) -> Browser {
        let origin = self.origin();
        let over = origin.clone();
        let router = Router::new().fallback(move |request: Request| forward(over.clone(), request));
        Browser::over(router, origin)
    }

    /// A connection on which nothing was sent yet.
    pub async fn connect(&self) -> tokio::net::TcpStream {
        let address = ("127.0.0.1", self.port);
        tokio::net::TcpStream::connect(address).await.unwrap()
    }

    /// Posts a form and closes the connection before the answer.
    pub async fn post_and_hang_up(&self, path: &str, form: &str) {
        let origin = self.origin();
        let length = form.len();
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\norigin: {origin}\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n\r\n{form}",
            self.port
        );
        let mut stream = self.connect().await;
        stream.write_all(request.as_bytes()).await.unwrap();
        // long enough for the request to be read and begun
        tokio::time::sleep(Duration::from_millis(5)).await;
    }

    /// The number of the process that serves.
    pub fn id(&self) -> u32 {
        self.running.as_ref().expect("it serves").id()
    }

    /// Memory that the process holds now, in KiB.
    pub fn resident_kib(&self) -> u64 {
        let id = self.id();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.unwrap().trim().trim_end_matches(" kB");
        number.parse().unwrap()
    }

    /// Posts a body as it is, with the headers of this origin; the status.
    pub async fn post_raw(&self, path: &str, body: String) -> u16 {
        self.post_as("origin", self.origin().as_bytes(), path, body)
            .await
    }

    /// Posts a body as it is, with a header that says who sends it; the status.
    pub async fn post_as(&self, header: &str, value: &[u8], path: &str, body: String) -> u16 {
        let answer = CLIENT
            .post(format!("{}{path}", self.origin()))
            .header(header, value)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .send()
            .await
            .unwrap();
        answer.status().as_u16()
    }
}

/// Posts a form to a process that may be away; `None` without an answer.
pub async fn post_if_there(origin: &str, path: &str, form: String) -> Option<u16> {
    let request = CLIENT
        .post(format!("{origin}{path}"))
        .header("origin", origin)
        .header("accept", "text/html")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form);
    Some(request.send().await.ok()?.status().as_u16())
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(child) = &mut self.running {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// What cargo built beside these tests.
pub fn program() -> PathBuf {
    std::env::var_os("CARGO_BIN_EXE_eproc-2fa")
        .expect("run by cargo")
        .into()
}

/// How long something real may take.
pub struct Patience(Instant);

#[expect(
    clippy::disallowed_methods,
    reason = "how long a process takes is told by the machine alone"
)]
impl Patience {
    pub fn of(length: Duration) -> Self {
        Self(Instant::now() + length)
    }

    pub fn lasts(&self) -> bool {
        Instant::now() < self.0
    }
}

/// The machine's clock, which nobody can tell the program.
#[expect(
    clippy::disallowed_methods,
    reason = "the program under test reads the clock of the machine"
)]
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

/// User, password and button, as a form.
pub fn sign_in_form(login: &str) -> String {
    format!(
        "login={}&password={}&intent=enter",
        encode(login),
        encode(PASSWORD)
    )
}

/// Follows no redirect, asks no proxy, trusts nobody: it speaks plain http to this machine. A
/// connection is not kept, since each test has a runtime of its own.
static CLIENT: LazyLock<reqwest::Client> = LazyLock::new(|| {
    // once a process; a second call finds it done
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .pool_max_idle_per_host(0)
        .build()
        .unwrap()
});

async fn forward(origin: String, request: Request) -> http::Response<Body> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let sent = CLIENT
        .request(parts.method, format!("{origin}{}", parts.uri))
        .headers(parts.headers)
        .body(body)
        .send()
        .await;
    // what a proxy says while the process is away, or when it dies over the answer
    let away = || {
        let answer = http::Response::builder().status(502);
        answer.body(Body::empty()).unwrap()
    };
    let Ok(answer) = sent else { return away() };
    let mut response = http::Response::builder().status(answer.status());
    *response.headers_mut().unwrap() = answer.headers().clone();
    match answer.bytes().await {
        Ok(bytes) => response.body(Body::from(bytes)).unwrap(),
        Err(_) => away(),
    }
}
