//! What the server and its child say to each other: frames of a length (4 bytes, little endian) and JSON.
//!
//! First [`Setup`] and [`Ready`], then [`Request`] and [`Answer`] in turn. The result travels as the text the
//! engine wrote, so that the child does not build a second copy of it.

use std::borrow::Cow;
use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::child::Defences;
use crate::config::Limits;

/// The first frame to a child.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Setup {
    pub(crate) limits: Limits,
    pub(crate) cpu_seconds: u64,
}

/// The answer to [`Setup`].
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Ready {
    /// The child has given its rights away.
    Locked(Defences),
    /// The child could not do so, and ends.
    Failed(String),
}

/// One call, as the server writes it.
#[derive(Serialize)]
pub(crate) struct Request<'a> {
    pub(crate) id: u64,
    pub(crate) timeout_ms: u64,
    pub(crate) source: &'a str,
    pub(crate) input: &'a serde_json::Value,
}

/// One call, as the child reads it.
#[derive(Deserialize)]
pub(crate) struct Call<'a> {
    pub(crate) id: u64,
    pub(crate) timeout_ms: u64,
    #[serde(borrow)]
    pub(crate) source: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) input: &'a RawValue,
}

/// The answer to one call.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answer {
    pub(crate) id: u64,
    pub(crate) outcome: Outcome,
    pub(crate) logs: Vec<String>,
    /// CPU time the child has used in its life, in milliseconds.
    pub(crate) cpu_ms: u64,
}

/// How one call ended.
#[derive(Serialize, Deserialize)]
pub(crate) enum Outcome {
    /// The result, as the engine wrote it.
    Value(Box<RawValue>),
    /// What the code threw.
    Threw { name: String, message: String, line: Option<u32> },
    /// The time was over.
    Timeout,
    /// The result is longer than its limit.
    TooLarge,
}

/// Reads one frame of at most `limit` bytes; `None` at the end of the stream.
pub(crate) fn read_frame(from: &mut impl Read, limit: usize) -> io::Result<Option<Vec<u8>>> {
    let mut head = [0_u8; 4];
    match from.read_exact(&mut head) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let length = u32::from_le_bytes(head) as usize;
    if length > limit {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a frame is longer than its limit"));
    }
    let mut body = vec![0_u8; length];
    from.read_exact(&mut body)?;
    Ok(Some(body))
}

/// Writes one frame and flushes it.
pub(crate) fn write_frame(to: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    to.write_all(&encode(message)?)?;
    to.flush()
}

/// A message with its length in front, as one buffer, so that it is one write.
pub(crate) fn encode(message: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut frame = vec![0_u8; 4];
    serde_json::to_writer(&mut frame, message)?;
    let length = u32::try_from(frame.len() - 4)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "a frame is longer than 4 GiB"))?;
    frame[..4].copy_from_slice(&length.to_le_bytes());
    Ok(frame)
}
