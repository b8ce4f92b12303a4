//! Listeners. `TCP_NODELAY` is set on every connection, because small answers would wait 40 ms without it; at shutdown
//! running requests may end.

use axum::{Router, serve::ListenerExt as _};
use std::{future::Future, io, net::SocketAddr};
use tokio::net::TcpListener;

/// Binds an address.
///
/// # Errors
/// A sentence that names the address.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, String> {
    TcpListener::bind(address)
        .await
        .map_err(|error| format!("cannot listen on {address}: {error}"))
}

/// Serves until `stop` resolves, then waits for running requests.
pub async fn run(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY was not set");
        }
    });
    axum::serve(
        listener,
        router.into_make_service_with_connect_info::<SocketAddr>(),
    )
    .with_graceful_shutdown(stop)
    .await
}
