//! Sends sync messages to the other instances over HTTP (`docs/sync.md`).

mod http;
mod setup;
#[cfg(test)]
mod tests;

pub use http::{HttpPeers, TIMEOUT};
pub use setup::PeerSetupError;
