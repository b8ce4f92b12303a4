use super::fake::{FakeServer, Manner};
use super::*;
use crate::domain::{Email, SecretText, ServerName};
use crate::mail::sample;
use app::model::Language;
use std::num::NonZeroUsize;

fn settings(port: u16, tls: TlsMode) -> SmtpSettings {
    SmtpSettings {
        port,
        tls,
        timeout: Duration::from_secs(5),
        pool_max: NonZeroUsize::MIN.saturating_add(1),
        ..SmtpSettings::new(ServerName::parse("127.0.0.1").unwrap())
    }
}

fn mailer(settings: SmtpSettings) -> SmtpMailer {
    SmtpMailer::new(settings, sample::branding(), sample::clock()).unwrap()
}

async fn send(mailer: &SmtpMailer) -> Result<(), MailError> {
    mailer
        .send(&sample::activation_link(Language::Pt), "m-1")
        .await
}

fn transient(result: Result<(), MailError>) -> String {
    match result {
        Err(MailError::Transient(text)) => text,
        other => panic!("not transient: {other:?}"),
    }
}

fn permanent(result: Result<(), MailError>) -> String {
    match result {
        Err(MailError::Permanent(text)) => text,
        other => panic!("not permanent: {other:?}"),
    }
}

#[tokio::test]
async fn accepted_mails_share_a_connection() {
    let server = FakeServer::start(Manner::default());
    let mailer = mailer(settings(server.port, TlsMode::PlainAllowed));
    send(&mailer).await.unwrap();
    send(&mailer).await.unwrap();
    assert_eq!(server.count("CONNECT"), 1);
    assert_eq!(server.count("RCPT TO:<Ana.Souza@adv.example>"), 2);
    assert_eq!(server.count("MAIL FROM:<nao-responda@stm.jus.br>"), 2);
    assert_eq!(server.count("Message-ID: <m-1@stm.jus.br>"), 2);
    assert!(
        server.heard().iter().all(|line| line.is_ascii()),
        "no 8BITMIME was offered"
    );
}

#[tokio::test]
async fn greylisting_is_transient() {
    let rcpt = Some("451 4.7.1 <Ana.Souza@adv.example>: Greylisted, try again later");
    let server = FakeServer::start(Manner {
        rcpt,
        ..Manner::default()
    });
    let fault = transient(send(&mailer(settings(server.port, TlsMode::PlainAllowed))).await);
    assert_eq!(fault, "451 4.7.1 … Greylisted, try again later");
    assert_eq!(server.count("DATA"), 0);
}

#[tokio::test]
async fn r22_a_refusal_is_permanent_and_does_not_name_the_recipient() {
    let rcpt = Some("550 5.1.1 <ana.souza@adv.example>: no such user");
    let server = FakeServer::start(Manner {
        rcpt,
        ..Manner::default()
    });
    let fault = permanent(send(&mailer(settings(server.port, TlsMode::PlainAllowed))).await);
    assert_eq!(fault, "550 5.1.1 … no such user");
}

#[tokio::test]
async fn r23_a_hanging_server_does_not_hold_the_worker_nor_taint_the_next_mail() {
    let trials = ["EHLO", "MAIL", "DATA", "."].map(|verb| tokio::spawn(hang_after(verb)));
    for trial in trials {
        trial.await.unwrap();
    }
}

async fn hang_after(verb: &'static str) {
    let limit = Duration::from_secs(1);
    let server = FakeServer::start(Manner {
        silent_after: Some(verb),
        ..Manner::default()
    });
    let settings = settings(server.port, TlsMode::PlainAllowed);
    let mailer = mailer(SmtpSettings {
        timeout: limit,
        ..settings
    });
    let result = timeout(4 * limit, send(&mailer)).await.expect(verb);
    assert_eq!(
        transient(result),
        "127.0.0.1 did not accept the mail within 1s"
    );
    send(&mailer).await.unwrap();
    assert_eq!(
        server.count("CONNECT"),
        2,
        "{verb}: the silent connection is not used again"
    );
}

#[tokio::test]
async fn nobody_listening_is_transient() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let fault = transient(send(&mailer(settings(port, TlsMode::PlainAllowed))).await);
    assert!(
        fault.starts_with(&format!("connecting to 127.0.0.1:{port}: ")),
        "{fault}"
    );
}

#[tokio::test]
async fn without_starttls_nothing_is_sent_where_tls_is_required() {
    let server = FakeServer::start(Manner {
        offers: &["AUTH PLAIN"],
        ..Manner::default()
    });
    let signed_in = SmtpSettings {
        login: Some(SmtpLogin {
            user: "portal".into(),
            password: SecretText::new("hunter2"),
        }),
        ..settings(server.port, TlsMode::Required)
    };
    let fault = transient(send(&mailer(signed_in)).await);
    assert!(
        fault.ends_with("it offers no STARTTLS and TLS is required"),
        "{fault}"
    );
    let heard = server.heard();
    assert!(
        heard
            .iter()
            .all(|line| line == "CONNECT" || line.starts_with("EHLO")),
        "{heard:?}"
    );
}

