//! Large payloads, kept beside the database and referenced from it.

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

    /// Removes every payload that is not in `keep` and is older than an hour; returns how many.
    async fn sweep_blobs(&self, keep: &std::collections::HashSet<BlobRef>) -> Result<u64>;
}
