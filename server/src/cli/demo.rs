//! `demo`: two instances with made-up people. Their passwords are known to everybody, so it
//! answers on this machine only (R20).

use std::{net::SocketAddr, path::PathBuf};

/// What the demonstration may be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoOptions {
    /// Where JMU listens.
    pub jmu_addr: SocketAddr,
    /// Where STM listens.
    pub stm_addr: SocketAddr,
    /// Where the desk with the mailbox listens.
    pub desk_addr: SocketAddr,
    /// Folder of databases and keys.
    pub data: PathBuf,
    /// A mail server that takes the place of the desk's mailbox.
    pub smtp: Option<SocketAddr>,
    /// Whether JMU asks the second factor of everybody.
    pub required: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Address of the first instance
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:3000", value_parser = loopback)]
    jmu_addr: SocketAddr,
    /// Address of the second instance
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:3100", value_parser = loopback)]
    stm_addr: SocketAddr,
    /// Address of the desk: people, mails, the clock
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:3200", value_parser = loopback)]
    desk_addr: SocketAddr,
    /// Folder of databases and keys
    #[arg(long, value_name = "DIR", default_value = "demo-data")]
    data: PathBuf,
    /// Send mails to this server, without TLS, in place of the desk's mailbox
    #[arg(long, value_name = "HOST:PORT", value_parser = loopback)]
    smtp: Option<SocketAddr>,
    /// Ask the second factor of everybody at JMU
    #[arg(long)]
    required: bool,
}

impl Default for Arguments {
    fn default() -> Self {
        let here = |port| SocketAddr::from(([127, 0, 0, 1], port));
        Self {
            jmu_addr: here(3000),
            stm_addr: here(3100),
            desk_addr: here(3200),
            data: PathBuf::from("demo-data"),
            smtp: None,
            required: false,
        }
    }
}

impl Arguments {
    pub(super) fn options(self) -> Result<DemoOptions, String> {
        let Self {
            jmu_addr,
            stm_addr,
            desk_addr,
            data,
            smtp,
            required,
        } = self;
        // port 0 asks the system for any free one
        let same = |one: SocketAddr, other: SocketAddr| one == other && one.port() != 0;
        if same(jmu_addr, stm_addr) || same(jmu_addr, desk_addr) || same(stm_addr, desk_addr) {
            return Err("--jmu-addr, --stm-addr and --desk-addr must differ".to_owned());
        }
        Ok(DemoOptions {
            jmu_addr,
            stm_addr,
            desk_addr,
            data,
            smtp,
            required,
        })
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
