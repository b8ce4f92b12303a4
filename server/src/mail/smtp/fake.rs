//! A small SMTP server that answers as a test tells it to.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// How the server behaves.
#[derive(Clone, Copy, Default)]
pub(super) struct Manner {
    /// The extensions that it offers after EHLO.
    pub(super) offers: &'static [&'static str],
    /// Its answer to RCPT; `None` means `250 ok`.
    pub(super) rcpt: Option<&'static str>,
    /// Its answer to AUTH; `None` means `235`.
    pub(super) auth: Option<&'static str>,
    /// Its greeting; `None` means `220`.
    pub(super) greeting: Option<&'static str>,
    /// After this command it stops answering, on the first connection only.
    pub(super) silent_after: Option<&'static str>,
}

/// The server and the lines that it received.
pub(super) struct FakeServer {
    pub(super) port: u16,
    heard: Arc<Mutex<Vec<String>>>,
}

impl FakeServer {
    /// Listens on a free port with one thread for each connection, until the test process ends.
    pub(super) fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&heard);
        thread::spawn(move || {
            let mut manner = manner;
            while let Ok((stream, _)) = listener.accept() {
                log.lock().unwrap().push("CONNECT".to_owned());
                let log = Arc::clone(&log);
                thread::spawn(move || serve(&stream, manner, &log));
                manner.silent_after = None;
            }
        });
        Self { port, heard }
    }

    /// Every line that it received, also those of the mails themselves.
    pub(super) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    /// How many lines began with `verb`.
    pub(super) fn count(&self, verb: &str) -> usize {
        self.heard()
            .iter()
            .filter(|line| line.starts_with(verb))
            .count()
    }
}

fn serve(stream: &TcpStream, manner: Manner, log: &Mutex<Vec<String>>) {
    let answer = |mut stream: &TcpStream, text: &str| {
        stream.write_all(format!("{text}\r\n").as_bytes()).is_ok()
    };
    answer(stream, manner.greeting.unwrap_or("220 fake ready"));
    let (mut in_data, mut silent) = (false, false);
    for line in BufReader::new(stream).split(b'\n') {
        let Ok(line) = line else { return };
        let heard = String::from_utf8_lossy(&line)
            .trim_end_matches('\r')
            .to_owned();
        let verb = heard
            .split([' ', ':'])
            .next()
            .unwrap_or_default()
            .to_uppercase();
        log.lock().unwrap().push(heard);
        silent |= manner.silent_after == Some(verb.as_str());
        let text = match verb.as_str() {
            _ if silent => continue,
            "." => "250 queued",
            _ if in_data => continue,
            "EHLO" => &hello(manner.offers),
            "RCPT" => manner.rcpt.unwrap_or("250 ok"),
            "AUTH" => manner.auth.unwrap_or("235 welcome"),
            "DATA" => "354 go on",
            "QUIT" => "221 bye",
            _ => "250 ok",
        };
        in_data = text.starts_with("354");
        if !answer(stream, text) {
            return;
        }
    }
}

fn hello(offers: &[&str]) -> String {
    let mut lines = vec!["fake"];
    lines.extend(offers);
    let last = lines.len() - 1;
    let line = |(at, text): (usize, &&str)| {
        let dash = if at == last { ' ' } else { '-' };
        format!("250{dash}{text}")
    };
    lines
        .iter()
        .enumerate()
        .map(line)
        .collect::<Vec<_>>()
        .join("\r\n")
}
