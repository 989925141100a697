//! From a destination to a connection: resolve once, check every answer, connect to a checked address.
//!
//! This is the only place that opens a socket to a service. Pooled connections were made here too, so their
//! address was checked; the name of the destination is checked before every request besides.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use flero_model::destination::{Destination, Scheme};
use futures_util::{StreamExt, stream::FuturesUnordered};
use http::Uri;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::{OnceCell, OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use url::Host;

use crate::{auth::certificate::Identity, error::Kind, guard::Guard, resolve::Resolve, tls::Tls};

/// How long one address has before the next one is tried beside it (RFC 8305 section 5).
const NEXT_ADDRESS_AFTER: Duration = Duration::from_millis(250);

/// The most addresses of one name that are tried.
const MAX_ADDRESSES: usize = 8;

/// What every connection needs; one per door.
pub(crate) struct Dialer {
    pub(crate) guard: Guard,
    pub(crate) resolver: Arc<dyn Resolve>,
    pub(crate) tls: Tls,
    pub(crate) connect_timeout: Duration,
    pub(crate) slots: Arc<Semaphore>,
}

/// Connects for one pool. Every pool has its own TLS sessions.
pub(crate) struct Connector {
    dialer: Arc<Dialer>,
    tls: Arc<OnceCell<Arc<rustls::ClientConfig>>>,
    verify: bool,
    identity: Option<Arc<Identity>>,
}

/// A failure to connect, as a kind alone; see [`crate::error`].
#[derive(Debug)]
pub(crate) struct DialError(pub(crate) Kind);

impl fmt::Display for DialError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.code())
    }
}

impl std::error::Error for DialError {}

impl Connector {
    pub(crate) fn new(dialer: Arc<Dialer>, verify: bool, identity: Option<Arc<Identity>>) -> Self {
        Self { dialer, tls: Arc::new(OnceCell::new()), verify, identity }
    }

    /// Connects within the time limit.
    ///
    /// # Errors
    /// Why not, as a kind.
    pub(crate) async fn dial(&self, uri: &Uri) -> Result<TokioIo<Stream>, DialError> {
        match timeout(self.dialer.connect_timeout, self.connect(uri)).await {
            Ok(connected) => connected.map_err(DialError),
            Err(_) => Err(DialError(Kind::ConnectTimeout)),
        }
    }

    async fn connect(&self, uri: &Uri) -> Result<TokioIo<Stream>, Kind> {
        let destination = read_destination(uri)?;
        let dialer = &self.dialer;
        let slot = Arc::clone(&dialer.slots).try_acquire_owned().map_err(|_| Kind::TooManyConnections)?;
        let tcp = dialer.dial(&destination).await?;
        let transport = match destination.scheme {
            Scheme::Http => Transport::Clear(tcp),
            Scheme::Https => {
                let config = self
                    .tls
                    .get_or_try_init(|| dialer.tls.config(self.verify, self.identity.as_deref()))
                    .await?;
                let name = server_name(&destination)?;
                let tls =
                    TlsConnector::from(Arc::clone(config)).connect(name, tcp).await.map_err(tls_kind)?;
                Transport::Tls(Box::new(tls))
            }
        };
        Ok(TokioIo::new(Stream { transport, _slot: slot }))
    }
}

/// A handshake fails for reasons of TLS, or because the connection broke.
fn tls_kind(error: io::Error) -> Kind {
    match error.kind() {
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => Kind::Connect,
        _ => Kind::Tls,
    }
}

/// The name that the certificate must be for; an address is compared as an address and not sent as SNI.
pub(crate) fn server_name(destination: &Destination) -> Result<ServerName<'static>, Kind> {
    match &destination.host {
        Host::Domain(name) => ServerName::try_from(name.clone()).map_err(|_| Kind::Tls),
        Host::Ipv4(address) => Ok(ServerName::IpAddress(IpAddr::V4(*address).into())),
        Host::Ipv6(address) => Ok(ServerName::IpAddress(IpAddr::V6(*address).into())),
    }
}

