//! What right files come to.

use super::*;
use crate::config::{LogFormat, MailWay};
use crate::domain::{
    DatabaseUrl, Demand, EnrolmentLimits, FirstEnrolment, Policy, ProfileKind, Seconds, SecretText,
    SessionLimits,
};
use crate::mail::smtp::{SmtpSettings, TlsMode};
use tracing::Level;

fn password(smtp: &SmtpSettings) -> &str {
    smtp.login.as_ref().unwrap().password.expose()
}

#[test]
fn the_least_has_the_defaults_of_the_domain() {
    let config = load(&[], &[]).unwrap();
    let settings = &config.settings;
    assert_eq!(
        (settings.instance.as_str(), settings.label.as_str()),
        ("JMU", "e-Proc/JMU")
    );
    assert_eq!(settings.public_url, "https://2fa.example.jus.br");
    assert_eq!(settings.policy, Policy::default());
    assert_eq!(settings.sessions, SessionLimits::default());
    assert_eq!(settings.enrolments, EnrolmentLimits::default());
    assert_eq!(
        settings.suffixes,
        crate::domain::InstitutionalSuffixes::default()
    );
    assert_eq!(settings.suffixes.names(), ["jus.br", "gov.br"]);
    assert!(settings.peers.is_empty() && settings.refusal_floor_ms == 500);
    let branding = &config.branding;
    assert_eq!(
        (branding.from_name.as_str(), branding.utc_offset_hours),
        ("e-Proc/JMU", -3)
    );
    assert_eq!(
        (config.log.format, config.log.level),
        (LogFormat::Text, Level::INFO)
    );
    let MailWay::Smtp(smtp) = &config.mail_way else {
        panic!("smtp")
    };
    assert_eq!(
        (smtp.port, smtp.tls, smtp.login.is_none()),
        (587, TlsMode::Required, true)
    );
    assert_eq!(
        (&config.assets_dir, &config.settings.system_url),
        (&None, &None)
    );
}

#[test]
fn everything_can_be_said() {
    let config = load(
        &[
            "instance.public_url = \"HTTPS://2FA.Example.jus.br:443/\"",
            "instance.label = \" e-Proc do STM \"",
            "instance.system_url = \"https://eproc.example.jus.br/login?x=1\"",
            "mail.from = '\"STM, e-Proc\" <Nao-Responda@stm.jus.br>'",
            "mail.smtp.tls = \"implicit\"",
            "mail.smtp.user = \"eproc\"",
            "mail.smtp.password = \"007\"",
            "policy.second_factor = \"required\"",
            "policy.first_enrolment = \"approved\"",
            "policy.profiles.citizen = \"optional\"",
            "policy.provisional_hours = 12",
            "enrolment.institutional_suffixes = [\"*.MIL.br\"]",
            "sessions.idle_minutes = 15",
            "log.format = \"json\"",
            "assets.dir = \"site\"",
        ],
        &[],
    )
    .unwrap();
    let settings = &config.settings;
    assert_eq!(
        settings.public_url, "https://2fa.example.jus.br",
        "as browsers spell it in Origin"
    );
    assert_eq!(settings.label, "e-Proc do STM");
    assert_eq!(
        settings.policy.demand(&[ProfileKind::CITIZEN]),
        Demand::Optional
    );
    assert_eq!(
        settings.policy.demand(&[ProfileKind::LAWYER]),
        Demand::Required
    );
    assert_eq!(settings.policy.first_enrolment, FirstEnrolment::Approved);
    assert_eq!(settings.policy.provisional_for, Seconds::hours(12));
    assert_eq!(settings.suffixes.names(), ["mil.br"]);
    assert_eq!(settings.sessions.idle, Seconds::minutes(15));
    let branding = &config.branding;
    assert_eq!(branding.from_name, "STM, e-Proc");
    assert_eq!(branding.from_email.for_sending(), "Nao-Responda@stm.jus.br");
    let MailWay::Smtp(smtp) = &config.mail_way else {
        panic!("smtp")
    };
    assert_eq!((smtp.port, smtp.tls), (465, TlsMode::Implicit));
    assert_eq!(password(smtp), "007");
    assert!(config.assets_dir.unwrap().is_absolute());
}

