//! What the demonstration may be told.

use std::net::SocketAddr;
use std::path::PathBuf;

/// The whole command line; without arguments, the defaults.
#[derive(Clone, Debug, PartialEq, Eq, clap::Parser)]
#[command(
    name = "eproc-2fa-demo",
    version,
    about = "Two instances of eproc-2fa with made-up people, on this machine only"
)]
pub(crate) struct Options {
    /// Address of the first instance
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:3000", value_parser = loopback)]
    pub(crate) jmu_addr: SocketAddr,
    /// Address of the second instance
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:3100", value_parser = loopback)]
    pub(crate) stm_addr: SocketAddr,
    /// Address of the desk: people, mails, the clock
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:3200", value_parser = loopback)]
    pub(crate) desk_addr: SocketAddr,
    /// Folder of databases and keys
    #[arg(long, value_name = "DIR", default_value = "demo-data")]
    pub(crate) data: PathBuf,
    /// Send mails to this server, without TLS, in place of the desk's mailbox
    #[arg(long, value_name = "HOST:PORT", value_parser = loopback)]
    pub(crate) smtp: Option<SocketAddr>,
    /// Ask the second factor of everybody at JMU
    #[arg(long)]
    pub(crate) required: bool,
}

impl Options {
    /// Refuses two listeners on one address. Port 0 asks the system for any free one.
    pub(crate) fn check(&self) -> Result<(), String> {
        let Self {
            jmu_addr,
            stm_addr,
            desk_addr,
            ..
        } = self;
        let same = |one: &SocketAddr, other| one == other && one.port() != 0;
        if same(jmu_addr, stm_addr) || same(jmu_addr, desk_addr) || same(stm_addr, desk_addr) {
            return Err("--jmu-addr, --stm-addr and --desk-addr must differ".to_owned());
        }
        Ok(())
    }
}

/// An address of this machine.
fn loopback(text: &str) -> Result<SocketAddr, String> {
    let literal = match text.strip_prefix("localhost:") {
        Some(port) => format!("127.0.0.1:{port}"),
        None => text.to_owned(),
    };
    let address: SocketAddr = literal
        .parse()
        .map_err(|_| "an address looks like 127.0.0.1:3000".to_owned())?;
    if address.ip().is_loopback() {
        Ok(address)
    } else {
        Err(
            "the demonstration's passwords are known to everybody, so it runs on this machine \
             only: 127.0.0.1 or [::1]"
                .to_owned(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{CommandFactory as _, Parser as _};

    fn options(line: &str) -> Result<Options, String> {
        let words = std::iter::once("eproc-2fa-demo").chain(line.split_whitespace());
        let options = Options::try_parse_from(words).map_err(|error| error.to_string())?;
        options.check()?;
        Ok(options)
    }

    #[test]
    fn the_definition_is_sound() {
        Options::command().debug_assert();
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
                let sentence = options(&format!("{flag} {address}")).unwrap_err();
                assert!(
                    sentence.contains("on this machine only"),
                    "{flag} {address}: {sentence}"
                );
            }
            for address in ["example.org:25", "3000", "127.0.0.1", "localhost"] {
                assert!(
                    options(&format!("{flag} {address}")).is_err(),
                    "{flag} {address}"
                );
            }
            for address in [
                "127.0.0.1:4000",
                "[::1]:4000",
                "127.0.0.53:4000",
                "localhost:4000",
            ] {
                options(&format!("{flag} {address}")).unwrap();
            }
        }
        let sentence = options("--jmu-addr 127.0.0.1:3100").unwrap_err();
        assert_eq!(
            sentence,
            "--jmu-addr, --stm-addr and --desk-addr must differ"
        );
        options("--jmu-addr 127.0.0.1:0 --stm-addr 127.0.0.1:0").unwrap();
    }

    #[test]
    fn without_arguments_it_takes_its_usual_addresses() {
        let usual = options("").unwrap();
        let ports = [usual.jmu_addr, usual.stm_addr, usual.desk_addr].map(|addr| addr.port());
        assert_eq!(ports, [3000, 3100, 3200]);
        assert_eq!((usual.smtp, usual.required), (None, false));
        let other = options("--required --smtp localhost:1025 --data x").unwrap();
        assert!(other.required && other.smtp.unwrap().port() == 1025);
        assert!(options("--config c").is_err());
    }
}
