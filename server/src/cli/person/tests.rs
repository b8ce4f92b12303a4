//! Tests of `person` and of its files, without a terminal.

use super::*;
use crate::domain::{PersonId, ProfileKind, UniqueField};
use crate::import::parse_people;
use crate::services::people::Conflict;
use app::model::Language;
use clap::Parser;
use std::io;

#[derive(Debug, Parser)]
struct Add {
    #[command(flatten)]
    arguments: add::Arguments,
}

fn add(more: &[&str]) -> Result<crate::domain::NewPerson, String> {
    let line = [
        "add",
        "--config",
        "c",
        "--name",
        "Maria, \"da\" Silva",
        "--profile",
        "lawyer",
    ];
    add::person(&Add::parse_from(line.iter().chain(more)).arguments)
}

#[test]
fn one_person_is_read_like_a_row() {
    let person = add(&[
        "--sigla",
        "RJ123456",
        "--cpf",
        "123.456.789-09",
        "--profile",
        "staff",
        "--contact",
        "m@a.com",
        "--contact",
        "m@b.com",
        "--id",
        "711681573057297",
        "--language",
        "en",
    ])
    .unwrap();
    assert_eq!(person.name, "Maria, \"da\" Silva");
    assert_eq!(person.profiles, [ProfileKind::LAWYER, ProfileKind::STAFF]);
    assert_eq!((person.contacts.len(), person.language), (2, Language::En));
    assert_eq!(person.id.unwrap().get(), 711_681_573_057_297);
    let least = add(&["--sigla", "ana"]).unwrap();
    assert_eq!(
        (least.id, least.cpf, least.language),
        (None, None, Language::Pt)
    );
}

#[test]
fn mistakes_name_the_option() {
    let sentence = add(&[
        "--sigla",
        "a b",
        "--cpf",
        "12345678900",
        "--password-hash",
        "md5",
    ])
    .unwrap_err();
    let parts: Vec<_> = sentence
        .split("; ")
        .map(|part| part.split(':').next().unwrap())
        .collect();
    assert_eq!(
        parts[..3],
        ["--sigla", "--cpf", "--password-hash"],
        "{sentence}"
    );
    assert!(
        !sentence.contains("12345678900") && !sentence.contains("md5"),
        "{sentence}"
    );
}

#[test]
fn a_password_is_asked_twice() {
    let ask = |answers: &[&str]| {
        let mut answers = answers.iter().map(|answer| (*answer).to_owned());
        password::ask_twice(|_| answers.next().ok_or(io::ErrorKind::NotConnected.into()))
    };
    assert_eq!(
        ask(&[" senha çã ", " senha çã "]).unwrap().expose(),
        " senha çã "
    );
    assert_eq!(
        ask(&["senha um1", "senha um2"]).unwrap_err(),
        "the two passwords differ"
    );
    assert_eq!(
        ask(&["curta"]).unwrap_err(),
        "a password has at least 8 characters"
    );
    assert!(ask(&[]).unwrap_err().contains("use --password-stdin"));
}

#[test]
fn a_password_is_one_line() {
    for (line, password) in [
        ("senha um\n", Some("senha um")),
        ("senha um\r\nmore", Some("senha um")),
        (" senha um ", Some(" senha um ")),
        ("", None),
        ("\n12345678", None),
    ] {
        let read = password::from_line(line.as_bytes()).ok();
        assert_eq!(
            read.as_ref().map(crate::domain::SecretText::expose),
            password,
            "{line:?}"
        );
    }
    let long = "x".repeat(1024);
    assert_eq!(
        password::from_line(format!("{long}\r\n").as_bytes())
            .unwrap()
            .expose(),
        long
    );
    assert!(password::from_line(format!("{long}x\n").as_bytes()).is_err());
}

#[test]
fn conflicts_are_told_with_their_lines() {
    let header = "id;name;sigla;cpf;password_hash;profiles;contacts;language";
    let hash = crate::domain::password::decoy().as_str();
    let row = |name: &str, sigla: &str| format!(";{name};{sigla};;{hash};staff;;");
    let text = format!(
        "\u{feff}{header}\r\n{}\r\n\r\n;;;;;;;\r\n{}\r\n{}",
        row("a", "ana"),
        row("\"b\"", "bia"),
        row("c", "cia")
    );
    let lines = parse_people(text.as_bytes()).unwrap().lines;
    let conflicts: Vec<_> = lines
        .iter()
        .map(|line| Conflict {
            line: *line,
            field: UniqueField::Sigla,
        })
        .collect();
    let told: Vec<_> = import::conflicting_rows(&conflicts)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        told,
        [2, 5, 6].map(|line| format!("line {line}, sigla: somebody is registered with it already"))
    );
}

#[test]
fn the_list_can_be_of_those_without_a_contact() {
    let person = |id: i64, contacts, blocked| ListedPerson {
        id: PersonId::new(PersonId::MIN + id).unwrap(),
        name: "Maria".into(),
        sigla_masked: "123".into(),
        profiles: vec![ProfileKind::LAWYER, ProfileKind::EXPERT],
        contacts,
        factor: if contacts > 0 { "active" } else { "none" },
        blocked,
    };
    let people = [person(1, 2, false), person(2, 0, true)];
    let header = "id\tsigla\tname\tprofiles\tcontacts\tfactor\tstate\n";
    let (with, without) = (
        "100000000000001\t123\tMaria\tlawyer;expert\t2\tactive\topen\n",
        "100000000000002\t123\tMaria\tlawyer;expert\t0\tnone\tblocked\n",
    );
    assert_eq!(table(&people, false), format!("{header}{with}{without}"));
    assert_eq!(table(&people, true), format!("{header}{without}"));
}
