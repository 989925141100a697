//! Large payloads, kept beside the database and referenced from it.

use std::sync::Arc;

use async_trait::async_trait;

use crate::Result;

/// Names a stored payload: the SHA-256 of its bytes in lower-case hex, so that a payload that was stored twice
/// is kept once and a changed one is noticed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlobRef(pub String);

/// See the module. Only scrubbed payloads come here.
#[async_trait]
pub trait BlobStore: Send + Sync + 'static {
    /// Stores bytes durably and returns their name.
    async fn put_blob(&self, bytes: Vec<u8>) -> Result<BlobRef>;

    /// Reads bytes.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] when there are none, [`crate::Error::Corrupt`] when they do not match their name.
    async fn get_blob(&self, name: &BlobRef) -> Result<Vec<u8>>;

    /// Begins a payload that comes in pieces and is never whole in memory.
    async fn begin_blob(&self) -> Result<Box<dyn BlobWriter>>;

    /// Opens a payload for reading in pieces. Nothing is compared yet: see [`BlobReader::check`].
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] when there is none.
    async fn open_blob(&self, name: &BlobRef) -> Result<Arc<dyn BlobReader>>;

    /// Removes every payload that is not in `keep` and is older than an hour; returns how many.
    async fn sweep_blobs(&self, keep: &std::collections::HashSet<BlobRef>) -> Result<u64>;
}

/// A payload that is being written. Dropped before its end, it leaves nothing behind.
#[async_trait]
pub trait BlobWriter: Send {
    /// Adds a piece. The next one is taken when there is room for it.
    async fn write(&mut self, piece: &[u8]) -> Result<()>;

    /// Ends the payload: it is durable, and has its name.
    async fn finish(self: Box<Self>) -> Result<BlobRef>;
}

/// A stored payload that is read in pieces, from wherever one wants.
#[async_trait]
pub trait BlobReader: Send + Sync {
    /// Its length in bytes.
    fn length(&self) -> u64;

    /// The bytes from a place on, at most so many; none behind the end.
    async fn read_at(&self, offset: u64, most: usize) -> Result<Vec<u8>>;

    /// Compares all of it with its name, piece by piece.
    ///
    /// # Errors
    /// [`crate::Error::Corrupt`] when they do not match.
    async fn check(&self) -> Result<()>;
}
