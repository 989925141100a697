//! Registries on this machine's disk.

use async_trait::async_trait;
use bytes::Bytes;
use url::Url;

use crate::{Fetch, FetchError};

/// Files of a folder on this machine, for publishers and for registries without a network.
#[derive(Debug, Clone, Copy)]
pub struct Folder;

#[async_trait]
impl Fetch for Folder {
    async fn fetch(&self, url: &Url, max_bytes: u64) -> Result<Bytes, FetchError> {
        let failed = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::NotFound => FetchError::NotFound,
            kind => FetchError::Failed(format!("a file cannot be read ({kind})")),
        };
        let path = url.to_file_path().map_err(|()| FetchError::Failed("this is no folder".to_owned()))?;
        let length = tokio::fs::metadata(&path).await.map_err(failed)?.len();
        if length > max_bytes {
            return Err(FetchError::Failed(format!("a file is longer than {} MB", max_bytes >> 20)));
        }
        tokio::fs::read(&path).await.map(Bytes::from).map_err(failed)
    }
}
