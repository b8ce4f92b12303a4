use super::fake::{FakeServer, Manner};
use super::*;
use crate::domain::email::Email;
use crate::{domain::secret::SecretText, mail::sample};
use app::model::Language;

fn settings(port: u16, tls: TlsMode) -> SmtpSettings {
    SmtpSettings {
        host: "127.0.0.1".into(),
        port,
        tls,
        ca_file: None,
        user: None,
        password: None,
        timeout: Duration::from_secs(5),
        pool_max: 2,
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
        user: Some("portal".into()),
        password: Some(SecretText::new("hunter2")),
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
        user: Some("portal".into()),
        password: Some(SecretText::new("hunter2")),
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
    assert!(
        refused(SmtpSettings {
            host: "a\r\nb".into(),
            ..good()
        })
        .contains("host")
    );
    assert!(
        refused(SmtpSettings {
            user: Some("u".into()),
            ..good()
        })
        .contains("together")
    );
    assert!(
        refused(SmtpSettings {
            pool_max: 0,
            ..good()
        })
        .contains("zero")
    );
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
    let nobody = Branding {
        from_address: "nobody".into(),
        ..sample::branding()
    };
    assert!(SmtpMailer::new(good(), nobody, sample::clock()).is_err());
}

/// Every e-mail address that the type accepts is sent to the server as one command.
#[tokio::test]
async fn r16_an_address_never_becomes_an_smtp_command() {
    let server = FakeServer::start(Manner::default());
    let mailer = mailer(settings(server.port, TlsMode::PlainAllowed));
    for odd in [
        "a'b+c=d@adv.example",
        "{x}|y@adv.example",
        "joao@advocacia-são.com.br",
    ] {
        let mut job = sample::activation_link(Language::Pt);
        job.to = Email::parse(odd).unwrap();
        mailer.send(&job, "m-1").await.unwrap();
        let expected = format!("RCPT TO:<{}>", job.to.for_sending());
        let heard = server.heard();
        assert!(heard.contains(&expected), "{heard:?}");
    }
    for hostile in message::HOSTILE_ADDRESSES {
        assert!(Email::parse(hostile).is_err(), "{hostile:?}");
        assert!(message::address(hostile).is_none(), "{hostile:?}");
    }
}
