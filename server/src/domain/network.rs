//! The network of a client, the unit by which strangers share what is scarce (R31, R32).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The network of an ip: the first 24 bits of IPv4, the first 48 of IPv6, which is what one customer of a provider usually
/// has. All clients without an ip share one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ClientNetwork {
    V4([u8; 3]),
    V6([u16; 3]),
    #[default]
    Unknown,
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
    }
}
