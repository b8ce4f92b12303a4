//! Listeners: who may connect, how long a request may take to arrive, and how serving ends (R32).

use super::connections::Connections;
use crate::domain::ClientIpSource;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulConnection, GracefulShutdown};
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt as _;

/// Longest time until the header of a request is there, counted from when the connection is ready for one. So it is also how
/// long an idle connection is kept; a proxy must let go of it earlier.
const HEADER_TIME: Duration = Duration::from_secs(10);
/// Longest time that running requests get after the stop.
const LONGEST_END: Duration = Duration::from_secs(20);
/// Wait after a connection could not be accepted, such as for want of file descriptors.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// Binds an address.
///
/// # Errors
/// A sentence that names the address.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, String> {
    TcpListener::bind(address)
        .await
        .map_err(|error| format!("cannot listen on {address}: {error}"))
}

/// Serves until `stop` resolves, then waits for running requests, but not longer than [`LONGEST_END`].
pub async fn run(
    listener: TcpListener,
    router: Router,
    clients: ClientIpSource,
    stop: impl Future<Output = ()> + Send + 'static,
) {
    let graceful = GracefulShutdown::new();
    let connections = Arc::new(Connections::new(clients));
    let mut stop = pin!(stop);
    loop {
        // beyond the bound nobody is accepted: they wait in the system's queue
        let accepted = async {
            let place = connections.place().await;
            listener.accept().await.map(|accepted| (accepted, place))
        };
        let ((stream, peer), place) = tokio::select! {
            () = &mut stop => break,
            accepted = accepted => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    log_accept_error(&error);
                    tokio::time::sleep(ACCEPT_AGAIN).await;
                    continue;
                }
            },
        };
        let Some(place) = connections.admit(place, peer.ip()) else {
            // its network has as many as it may: closed without an answer
            continue;
        };
        let connection = graceful.watch(serve_connection(stream, peer, router.clone()));
        tokio::spawn(async move {
            let ended = connection.await;
            drop(place);
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }
    drop(listener);
    if tokio::time::timeout(LONGEST_END, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("requests that had not ended were cut off");
    }
}

fn serve_connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
) -> impl GracefulConnection<Error = hyper::Error> {
    // small answers would wait 40 ms without it
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY was not set");
    }
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .serve_connection(TokioIo::new(stream), service)
}

fn log_accept_error(error: &io::Error) {
    match error.kind() {
        // the client was gone before it was accepted
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset => {}
        _ => tracing::error!(%error, "a connection was not accepted"),
    }
}
