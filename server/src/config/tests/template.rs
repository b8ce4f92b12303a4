//! What `init` writes loads, and holds every setting with its default.

use super::*;
use crate::config::{MailWay, file, template};
use serde::de::{Error as _, Visitor, value};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeSet;

#[test]
fn it_loads_as_it_is() {
    for name in ["JMU", "STM"] {
        let config = load_text(&Config::template(name), &[]).unwrap();
        assert_eq!(config.settings.instance, name);
        assert_eq!(config.settings.label, format!("e-Proc/{name}"));
        assert!(
            config
                .key_file
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

/// The settings of which the file shows an example; all others are shown with their default.
const EXAMPLES: [&str; 8] = [
    "system_url",
    "trusted_proxies",
    "url_file",
    "lawyer",
    "ca_file",
    "user",
    "password",
    "password_file",
];

#[test]
fn its_comments_show_the_defaults() {
    let template = Config::template("JMU");
    let (shown, examples) = template.split_once("#[[peers]]").unwrap();
    let after = examples.split_once("\n\n").unwrap().1;
    let shown = format!("{shown}\n{}", after.replace("#dir = ", "##dir = "));
    let smtp = |text: &str| {
        text.replace("transport = \"file\"", "transport = \"smtp\"")
            .replace("#[mail.smtp]\n", "[mail.smtp]\n")
            .replace("#host =", "host =")
    };
    for shown in [shown.clone(), smtp(&shown)] {
        let all = uncommented(&shown, &EXAMPLES);
        assert_ne!(all, shown);
        let (all, least) = (load_text(&all, &[]), load_text(&shown, &[]));
        let base = |config: Config| {
            let text = format!("{config:#?}");
            // each is loaded from a folder of its own
            let lines = text
                .lines()
                .filter(|line| !line.contains("eproc-2fa-config-"));
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(base(all.unwrap()), base(least.unwrap()));
    }
}

#[test]
fn its_examples_load() {
    let keys = crate::domain::InstanceKeys::derive(&[1; 32])
        .public()
        .to_string();
    let text = uncommented(&Config::template("JMU"), &["url_file", "password_file"])
        .replace("transport = \"file\"", "transport = \"smtp\"")
        .replace("eproc1.…", &keys);
    let config = load_text(&text, &[]).unwrap();
    let least = load_text(&text.replace("may_activate", "#may_activate"), &[]).unwrap();
    assert_eq!(config.settings.peers, least.settings.peers);
    assert_eq!(
        (config.peers.len(), config.settings.policy.by_profile.len()),
        (1, 1)
    );
    assert!(config.settings.system_url.is_some() && config.assets_dir.is_some());
    assert!(matches!(config.mail_way, MailWay::Smtp(smtp) if smtp.login.is_some()));
}

/// Tells the fields that a struct reads, and nothing else.
struct Fields;

impl<'de> Deserializer<'de> for Fields {
    type Error = value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, value::Error> {
        panic!("no struct")
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, value::Error> {
        Err(value::Error::custom(fields.join(" ")))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        option unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier
        ignored_any
    }
}

fn fields<'de, T: Deserialize<'de>>(section: &str) -> Vec<String> {
    let told = T::deserialize(Fields).err().unwrap().to_string();
    let setting = |key| {
        format!("{section}.{key}")
            .trim_start_matches('.')
            .to_owned()
    };
    told.split(' ').map(setting).collect()
}

/// What serde reads: every setting, and every section that holds settings.
fn accepted() -> BTreeSet<String> {
    [
        fields::<file::File>(""),
        fields::<file::Instance>("instance"),
        fields::<file::Listen>("listen"),
        fields::<file::Database>("database"),
        fields::<file::KeyFile>("keys"),
        fields::<file::Support>("support"),
        fields::<file::PolicySection>("policy"),
        fields::<file::EnrolmentSection>("enrolment"),
        fields::<file::Sessions>("sessions"),
        fields::<file::Throttle>("throttle"),
        fields::<file::Recovery>("recovery"),
        fields::<file::Audit>("audit"),
        fields::<file::Mail>("mail"),
        fields::<file::Smtp>("mail.smtp"),
        fields::<file::Folder>("mail.file"),
        fields::<crate::domain::Peer>("peers"),
        fields::<file::Folder>("assets"),
        fields::<file::Log>("log"),
    ]
    .concat()
    .into_iter()
    .collect()
}

/// Section and key of every setting in the commented file, with the comment above it.
fn told() -> Vec<(String, String, String)> {
    let template = Config::template("JMU");
    let (mut told, mut section, mut above) = (Vec::new(), String::new(), "");
    for line in template.lines() {
        let bare = line.trim_start_matches('#');
        if bare.starts_with('[') {
            section = bare.trim_matches(['[', ']']).to_owned();
        } else if let Some((key, _)) = bare.split_once(" = ")
            && !bare.starts_with(' ')
        {
            told.push((section.clone(), key.to_owned(), above.to_owned()));
        }
        above = line;
    }
    told
}

#[test]
fn it_holds_every_setting_and_nothing_else() {
    let told = told();
    assert_eq!(told.len(), 67);
    let mut shown = BTreeSet::new();
    for (section, key, _) in &told {
        shown.insert(section.clone());
        shown.extend(section.split_once('.').map(|(outer, _)| outer.to_owned()));
        // its keys are the names of profiles
        if section != "policy.profiles" {
            shown.insert(format!("{section}.{key}"));
        }
    }
    assert_eq!(accepted(), shown);
}

#[test]
fn every_setting_is_explained_above_its_line_and_when_it_is_missing() {
    for (section, key, above) in told() {
        let setting = format!("{section}.{key}");
        let help = above
            .strip_prefix("# ")
            .unwrap_or_else(|| panic!("{setting}"));
        assert_eq!(template::help(&setting), help, "{setting}");
    }
    assert_eq!(template::help("peers[7].url"), "where it takes messages");
    for nothing in ["instance.nothing", "nothing.name", "name", "instance"] {
        assert!(template::help(nothing).starts_with("every setting is"));
    }
}

#[test]
fn the_operations_page_names_every_setting() {
    let page = include_str!("../../../../docs/operations.md");
    for (section, key, _) in told() {
        let setting = match section.as_str() {
            "policy.profiles" => "policy.profiles.PROFILE".to_owned(),
            _ => format!("{section}.{key}"),
        };
        assert!(page.contains(&format!("`{setting}`")), "{setting}");
    }
}
