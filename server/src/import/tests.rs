//! Tests with files as courts and spreadsheets write them.

use super::*;
use crate::domain::ProfileKind;
use app::model::Language;
use proptest::prelude::*;

const HEADER: &str = "id,name,sigla,cpf,password_hash,profiles,contacts,language";
const HASH: &str = "$2b$04$EGdrhbKUv8Oc9vGiXX0HQOxSg445d458Muh7DAHskb6QbtCvdxcie";

fn errors(text: &[u8]) -> Vec<String> {
    parse_people(text)
        .unwrap_err()
        .iter()
        .map(ToString::to_string)
        .collect()
}

fn file(rows: &[&str]) -> String {
    let rows: Vec<_> = rows.iter().map(|row| row.replace('H', HASH)).collect();
    format!("{HEADER}\n{}\n", rows.join("\n"))
}

#[test]
fn reads_a_plain_file() {
    let text = file(&[
        "711681573057297, Maria da Silva ,RJ123456,123.456.789-09,H,lawyer;expert,maria@example.com; m@stm.jus.br,en",
        ",\"Souza, João\",jsouza,,H,staff,,",
    ]);
    let people = parse_people(text.as_bytes()).unwrap().people;
    assert_eq!(people.len(), 2);
    assert_eq!(people[0].id.unwrap().get(), 711_681_573_057_297);
    assert_eq!(people[0].name, "Maria da Silva");
    assert_eq!(people[0].cpf.unwrap().digits(), "12345678909");
    assert_eq!(
        people[0].profiles,
        [ProfileKind::LAWYER, ProfileKind::EXPERT]
    );
    assert_eq!(people[0].contacts[1].as_typed(), "m@stm.jus.br");
    assert_eq!(people[0].language, Language::En);
    assert_eq!(
        (people[1].id, people[1].cpf, people[1].language),
        (None, None, Language::Pt)
    );
    assert_eq!(
        (people[1].name.as_str(), people[1].contacts.len()),
        ("Souza, João", 0)
    );
    assert_eq!(people[1].password.as_str(), HASH);
}

#[test]
fn reads_what_brazilian_excel_writes() {
    let text = format!(
        "\u{feff}language;name;sigla;cpf;password_hash;profiles;contacts;id\r\npt;João;joao;;{HASH};\"lawyer;expert\";\"a@b.com;c@d.com\";\r\n;;;;;;;\r\n;Ana;ana;;{HASH};staff;;\r\n"
    );
    let people = parse_people(text.as_bytes()).unwrap().people;
    assert_eq!(people.len(), 2);
    assert_eq!(
        (
            people[0].name.as_str(),
            people[0].profiles.len(),
            people[0].contacts.len()
        ),
        ("João", 2, 2)
    );
    assert_eq!(
        parse_people(HEADER.as_bytes()),
        Ok(ImportedPeople::default())
    );
}

#[test]
fn tells_every_mistake_with_its_line() {
    let text = file(&[
        "1,,a b,123,$1$x,Lawyer,nobody,fr",
        "",
        ",Ana,ana,,H,staff,,",
        ",Ana,ana2,,H",
        ",Bia,bia,12345678908,H,staff;staff,b@c.com;B@C.com,",
        ",\"two\nlines\",cia,,H,,,",
        ",Eva,eva,,H,staff,ok@x.com;bad@,",
    ]);
    let line_ends = text.replace('\n', "\r\n");
    for text in [text, line_ends] {
        assert_eq!(
            errors(text.as_bytes()),
            [
                "line 2, id: a person's id has 15 digits and does not begin with 0",
                "line 2, name: a name has 1 to 200 characters",
                "line 2, sigla: a sigla has only letters, digits and ASCII punctuation, without spaces inside",
                "line 2, cpf: a CPF has 11 digits (a spreadsheet may have dropped leading zeros)",
                "line 2, password_hash: unknown scheme; accepted: $argon2id$, $2a$/$2b$/$2y$, $pbkdf2-sha256$, $pbkdf2-sha512$, pbkdf2_sha256$ (Django)",
                "line 2, profiles: entry 1: a profile is a lower-case slug, [a-z][a-z0-9_-]{0,30}",
                "line 2, contacts: entry 1: an address has a name, an @ and a domain",
                "line 2, language: the language is pt or en",
                "line 5: the row has 5 fields, the header 8",
                "line 6, cpf: the check digits of the CPF are wrong",
                "line 6, profiles: entry 2 stands there twice",
                "line 6, contacts: entry 2 stands there twice",
                "line 7, name: the name has control characters or line ends (an unclosed quotation mark?)",
                "line 7, profiles: at least one profile is needed",
                "line 9, contacts: entry 2: an address has a name, an @ and a domain",
            ]
        );
    }
}

