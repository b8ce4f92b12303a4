//! What the operator says about a peer, checked once at the start.

use crate::domain::envelope::{self, PeerKeys};
use reqwest::{Certificate, Client, Url, redirect, retry};
use std::{net::IpAddr, path::PathBuf, time::Duration};

/// Another instance, as the operator configures it.
#[derive(Clone, Debug)]
pub struct Peer {
    /// Its name, as in `iss` and `aud`.
    pub name: String,
    /// Its address; the endpoint's path is appended.
    pub url: String,
    /// Its public keys.
    pub keys: PeerKeys,
    /// PEM file of the only authorities trusted for its TLS; without it those of the system.
    pub ca_file: Option<PathBuf>,
}

/// What is wrong with a configured peer.
#[derive(Debug, thiserror::Error)]
pub enum PeerSetupError {
    /// Not an address that a path can be appended to.
    #[error("peer {0}: the url is not an absolute address without user, query and fragment")]
    Url(String),
    /// In clear over a network.
    #[error("peer {0}: the url must begin with https:// (http:// only to this machine)")]
    Insecure(String),
    /// Two of one name, or our own.
    #[error("peer {0}: the name is used twice, or is this instance's own")]
    Name(String),
    /// The file of authorities.
    #[error("peer {0}: ca_file cannot be used: {1}")]
    Authorities(String, String),
    /// The HTTP client.
    #[error("peer {0}: no HTTP client: {1}")]
    Client(String, String),
}

/// Where `peer` takes messages.
pub(super) fn endpoint(peer: &Peer) -> Result<Url, PeerSetupError> {
    let fault = || PeerSetupError::Url(peer.name.clone());
    let url = Url::parse(peer.url.trim()).map_err(|_| fault())?;
    let host = url.host_str().ok_or_else(fault)?;
    let extras = url.query().is_some() || url.fragment().is_some();
    if extras || !url.username().is_empty() || url.password().is_some() {
        return Err(fault());
    }
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(host) => {}
        _ => return Err(PeerSetupError::Insecure(peer.name.clone())),
    }
    let base = url.as_str().trim_end_matches('/');
    Url::parse(&format!("{base}{}", envelope::PATH)).map_err(|_| fault())
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// A client for `peer` alone: no redirects, no proxy from the environment, no retries of its own.
pub(super) fn client(peer: &Peer, timeout: Duration) -> Result<Client, PeerSetupError> {
    // once a process; a second call finds it done
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Client::builder()
        .user_agent("eproc-2fa")
        .timeout(timeout)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .no_proxy();
    if let Some(path) = &peer.ca_file {
        let fault = |text: String| PeerSetupError::Authorities(peer.name.clone(), text);
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
        .map_err(|error| PeerSetupError::Client(peer.name.clone(), error.to_string()))
}
