//! The configuration of a peer, checked once at the start.

use crate::domain::envelope::{self, PeerKeys};
use reqwest::{Certificate, Client, Url, redirect, retry};
use std::{net::IpAddr, path::PathBuf, time::Duration};

/// Another instance, as the operator configures it.
#[derive(Clone, Debug)]
pub struct Peer {
    /// The name in `iss` and `aud`.
    pub name: String,
    /// Its base URL, to which the path of the endpoint is added.
    pub url: String,
    pub keys: PeerKeys,
    /// PEM file of the only certificate authorities that are trusted for its TLS; `None` for those of the system.
    pub ca_file: Option<PathBuf>,
}

/// What is wrong with a configured peer.
#[derive(Debug, thiserror::Error)]
pub enum PeerSetupError {
    /// The URL is not one to which a path can be added.
    #[error("peer {0}: the url is not an absolute address without user, query and fragment")]
    Url(String),
    /// Plain HTTP over a network.
    #[error("peer {0}: the url must begin with https:// (http:// only to this machine)")]
    Insecure(String),
    /// Two peers have one name, or a peer has this instance's name.
    #[error("peer {0}: the name is used twice, or is this instance's own")]
    Name(String),
    /// The file of certificate authorities cannot be used.
    #[error("peer {0}: ca_file cannot be used: {1}")]
    Authorities(String, String),
    #[error("peer {0}: no HTTP client: {1}")]
    Client(String, String),
}

/// The URL at which `peer` takes messages.
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

/// A client only for `peer`: without redirects, without a proxy from the environment, without retries of its own.
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
