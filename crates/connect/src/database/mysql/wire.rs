//! Packets of MySQL's protocol on a stream (MySQL Internals, "MySQL Packets").

use std::io;

use mysql_common::{
    constants::CapabilityFlags,
    io::ParseBuf,
    packets::ErrPacket,
    proto::{MyDeserialize, MySerialize},
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};

use super::super::{Fault, SqlError, io_kind};
use crate::error::Kind;

/// A connection, in the clear or inside TLS.
pub(super) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Duplex for S {}

/// The largest payload of one packet; a packet of exactly this size is followed by another part.
const MAX_PART: usize = 0xff_ffff;

/// The most bytes that a command takes, in one packet.
pub(super) const MAX_COMMAND: usize = MAX_PART - 1;

/// The first byte of a packet that tells an error.
pub(super) const ERR: u8 = 0xff;
/// The first byte of a packet that ends a list (and of one that asks for another way to log in).
pub(super) const EOF: u8 = 0xfe;
/// The first byte of a packet that says that all went well.
pub(super) const OK: u8 = 0x00;

/// What the server may take for granted of this side. `CLIENT_LOCAL_FILES` is not among it: no server may ask for a
/// file of this machine, and one that does it nevertheless is disconnected. `CLIENT_MULTI_STATEMENTS` is not either.
/// With `CLIENT_FOUND_ROWS` an `UPDATE` counts the rows that it found, as PostgreSQL does.
pub(super) const CAPABILITIES: CapabilityFlags = CapabilityFlags::CLIENT_LONG_PASSWORD
    .union(CapabilityFlags::CLIENT_FOUND_ROWS)
    .union(CapabilityFlags::CLIENT_PROTOCOL_41)
    .union(CapabilityFlags::CLIENT_TRANSACTIONS)
    .union(CapabilityFlags::CLIENT_SECURE_CONNECTION)
    .union(CapabilityFlags::CLIENT_MULTI_RESULTS)
    .union(CapabilityFlags::CLIENT_PS_MULTI_RESULTS)
    .union(CapabilityFlags::CLIENT_PLUGIN_AUTH);

/// One connection. Packets are numbered, from zero in every command.
pub(super) struct Wire {
    stream: BufReader<Box<dyn Duplex>>,
    sequence: u8,
}

impl Wire {
    pub(super) fn new(stream: Box<dyn Duplex>) -> Self {
        Self { stream: BufReader::new(stream), sequence: 0 }
    }

    /// The stream, for TLS inside of it. The server says nothing before the handshake, so that bytes which were read
    /// already came from somebody between.
    pub(super) fn into_stream(self) -> Result<(Box<dyn Duplex>, u8), Kind> {
        if self.stream.buffer().is_empty() {
            Ok((self.stream.into_inner(), self.sequence))
        } else {
            Err(Kind::DatabaseProtocol)
        }
    }

    /// Goes on with the numbers of another stream.
    pub(super) const fn numbered(mut self, sequence: u8) -> Self {
        self.sequence = sequence;
        self
    }

    /// The payload of the next packet, never empty.
    pub(super) async fn read(&mut self) -> Result<Vec<u8>, Kind> {
        let mut payload = Vec::new();
        loop {
            let mut head = [0; 4];
            self.stream.read_exact(&mut head).await.map_err(|error| io_kind(&error))?;
            let [a, b, c, sequence] = head;
            if sequence != self.sequence {
                return Err(Kind::DatabaseProtocol);
            }
            self.sequence = sequence.wrapping_add(1);
            let length = usize::from(a) | usize::from(b) << 8 | usize::from(c) << 16;
            let before = payload.len();
            // Memory grows with what comes, not with what is announced.
            let mut part = (&mut self.stream).take(length as u64);
            part.read_to_end(&mut payload).await.map_err(|error| io_kind(&error))?;
            if payload.len() - before < length {
                return Err(Kind::ConnectionClosed);
            }
            if length < MAX_PART {
                break;
            }
        }
        if payload.is_empty() { Err(Kind::DatabaseProtocol) } else { Ok(payload) }
    }

    /// The next packet, when it is no error.
    pub(super) async fn read_good(&mut self) -> Result<Vec<u8>, Fault> {
        let payload = self.read().await?;
        if payload.first() == Some(&ERR) { Err(fault(&payload)) } else { Ok(payload) }
    }

    /// Begins a command.
    pub(super) async fn command(&mut self, payload: &[u8]) -> Result<(), Kind> {
        self.sequence = 0;
        self.write(payload).await
    }

    /// Writes one packet of at most [`MAX_COMMAND`] bytes.
    pub(super) async fn write(&mut self, payload: &[u8]) -> Result<(), Kind> {
        let length = u32::try_from(payload.len()).map_err(|_| Kind::DatabaseProtocol)?;
        let [a, b, c, _] = length.to_le_bytes();
        let mut packet = zeroize::Zeroizing::new(Vec::with_capacity(payload.len() + 4));
        packet.extend_from_slice(&[a, b, c, self.sequence]);
        packet.extend_from_slice(payload);
        self.sequence = self.sequence.wrapping_add(1);
        self.stream.write_all(&packet).await.map_err(|error| io_kind(&error))?;
        self.stream.flush().await.map_err(|error| io_kind(&error))
    }

    /// Says good-bye, so that the server does not count an aborted connection.
    pub(super) async fn quit(mut self) {
        const COM_QUIT: u8 = 0x01;
        if self.command(&[COM_QUIT]).await.is_ok() {
            let _ = self.stream.shutdown().await;
        }
    }
}

/// Reads a packet as what it should be.
pub(super) fn parse<'p, T: MyDeserialize<'p>>(payload: &'p [u8], context: T::Ctx) -> Result<T, Kind> {
    ParseBuf(payload).parse(context).map_err(|_: io::Error| Kind::DatabaseProtocol)
}

/// A packet's bytes.
pub(super) fn bytes(packet: &impl MySerialize) -> zeroize::Zeroizing<Vec<u8>> {
    let mut bytes = zeroize::Zeroizing::new(Vec::new());
    packet.serialize(&mut bytes);
    bytes
}

/// What a packet that tells an error says.
pub(super) fn fault(payload: &[u8]) -> Fault {
    // Before the protocol is agreed upon there is no state in it.
    let has_state = payload.get(3) == Some(&b'#');
    let capabilities = if has_state { CAPABILITIES } else { CapabilityFlags::empty() };
    let error = match parse::<ErrPacket<'_>>(payload, capabilities) {
        Ok(ErrPacket::Error(error)) => error,
        Ok(ErrPacket::Progress(_)) => return Fault::Kind(Kind::DatabaseProtocol),
        Err(kind) => return Fault::Kind(kind),
    };
    let state = match error.error_code() {
        // The limit that this side has set: ER_STATEMENT_TIMEOUT of MariaDB, ER_QUERY_TIMEOUT of MySQL.
        1969 | 3024 => return Fault::Kind(Kind::Timeout),
        // Sent before the protocol is agreed upon, and so without a state: ER_CON_COUNT_ERROR.
        1040 => "08004".to_owned(),
        _ => error.sql_state_ref().map_or_else(|| "HY000".to_owned(), |state| state.as_str().into_owned()),
    };
    // Most errors share a few states, and its documentation lists them by their numbers.
    let message = format!("{} (error {})", error.message_str().trim_end_matches('.'), error.error_code());
    Fault::Server(SqlError { state, message })
}
