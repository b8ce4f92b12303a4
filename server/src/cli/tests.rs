//! Arguments, without a terminal.

use super::*;
use crate::{cli::demo::DemoOptions, config::tests::Folder, ports::Entropy};
use std::net::SocketAddr;

struct Sevens;

impl Entropy for Sevens {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(7);
    }
}

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(std::iter::once("eproc-2fa").chain(line.split(' ')))
}

fn demo_options(line: &str) -> Result<DemoOptions, String> {
    match parse(line).map_err(|error| error.to_string())?.command {
        Some(Command::Demo(arguments)) => arguments.options(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_definition_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn every_subcommand_is_understood() {
    for line in [
        "serve --config jmu.toml",
        "demo",
        "init",
        "init --dir etc --instance STM",
        "person add --config c --sigla a --name b --profile lawyer --profile staff --contact a@b.c",
        "person add --config c --sigla a --name b --profile lawyer --password-stdin",
        "person list --config c --no-contact",
        "person import people.csv --config c",
        "person block ana --config c",
        "person unblock ana --config c",
        "person approve ana --config c",
        "peer show --config c",
    ] {
        parse(line).unwrap();
    }
    for line in [
        "serve",
        "person add --config c --sigla a --name b",
        "person add --config c --sigla a --name b --profile x --password-stdin --password-hash h",
        "person import --config c",
        "init --instance jmu",
        "init --instance ../X",
        "demo --config c",
    ] {
        assert_eq!(parse(line).unwrap_err().exit_code(), 2, "{line}");
    }
}

#[test]
fn r20_the_demonstration_refuses_every_address_but_this_machine() {
    for flag in ["--jmu-addr", "--stm-addr", "--desk-addr", "--smtp"] {
        for address in [
            "0.0.0.0:3000",
            "[::]:3000",
            "192.168.0.7:3000",
            "203.0.113.1:25",
            "[2001:db8::1]:1",
            "[::ffff:127.0.0.1]:1",
        ] {
            let sentence = demo_options(&format!("demo {flag} {address}")).unwrap_err();
            assert!(
                sentence.contains("on this machine only"),
                "{flag} {address}: {sentence}"
            );
        }
        for address in ["example.org:25", "3000", "127.0.0.1", "localhost"] {
            assert!(
                demo_options(&format!("demo {flag} {address}")).is_err(),
                "{flag} {address}"
            );
        }
        for address in [
            "127.0.0.1:4000",
            "[::1]:4000",
            "127.0.0.53:4000",
            "localhost:4000",
        ] {
            demo_options(&format!("demo {flag} {address}")).unwrap();
        }
    }
    let sentence = demo_options("demo --jmu-addr 127.0.0.1:3100").unwrap_err();
    assert_eq!(
        sentence,
        "--jmu-addr, --stm-addr and --desk-addr must differ"
    );
    demo_options("demo --jmu-addr 127.0.0.1:0 --stm-addr 127.0.0.1:0").unwrap();
}

#[test]
fn the_demonstration_has_the_same_defaults_with_and_without_its_name() {
    let options = demo_options("demo").unwrap();
    assert_eq!(options, demo::Arguments::default().options().unwrap());
    assert_eq!(options.jmu_addr, SocketAddr::from(([127, 0, 0, 1], 3000)));
    assert_eq!((options.smtp, options.required), (None, false));
    let other = demo_options("demo --required --smtp localhost:1025 --data x").unwrap();
    assert!(other.required && other.smtp.unwrap().port() == 1025);
}

#[test]
fn without_a_subcommand_only_cargo_leptos_gets_the_demonstration() {
    let under = |names: &'static [&str]| {
        under_cargo_leptos(|name| names.contains(&name).then(OsString::new))
    };
    assert!(under(&["LEPTOS_OUTPUT_NAME", "LEPTOS_SITE_ROOT"]));
    for names in [&[][..], &["LEPTOS_OUTPUT_NAME"], &["LEPTOS_SITE_ROOT"]] {
        assert!(!under(names), "{names:?}");
    }
    let exit = run([OsString::from("eproc-2fa")], |_| None);
    assert_eq!(format!("{exit:?}"), format!("{:?}", ExitCode::from(2)));
}

#[test]
fn failures_end_with_1_and_help_with_0() {
    let run = |line: &str| {
        let arguments = std::iter::once("eproc-2fa").chain(line.split(' '));
        format!("{:?}", run(arguments.map(OsString::from), |_| None))
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
