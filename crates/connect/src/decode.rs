//! Content codings (RFC 9110 section 8.4): bodies are decompressed before they are scrubbed, within limits.

use std::{io, pin::Pin};

use async_compression::{
    tokio::bufread::{BrotliDecoder, DeflateDecoder, GzipDecoder, ZlibDecoder, ZstdDecoder},
    zstd::DParameter,
};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, header};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};

use crate::error::Kind;

/// What a request accepts unless it says otherwise.
pub(crate) const ACCEPTED: &str = "gzip, br, zstd, deflate";

/// More than two codings on one body are not seen outside of attacks.
const MAX_CODINGS: usize = 2;

/// The largest window of `zstd` as a content coding is 8 MB (RFC 9659), which bounds the memory.
const ZSTD_WINDOW_LOG_MAX: u32 = 23;

/// How much is decompressed before other work gets its turn, in bytes.
const YIELD_AFTER: usize = 1 << 20;

/// A coding that can be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    Gzip,
    Brotli,
    Zstd,
    Deflate,
}

/// The codings of a body, the outermost first.
///
/// # Errors
/// [`Kind::EncodingUnsupported`] when one of them is not known, or there are too many.
pub(crate) fn codings(headers: &HeaderMap) -> Result<Vec<Coding>, Kind> {
    let mut found = Vec::new();
    for value in headers.get_all(header::CONTENT_ENCODING) {
        let text = value.to_str().map_err(|_| Kind::EncodingUnsupported)?;
        for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            match name.to_ascii_lowercase().as_str() {
                "identity" => {}
                "gzip" | "x-gzip" => found.push(Coding::Gzip),
                "br" => found.push(Coding::Brotli),
                "zstd" => found.push(Coding::Zstd),
                "deflate" => found.push(Coding::Deflate),
                _ => return Err(Kind::EncodingUnsupported),
            }
        }
    }
    if found.len() > MAX_CODINGS {
        return Err(Kind::EncodingUnsupported);
    }
    found.reverse();
    Ok(found)
}

/// Decompresses a body that is at hand.
///
/// # Errors
/// [`Kind::Decoding`] when it is damaged, [`Kind::BodyTooLarge`] when the result is larger than `limit`.
pub(crate) async fn decode_whole(body: Bytes, codings: &[Coding], limit: u64) -> Result<Bytes, Kind> {
    // An answer to HEAD, and an empty one, names a coding without a body to undo it on.
    if body.is_empty() || codings.is_empty() {
        return Ok(body);
    }
    let mut reader = decode_stream(io::Cursor::new(body), codings).await.map_err(|_| Kind::Decoding)?;
    let mut out = BytesMut::new();
    let mut next_yield = YIELD_AFTER;
    loop {
        out.reserve(16 * 1024);
        if reader.read_buf(&mut out).await.map_err(|_| Kind::Decoding)? == 0 {
            return Ok(out.freeze());
        }
        if out.len() as u64 > limit {
            return Err(Kind::BodyTooLarge { limit });
        }
        if out.len() >= next_yield {
            next_yield += YIELD_AFTER;
            tokio::task::yield_now().await;
        }
    }
}

/// A reader that undoes the codings of a body while it arrives.
///
/// # Errors
/// That of the source, when its first byte is needed to tell the two meanings of `deflate` apart.
pub(crate) async fn decode_stream(
    source: impl AsyncBufRead + Send + Unpin + 'static,
    codings: &[Coding],
) -> io::Result<Pin<Box<dyn AsyncRead + Send>>> {
    let mut reader: Pin<Box<dyn AsyncBufRead + Send>> = Box::pin(source);
    for coding in codings {
        reader = Box::pin(BufReader::new(undo(reader, *coding).await?));
    }
    Ok(Box::pin(reader))
}

async fn undo(
    mut source: Pin<Box<dyn AsyncBufRead + Send>>,
    coding: Coding,
) -> io::Result<Pin<Box<dyn AsyncRead + Send>>> {
    Ok(match coding {
        Coding::Gzip => {
            let mut decoder = GzipDecoder::new(source);
            decoder.multiple_members(true);
            Box::pin(decoder)
        }
        Coding::Brotli => Box::pin(BrotliDecoder::new(source)),
        Coding::Zstd => {
            let mut decoder =
                ZstdDecoder::with_params(source, &[DParameter::window_log_max(ZSTD_WINDOW_LOG_MAX)]);
            decoder.multiple_members(true);
            Box::pin(decoder)
        }
        // RFC 9110 means the zlib format; some servers send the bare format. A zlib body begins with method 8.
        Coding::Deflate if source.fill_buf().await?.first().is_some_and(|first| first & 0x0f == 8) => {
            Box::pin(ZlibDecoder::new(source))
        }
        Coding::Deflate => Box::pin(DeflateDecoder::new(source)),
    })
}