/// The client hands a URI over; it was made from a checked destination and is read back the same way.
fn read_destination(uri: &Uri) -> Result<Destination, Kind> {
    let scheme = if uri.scheme_str() == Some("https") { Scheme::Https } else { Scheme::Http };
    let host = uri.host().and_then(|host| Host::parse(host).ok()).ok_or(Kind::Connect)?;
    Ok(Destination { scheme, host, port: uri.port_u16().unwrap_or(scheme.default_port()) })
}

impl Dialer {
    pub(crate) async fn dial(&self, destination: &Destination) -> Result<TcpStream, Kind> {
        let addresses = self.checked_addresses(destination).await?;
        let mut attempts = FuturesUnordered::new();
        let mut waiting = addresses.into_iter().take(MAX_ADDRESSES);
        let mut failure = Kind::Connect;
        loop {
            if let Some(address) = waiting.next() {
                attempts.push(self.try_address(SocketAddr::new(address, destination.port)));
            }
            let more = waiting.len() > 0;
            tokio::select! {
                outcome = attempts.next() => match outcome {
                    Some(Ok(stream)) => return Ok(stream),
                    Some(Err(kind)) => failure = kind,
                    None if !more => return Err(failure),
                    None => {}
                },
                () = sleep(NEXT_ADDRESS_AFTER), if more => {}
            }
        }
    }

    async fn try_address(&self, address: SocketAddr) -> Result<TcpStream, Kind> {
        let stream = TcpStream::connect(address).await.map_err(|_| Kind::Connect)?;
        let local = stream.local_addr().map_err(|_| Kind::Connect)?;
        self.guard.check_connected(local, address).map_err(Kind::Blocked)?;
        // Requests are written whole, so waiting for more bytes only adds latency. A failure changes nothing.
        let _ = stream.set_nodelay(true);
        Ok(stream)
    }

    /// Every address of the destination, all of them checked: one closed address among them closes the name,
    /// because the answers come from the same hand.
    pub(crate) async fn checked_addresses(&self, destination: &Destination) -> Result<Vec<IpAddr>, Kind> {
        let addresses = match &destination.host {
            Host::Ipv4(address) => vec![IpAddr::V4(*address)],
            Host::Ipv6(address) => vec![IpAddr::V6(*address)],
            Host::Domain(name) => self.resolver.resolve(name).await.map_err(|_| Kind::Dns)?,
        };
        for address in &addresses {
            self.guard.check_address(destination, *address).map_err(Kind::Blocked)?;
        }
        if addresses.is_empty() { Err(Kind::Dns) } else { Ok(interleave(addresses)) }
    }
}

/// The families in turn, beginning with that of the first answer (RFC 8305 section 4).
fn interleave(addresses: Vec<IpAddr>) -> Vec<IpAddr> {
    let first_is_v6 = addresses.first().is_some_and(IpAddr::is_ipv6);
    let (preferred, other): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| address.is_ipv6() == first_is_v6);
    let mut other = other.into_iter();
    let mut mixed: Vec<IpAddr> =
        preferred.into_iter().flat_map(|address| [Some(address), other.next()]).flatten().collect();
    mixed.extend(other);
    mixed
}

/// A connection to a service. Its slot is free again when it is dropped.
pub(crate) struct Stream {
    transport: Transport,
    _slot: OwnedSemaphorePermit,
}

enum Transport {
    Clear(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    /// Whether both sides agreed on HTTP/2 in the TLS handshake.
    pub(crate) fn is_http2(&self) -> bool {
        matches!(&self.transport, Transport::Tls(stream) if stream.get_ref().1.alpn_protocol() == Some(b"h2"))
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.transport {
            Transport::Clear(stream) => Pin::new(stream).poll_read(context, buffer),
            Transport::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.transport {
            Transport::Clear(stream) => Pin::new(stream).poll_write(context, bytes),
            Transport::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.transport {
            Transport::Clear(stream) => Pin::new(stream).poll_flush(context),
            Transport::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.transport {
            Transport::Clear(stream) => Pin::new(stream).poll_shutdown(context),
            Transport::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut self.transport {
            Transport::Clear(stream) => Pin::new(stream).poll_write_vectored(context, slices),
            Transport::Tls(stream) => Pin::new(stream).poll_write_vectored(context, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match &self.transport {
            Transport::Clear(stream) => stream.is_write_vectored(),
            Transport::Tls(stream) => stream.is_write_vectored(),
        }
    }
}
