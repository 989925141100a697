//! Reading a registry: what it offers, and packages that are what their publisher signed.

use std::sync::Arc;

use async_trait::async_trait;
use flero_marketplace::{Entry, Error, Fetch, Opened, Package, Place, Registries, Result, Version, package};
use tempfile::TempDir;
use tough::{ExpirationEnforcement, IntoVec as _, Limits, RepositoryLoader, TargetName, schema::Target};
use url::Url;

use crate::{
    memory::{Memories, Memory},
    transport::{Fetched, MAX_METADATA_BYTES},
};

/// The member of a target's `custom` data that is ours.
pub(crate) const CUSTOM: &str = "flero";

/// Registries after The Update Framework.
#[derive(Debug, Default)]
pub struct Tuf {
    memories: Memories,
}

#[async_trait]
impl Registries for Tuf {
    fn check_root(&self, root: &[u8]) -> Result<()> {
        check_root(root)
    }

    async fn open(&self, place: &Place, fetch: Arc<dyn Fetch>) -> Result<Box<dyn Opened>> {
        let memory = match &place.memory {
            Some(folder) => Some(self.memories.borrow(folder).await?),
            None => None,
        };
        Ok(Box::new(Registry::load(place, fetch, ExpirationEnforcement::Safe, memory).await?))
    }
}

/// A registry whose metadata was checked.
#[derive(Debug)]
pub(crate) struct Registry {
    repository: tough::Repository,
    entries: Vec<Entry>,
    /// Where the library notes the time of each read.
    _memory: Option<TempDir>,
}

impl Registry {
    /// A registry as its publisher reads it: times that are over are what a publisher mends, and nothing has to be
    /// remembered of one's own.
    pub(crate) async fn open_own(place: &Place, fetch: Arc<dyn Fetch>) -> Result<Self> {
        Self::load(place, fetch, ExpirationEnforcement::Unsafe, None).await
    }

    pub(crate) fn into_repository(self) -> tough::Repository {
        self.repository
    }

    async fn load(
        place: &Place,
        fetch: Arc<dyn Fetch>,
        times: ExpirationEnforcement,
        memory: Option<Memory>,
    ) -> Result<Self> {
        check_root(&place.root)?;
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
        if let Some(memory) = &memory {
            loader = loader.datastore(memory.path());
        }
        let repository = loader.load().await.map_err(fault)?;
        let memory = match memory {
            Some(memory) => Some(memory.keep().await?),
            None => None,
        };
        let entries = repository.targets().signed.targets.iter();
        let mut entries: Vec<Entry> = entries.filter_map(|(name, target)| entry(name, target)).collect();
        entries.sort_by(|left, right| left.id.cmp(&right.id).then(right.version.cmp(&left.version)));
        Ok(Self { repository, entries, _memory: memory })
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

fn check_root(root: &[u8]) -> Result<()> {
    let root: tough::schema::Signed<tough::schema::Root> = serde_json::from_slice(root)
        .map_err(|fault| Error::Root { reason: format!("line {} is not as expected", fault.line()) })?;
    root.signed
        .verify_role(&root)
        .map_err(|_| Error::Root { reason: "its own signature is wrong".to_owned() })
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
    use tough::error::Error as Found;
    let source = match &error {
        Found::Transport { source, .. } => source,
        // The library's own words name a folder of this machine.
        Found::DatastoreInit { .. }
        | Found::DatastoreCreate { .. }
        | Found::DatastoreOpen { .. }
        | Found::DatastoreRemove { .. }
        | Found::DatastoreSerialize { .. } => {
            return Error::Unreachable { reason: "what was seen of it cannot be kept".to_owned() };
        }
        other => return Error::Untrusted { reason: other.to_string() },
    };
    // A file that is not what was signed is found while it is read, and told as a fault of reading.
    let mut cause = std::error::Error::source(source);
    while let Some(inner) = cause {
        match inner.downcast_ref::<Found>() {
            Some(Found::HashMismatch { .. }) => {
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
