//! Connections to mail servers: to a checked address, limited, and in TLS under the policy's name.

use std::{fmt, net::IpAddr};

use flero_model::{
    destination::{Destination, Scheme},
    mail::Security,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use url::Host;

use super::Account;
use crate::{
    account::tls_config,
    dial::{Dialer, server_name},
    error::Kind,
    limited::{Limited, io_kind},
};

/// A connection, in the clear or inside TLS.
pub(super) trait Duplex: AsyncRead + AsyncWrite + Send + Sync + Unpin + fmt::Debug {}

impl<S: AsyncRead + AsyncWrite + Send + Sync + Unpin + fmt::Debug> Duplex for S {}

/// See [`Duplex`].
pub(super) type Stream = Box<dyn Duplex>;

/// What the start of a connection takes at most, in bytes, besides the answer.
const START_BYTES: usize = 256 << 10;

/// Connects. With STARTTLS the connection is still in the clear.
///
/// # Errors
/// Why not, as a kind.
pub(super) async fn connect(
    dialer: &Dialer,
    account: &Account,
    destination: &Destination,
    max_bytes: usize,
) -> Result<Stream, Kind> {
    let dialed = tokio::time::timeout(dialer.connect_timeout, dialer.dial(destination)).await;
    let tcp = dialed.map_err(|_| Kind::ConnectTimeout)??;
    let peer = tcp.peer_addr().map_err(|_| Kind::Connect)?.ip();
    let limited = Limited::new(tcp, max_bytes.saturating_add(START_BYTES));
    match account.security {
        Security::Implicit => secure(dialer, account, destination, Box::new(limited)).await,
        Security::StartTls => Ok(Box::new(limited)),
        Security::Disable if is_listed(dialer, destination, peer) => Ok(Box::new(limited)),
        Security::Disable => Err(Kind::DestinationRefused),
    }
}

/// Whether the operator's list opens the server, by its name or by its address: nothing else opens clear text.
fn is_listed(dialer: &Dialer, destination: &Destination, peer: IpAddr) -> bool {
    let host = match peer.to_canonical() {
        IpAddr::V4(address) => Host::Ipv4(address),
        IpAddr::V6(address) => Host::Ipv6(address),
    };
    let by_address = Destination { scheme: Scheme::Http, host, port: destination.port };
    dialer.guard.lists(destination) || dialer.guard.lists(&by_address)
}

/// Makes the handshake.
///
/// # Errors
/// [`Kind::Tls`], or why the connection broke.
pub(super) async fn secure(
    dialer: &Dialer,
    account: &Account,
    destination: &Destination,
    stream: Stream,
) -> Result<Stream, Kind> {
    let config = tls_config(dialer, account.identity.as_deref()).await?;
    let name = server_name(destination)?;
    let secured = TlsConnector::from(config).connect(name, stream).await;
    // A server that breaks the handshake off, or speaks in the clear, is no TLS server either.
    Ok(Box::new(secured.map_err(|error| match io_kind(&error, Kind::MailTooLarge) {
        Kind::MailTooLarge => Kind::MailTooLarge,
        _ => Kind::Tls,
    })?))
}
