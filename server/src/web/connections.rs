//! How many connections there may be, in all and of one network (R32).

use crate::domain::{ClientIpSource, ClientNetwork};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Connections in all, of one listener. The system must allow more open files than that.
const MOST: usize = 4096;
/// Connections of one network that comes without a proxy.
const MOST_OF_NETWORK: usize = 256;

/// The open connections of one listener.
pub(super) struct Connections {
    clients: ClientIpSource,
    free: Arc<Semaphore>,
    of_network: Mutex<HashMap<ClientNetwork, usize>>,
}

/// A place for one connection, free again when it is dropped.
pub(super) struct Place {
    _permit: OwnedSemaphorePermit,
    /// The network that it counts for, with its counter; `None` for a proxy's.
    network: Option<(ClientNetwork, Arc<Connections>)>,
}

impl Connections {
    pub(super) fn new(clients: ClientIpSource) -> Self {
        Self {
            clients,
            free: Arc::new(Semaphore::new(MOST)),
            of_network: Mutex::default(),
        }
    }

    /// Waits until one more connection may be accepted.
    pub(super) async fn place(&self) -> OwnedSemaphorePermit {
        let permit = self.free.clone().acquire_owned().await;
        permit.expect("nobody closes the semaphore")
    }

    /// The place of a connection from `ip`; `None` when its network has as many as it may. A proxy's connections are of many
    /// people and count in all only.
    pub(super) fn admit(
        self: &Arc<Self>,
        permit: OwnedSemaphorePermit,
        ip: IpAddr,
    ) -> Option<Place> {
        let network = match self.clients.network_of_connection(ip) {
            ClientNetwork::Unknown => None,
            network => {
                let mut counts = self.counts();
                let count = counts.entry(network).or_default();
                if *count >= MOST_OF_NETWORK {
                    return None;
                }
                *count += 1;
                Some((network, self.clone()))
            }
        };
        Some(Place {
            _permit: permit,
            network,
        })
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<ClientNetwork, usize>> {
        // nothing that holds the lock can panic half-way
        self.of_network
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((network, connections)) = self.network.take() else {
            return;
        };
        let mut counts = connections.counts();
        if let Some(count) = counts.get_mut(&network) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ProxyNetwork;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[tokio::test]
    async fn r32_one_network_has_a_bound_and_the_others_do_not_feel_it() {
        let connections = Arc::new(Connections::new(ClientIpSource {
            proxies: vec![ProxyNetwork::try_from("10.0.0.0/8".to_owned()).unwrap()],
            is_direct: false,
        }));
        let mut places = Vec::new();
        let mut come = async |from: &str| {
            let permit = connections.place().await;
            let place = connections.admit(permit, ip(from));
            let came = place.is_some();
            places.extend(place);
            came
        };
        for _ in 0..MOST_OF_NETWORK {
            assert!(come("192.0.2.1").await);
        }
        assert!(!come("192.0.2.77").await, "one more of that network");
        assert!(come("198.51.100.1").await);
        for _ in 0..2 * MOST_OF_NETWORK {
            assert!(come("10.0.0.1").await, "a proxy speaks for many");
        }
        assert_eq!(connections.free.available_permits(), MOST - places.len());
        places.clear();
        assert_eq!(connections.free.available_permits(), MOST);
        assert!(connections.counts().is_empty());
    }
}
