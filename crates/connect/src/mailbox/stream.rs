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
    guard::Guard,
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
        Security::Disable if is_listed(&dialer.guard, destination, peer) => Ok(Box::new(limited)),
        Security::Disable => Err(Kind::DestinationRefused),
    }
}

/// Whether the operator's list opens the server, by its name or by its address: nothing else opens clear text.
fn is_listed(guard: &Guard, destination: &Destination, peer: IpAddr) -> bool {
    let host = match peer.to_canonical() {
        IpAddr::V4(address) => Host::Ipv4(address),
        IpAddr::V6(address) => Host::Ipv6(address),
    };
    let by_address = Destination { scheme: Scheme::Http, host, port: destination.port };
    guard.lists(destination) || guard.lists(&by_address)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Security test 19: clear text goes only to a server that the operator has listed, by its name or its address.
    #[test]
    fn clear_text_goes_to_listed_servers_alone() {
        let guard = Guard::new("mail.internal:25, 10.0.0.0/8:25".parse().unwrap(), Vec::new());
        let is_open = |name: &str, port: u16, peer: &str| {
            let host = Host::Domain(name.to_owned());
            let server = Destination { scheme: Scheme::Http, host, port };
            is_listed(&guard, &server, peer.parse().unwrap())
        };
        assert!(is_open("mail.internal", 25, "203.0.113.1"));
        assert!(is_open("other.internal", 25, "10.1.2.3"));
        assert!(is_open("other.internal", 25, "::ffff:10.1.2.3"));
        assert!(!is_open("mail.internal", 587, "203.0.113.1"));
        assert!(!is_open("other.internal", 143, "10.1.2.3"));
        assert!(!is_open("mail.example.com", 25, "203.0.113.1"));
    }
}
