//! What `init` writes loads, and holds every setting with its default.

use super::*;
use crate::config::settings::{SECTIONS, SETTINGS};
use figment::{
    Figment,
    error::Kind,
    providers::{Format as _, Toml},
};
use std::collections::BTreeSet;

#[test]
fn it_loads_as_it_is() {
    for name in ["JMU", "STM"] {
        let config = load_text(&Config::template(name), &[]).unwrap();
        assert_eq!(config.settings().unwrap().instance, name);
        assert_eq!(
            config.branding().unwrap().instance_label,
            format!("e-Proc/{name}")
        );
        assert!(
            config
                .key_file()
                .ends_with(format!("{}.key", name.to_lowercase()))
        );
    }
}

/// The comments that are settings, without their marks; `skip` stay comments.
fn uncommented(template: &str, skip: &[&str]) -> String {
    let setting = |line: &str| {
        let rest = line.strip_prefix('#')?;
        let skipped = skip.iter().any(|key| rest.starts_with(&format!("{key} =")));
        (!rest.starts_with(' ') && !rest.is_empty() && !skipped).then(|| rest.to_owned())
    };
    let lines: Vec<_> = template
        .lines()
        .map(|line| setting(line).unwrap_or_else(|| line.to_owned()))
        .collect();
    lines.join("\n")
}

#[test]
fn its_comments_show_the_defaults() {
    let keys = crate::domain::envelope::InstanceKeys::derive(&[1; 32])
        .public()
        .to_string();
    let template = Config::template("JMU");
    let all = uncommented(&template, &["url_file", "password_file"]).replace("eproc1.…", &keys);
    let all = load_text(&all, &[]).unwrap();
    let least = load_text(&template, &[]).unwrap();
    let (mut all_settings, least_settings) = (all.settings().unwrap(), least.settings().unwrap());
    assert_eq!(all_settings.peers.len(), 1);
    all_settings.peers.clear();
    all_settings.policy.by_profile.clear();
    all_settings.system_url = None;
    assert_eq!(format!("{all_settings:?}"), format!("{least_settings:?}"));
    assert_eq!(all.branding().unwrap(), least.branding().unwrap());
    assert_eq!(
        (all.log.format, all.log.level),
        (least.log.format, least.log.level)
    );
    assert!(all.system_url().unwrap().is_some() && all.assets_dir().is_some());
    // the other way of mails, too
    let smtp = uncommented(&template, &["url_file", "password_file"])
        .replace("transport = \"file\"", "transport = \"smtp\"")
        .replace("eproc1.…", &keys);
    load_text(&smtp, &[]).unwrap();
}

/// What serde itself accepts in a section, from the error about one that it does not.
fn known(section: &str) -> BTreeSet<String> {
    let keys = "name = \"STM\"\nurl = \"\"\nkeys = \"\"";
    let text = match section {
        "" => "zzz = 1".to_owned(),
        "peers" => format!("[[peers]]\nzzz = 1\n{keys}"),
        _ => format!("[{section}]\nzzz = 1"),
    };
    let figment = Figment::from(Toml::string(&text));
    let error = match section {
        "" => figment.extract::<Config>().unwrap_err(),
        "instance" => inner::<crate::config::Instance>(&figment, section),
        "listen" => inner::<crate::config::Listen>(&figment, section),
        "database" => inner::<crate::config::Database>(&figment, section),
        "keys" => inner::<crate::config::KeyFile>(&figment, section),
        "support" => inner::<crate::config::Support>(&figment, section),
        "policy" => inner::<crate::config::PolicySection>(&figment, section),
        "enrolment" => inner::<crate::config::Enrolment>(&figment, section),
        "sessions" => inner::<crate::config::Sessions>(&figment, section),
        "mail" => inner::<crate::config::Mail>(&figment, section),
        "mail.smtp" => inner::<crate::config::Smtp>(&figment, section),
        "mail.file" => inner::<crate::config::MailFile>(&figment, section),
        "peers" => inner::<Vec<crate::config::PeerSection>>(&figment, section),
        "assets" => inner::<crate::config::Assets>(&figment, section),
        "log" => inner::<crate::config::Log>(&figment, section),
        other => panic!("{other} is not asked"),
    };
    match error.kind {
        Kind::UnknownField(_, known) => known.iter().map(|name| (*name).to_owned()).collect(),
        other => panic!("{section}: {other}"),
    }
}

fn inner<T: serde::de::DeserializeOwned + std::fmt::Debug>(
    figment: &Figment,
    section: &str,
) -> figment::Error {
    figment.extract_inner::<T>(section).unwrap_err()
}

#[test]
fn it_holds_every_setting_and_nothing_else() {
    let template = Config::template("JMU");
    let told = |section: &str| -> BTreeSet<String> {
        let keys = SETTINGS.iter().filter(|one| one.section == section);
        keys.map(|one| one.key.to_owned()).collect()
    };
    let top: BTreeSet<_> = SECTIONS.iter().map(|one| (*one).to_owned()).collect();
    let peers = BTreeSet::from(["peers".to_owned()]);
    assert_eq!(known(""), &top | &peers);
    for section in SECTIONS
        .into_iter()
        .chain(["peers", "mail.smtp", "mail.file"])
    {
        let nested = ["mail.smtp", "mail.file", "policy.profiles"];
        let below = nested
            .iter()
            .filter_map(|n| n.strip_prefix(&format!("{section}.")));
        let below: BTreeSet<_> = below.map(str::to_owned).collect();
        assert_eq!(known(section), &told(section) | &below, "{section}");
    }
    for setting in &SETTINGS {
        let heading = if setting.section == "peers" {
            "[peers]"
        } else {
            setting.section
        };
        let line = if setting.set { "" } else { "#" }.to_owned() + setting.key + " = ";
        let part = template.split(&format!("[{heading}]\n")).nth(1).unwrap();
        let part = part.replace("\n#[", "\n[");
        let part = part.split("\n[").next().unwrap();
        assert!(
            part.contains(&format!("# {}\n{line}", setting.help)),
            "{line}"
        );
    }
}