#[test]
fn tells_duplicates_with_both_lines() {
    let text = file(&[
        "711681573057297,Ana,ana,12345678909,H,staff,,",
        "711681573057297,Bia,ANA,123.456.789-09,H,staff,,",
        ",Cia,12345678909,,H,staff,,",
        ",Dea,11144477735,11144477735,H,staff,,",
        ",Eva,52998224725,00000000191,H,staff,,",
    ]);
    assert_eq!(
        errors(text.as_bytes()),
        [
            "line 3, id: the same as in line 2",
            "line 3, sigla: the same as in line 2",
            "line 3, cpf: the same as in line 2",
            "line 4, sigla: the same as in line 2",
            "line 6, sigla: the sigla is a CPF, but not the one in column cpf",
        ]
    );
}

#[test]
fn headers_are_exact() {
    assert_eq!(
        errors(b"id,name,sigla,cpf,password_hash,profiles,name,idioma\n"),
        [
            "line 1, name: the header has this column twice",
            "line 1, contacts: the header lacks this column",
            "line 1, language: the header lacks this column",
            "line 1, \"idioma\": unknown column; expected: id, name, sigla, cpf, password_hash, profiles, contacts, language",
        ]
    );
    assert_eq!(errors(b""), ["line 1: the file is empty"]);
    assert_eq!(
        errors(b"\xff\xfei\0d\0"),
        ["line 1: the file is UTF-16; save it as CSV UTF-8"]
    );
    assert_eq!(
        errors(&[b"\n\n".as_slice(), HEADER.as_bytes(), b",x"].concat())[0]
            .split(':')
            .next(),
        Some("line 3, \"x\"")
    );
}

#[test]
fn reports_windows_1252() {
    let mut text = file(&[",Jo", ",Ana,ana,,H,staff,,"]).into_bytes();
    let at = text.windows(3).position(|window| window == b",Jo").unwrap() + 3;
    text.splice(
        at..at,
        [b"\xe3o,joao,,", HASH.as_bytes(), b",staff,,"].concat(),
    );
    assert_eq!(
        errors(&text),
        ["line 2, name: not UTF-8; save the file as CSV UTF-8"]
    );
}

#[test]
fn an_unclosed_quotation_mark_loses_nobody_silently() {
    let text = file(&[",Ana,ana,,H,staff,,\"pt", ",Bia,bia,,H,staff,,pt"]);
    assert_eq!(
        errors(text.as_bytes()),
        ["line 2, language: the language is pt or en"]
    );
    let text = file(&[",\"Ana,ana,,H,staff,,pt", ",Bia,bia,,H,staff,,pt"]);
    assert_eq!(
        errors(text.as_bytes()),
        ["line 2: the row has 2 fields, the header 8"]
    );
}

#[test]
fn debug_of_a_person_shows_neither_cpf_nor_hash_nor_address() {
    let text = file(&[",Ana,12345678909,12345678909,H,staff,maria.silva@example.com,"]);
    let shown = format!("{:?}", parse_people(text.as_bytes()).unwrap());
    assert!(
        !["45678909", "EGdrh", "silva", "example"]
            .iter()
            .any(|leak| shown.contains(leak)),
        "{shown}"
    );
}

proptest! {
    #[test]
    fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200), rows in "(?s)[,;\"\r\n a-z0-9@.]{0,200}") {
        let _ = parse_people(&bytes);
        let _ = parse_people(&[HEADER.as_bytes(), b"\n", &bytes].concat());
        let _ = parse_people(format!("{HEADER}\n{rows}").as_bytes());
    }

    #[test]
    fn a_row_is_a_person(count in 0_usize..20) {
        let rows: Vec<_> = (0..count).map(|n| format!(",Ana,ana{n},,H,staff,a{n}@b.com,")).collect();
        let text = file(&rows.iter().map(String::as_str).collect::<Vec<_>>());
        prop_assert_eq!(parse_people(text.as_bytes()).unwrap().people.len(), count);
    }
}