#[test]
fn the_environment_goes_before_the_file_and_keeps_text_as_it_is() {
    let config = load(
        &["mail.smtp.user = \"eproc\""],
        &[
            ("MAIL__SMTP__PORT", "2525"),
            ("MAIL__SMTP__PASSWORD", "007"),
            ("INSTANCE__UTC_OFFSET_HOURS", "-4"),
            ("ENROLMENT__INSTITUTIONAL_SUFFIXES", "jus.br, mil.br"),
            ("POLICY__PROFILES__LAWYER", "required"),
            ("SUPPORT__PHONE", "6133139144"),
            ("LISTEN__ADDR", "[::]:8080"),
        ],
    )
    .unwrap();
    let MailWay::Smtp(smtp) = &config.mail_way else {
        panic!("smtp")
    };
    assert_eq!((smtp.port, password(smtp)), (2525, "007"));
    let settings = &config.settings;
    assert_eq!(settings.suffixes.names(), ["jus.br", "mil.br"]);
    assert_eq!(
        settings.policy.demand(&[ProfileKind::LAWYER]),
        Demand::Required
    );
    let branding = &config.branding;
    assert_eq!(
        (branding.support_phone.as_str(), branding.utc_offset_hours),
        ("6133139144", -4)
    );
    assert_eq!(config.listen_addr.port(), 8080);
    // a container may have no more than an empty file
    let all: Vec<_> = LEAST
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .map(|(key, value)| {
            (
                key.to_uppercase().replace('.', "__"),
                value.trim_matches('"'),
            )
        })
        .collect();
    let all: Vec<_> = all
        .iter()
        .map(|(key, value)| (key.as_str(), *value))
        .collect();
    load_text("", &all).unwrap();
}

#[test]
fn wrong_variables_are_named() {
    let sentence = |variable| load(&[], &[variable]).unwrap_err().to_string();
    assert!(sentence(("MAIL__SMTP__PROT", "25")).starts_with(
        "mail.smtp.prot (environment variable EPROC_2FA__MAIL__SMTP__PROT) is unknown: "
    ));
    assert_eq!(
        sentence(("MAIL__SMTP__PORT", "secret")),
        "mail.smtp.port (environment variable EPROC_2FA__MAIL__SMTP__PORT) must be a whole number, not text"
    );
    assert!(
        sentence(("MAIL__SMPT__HOST", "x")).starts_with(
            "mail.smpt (environment variable EPROC_2FA__MAIL__SMPT__HOST) is unknown: "
        )
    );
    assert_eq!(
        sentence(("MAIL____HOST", "x")),
        "the environment variable EPROC_2FA__MAIL____HOST is no setting"
    );
    assert_eq!(
        sentence(("PEERS", "x")),
        "peers (environment variable EPROC_2FA__PEERS) must be a list, not text"
    );
}

#[test]
fn secrets_come_from_files_and_are_never_shown() {
    let folder = Folder::new();
    folder.file(
        "url",
        "postgres://eproc:hunter2@db/jmu?sslmode=verify-full\n",
    );
    folder.file("password", " correct horse \r\n");
    folder.file("two", "a\nb\n");
    folder.file("empty", "\n");
    let text = LEAST.replace("database.url =", "#").replace(
        "mail.smtp.host",
        "database.url_file = \"url\"\nmail.smtp.user = \"u\"\nmail.smtp.password_file = \"password\"\nmail.smtp.host",
    );
    let load = |text: &str| Config::load_with(&folder.file("jmu.toml", text), &[]);
    let config = load(&text).unwrap();
    assert_eq!(
        config.database_url,
        DatabaseUrl::Postgres(SecretText::new(
            "postgres://eproc:hunter2@db/jmu?sslmode=verify-full"
        ))
    );
    let MailWay::Smtp(smtp) = &config.mail_way else {
        panic!("smtp")
    };
    assert_eq!(password(smtp), " correct horse ");
    for (file, what) in [
        (
            "two",
            "holds more than one line, so it is not the secret alone",
        ),
        ("empty", "is empty"),
        ("none", "cannot be read: "),
    ] {
        let text = text.replace("\"password\"", &format!("{file:?}"));
        let sentence = load(&text).unwrap_err().to_string();
        assert!(
            sentence.starts_with("mail.smtp.password_file ") && sentence.contains(what),
            "{sentence}"
        );
    }
    let config = super::load(
        &["mail.smtp.user = \"u\"", "mail.smtp.password = \"horse\""],
        &[],
    )
    .unwrap();
    let shown = format!("{config:?}");
    assert!(
        !shown.contains("hunter2") && !shown.contains("horse"),
        "{shown}"
    );
}

#[test]
fn relative_paths_begin_at_the_file() {
    let folder = Folder::new();
    let text = LEAST.replace(
        "postgres://eproc:hunter2@db/jmu?sslmode=verify-full",
        "sqlite:jmu.db",
    );
    let config = Config::load_with(&folder.file("jmu.toml", &text), &[]).unwrap();
    assert_eq!(
        config.database_url,
        DatabaseUrl::Sqlite(folder.path().join("jmu.db"))
    );
    assert_eq!(config.key_file, folder.path().join("jmu.key"));
    let text = text.replace("sqlite:jmu.db", "sqlite:/var/lib/jmu.db");
    let config = Config::load_with(&folder.file("jmu.toml", &text), &[]).unwrap();
    assert_eq!(
        config.database_url,
        DatabaseUrl::Sqlite("/var/lib/jmu.db".into())
    );
}
