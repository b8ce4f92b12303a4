//! Tests of the arguments, without a terminal.

use super::*;
use crate::config::tests::Folder;
use crate::ports::Entropy;
use clap::CommandFactory as _;

struct Sevens;

impl Entropy for Sevens {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(7);
    }
}

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(std::iter::once("eproc-2fa").chain(line.split(' ')))
}

#[test]
fn the_definition_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn every_subcommand_is_understood() {
    for line in [
        "serve --config jmu.toml",
        "init",
        "init --dir etc --instance STM",
        "person add --config c --sigla a --name b --profile lawyer --profile staff --contact a@b.c",
        "person add --config c --sigla a --name b --profile lawyer --password-stdin",
        "person list --config c --no-contact",
        "person import people.csv --config c",
        "person block ana --config c --reason x",
        "person unblock ana --config c --reason x",
        "person approve ana --config c --reason x",
        "person block - --config c --reason x --keep-factor",
        "person approve-all people.txt --config c --reason x --days 30 --dry-run",
        "person unblock --all-locked --config c --reason x",
        "person reset-factor ana --config c --reason x",
        "person set-password ana --config c --reason x --password-stdin",
        "peer show --config c",
        "peer check --config c",
        "sync status --config c",
        "sync status ana --config c",
        "sync retry --config c",
        "sync retry - --config c",
        "audit export --config c --after 7",
    ] {
        parse(line).unwrap();
    }
    for line in [
        "serve",
        "person add --config c --sigla a --name b",
        "person add --config c --sigla a --name b --profile x --password-stdin --password-hash h",
        "person import --config c",
        "person block ana --config c",
        "person unblock --config c --reason x",
        "person unblock ana --all-locked --config c --reason x",
        "person reset-factor ana --config c --reason  ",
        "init --instance jmu",
        "init --instance ../X",
    ] {
        assert_eq!(parse(line).unwrap_err().exit_code(), 2, "{line}");
    }
}

#[test]
fn without_a_subcommand_it_shows_its_help_and_knows_no_demonstration() {
    for line in [&["eproc-2fa"][..], &["eproc-2fa", "demo"]] {
        let exit = run(line.iter().map(OsString::from));
        assert_eq!(format!("{exit:?}"), format!("{:?}", ExitCode::from(2)));
    }
    assert!(
        !Cli::command()
            .render_long_help()
            .to_string()
            .contains("demo")
    );
}

#[test]
fn failures_end_with_1_and_help_with_0() {
    let run = |line: &str| {
        let arguments = std::iter::once("eproc-2fa").chain(line.split(' '));
        format!("{:?}", run(arguments.map(OsString::from)))
    };
    assert_eq!(
        run("serve --config nowhere/jmu.toml"),
        format!("{:?}", ExitCode::FAILURE)
    );
    assert_eq!(run("--version"), format!("{:?}", ExitCode::SUCCESS));
    assert_eq!(run("serve --confg x"), format!("{:?}", ExitCode::from(2)));
}

#[test]
fn init_makes_what_serve_can_load_and_touches_nothing_that_is_there() {
    let folder = Folder::new();
    let arguments = |name: &str| init::Arguments {
        dir: folder.path().join("etc"),
        instance: name.to_owned(),
    };
    init::run(&arguments("JMU"), &Sevens).unwrap();
    let config = Config::load(&folder.path().join("etc/jmu.toml")).unwrap();
    config.keyring().unwrap();
    let sentence = init::run(&arguments("JMU"), &Sevens).unwrap_err();
    assert!(
        sentence.ends_with("jmu.toml exists already and is left alone"),
        "{sentence}"
    );
    std::fs::remove_file(folder.path().join("etc/jmu.toml")).unwrap();
    let sentence = init::run(&arguments("JMU"), &Sevens).unwrap_err();
    assert!(
        sentence.ends_with("jmu.key exists already and is left alone"),
        "{sentence}"
    );
    init::run(&arguments("STM"), &Sevens).unwrap();
}

#[test]
fn peer_show_prints_a_section_that_the_other_instance_loads() {
    let folder = Folder::new();
    let dir = folder.path().to_owned();
    for name in ["JMU", "STM"] {
        let arguments = init::Arguments {
            dir: dir.clone(),
            instance: name.to_owned(),
        };
        init::run(&arguments, &Sevens).unwrap();
    }
    let jmu = Config::load(&dir.join("jmu.toml")).unwrap();
    let section = peer::section(&jmu).unwrap();
    let path = dir.join("stm.toml");
    let text = std::fs::read_to_string(&path).unwrap() + &section;
    std::fs::write(&path, text).unwrap();
    let peers = Config::load(&path).unwrap().peers;
    let keys = crate::config::key::instance_keys(&jmu.keyring().unwrap());
    assert_eq!(peers[0].keys, keys.public());
    assert!(section.contains(&peers[0].keys.fingerprint()));
}
