//! Making a registry: a folder of static files, signed with keys that stay elsewhere.
//!
//! Two keys, as few as the specification's roles allow without one key signing everything: the root key says which
//! key signs the index, and can stay offline for good; the registry's key signs index, snapshot and timestamp each
//! time something is published. Metadata is versioned in its file names (`consistent_snapshot`), so that a reader who
//! comes while files are copied sees the former or the new state, never a mixture.

mod rotate;

use std::{
    collections::HashMap,
    io::Write as _,
    num::NonZeroU64,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use aws_lc_rs::{rand::SystemRandom, signature::Ed25519KeyPair};
use flero_marketplace::{Entry, Error, Folder, Opened as _, Package, Place, Result};
use flero_model::Timestamp;
use flero_openapi::lint;
use tough::{
    editor::{RepositoryEditor, signed::SignedRole},
    key_source::{KeySource, LocalKeySource},
    schema::{KeyHolder, RoleKeys, RoleType, Root, Target},
};
use url::Url;

pub use rotate::Rotation;

use crate::registry::{CUSTOM, Registry, file_name};

/// How long a root is valid, in days.
const ROOT_DAYS: i64 = 3 * 365;
/// How long index and snapshot are valid, in days.
const INDEX_DAYS: i64 = 365;
/// How long the timestamp is valid, in days: this long at most, readers can be kept from seeing a newer index. A
/// publisher signs anew before it is over.
const TIMESTAMP_DAYS: i64 = 90;

const ROOT_FILE: &str = "1.root.json";
const ROOT_KEY: &str = "root.key";
const REGISTRY_KEY: &str = "registry.key";
/// The version of the specification that the metadata follows.
const SPEC_VERSION: &str = "1.0.0";

/// A registry that somebody publishes.
#[derive(Debug, Clone)]
pub struct Publisher {
    /// The folder of static files.
    pub folder: PathBuf,
    /// The folder of the keys. It is never published.
    pub keys: PathBuf,
}

fn failed(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Error {
    let what = what.into();
    move |error| Error::Publisher { what, reason: error.kind().to_string() }
}

fn library(what: &'static str) -> impl FnOnce(tough::error::Error) -> Error {
    move |error| Error::Publisher { what: what.to_owned(), reason: error.to_string() }
}

fn after(now: Timestamp, days: i64) -> String {
    now.plus_millis(days * 86_400_000).to_string()
}

impl Publisher {
    fn metadata(&self) -> PathBuf {
        self.folder.join("metadata")
    }

    /// Where the first root is, which readers pin; see [`Publisher::newest_root`].
    #[must_use]
    pub fn root(&self) -> PathBuf {
        self.metadata().join(ROOT_FILE)
    }

    /// Makes keys and an empty registry.
    ///
    /// # Errors
    /// [`Error::Publisher`] when a key or a root is there already: nothing is overwritten.
    pub async fn init(&self, now: Timestamp) -> Result<()> {
        for folder in [&self.metadata(), &self.folder.join("targets"), &self.keys] {
            tokio::fs::create_dir_all(folder).await.map_err(failed(folder.display().to_string()))?;
        }
        if self.root().exists() {
            let reason = "there is a registry already".to_owned();
            return Err(Error::Publisher { what: self.folder.display().to_string(), reason });
        }
        let root_key = self.new_key(ROOT_KEY)?;
        let registry_key = self.new_key(REGISTRY_KEY)?;
        let (mut keys, mut roles) = (HashMap::new(), HashMap::new());
        for (role, key) in [
            (RoleType::Root, &root_key),
            (RoleType::Targets, &registry_key),
            (RoleType::Snapshot, &registry_key),
            (RoleType::Timestamp, &registry_key),
        ] {
            let public = key.as_sign().await.map_err(|error| Error::Publisher {
                what: "a new key".to_owned(),
                reason: error.to_string(),
            })?;
            let public = public.tuf_key();
            let id = public.key_id().map_err(|error| Error::Publisher {
                what: "a new key".to_owned(),
                reason: error.to_string(),
            })?;
            keys.insert(id.clone(), public);
            let role_keys = RoleKeys { keyids: vec![id], threshold: NonZeroU64::MIN, _extra: HashMap::new() };
            roles.insert(role, role_keys);
        }
        let root = Root {
            spec_version: SPEC_VERSION.to_owned(),
            consistent_snapshot: true,
            version: NonZeroU64::MIN,
            expires: time(after(now, ROOT_DAYS))?,
            keys,
            roles,
            _extra: HashMap::new(),
        };
        let holder = KeyHolder::Root(root.clone());
        let signed = SignedRole::new(root, &holder, &[Box::new(root_key)], &SystemRandom::new())
            .await
            .map_err(library("the root"))?;
        write_new(&self.root(), signed.buffer(), 0o644)?;
        let editor = RepositoryEditor::new(self.root()).await.map_err(library("the root"))?;
        self.sign(editor, NonZeroU64::MIN, now).await
    }

    fn new_key(&self, name: &str) -> Result<LocalKeySource> {
        let path = self.keys.join(name);
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| {
            Error::Publisher { what: name.to_owned(), reason: "the system gives no randomness".to_owned() }
        })?;
        write_new(&path, document.as_ref(), 0o600)?;
        Ok(LocalKeySource { path })
    }

    /// Puts a package into the registry and signs a new index.
    ///
    /// # Errors
    /// [`Error::Faulty`] when the connector has a fault that `flero connector lint` would show; [`Error::NotLater`];
    /// [`Error::Publisher`].
    pub async fn publish(&self, package: &Package, now: Timestamp) -> Result<Entry> {
        let linted = lint::lint(&package.id, &package.files);
        if let Some(first) = linted.findings.first() {
            return Err(Error::Faulty {
                id: package.id.clone(),
                pointer: first.pointer.clone(),
                reason: first.message.clone(),
            });
        }
        let built = package.build()?;
        let entry = Entry {
            id: package.id.clone(),
            version: package.version,
            name: built.summary.name,
            description: built.summary.description,
            category: built.summary.category,
            reach: built.reach,
        };
        let registry = self.open().await?;
        let newest =
            registry.entries().iter().filter(|entry| entry.id == package.id).map(|entry| entry.version).max();
        if let Some(newest) = newest.filter(|newest| *newest >= package.version) {
            return Err(Error::NotLater {
                id: package.id.clone(),
                version: package.version.to_string(),
                newest: newest.to_string(),
            });
        }
        let (editor, version) = self.editor(registry).await?;
        self.sign(self.with_package(editor, package, &entry).await?, version, now).await?;
        Ok(entry)
    }

    /// Signs the index anew, so that its times begin again.
    ///
    /// # Errors
    /// [`Error::Publisher`]; [`Error::Untrusted`] when the folder is not what was signed.
    pub async fn index(&self, now: Timestamp) -> Result<usize> {
        let registry = self.open().await?;
        let count = registry.entries().len();
        let (editor, version) = self.editor(registry).await?;
        self.sign(editor, version, now).await?;
        Ok(count)
    }

    /// The registry as it is now. Its times may be over: that is what a publisher mends.
    async fn open(&self) -> Result<Registry> {
        let what = || self.folder.display().to_string();
        let folder = std::path::absolute(&self.folder).map_err(failed(what()))?;
        let url = Url::from_directory_path(folder)
            .map_err(|()| Error::Publisher { what: what(), reason: "this is no folder".to_owned() })?;
        let root = tokio::fs::read(self.root()).await.map_err(failed(self.root().display().to_string()))?;
        Registry::open_own(&Place { url, root, memory: None }, Arc::new(Folder)).await
    }

    async fn editor(&self, registry: Registry) -> Result<(RepositoryEditor, NonZeroU64)> {
        let repository = registry.into_repository();
        let version = repository.timestamp().signed.version.saturating_add(1);
        let editor = RepositoryEditor::from_repo(self.newest_root().await?, repository)
            .await
            .map_err(library("the index"))?;
        Ok((editor, version))
    }

    async fn with_package(
        &self,
        mut editor: RepositoryEditor,
        package: &Package,
        entry: &Entry,
    ) -> Result<RepositoryEditor> {
        let name = file_name(&package.id, package.version);
        let bytes = package.write()?;
        let temporary = self.folder.join("targets").join(format!(".{name}"));
        tokio::fs::write(&temporary, &bytes).await.map_err(failed(name.clone()))?;
        let mut target = Target::from_path(&temporary)
            .await
            .map_err(|error| Error::Publisher { what: name.clone(), reason: error.to_string() })?;
        let digest: String = target.hashes.sha256.iter().map(|byte| format!("{byte:02x}")).collect();
        let place = self.folder.join("targets").join(format!("{digest}.{name}"));
        tokio::fs::rename(&temporary, &place).await.map_err(failed(name.clone()))?;
        let custom = serde_json::to_value(entry)
            .map_err(|_| Error::Publisher { what: name.clone(), reason: "it has no JSON form".to_owned() })?;
        target.custom.insert(CUSTOM.to_owned(), custom);
        editor.add_target(name, target).map_err(library("the index"))?;
        Ok(editor)
    }

    async fn sign(&self, mut editor: RepositoryEditor, version: NonZeroU64, now: Timestamp) -> Result<()> {
        let (index, timestamp) = (after(now, INDEX_DAYS), after(now, TIMESTAMP_DAYS));
        editor.targets_version(version).map_err(library("the index"))?;
        editor.targets_expires(time(index.clone())?).map_err(library("the index"))?;
        editor.snapshot_version(version).snapshot_expires(time(index)?);
        editor.timestamp_version(version).timestamp_expires(time(timestamp)?);
        let key = LocalKeySource { path: self.keys.join(REGISTRY_KEY) };
        let signed = editor.sign(&[Box::new(key)]).await.map_err(library("signing"))?;
        signed.write(self.metadata()).await.map_err(library("the index"))
    }
}

/// A time as the library takes it.
fn time<T: std::str::FromStr>(text: String) -> Result<T> {
    text.parse().map_err(|_| Error::Publisher { what: text, reason: "this is no time".to_owned() })
}

fn write_new(path: &Path, bytes: &[u8], mode: u32) -> Result<()> {
    let what = path.display().to_string();
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)
        .map_err(failed(what.clone()))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed(what))
}
