//! The ip of a client behind proxies, and its network, the unit by which strangers share what is scarce (R31, R32).

use ipnet::IpNet;
use serde::Deserialize;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Addresses of proxies, such as `10.0.0.0/8` or `127.0.0.1`. Never all addresses: then anybody could name any ip as theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct ProxyNetwork(IpNet);

/// Proxies are in a network of at most this few bits, such as 10.0.0.0/8.
const WIDEST_PROXY_NETWORK: u8 = 8;

impl TryFrom<String> for ProxyNetwork {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let one = || text.parse::<IpAddr>().map(IpNet::from);
        let network = text.parse().or_else(|_| one()).map_err(|_| {
            format!("{text:?} is no address and no network, such as 10.0.0.7 or 10.0.0.0/24")
        })?;
        if network.prefix_len() < WIDEST_PROXY_NETWORK {
            return Err(format!(
                "{text} is too many addresses to be proxies, and would believe nearly anybody"
            ));
        }
        Ok(Self(network))
    }
}

/// How the ip of a client is found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientIpSource {
    /// The proxies whose `X-Forwarded-For` is believed.
    pub proxies: Vec<ProxyNetwork>,
    /// Whether clients may come without a proxy. They cannot where `public_url` is https, because TLS is the proxy's: without
    /// a known proxy the ip of the connection is then a proxy's, and not said of anybody.
    pub is_direct: bool,
}

impl ClientIpSource {
    /// The ip of a client: the first one from the right that is no known proxy's. `forwarded` are the values of
    /// `X-Forwarded-For` in their order, which only a known proxy may have written. `None` when it is not known. Where all are
    /// known proxies' it is the first of them, so no people may be in a network of proxies: they could name any ip.
    pub fn client_ip<'a>(
        &self,
        connection: IpAddr,
        forwarded: impl DoubleEndedIterator<Item = &'a str>,
    ) -> Option<IpAddr> {
        let connection = connection.to_canonical();
        if !self.is_proxy(connection) {
            return (self.is_direct || !self.proxies.is_empty()).then_some(connection);
        }
        let mut nearest = None;
        for entry in forwarded.rev().flat_map(|value| value.rsplit(',')) {
            // whoever wrote an entry that is none did not write the truth to its left either
            let ip = ip_of_entry(entry.trim())?.to_canonical();
            nearest = Some(ip);
            if !self.is_proxy(ip) {
                break;
            }
        }
        nearest
    }

    /// The network of whoever opened a connection; a proxy's is nobody's, because many people come by it.
    pub fn network_of_connection(&self, connection: IpAddr) -> ClientNetwork {
        ClientNetwork::of(self.client_ip(connection, std::iter::empty()))
    }

    fn is_proxy(&self, ip: IpAddr) -> bool {
        self.proxies.iter().any(|proxy| proxy.0.contains(&ip))
    }
}

/// The ip of an entry, which some proxies write with a port or in brackets.
fn ip_of_entry(entry: &str) -> Option<IpAddr> {
    let bare = entry
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(entry);
    let with_port = || entry.parse().ok().map(|address: SocketAddr| address.ip());
    bare.parse().ok().or_else(with_port)
}

/// The network of an ip: the first 24 bits of IPv4, the first 48 of IPv6, which is what one customer of a provider usually
/// has. All clients without an ip share one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ClientNetwork {
    V4([u8; 3]),
    V6([u16; 3]),
    #[default]
    Unknown,
}

impl fmt::Display for ClientNetwork {
    /// Such as `192.0.2.0/24` or `2001:db8:7::/48`; `unknown` where there is no ip.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V4([a, b, c]) => write!(f, "{a}.{b}.{c}.0/24"),
            Self::V6([a, b, c]) => write!(f, "{}/48", Ipv6Addr::new(*a, *b, *c, 0, 0, 0, 0, 0)),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}

impl ClientNetwork {
    /// An IPv4 address inside IPv6 (`::ffff:192.0.2.1`) is of its IPv4 network.
    pub fn of(ip: Option<IpAddr>) -> Self {
        match ip.map(|ip| ip.to_canonical()) {
            Some(IpAddr::V4(ip)) => Self::of_v4(ip),
            Some(IpAddr::V6(ip)) => Self::of_v6(ip),
            None => Self::Unknown,
        }
    }

    const fn of_v4(ip: Ipv4Addr) -> Self {
        let [a, b, c, _] = ip.octets();
        Self::V4([a, b, c])
    }

