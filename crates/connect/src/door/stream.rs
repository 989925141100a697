//! Answers that are passed on while they arrive: decompressed, scrubbed, a piece at a time in memory.

use std::{io, pin::Pin, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt, stream};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::io::{ReaderStream, StreamReader};

use crate::{
    client::Lease,
    decode::{self, Coding},
    dial::DialError,
    error::Kind,
    scrub::{Scrubber, StreamScrubber},
    transport,
};

/// A body in pieces; [`io_kind`] says what an error of it means.
pub(super) type Pieces = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// How much of a compressed body is decompressed at once, in bytes.
const DECODED_PIECE: usize = 16 * 1024;

/// The pieces of a body without its codings and, where there is a scrubber, without what it looks for.
///
/// # Errors
/// What happened to the first bytes, where they are needed to tell what the coding is.
pub(super) async fn pieces(
    body: Incoming,
    lease: Lease,
    idle: Duration,
    codings: &[Coding],
    scrubber: Option<&Arc<Scrubber>>,
) -> Result<Pieces, Kind> {
    let arriving = arriving(body, lease, idle);
    let decoded: Pieces = if codings.is_empty() {
        Box::pin(arriving)
    } else {
        let reader = StreamReader::new(Box::pin(arriving));
        let reader = decode::decode_stream(reader, codings).await.map_err(|fault| io_kind(&fault))?;
        Box::pin(ReaderStream::with_capacity(reader, DECODED_PIECE))
    };
    Ok(match scrubber {
        Some(scrubber) => Box::pin(scrubbed(decoded, StreamScrubber::new(Arc::clone(scrubber)))),
        None => decoded,
    })
}

/// The pieces as they come; trailers are left out. Errors carry their kind through the readers behind.
fn arriving(body: Incoming, lease: Lease, idle: Duration) -> impl Stream<Item = io::Result<Bytes>> + Send {
    stream::try_unfold((body, lease), move |(mut body, lease)| async move {
        loop {
            let frame = match timeout(idle, body.frame()).await {
                Err(_) => return Err(io::Error::other(DialError(Kind::IdleTimeout))),
                Ok(None) => {
                    lease.give_back();
                    return Ok(None);
                }
                Ok(Some(Err(fault))) => {
                    return Err(io::Error::other(DialError(transport::body_kind(&fault))));
                }
                Ok(Some(Ok(frame))) => frame,
            };
            if let Ok(data) = frame.into_data() {
                return Ok(Some((data, (body, lease))));
            }
        }
    })
}

/// The whole of a body that ends within `most` bytes and so long a time, `None` of a longer one; and all of its pieces,
/// those that were read to tell it among them.
pub(super) async fn beginning(mut body: Pieces, most: usize, time: Duration) -> (Option<Bytes>, Pieces) {
    let until = Instant::now() + time;
    let (mut read, mut whole, mut is_whole) = (Vec::new(), BytesMut::new(), false);
    while whole.len() <= most {
        match timeout_at(until, body.next()).await {
            Ok(Some(piece)) => {
                let is_broken = piece.is_err();
                if let Ok(bytes) = &piece {
                    whole.extend_from_slice(bytes);
                }
                read.push(piece);
                if is_broken {
                    break;
                }
            }
            Ok(None) => {
                is_whole = whole.len() <= most;
                break;
            }
            Err(_) => break,
        }
    }
    (is_whole.then(|| whole.freeze()), Box::pin(stream::iter(read).chain(body)))
}

/// What an error of [`Pieces`] means.
pub(super) fn io_kind(fault: &io::Error) -> Kind {
    fault
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<DialError>())
        .map_or(Kind::Decoding, |DialError(kind)| *kind)
}

fn scrubbed(body: Pieces, scrubber: StreamScrubber) -> impl Stream<Item = io::Result<Bytes>> + Send {
    stream::try_unfold(Some((body, scrubber)), |state| async move {
        let Some((mut body, mut scrubber)) = state else { return Ok(None) };
        while let Some(piece) = body.next().await {
            let clean = scrubber.push(piece?);
            if !clean.is_empty() {
                return Ok(Some((clean, Some((body, scrubber)))));
            }
        }
        let rest = scrubber.finish();
        Ok(if rest.is_empty() { None } else { Some((rest, None)) })
    })
}
