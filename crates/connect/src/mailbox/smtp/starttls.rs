//! What stands before TLS on a connection that begins in the clear (RFC 3207), and the stream that the library goes on
//! with: it waits for a greeting, and gets the server's word that TLS begins.

use std::io;

use flero_model::destination::Destination;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, join, split};

use super::{
    super::stream::secure, Account, Dialer, Fault, HELLO, Kind, MailError, MailErrorClass, Stream, io_kind,
};

/// What the library waits for at the beginning of a connection; the server's own came before TLS.
const GREETING: &[u8] = b"220 TLS\r\n";

/// Asks for TLS and makes the handshake. What comes first on the stream is [`GREETING`].
///
/// # Errors
/// [`Kind::Tls`] when the server does not offer it, or has said more than it was asked before the handshake: what is in
/// the clear can be changed on the way, so a server that seems to have no TLS gets no password.
pub(super) async fn secured(
    dialer: &Dialer,
    account: &Account,
    destination: &Destination,
    stream: Stream,
) -> Result<Stream, Fault> {
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
    let (read, write) = split(secure(dialer, account, destination, stream.into_inner()).await?);
    Ok(Box::new(join(GREETING.chain(read), write)))
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
