//! Every setting with its explanation: the source of the commented file that `init` writes, and
//! of what is said when one is missing.

/// The sections that are always there, if empty.
pub const SECTIONS: [&str; 11] = [
    "instance",
    "listen",
    "database",
    "keys",
    "support",
    "policy",
    "enrolment",
    "sessions",
    "mail",
    "assets",
    "log",
];

/// One line of the commented file.
pub struct Setting {
    /// Section: `mail.smtp`.
    pub section: &'static str,
    /// Key in it.
    pub key: &'static str,
    /// Whether the file sets it; else it stands there as a comment, with its default or an example.
    pub set: bool,
    /// Value in TOML. `{NAME}` and `{name}` are the instance's name and its lower case.
    pub sample: &'static str,
    /// What it is for, in one line.
    pub help: &'static str,
}

const fn set(
    section: &'static str,
    key: &'static str,
    sample: &'static str,
    help: &'static str,
) -> Setting {
    Setting {
        section,
        key,
        set: true,
        sample,
        help,
    }
}

const fn may(
    section: &'static str,
    key: &'static str,
    sample: &'static str,
    help: &'static str,
) -> Setting {
    Setting {
        section,
        key,
        set: false,
        sample,
        help,
    }
}

/// In the order of the file.
#[rustfmt::skip]
pub const SETTINGS: [Setting; 47] = [
    set("instance", "name", r#""{NAME}""#, "short name of this instance, as the other instances know it: 2 to 16 of A-Z and 0-9"),
    may("instance", "label", r#""e-Proc/{NAME}""#, "how people know it, on pages, in mails and as issuer in the authenticator app"),
    set("instance", "public_url", r#""http://127.0.0.1:3000""#, "where browsers reach it: https://host, or http:// on this machine only; mailed links begin with it"),
    may("instance", "system_url", r#""https://eproc.example.jus.br/""#, "where e-Proc itself is, for the way on after signing in"),
    may("instance", "utc_offset_hours", "-3", "local time of pages and mails, in hours from UTC"),
    set("listen", "addr", r#""127.0.0.1:3000""#, "address and port to listen on; TLS is the proxy's in front"),
    set("database", "url", r#""sqlite:{name}.db""#, "sqlite:FILE or postgres://user:password@host/database"),
    may("database", "url_file", r#""/run/secrets/{name}-database-url""#, "file that holds the url, in place of url"),
    set("keys", "file", r#""{name}.key""#, "the key that `eproc-2fa init` made: back it up, apart from the database"),
    set("support", "name", r#""Equipe de Suporte e-Proc""#, "name of the support team, on every page and in every mail"),
    set("support", "email", r#""suporte@example.jus.br""#, "its e-mail address"),
    set("support", "phone", r#""(61) 0000-0000""#, "its telephone number"),
    may("policy", "second_factor", r#""optional""#, "optional (a transition mode) or required, for profiles that are not listed below"),
    may("policy", "first_enrolment", r#""notify""#, "open, notify (registered contacts are told) or approved (only after `person approve`)"),
    may("policy", "provisional_sign_ins", "3", "entries with the code before the activation mail is confirmed, where required; 0: none"),
    may("policy", "provisional_hours", "24", "how long after the first code such entries are possible"),
    may("policy.profiles", "lawyer", r#""required""#, "one line for each profile that differs: optional or required"),
    may("enrolment", "institutional_suffixes", r#"["jus.br", "gov.br"]"#, "domains whose addresses, and those of all their subdomains, are not personal"),
    may("enrolment", "link_minutes", "60", "how long an activation link works"),
    may("enrolment", "scanning_minutes", "60", "how long a QR code waits for its first code"),
    may("enrolment", "not_me_days", "10", "how long the link \"Não fui eu\" in a notice works"),
    may("enrolment", "receipt_minutes", "15", "how long the page after an activation can be opened again"),
    may("enrolment", "resend_seconds", "60", "least time between two mails to one address"),
    may("enrolment", "resends_per_hour", "5", "mails to one address within an hour"),
    may("sessions", "password_minutes", "10", "time between the password and the code"),
    may("sessions", "enrolling_minutes", "30", "time to enrol, extended by one press"),
    may("sessions", "idle_minutes", "30", "a session ends after so long without a request"),
    may("sessions", "absolute_hours", "12", "a session ends after so long in any case"),
    may("sessions", "refusal_floor_ms", "500", "a refused password takes at least so long; above the cost of the slowest imported hash"),
    set("mail", "transport", r#""file""#, "smtp, or file for trying things out on this machine"),
    set("mail", "from", r#""nao-responda@example.jus.br""#, "sender of all mails: address, or Name <address>"),
    set("mail.file", "dir", r#""{name}-mail""#, "directory for mails, with transport = \"file\""),
    may("mail.smtp", "host", r#""smtp.example.jus.br""#, "name of the mail server, with transport = \"smtp\""),
    may("mail.smtp", "port", "587", "its port; unless given 587, or 465 with tls = \"implicit\", 25 with \"plain-allowed\""),
    may("mail.smtp", "tls", r#""required""#, "required (STARTTLS), implicit (TLS from the first byte) or plain-allowed"),
    may("mail.smtp", "ca_file", r#""/etc/ssl/court-ca.pem""#, "PEM file of the only authorities to be trusted, in place of the system's"),
    may("mail.smtp", "user", r#""eproc""#, "user to sign in as, together with a password"),
    may("mail.smtp", "password", r#""secret""#, "password of that user; password_file keeps it out of this file"),
    may("mail.smtp", "password_file", r#""/run/secrets/{name}-smtp-password""#, "file that holds the password, in place of password"),
    may("peers", "name", r#""STM""#, "name of another instance; one [[peers]] for each, as its `eproc-2fa peer show` prints it"),
    may("peers", "url", r#""https://2fa-stm.example.jus.br""#, "where it takes messages"),
    may("peers", "keys", r#""eproc1.…""#, "its public keys; compare the fingerprint by telephone"),
    may("peers", "ca_file", r#""/etc/ssl/court-ca.pem""#, "PEM file of the only authorities to be trusted for it"),
    may("peers", "may_activate", "true", "whether activations there count here"),
    may("assets", "dir", r#""/usr/share/eproc-2fa/site""#, "folder of the style sheet and the wasm, if not where the program looks by itself"),
    may("log", "format", r#""text""#, "text, or json: one object a line"),
    may("log", "level", r#""info""#, "error, warn, info or debug"),
];

/// What a setting is for. `peers[1].name` is `peers.name`.
pub fn help(setting: &str) -> Option<&'static str> {
    let (section, key) = setting.rsplit_once('.')?;
    let section = section.split_once('[').map_or(section, |(list, _)| list);
    let found = SETTINGS
        .iter()
        .find(|one| one.section == section && one.key == key)?;
    Some(found.help)
}
