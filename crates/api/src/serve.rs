//! Serving connections with limits: headers in time and of bounded size, bounded connections, an orderly end.

use std::{convert::Infallible, future::Future, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::ConnectInfo};
use hyper::{Request, body::Incoming, server::conn::http1};
use hyper_util::rt::{TokioIo, TokioTimer};
use ipnet::IpNet;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
};
use tower_service::Service;

use crate::forwarded;

/// Limits of the server.
#[derive(Debug, Clone)]
pub struct Limits {
    /// How long a request's head may take to arrive; a slower sender is cut off.
    pub head_timeout: Duration,
    /// The largest head, in bytes.
    pub head_bytes: usize,
    /// The most headers in a request.
    pub headers: usize,
    /// The most connections at a time; further ones wait in the system's queue.
    pub connections: usize,
    /// How long requests may go on after the end was asked for.
    pub grace: Duration,
    /// The networks of reverse proxies that are believed whom they pass a request on from.
    pub trusted_proxies: Vec<IpNet>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head_timeout: Duration::from_secs(15),
            head_bytes: 64 << 10,
            headers: 100,
            connections: 4_096,
            grace: Duration::from_secs(10),
            trusted_proxies: Vec::new(),
        }
    }
}

/// Serves until `shutdown` ends, then lets running requests finish within the grace period.
///
/// # Errors
/// When the listener cannot take connections at all.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) -> std::io::Result<()> {
    let slots = Arc::new(Semaphore::new(limits.connections));
    let (end, ending) = watch::channel(false);
    tokio::pin!(shutdown);
    loop {
        let slot = tokio::select! {
            () = &mut shutdown => break,
            slot = Arc::clone(&slots).acquire_owned() => slot.map_err(std::io::Error::other)?,
        };
        let (stream, peer) = tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, for example: wait instead of spinning.
                    tracing::warn!(%error, "a connection was not taken");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
        };
        let (router, limits, ending) = (router.clone(), limits.clone(), ending.clone());
        tokio::spawn(async move {
            connection(stream, peer, router, &limits, ending).await;
            drop(slot);
        });
    }
    drop(listener);
    let _ = end.send(true);
    let all = u32::try_from(limits.connections).unwrap_or(u32::MAX);
    let _ = tokio::time::timeout(limits.grace, slots.acquire_many(all)).await;
    Ok(())
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    limits: &Limits,
    mut ending: watch::Receiver<bool>,
) {
    // Answers are small and complete: waiting to fill a packet only delays them.
    let _ = stream.set_nodelay(true);
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        let client = forwarded::client(peer.ip(), request.headers(), &limits.trusted_proxies);
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(client, peer.port())));
        let mut router = router.clone();
        async move { Ok::<_, Infallible>(answer(&mut router, request).await) }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_timeout)
        .max_buf_size(limits.head_bytes)
        .max_headers(limits.headers)
        .pipeline_flush(true)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::pin!(served);
    loop {
        tokio::select! {
            result = &mut served => {
                if let Err(error) = result {
                    tracing::debug!(%error, "a connection ended early");
                }
                return;
            }
            changed = ending.changed() => {
                served.as_mut().graceful_shutdown();
                if changed.is_err() {
                    let _ = served.await;
                    return;
                }
            }
        }
    }
}

async fn answer(router: &mut Router, request: Request<Incoming>) -> axum::response::Response {
    // A router is always ready and never fails.
    let request = request.map(axum::body::Body::new);
    match router.call(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}
