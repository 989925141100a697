//! What stands before TLS on a connection that begins in the clear (RFC 3207), and the stream that the library goes on
//! with: it waits for a greeting, and gets the server's word that TLS begins.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
};

use flero_model::destination::Destination;
use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader, ReadBuf};

use super::{
    super::stream::secure, Account, Dialer, Fault, HELLO, Kind, MailError, MailErrorClass, Stream, io_kind,
};

/// Asks for TLS and makes the handshake.
///
/// # Errors
/// [`Kind::Tls`] when the server does not offer it, or has said more than it was asked before the handshake: what is in
/// the clear can be changed on the way, so a server that seems to have no TLS gets no password.
pub(super) async fn secured(
    dialer: &Dialer,
    account: &Account,
    destination: &Destination,
    stream: Stream,
) -> Result<Carried, Fault> {
    let mut stream = BufReader::new(stream);
    let greeting = reply(&mut stream).await?;
    if greeting.code != "220" {
        return Err(Fault::Server(MailError {
            class: MailErrorClass::Passing,
            code: greeting.code,
            message: greeting.lines.join(" "),
        }));
    }
    command(&mut stream, &format!("EHLO {HELLO}\r\n")).await?;
    let offered = reply(&mut stream).await?;
    let is_offered = offered.lines.iter().any(|line| line.trim().eq_ignore_ascii_case("STARTTLS"));
    if offered.code != "250" || !is_offered {
        return Err(Kind::Tls.into());
    }
    command(&mut stream, "STARTTLS\r\n").await?;
    let ready = reply(&mut stream).await?;
    if ready.code != "220" || !stream.buffer().is_empty() {
        return Err(Kind::Tls.into());
    }
    let stream = secure(dialer, account, destination, stream.into_inner()).await?;
    Ok(Carried { ahead: b"220 TLS\r\n", stream })
}

/// A reply of one or several lines (RFC 5321 section 4.2.1).
struct Reply {
    code: String,
    lines: Vec<String>,
}

async fn reply(stream: &mut BufReader<Stream>) -> Result<Reply, Kind> {
    /// Nobody says so much before TLS.
    const MAX_LINES: usize = 200;
    let mut lines = Vec::new();
    while lines.len() < MAX_LINES {
        let mut line = Vec::new();
        let read = stream.read_until(b'\n', &mut line).await;
        if read.map_err(|error| io_kind(&error, Kind::MailTooLarge))? == 0 {
            return Err(Kind::ConnectionClosed);
        }
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        let (code, rest) = line.split_at_checked(3).ok_or(Kind::MailProtocol)?;
        if !code.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Kind::MailProtocol);
        }
        lines.push(rest.get(1..).unwrap_or_default().to_owned());
        if !rest.starts_with('-') {
            return Ok(Reply { code: code.to_owned(), lines });
        }
    }
    Err(Kind::MailProtocol)
}

async fn command(stream: &mut BufReader<Stream>, text: &str) -> Result<(), Kind> {
    let written = async {
        stream.write_all(text.as_bytes()).await?;
        stream.flush().await
    };
    written.await.map_err(|error: io::Error| io_kind(&error, Kind::MailTooLarge))
}

/// A connection as the library takes it, with what is read before it.
#[derive(Debug)]
pub(super) struct Carried {
    ahead: &'static [u8],
    stream: Stream,
}

impl Carried {
    pub(super) const fn new(stream: Stream) -> Self {
        Self { ahead: &[], stream }
    }
}

impl AsyncTokioStream for Carried {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        // The library passes it on to nobody here; the address was checked when it was connected to.
        Err(io::ErrorKind::Unsupported.into())
    }
}

impl AsyncRead for Carried {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.ahead.is_empty() {
            let count = self.ahead.len().min(buffer.remaining());
            let (now, later) = self.ahead.split_at(count);
            buffer.put_slice(now);
            self.ahead = later;
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Carried {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
