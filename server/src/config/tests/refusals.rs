//! What is missing, unknown or of the wrong type is refused by a sentence that names it.

use super::*;

#[test]
fn every_required_setting_is_named_when_it_is_missing() {
    for line in LEAST.lines().filter(|line| !line.is_empty()) {
        let setting = line.split(' ').next().unwrap();
        let text = LEAST.replace(line, "");
        let sentence = load_text(&text, &[]).unwrap_err().to_string();
        assert!(
            sentence.starts_with(&format!("{setting} is missing: ")),
            "{sentence}"
        );
    }
    assert_eq!(
        load_text("", &[]).unwrap_err().to_string(),
        "instance.name is missing: short name of this instance, as the other instances know it: 2 to 16 of A-Z and 0-9"
    );
}

#[test]
fn unknown_settings_are_named_with_those_that_are_known() {
    for (line, sentence) in [
        (
            "mail.smtp.prot = 25",
            "mail.smtp.prot is unknown: [mail.smtp] knows host, port, tls, ca_file, user, password, password_file",
        ),
        (
            "listen.port = 3000",
            "listen.port is unknown: [listen] knows addr, trusted_proxies, hsts_subdomains",
        ),
        (
            "metrics.addr = \"x\"",
            "metrics is unknown: the sections are instance, listen, ",
        ),
        (
            "mail.memory.dir = \"x\"",
            "mail.memory is unknown: [mail] knows transport, from, file, smtp",
        ),
    ] {
        assert!(
            refusal(&[line]).starts_with(sentence),
            "{}",
            refusal(&[line])
        );
    }
    let peer = "[[peers]]\nname = \"STM\"\nmay_reset = true";
    assert!(
        refusal(&[peer]).starts_with("peers[0].may_reset is unknown: [peers[0]] knows name, url,")
    );
}

#[test]
fn wrong_types_are_told_in_plain_words() {
    for (line, sentence) in [
        (
            "mail.smtp.port = \"many\"",
            "mail.smtp.port must be a whole number, not text",
        ),
        (
            "sessions.idle_minutes = 1.5",
            "sessions.idle_minutes must be a whole number, not a number with a fraction",
        ),
        (
            "support.phone = 6133139144",
            "support.phone must be text in quotes, not a number",
        ),
        (
            "mail.smtp.password = 90210",
            "mail.smtp.password must be text in quotes, not a number",
        ),
        ("log = \"json\"", "log must be a section, not text"),
        (
            "policy.second_factor = \"always\"",
            "policy.second_factor is `always`, expected `optional` or `required`",
        ),
        (
            "policy.second_factor = 1",
            "policy.second_factor must be text in quotes, not a number",
        ),
        (
            "policy.profiles.lawyer = true",
            "policy.profiles.lawyer must be text in quotes, not true or false",
        ),
        (
            "mail.transport = \"memory\"",
            "mail.transport is `memory`, expected `smtp` or `file`",
        ),
        (
            "mail.smtp.tls = \"none\"",
            "mail.smtp.tls is `none`, expected one of `required`, `implicit`, `plain-allowed`",
        ),
        (
            "enrolment.institutional_suffixes = 3",
            "enrolment.institutional_suffixes must be a list of texts, not a number",
        ),
        (
            "enrolment.institutional_suffixes = [3]",
            "enrolment.institutional_suffixes[0] must be text in quotes, not a number",
        ),
        (
            "listen.addr = \"localhost\"",
            "listen.addr must be an address and a port such as 127.0.0.1:3000",
        ),
        (
            "listen.trusted_proxies = [\"proxy.example\"]",
            "listen.trusted_proxies[0] \"proxy.example\" is no address and no network, such as 10.0.0.7 or 10.0.0.0/24",
        ),
        (
            "listen.trusted_proxies = [\"10.0.0.1\", \"0.0.0.0/0\"]",
            "listen.trusted_proxies[1] 0.0.0.0/0 is too many addresses to be proxies, and would believe nearly anybody",
        ),
        (
            "log.level = \"trace\"",
            "log.level is \"trace\", accepted: error, warn, info, debug",
        ),
        ("peers = 1", "peers must be a list, not a number"),
    ] {
        assert_eq!(refusal(&[line]), sentence);
    }
}

#[test]
fn a_file_that_is_no_toml_is_told_without_quoting_it() {
    let sentence = refusal(&["mail.smtp.password = \"hunter2"]);
    assert!(
        sentence.contains("jmu.toml is not TOML: line 13, column "),
        "{sentence}"
    );
    assert!(
        !sentence.contains("hunter2") && !sentence.contains('\n'),
        "{sentence}"
    );
    for line in [
        "mail.smtp.password = hunter2",
        "mail.smtp.password = \"hunter2\\q\"",
        "mail.smtp.password = 'hunter2\u{1}'",
        "mail.smtp.password = \"hunter2\" x",
        "mail.smtp.password = \"a\"\nmail.smtp.password = \"hunter2\"",
        "mail.smtp.password.hunter2",
    ] {
        let sentence = refusal(&[line]);
        assert!(
            sentence.contains(" is not TOML: line 1") && !sentence.contains("hunter2"),
            "{sentence}"
        );
    }
    let missing = Config::load_with(Path::new("nowhere/x.toml"), &[]).unwrap_err();
    assert!(
        missing
            .to_string()
            .starts_with("the configuration nowhere/x.toml cannot be read: ")
    );
}
