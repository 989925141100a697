//! How files of a registry are fetched, within limits.

use std::sync::Arc;

use async_trait::async_trait;
use flero_marketplace::{Fetch, FetchError};
use futures_util::stream;
use tough::{Transport, TransportError, TransportErrorKind, TransportStream};
use url::Url;

/// The longest file of a registry that is not a package: an index for some ten thousand packages.
pub(crate) const MAX_METADATA_BYTES: u64 = 16 << 20;

/// A [`Fetch`] as the library takes it.
#[derive(Debug, Clone)]
pub(crate) struct Fetched(pub(crate) Arc<dyn Fetch>);

#[async_trait]
impl Transport for Fetched {
    async fn fetch(&self, url: Url) -> Result<TransportStream, TransportError> {
        match self.0.fetch(&url, MAX_METADATA_BYTES).await {
            Ok(bytes) => Ok(Box::pin(stream::once(std::future::ready(Ok(bytes))))),
            Err(FetchError::NotFound) => Err(TransportError::new(TransportErrorKind::FileNotFound, url)),
            Err(FetchError::Failed(reason)) => {
                Err(TransportError::new_with_cause(TransportErrorKind::Other, url, reason))
            }
        }
    }
}