#[tokio::test]
async fn a_server_without_tls_is_no_implicit_tls_server() {
    let server = FakeServer::start(Manner::default());
    let fault = transient(send(&mailer(settings(server.port, TlsMode::Implicit))).await);
    assert!(fault.starts_with("connecting to"), "{fault}");
    assert_eq!(server.count("EHLO") + server.count("MAIL"), 0);
}

#[tokio::test]
async fn faults_of_the_configuration_lose_no_mail() {
    let auth = Some("535 5.7.8 authentication failed");
    let wrong_password = Manner {
        offers: &["AUTH PLAIN"],
        auth,
        ..Manner::default()
    };
    let server = FakeServer::start(wrong_password);
    let signed_in = SmtpSettings {
        login: Some(SmtpLogin {
            user: "portal".into(),
            password: SecretText::new("hunter2"),
        }),
        ..settings(server.port, TlsMode::PlainAllowed)
    };
    let fault = transient(send(&mailer(signed_in)).await);
    assert!(
        fault.ends_with("535 5.7.8 authentication failed"),
        "{fault}"
    );
    assert_eq!(server.count("MAIL"), 0);

    for manner in [
        Manner {
            greeting: Some("554 no service"),
            ..Manner::default()
        },
        Manner {
            rcpt: Some("530 5.7.0 Must issue a STARTTLS command first"),
            ..Manner::default()
        },
    ] {
        let server = FakeServer::start(manner);
        transient(send(&mailer(settings(server.port, TlsMode::PlainAllowed))).await);
    }
}

#[test]
fn settings_that_cannot_work_are_refused_at_the_start() {
    let good = || settings(25, TlsMode::Required);
    let create = |settings| SmtpMailer::new(settings, sample::branding(), sample::clock());
    let refused = |settings| create(settings).err().unwrap_or_default();
    let missing = SmtpSettings {
        ca_file: Some("/nonexistent.pem".into()),
        ..good()
    };
    assert!(refused(missing).contains("/nonexistent.pem"));
    let not_pem = SmtpSettings {
        ca_file: Some("/dev/null".into()),
        ..good()
    };
    assert!(refused(not_pem).contains("holds no certificate"));
}

/// Every e-mail address that the type accepts is sent to the server as one command.
#[tokio::test]
async fn r16_an_address_never_becomes_an_smtp_command() {
    let server = FakeServer::start(Manner::default());
    let mailer = mailer(settings(server.port, TlsMode::PlainAllowed));
    for hostile in message::HOSTILE_ADDRESSES {
        assert!(Email::parse(hostile).is_err(), "{hostile:?}");
    }
    assert_eq!(server.heard(), Vec::<String>::new());

    // whatever else the form takes is sent: one command a mail names it, and no command is new
    let every_sign: Vec<_> = (0..=0x7f_u8)
        .map(char::from)
        .filter(|sign| !sign.is_alphanumeric())
        .flat_map(around_a_sign)
        .collect();
    let spellings = every_sign.iter().map(String::as_str).chain([
        "Ana.Souza@adv.example",
        "ana@correio。example",
        "ana@correio.example.",
        "  ana@correio.example\r\n",
        "ana@correio.example\r\nRCPT TO:<ladrao@adv.example>",
        "ana@correio.example>\r\nRCPT TO:<ladrao@adv.example",
        "\"ana\r\nDATA\"@correio.example",
        "ana@[127.0.0.1]",
        "ana@advocacia-são-joão.example",
    ]);
    let accepted: Vec<_> = spellings
        .filter_map(|typed| Email::parse(typed).ok())
        .collect();
    assert!(
        accepted.len() > 50,
        "{} addresses to send to",
        accepted.len()
    );
    for address in accepted {
        let before = server.heard().len();
        let mut job = sample::activation_link(Language::Pt);
        job.to = address.clone();
        mailer.send(&job, "m-1").await.unwrap();
        let heard = server.heard().split_off(before);
        let data = heard.iter().position(|line| line == "DATA").expect("DATA");
        // the connection is opened or tried before the mail's own dialogue
        let dialogue: Vec<_> = heard[..=data]
            .iter()
            .filter(|line| *line != "CONNECT" && *line != "NOOP" && !line.starts_with("EHLO "))
            .collect();
        let to = format!("RCPT TO:<{}>", address.for_sending());
        assert_eq!(
            dialogue,
            ["MAIL FROM:<nao-responda@stm.jus.br>", &to, "DATA"]
        );
        // and within the mail nothing ends it before its end
        let ends: Vec<_> = heard.iter().filter(|line| *line == ".").collect();
        assert_eq!(
            (ends.len(), heard.last().map(String::as_str)),
            (1, Some("."))
        );
    }
}

/// Addresses with a sign before, within and after each part.
fn around_a_sign(sign: char) -> [String; 4] {
    [
        format!("{sign}ana@correio.example"),
        format!("an{sign}a@correio.example"),
        format!("ana@cor{sign}reio.example"),
        format!("ana@correio.example{sign}"),
    ]
}
