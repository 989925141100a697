//! A pool of connections for one identity.
//!
//! A connection goes back when its answer has been read to the end, and is only then used again. A new one is
//! made only when none is idle: the general client of the ecosystem starts connecting at the same time as it
//! waits for an idle connection, which costs a connection for almost every request on a busy path.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use http::{HeaderValue, Request, Response, Uri, header, uri::PathAndQuery};
use hyper::{
    body::Incoming,
    client::conn::{http1, http2},
};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::{Instant, sleep};

use crate::{
    body::Outgoing,
    dial::{Connector, DialError},
    error::Kind,
};

/// Idle connections that are kept for one scheme, host and port.
const IDLE_PER_HOST: usize = 64;

/// How long a connection may be idle. Most servers close theirs after 60 s or more; staying below avoids
/// sending into a connection that is just being closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(45);

/// How often idle connections are looked through.
const SWEEP_EVERY: Duration = Duration::from_secs(15);

/// The most fields of an answer's head, and the most bytes of it.
const MAX_HEADER_FIELDS: usize = 128;
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// Idle connections by scheme, host and port.
#[derive(Default)]
struct Idle {
    hosts: HashMap<String, Vec<(Sender, Instant)>>,
    is_swept: bool,
}

enum Sender {
    Http1(http1::SendRequest<Outgoing>),
    Http2(http2::SendRequest<Outgoing>),
}

/// Sends requests over its own connections.
pub(crate) struct HttpClient {
    connector: Connector,
    idle: Arc<Mutex<Idle>>,
}

/// A connection whose answer is being read. Dropped, the connection closes; given back, it is used again.
pub(crate) struct Lease {
    kept: Option<(String, http1::SendRequest<Outgoing>)>,
    idle: Weak<Mutex<Idle>>,
}

impl Lease {
    /// The answer was read to its end.
    pub(crate) fn give_back(self) {
        if let (Some((host, sender)), Some(idle)) = (self.kept, self.idle.upgrade()) {
            put(&idle, host, Sender::Http1(sender));
        }
    }
}

impl HttpClient {
    pub(crate) fn new(connector: Connector) -> Self {
        Self { connector, idle: Arc::default() }
    }

    /// Sends a request and waits for the head of the answer. A request that an idle connection did not take,
    /// because it was just closed, goes over another one.
    ///
    /// # Errors
    /// What happened, as a kind alone.
    pub(crate) async fn request(
        &self,
        mut request: Request<Outgoing>,
    ) -> Result<(Response<Incoming>, Lease), Kind> {
        let uri = request.uri().clone();
        let host = format!(
            "{}://{}",
            uri.scheme_str().unwrap_or_default(),
            uri.authority().map_or("", |a| a.as_str())
        );
        while let Some(sender) = self.take(&host) {
            match self.send(sender, &host, &uri, request).await {
                Ok(answer) => return Ok(answer),
                Err((_, Some(unsent))) => request = unsent,
                Err((kind, None)) => return Err(kind),
            }
        }
        let sender = self.connect(&uri).await?;
        self.send(sender, &host, &uri, request).await.map_err(|(kind, _)| kind)
    }

    async fn connect(&self, uri: &Uri) -> Result<Sender, Kind> {
        let io = self.connector.dial(uri).await.map_err(|DialError(kind)| kind)?;
        if io.inner().is_http2() {
            let (sender, connection) = http2::Builder::new(TokioExecutor::new())
                .timer(TokioTimer::new())
                .max_header_list_size(MAX_HEAD_BYTES as u32)
                .handshake(io)
                .await
                .map_err(|_| Kind::Protocol)?;
            tokio::spawn(connection);
            Ok(Sender::Http2(sender))
        } else {
            let (sender, connection) = http1::Builder::new()
                .max_headers(MAX_HEADER_FIELDS)
                .max_buf_size(MAX_HEAD_BYTES)
                .handshake(io)
                .await
                .map_err(|_| Kind::Protocol)?;
            tokio::spawn(connection);
            Ok(Sender::Http1(sender))
        }
    }

    /// Sends over one connection. A request that was not taken comes back with the error.
    async fn send(
        &self,
        sender: Sender,
        host: &str,
        uri: &Uri,
        mut request: Request<Outgoing>,
    ) -> Result<(Response<Incoming>, Lease), (Kind, Option<Request<Outgoing>>)> {
        let idle = Arc::downgrade(&self.idle);
        match sender {
            Sender::Http1(mut sender) => {
                if sender.ready().await.is_err() {
                    return Err((Kind::ConnectionClosed, Some(request)));
                }
                to_origin_form(&mut request, uri).map_err(|kind| (kind, None))?;
                match sender.try_send_request(request).await {
                    Ok(response) => Ok((response, Lease { kept: Some((host.to_owned(), sender)), idle })),
                    Err(mut fault) => Err((crate::transport::body_kind(fault.error()), fault.take_message())),
                }
            }
            Sender::Http2(mut sender) => {
                if sender.ready().await.is_err() {
                    return Err((Kind::ConnectionClosed, Some(request)));
                }
                // Streams share the connection, so it can be used again at once.
                put(&self.idle, host.to_owned(), Sender::Http2(sender.clone()));
                *request.uri_mut() = uri.clone();
                request.headers_mut().remove(header::HOST);
                match sender.try_send_request(request).await {
                    Ok(response) => Ok((response, Lease { kept: None, idle })),
                    Err(mut fault) => Err((crate::transport::body_kind(fault.error()), fault.take_message())),
                }
            }
        }
    }

    /// An idle connection, the one that was used last first.
    fn take(&self, host: &str) -> Option<Sender> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let senders = idle.hosts.get_mut(host)?;
        let now = Instant::now();
        while let Some((sender, until)) = senders.pop() {
            if until > now && !sender.is_closed() {
                return Some(sender);
            }
        }
        None
    }
}

impl Sender {
    fn is_closed(&self) -> bool {
        match self {
            Self::Http1(sender) => sender.is_closed(),
            Self::Http2(sender) => sender.is_closed(),
        }
    }
}

fn put(shared: &Arc<Mutex<Idle>>, host: String, sender: Sender) {
    let mut idle = shared.lock().unwrap_or_else(PoisonError::into_inner);
    let senders = idle.hosts.entry(host).or_default();
    if senders.len() < IDLE_PER_HOST && !sender.is_closed() {
        senders.push((sender, Instant::now() + IDLE_TIMEOUT));
    }
    if !idle.is_swept {
        idle.is_swept = true;
        tokio::spawn(sweep(Arc::downgrade(shared)));
    }
}

/// Closes connections that were idle for too long, until the pool itself is gone.
async fn sweep(shared: Weak<Mutex<Idle>>) {
    loop {
        sleep(SWEEP_EVERY).await;
        let Some(shared) = shared.upgrade() else { return };
        let now = Instant::now();
        let mut idle = shared.lock().unwrap_or_else(PoisonError::into_inner);
        idle.hosts.retain(|_, senders| {
            senders.retain(|(sender, until)| *until > now && !sender.is_closed());
            !senders.is_empty()
        });
    }
}

/// HTTP/1.1 wants the path alone, and the host in a field (RFC 9112 section 3.2.1).
fn to_origin_form(request: &mut Request<Outgoing>, uri: &Uri) -> Result<(), Kind> {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let host = HeaderValue::from_str(authority).map_err(|_| Kind::InvalidHeader)?;
    request.headers_mut().insert(header::HOST, host);
    let path = uri.path_and_query().cloned().unwrap_or(PathAndQuery::from_static("/"));
    *request.uri_mut() = Uri::from(path);
    Ok(())
}
