//! The port to registries, and the port to their files.

use std::{fmt, path::PathBuf, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{Package, Reach, Result, Version};

/// Where a registry is and what is trusted of it.
#[derive(Debug, Clone)]
pub struct Place {
    /// Its address.
    pub url: Url,
    /// The pinned root: the bytes that say who may sign.
    pub root: Vec<u8>,
    /// A folder of its own that remembers the newest versions that were seen, so that older ones are refused. `None`
    /// forgets, which only its publisher may.
    pub memory: Option<PathBuf>,
}

/// A version of a package in an index.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// The connector's identifier.
    pub id: String,
    /// The version of the package.
    pub version: Version,
    /// The connector's name for people.
    pub name: String,
    /// What it is.
    pub description: String,
    /// What kind of service it is.
    pub category: String,
    /// What it may reach.
    pub reach: Reach,
}

/// Reads registries, and trusts only what their roots vouch for.
#[async_trait]
pub trait Registries: fmt::Debug + Send + Sync {
    /// Whether the bytes are a root.
    ///
    /// # Errors
    /// [`crate::Error::Root`].
    fn check_root(&self, root: &[u8]) -> Result<()>;

    /// Fetches the index and checks all of it: signatures, versions that only grow, times.
    ///
    /// # Errors
    /// [`crate::Error::Root`], [`crate::Error::Untrusted`] or [`crate::Error::Unreachable`].
    async fn open(&self, place: &Place, fetch: Arc<dyn Fetch>) -> Result<Box<dyn Opened>>;
}

/// A registry whose index was checked.
#[async_trait]
pub trait Opened: fmt::Debug + Send + Sync {
    /// Every version of every package, by name, the newest first.
    fn entries(&self) -> &[Entry];

    /// A package, whose bytes are those that were signed.
    ///
    /// # Errors
    /// [`crate::Error::NoPackage`]; [`crate::Error::Untrusted`] when the bytes are others;
    /// [`crate::Error::NotAPackage`].
    async fn package(&self, id: &str, version: Version) -> Result<Package>;
}

/// Why a file could not be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchError {
    /// There is no such file. A registry without a newer root has none, so this is no fault by itself.
    NotFound,
    /// Anything else, as a sentence without its full stop.
    Failed(String),
}

/// The way to the files of registries.
#[async_trait]
pub trait Fetch: fmt::Debug + Send + Sync {
    /// The whole file; longer ones than `max_bytes` are refused without reading on.
    ///
    /// # Errors
    /// [`FetchError`].
    async fn fetch(&self, url: &Url, max_bytes: u64) -> Result<Bytes, FetchError>;
}
