//! Values that no instance could work with.

use super::{load, refusal};

const REMOTE: &str = "database.url leads to another machine, so it must end with sslmode=verify-full (and \
     sslrootcert= for an authority of your own)";

#[test]
fn senseless_values_are_told_with_what_is_accepted() {
    for (line, sentence) in [
        (
            "instance.name = \"jmu\"",
            "instance.name must have 2 to 16 characters, each A-Z or 0-9",
        ),
        (
            "instance.label = \"e-Proc: JMU\"",
            "instance.label must not hold a colon",
        ),
        (
            "instance.public_url = \"http://2fa.example.jus.br\"",
            "instance.public_url must begin with https:// (http:// is for this machine only)",
        ),
        (
            "instance.public_url = \"https://x.jus.br/2fa\"",
            "instance.public_url must be scheme, host and port only, without a path or query",
        ),
        (
            "instance.public_url = \"https://x.jus.br/?a\"",
            "instance.public_url must be scheme, host and port only, without a path or query",
        ),
        (
            "instance.public_url = \"https://u:p@x.jus.br\"",
            "instance.public_url must not hold a user or password",
        ),
        (
            "instance.public_url = \"2fa.jus.br\"",
            "instance.public_url is not a web address such as https://2fa.example.jus.br",
        ),
        (
            "instance.utc_offset_hours = 15",
            "instance.utc_offset_hours is 15, accepted: -12 to 14",
        ),
        (
            "instance.system_url = \"ftp://x\"",
            "instance.system_url must begin with https:// (http:// is for this machine only)",
        ),
        (
            "database.url = \"mysql://x\"",
            "database.url must begin with sqlite: or postgres://",
        ),
        (
            "database.url = \"sqlite:\"",
            "database.url names no file: a SQLite database is written sqlite:FILE",
        ),
        (
            "database.url = \"sqlite:a?mode=ro\"",
            "database.url names no file: a SQLite database is written sqlite:FILE",
        ),
        (
            "database.url = \"/tmp/x.db\"",
            "database.url must begin with sqlite: or postgres://",
        ),
        ("database.url = \"postgres://u:p@db.example/jmu\"", REMOTE),
        (
            "database.url = \"postgres://u:p@10.0.0.7/jmu?sslmode=require\"",
            REMOTE,
        ),
        ("database.url = \"\"", "database.url is empty"),
        (
            "database.url_file = \"x\"",
            "database.url and database.url_file are both set: keep one of them",
        ),
        (
            "support.email = \"suporte\"",
            "support.email is no e-mail address: an address has a name, an @ and a domain",
        ),
        ("support.name = \" \"", "support.name is empty"),
        (
            "support.phone = \"1\\n2\"",
            "support.phone must be one line of at most 40 characters",
        ),
    ] {
        assert_eq!(refusal(&[line]), sentence);
    }
}

#[test]
fn senseless_rules_and_mail_settings_are_told_too() {
    for (line, sentence) in [
        (
            "policy.provisional_entries = -1",
            "policy.provisional_entries is -1, accepted: 0 to 10",
        ),
        (
            "policy.profiles.Lawyer = \"required\"",
            "policy.profiles.Lawyer cannot be a profile: a profile is a lower-case slug, [a-z][a-z0-9_-]{0,30}",
        ),
        (
            "enrolment.link_minutes = 0",
            "enrolment.link_minutes is 0, accepted: 5 to 1440",
        ),
        (
            "enrolment.institutional_suffixes = [\"br\"]",
            "enrolment.institutional_suffixes holds something that is no domain: the domain has no dot",
        ),
        (
            "sessions.absolute_hours = 9223372036854775807",
            "sessions.absolute_hours is 9223372036854775807, accepted: 1 to 24",
        ),
        (
            "mail.smtp.port = 70000",
            "mail.smtp.port is 70000, accepted: 1 to 65535",
        ),
        (
            "mail.smtp.host = \"a b\"",
            "mail.smtp.host is no name or address of a server",
        ),
        (
            "mail.from = \"nobody\"",
            "mail.from is no e-mail address: an address has a name, an @ and a domain",
        ),
        (
            "mail.transport = \"file\"",
            "mail.transport is \"file\", by which nobody gets a mail: for a public_url beyond this machine it must be \"smtp\"",
        ),
    ] {
        assert_eq!(refusal(&[line]), sentence);
    }
    let missing = |line| refusal(&[line]);
    assert!(missing("mail.smtp.user = \"eproc\"").starts_with("mail.smtp.password is missing: "));
    assert!(missing("mail.smtp.password = \"x\"").starts_with("mail.smtp.user is missing: "));
    let lines = [
        "mail.transport = \"file\"",
        "instance.public_url = \"http://[::1]:3000\"",
    ];
    assert!(refusal(&lines).starts_with("mail.file.dir is missing: "));
}

#[test]
fn peers_have_names_and_keys_of_their_own() {
    let keys = |seed| {
        crate::domain::InstanceKeys::derive(&[seed; 32])
            .public()
            .to_string()
    };
    let peer = |name: &str, url: &str, keys: &str| {
        format!("[[peers]]\nname = \"{name}\"\nurl = \"{url}\"\nkeys = \"{keys}\"")
    };
    let url = "https://stm.example.jus.br";
    let good = peer("STM", url, &keys(1));
    assert_eq!(load(&[&good], &[]).unwrap().peers.len(), 1);
    for (peers, sentence) in [
        (
            vec![peer("JMU", url, &keys(1))],
            "peers[0].name is this instance's own: a peer is another instance",
        ),
        (
            vec![peer("x", url, &keys(1))],
            "peers[0].name must have 2 to 16 characters, each A-Z or 0-9",
        ),
        (
            vec![good.clone(), peer("STM", url, &keys(2))],
            "peers[1].name stands in another [[peers]] too",
        ),
        (
            vec![good.clone(), peer("TRE", url, &keys(1))],
            "peers[1].keys stand in another [[peers]] too",
        ),
        (
            vec![peer("STM", "http://stm.jus.br", &keys(1))],
            "peers[0].url must begin with https:// (http:// is for this machine only)",
        ),
        (
            vec![peer("STM", "https://stm.jus.br/?a", &keys(1))],
            "peers[0].url must not have a query or fragment",
        ),
        (
            vec![peer("STM", url, &keys(1).replace("eproc1.", "eproc1.A"))],
            "peers[0].keys cannot be used: the peer key was cut or mistyped: its checksum does not fit; copy it again",
        ),
        (
            vec![peer("STM", url, "x")],
            "peers[0].keys cannot be used: a peer key has the form eproc1.<86 characters>.<8 characters>",
        ),
    ] {
        assert_eq!(
            refusal(&peers.iter().map(String::as_str).collect::<Vec<_>>()),
            sentence
        );
    }
    let half = "[[peers]]\nname = \"STM\"";
    assert!(
        refusal(&[half]).starts_with("peers[0].url is missing: "),
        "{}",
        refusal(&[half])
    );
}

#[test]
fn m9_a_database_on_this_machine_needs_no_tls() {
    for url in [
        "postgres://u:p@127.0.0.1:5432/jmu",
        "postgres://u:p@localhost/jmu",
        "postgres:///jmu?host=/run/postgresql",
        "postgres://u:p@db.example/jmu?sslmode=verify-full",
    ] {
        load(&[&format!("database.url = \"{url}\"")], &[])
            .unwrap_or_else(|error| panic!("{url}: {error}"));
    }
}