    const fn of_v6(ip: Ipv6Addr) -> Self {
        let [a, b, c, ..] = ip.segments();
        Self::V6([a, b, c])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(ip: &str) -> ClientNetwork {
        ClientNetwork::of(Some(ip.parse().unwrap()))
    }

    #[test]
    fn r31_neighbours_are_one_network() {
        assert_eq!(network("192.0.2.1"), network("192.0.2.254"));
        assert_ne!(network("192.0.2.1"), network("192.0.3.1"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.9"));
        assert_eq!(network("2001:db8:7:1::1"), network("2001:db8:7:ffff::2"));
        assert_ne!(network("2001:db8:7::1"), network("2001:db8:8::1"));
        assert_eq!(ClientNetwork::of(None), ClientNetwork::Unknown);
        let shown = ["192.0.2.1", "2001:db8:7:1::1"].map(|ip| network(ip).to_string());
        assert_eq!(shown, ["192.0.2.0/24", "2001:db8:7::/48"]);
    }

    fn source(proxies: &[&str], is_direct: bool) -> ClientIpSource {
        ClientIpSource {
            proxies: proxies
                .iter()
                .map(|text| ProxyNetwork::try_from((*text).to_owned()).unwrap())
                .collect(),
            is_direct,
        }
    }

    fn client(source: &ClientIpSource, connection: &str, forwarded: &[&str]) -> String {
        source
            .client_ip(connection.parse().unwrap(), forwarded.iter().copied())
            .map_or_else(String::new, |ip| ip.to_string())
    }

    #[test]
    fn r31_the_first_address_that_is_no_proxy_s_counts_from_the_right() {
        let behind = source(&["10.0.0.0/8", "127.0.0.1", "2001:db8::7"], false);
        for (connection, forwarded, found) in [
            ("127.0.0.1", &["198.51.100.7"][..], "198.51.100.7"),
            // what the client itself sent stands to the left
            ("127.0.0.1", &["203.0.113.9, 198.51.100.7"], "198.51.100.7"),
            (
                "127.0.0.1",
                &["203.0.113.9", "198.51.100.7, 10.1.1.1"],
                "198.51.100.7",
            ),
            (
                "10.2.2.2",
                &["203.0.113.9,198.51.100.7,10.1.1.1,127.0.0.1"],
                "198.51.100.7",
            ),
            ("::ffff:127.0.0.1", &["2001:db8:1::5"], "2001:db8:1::5"),
            ("2001:db8::7", &["::ffff:198.51.100.7"], "198.51.100.7"),
            // a client beside the proxies
            ("127.0.0.1", &["10.3.3.3"], "10.3.3.3"),
            // not written by a proxy of ours
            ("198.51.100.7", &["203.0.113.9"], "198.51.100.7"),
            // nothing that can be believed
            ("127.0.0.1", &[], ""),
            ("127.0.0.1", &["203.0.113.9, unknown"], ""),
            (
                "127.0.0.1",
                &["203.0.113.9, [2001:db8:1::1]:4711"],
                "2001:db8:1::1",
            ),
            (
                "127.0.0.1",
                &["203.0.113.9, [2001:db8:1::1]"],
                "2001:db8:1::1",
            ),
            (
                "127.0.0.1",
                &["203.0.113.9, 198.51.100.7:4711"],
                "198.51.100.7",
            ),
            ("127.0.0.1", &["203.0.113.9, [198.51.100.7"], ""),
            ("127.0.0.1", &["203.0.113.9, "], ""),
        ] {
            assert_eq!(
                client(&behind, connection, forwarded),
                found,
                "{connection} {forwarded:?}"
            );
        }
        let long = "10.0.0.1, ".repeat(5_000) + "10.0.0.2";
        assert_eq!(client(&behind, "127.0.0.1", &[&long]), "10.0.0.1");
    }

    #[test]
    fn r31_without_a_known_proxy_its_address_is_not_said_to_be_the_client_s() {
        assert_eq!(
            client(&source(&[], false), "127.0.0.1", &["203.0.113.9"]),
            ""
        );
        assert_eq!(
            client(&source(&[], true), "127.0.0.1", &["203.0.113.9"]),
            "127.0.0.1"
        );
    }

    #[test]
    fn a_proxy_is_an_address_or_a_network_and_never_everybody() {
        let refusal = |text: &str| ProxyNetwork::try_from(text.to_owned()).unwrap_err();
        for wide in ["0.0.0.0/0", "::/0", "0.0.0.0/1", "128.0.0.0/7", "2000::/3"] {
            assert!(refusal(wide).contains("too many addresses"), "{wide}");
        }
        for wrong in ["", "proxy.example", "10.0.0.0/33", "10.0.0", "10.0.0.1:80"] {
            assert!(
                refusal(wrong).contains("no address and no network"),
                "{wrong}"
            );
        }
    }
}
