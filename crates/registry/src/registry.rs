//! Reading a registry: what it offers, and packages that are what their publisher signed.

use std::sync::Arc;

use async_trait::async_trait;
use flero_marketplace::{Entry, Error, Fetch, Opened, Package, Place, Registries, Result, Version, package};
use tough::{ExpirationEnforcement, IntoVec as _, Limits, RepositoryLoader, TargetName, schema::Target};
use url::Url;

use crate::transport::{Fetched, MAX_METADATA_BYTES};

/// The member of a target's `custom` data that is ours.
pub(crate) const CUSTOM: &str = "flero";

/// Registries after The Update Framework.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tuf;

#[async_trait]
impl Registries for Tuf {
    fn check_root(&self, root: &[u8]) -> Result<()> {
        let root: tough::schema::Signed<tough::schema::Root> = serde_json::from_slice(root)
            .map_err(|fault| Error::Root { reason: format!("line {} is not as expected", fault.line()) })?;
        root.signed
            .verify_role(&root)
            .map_err(|_| Error::Root { reason: "its own signature is wrong".to_owned() })
    }

    async fn open(&self, place: &Place, fetch: Arc<dyn Fetch>) -> Result<Box<dyn Opened>> {
        Ok(Box::new(Registry::load(place, fetch, ExpirationEnforcement::Safe).await?))
    }
}

/// A registry whose metadata was checked.
#[derive(Debug)]
pub(crate) struct Registry {
    repository: tough::Repository,
    entries: Vec<Entry>,
}

impl Registry {
    /// A registry as its publisher reads it: times that are over are what a publisher mends.
    pub(crate) async fn open_own(place: &Place, fetch: Arc<dyn Fetch>) -> Result<Self> {
        Self::load(place, fetch, ExpirationEnforcement::Unsafe).await
    }

    pub(crate) fn into_repository(self) -> tough::Repository {
        self.repository
    }

    async fn load(place: &Place, fetch: Arc<dyn Fetch>, times: ExpirationEnforcement) -> Result<Self> {
        Tuf.check_root(&place.root)?;
        let below = |folder: &str| {
            let base = format!("{}/{folder}/", place.url.as_str().trim_end_matches('/'));
            Url::parse(&base).map_err(|_| Error::Unreachable { reason: "its address is none".to_owned() })
        };
        let limits =
            Limits { max_targets_size: MAX_METADATA_BYTES, max_root_updates: 64, ..Limits::default() };
        let mut loader = RepositoryLoader::new(&place.root, below("metadata")?, below("targets")?)
            .transport(Fetched(fetch))
            .limits(limits)
            .expiration_enforcement(times);
        if let Some(memory) = &place.memory {
            tokio::fs::create_dir_all(memory).await.map_err(|error| Error::Unreachable {
                reason: format!("what was seen of it cannot be kept ({})", error.kind()),
            })?;
            loader = loader.datastore(memory);
        }
        let repository = loader.load().await.map_err(fault)?;
        let entries = repository.targets().signed.targets.iter();
        let mut entries: Vec<Entry> = entries.filter_map(|(name, target)| entry(name, target)).collect();
        entries.sort_by(|left, right| left.id.cmp(&right.id).then(right.version.cmp(&left.version)));
        Ok(Self { repository, entries })
    }
}

#[async_trait]
impl Opened for Registry {
    fn entries(&self) -> &[Entry] {
        &self.entries
    }

    async fn package(&self, id: &str, version: Version) -> Result<Package> {
        let missing = || Error::NoPackage { id: id.to_owned(), version: version.to_string() };
        if !self.entries.iter().any(|entry| entry.id == id && entry.version == version) {
            return Err(missing());
        }
        let name = TargetName::new(file_name(id, version)).map_err(|_| missing())?;
        let stream = self.repository.read_target(&name).await.map_err(fault)?.ok_or_else(missing)?;
        let package = Package::read(&stream.into_vec().await.map_err(fault)?)?;
        if package.id != id || package.version != version {
            return Err(Error::Untrusted {
                reason: format!("the file of {id} {version} holds another package"),
            });
        }
        Ok(package)
    }
}

/// The name of a package's file in a registry.
pub(crate) fn file_name(id: &str, version: Version) -> String {
    format!("{id}-{version}.json")
}

/// What the index says of a target; `None` for what is not ours or is longer than a package.
fn entry(name: &TargetName, target: &Target) -> Option<Entry> {
    let entry: Entry = serde_json::from_value(target.custom.get(CUSTOM)?.clone()).ok()?;
    let fits =
        name.raw() == file_name(&entry.id, entry.version) && target.length <= package::MAX_BYTES as u64;
    fits.then_some(entry)
}

/// What the library found, in our words where there is a word.
fn fault(error: tough::error::Error) -> Error {
    let tough::error::Error::Transport { source, .. } = &error else {
        return Error::Untrusted { reason: error.to_string() };
    };
    // A file that is not what was signed is found while it is read, and told as a fault of reading.
    let mut cause = std::error::Error::source(source);
    while let Some(inner) = cause {
        match inner.downcast_ref::<tough::error::Error>() {
            Some(tough::error::Error::HashMismatch { .. }) => {
                return Error::Untrusted { reason: "a file is not the one that was signed".to_owned() };
            }
            Some(other) => return Error::Untrusted { reason: other.to_string() },
            None => cause = inner.source(),
        }
    }
    let reason =
        std::error::Error::source(source).map_or_else(|| source.kind().to_string(), ToString::to_string);
    Error::Unreachable { reason }
}
