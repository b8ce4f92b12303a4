//! `person show`: what the support team needs to know of one person, without emails and CPF.

use crate::cli::factor;
use crate::services::people::ShownPerson;
use app::model::Language;
use app::text::Locale;
use std::fmt::Write as _;

pub(super) fn text(shown: &ShownPerson) -> String {
    let person = &shown.person;
    let profiles: Vec<_> = person.profiles.iter().map(ToString::to_string).collect();
    let mut text = String::new();
    // writing to a String cannot fail
    let _ = writeln!(
        text,
        "{} {} ({})\nprofiles: {}\nstate: {}, factor {}\ncontacts: {}\nrecovery codes left: {}\n\
         open sessions: {}\n",
        person.id,
        person.name,
        person.sigla_masked,
        profiles.join(", "),
        if person.blocked { "blocked" } else { "open" },
        person.factor,
        person.contacts,
        shown.recovery_codes,
        shown.sessions,
    );
    text.push_str(&factor::table(&shown.factors));
    text.push_str("\nseconds since 1970\tevent\taddress\n");
    let locale = Locale {
        language: Language::En,
        ..Locale::default()
    };
    for event in &shown.events {
        let told = locale
            .history_sentence(&event.event, &event.outcome)
            .map_or_else(
                || format!("{} {}", event.event, event.outcome),
                ToOwned::to_owned,
            );
        let _ = writeln!(text, "{}\t{told}\t{}", event.at.0, event.ip);
    }
    text
}
