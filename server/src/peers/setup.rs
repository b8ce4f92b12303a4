//! The client for each peer, made once at the start.

use crate::domain::Peer;
use reqwest::{Certificate, Client, redirect, retry};
use std::time::Duration;

/// What is wrong with a configured peer.
#[derive(Debug, thiserror::Error)]
pub enum PeerSetupError {
    /// Two of one name, or our own.
    #[error("peer {0}: the name is used twice, or is this instance's own")]
    Name(String),
    /// The file of certificate authorities cannot be used.
    #[error("peer {0}: ca_file cannot be used: {1}")]
    Authorities(String, String),
    #[error("peer {0}: no HTTP client: {1}")]
    Client(String, String),
}

/// A client for `peer` alone: no redirects, no proxy from the environment, no retries of its own.
pub(super) fn client(peer: &Peer, timeout: Duration) -> Result<Client, PeerSetupError> {
    // once per process; a second call returns an error that is ignored
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Client::builder()
        .user_agent("eproc-2fa")
        .timeout(timeout)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .no_proxy();
    if let Some(path) = &peer.ca_file {
        let fault = |text: String| PeerSetupError::Authorities(peer.name.to_string(), text);
        let pem = std::fs::read(path).map_err(|error| fault(error.to_string()))?;
        let authorities =
            Certificate::from_pem_bundle(&pem).map_err(|error| fault(error.to_string()))?;
        if authorities.is_empty() {
            return Err(fault("no certificate in it".to_owned()));
        }
        builder = builder.tls_certs_only(authorities);
    }
    builder
        .build()
        .map_err(|error| PeerSetupError::Client(peer.name.to_string(), error.to_string()))
}
