//! Registries as their publisher makes them, and as somebody in between would change them.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use bytes::Bytes;
use flero_marketplace::{
    Entry, Error, Fetch, FetchError, Folder, Opened, Package, Place, Registries, Result, Version, community,
};
use flero_model::Timestamp;
use flero_registry::{Tuf, publish::Publisher};
use tempfile::TempDir;
use url::Url;

pub(crate) const DAY_MS: i64 = 86_400_000;

/// A registry on a disk, its publisher, and somebody who reads it.
pub(crate) struct World {
    pub(crate) folder: TempDir,
    pub(crate) publisher: Publisher,
    root: Vec<u8>,
    reader: Tuf,
}

#[allow(clippy::disallowed_methods, reason = "signatures are checked by the real time")]
pub(crate) fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap())
}

fn version(text: &str) -> Version {
    text.parse().unwrap()
}

/// A package of the community under a version.
pub(crate) fn package(text: &str) -> Package {
    Package { version: version(text), ..community::package("hacker-news").unwrap().clone() }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::begun(now()).await
    }

    pub(crate) async fn begun(at: Timestamp) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let publisher =
            Publisher { folder: folder.path().join("registry"), keys: folder.path().join("keys") };
        publisher.init(at).await.unwrap();
        let root = std::fs::read(publisher.root()).unwrap();
        Self { folder, publisher, root, reader: Tuf::default() }
    }

    pub(crate) fn place(&self) -> Place {
        let url = Url::from_directory_path(&self.publisher.folder).unwrap();
        Place { url, root: self.root.clone(), memory: Some(self.folder.path().join("memory")) }
    }

    pub(crate) async fn open(&self) -> Result<Box<dyn Opened>> {
        self.reader.open(&self.place(), Arc::new(Folder)).await
    }

    pub(crate) async fn publish(&self, text: &str) -> Result<Entry> {
        self.publisher.publish(&package(text), now()).await
    }

    pub(crate) fn copy(&self, to: &str) -> PathBuf {
        let to = self.folder.path().join(to);
        copy(&self.publisher.folder, &to);
        to
    }

    pub(crate) fn put_back(&self, from: &Path) {
        std::fs::remove_dir_all(&self.publisher.folder).unwrap();
        copy(from, &self.publisher.folder);
    }

    /// The only file below `folder` whose name ends so.
    fn file(&self, folder: &str, end: &str) -> PathBuf {
        let mut found: Vec<PathBuf> = std::fs::read_dir(self.publisher.folder.join(folder))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.to_string_lossy().ends_with(end))
            .collect();
        found.sort();
        found.pop().unwrap()
    }
}

pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

pub(crate) fn untrusted<T>(result: Result<T>) -> String {
    match result {
        Err(Error::Untrusted { reason }) => reason,
        Err(other) => panic!("refused for another reason: {other}"),
        Ok(_) => panic!("it was trusted"),
    }
}

#[tokio::test]
async fn what_is_published_is_found_and_read_as_it_was() {
    let world = World::new().await;
    assert!(world.open().await.unwrap().entries().is_empty());
    world.publish("1.0.0").await.unwrap();
    world.publish("1.1.0").await.unwrap();
    let registry = world.open().await.unwrap();
    let versions: Vec<String> = registry.entries().iter().map(|entry| entry.version.to_string()).collect();
    assert_eq!(versions, ["1.1.0", "1.0.0"]);
    assert!(registry.entries()[0].reach.hosts.contains("hacker-news.firebaseio.com"));
    assert_eq!(registry.package("hacker-news", version("1.0.0")).await.unwrap(), package("1.0.0"));
    let missing = registry.package("hacker-news", version("9.0.0")).await;
    assert!(matches!(missing, Err(Error::NoPackage { .. })));
}

#[tokio::test]
async fn a_version_is_published_once_and_only_upwards() {
    let world = World::new().await;
    world.publish("1.1.0").await.unwrap();
    for text in ["1.1.0", "1.0.9"] {
        assert!(matches!(world.publish(text).await, Err(Error::NotLater { .. })), "{text}");
    }
    assert_eq!(world.open().await.unwrap().entries().len(), 1);
}

#[tokio::test]
async fn a_connector_with_a_fault_is_not_published() {
    let world = World::new().await;
    let mut package = package("1.0.0");
    package.files.remove("guide.md");
    let told = world.publisher.publish(&package, now()).await.unwrap_err().to_string();
    assert!(told.contains("guide"), "{told}");
    assert!(world.open().await.unwrap().entries().is_empty());
}

#[tokio::test]
async fn a_changed_package_is_refused() {
    let world = World::new().await;
    world.publish("1.0.0").await.unwrap();
    let registry = world.open().await.unwrap();
    let path = world.file("targets", ".json");
    let text = std::fs::read_to_string(&path).unwrap();
    // Of the same length, so that only the digest tells.
    std::fs::write(&path, text.replace("firebaseio.com", "firebaseio.net")).unwrap();
    untrusted(registry.package("hacker-news", version("1.0.0")).await);
    std::fs::write(&path, format!("{text} ")).unwrap();
    untrusted(registry.package("hacker-news", version("1.0.0")).await);
}

#[tokio::test]
async fn an_index_that_somebody_else_signed_is_refused() {
    let world = World::new().await;
    world.publish("1.0.0").await.unwrap();
    let other = World::new().await;
    other.publish("2.0.0").await.unwrap();
    other.open().await.unwrap();
    let theirs = other.copy("copy");
    world.put_back(&theirs);
    untrusted(world.open().await);
}

#[tokio::test]
async fn a_changed_index_is_refused() {
    let world = World::new().await;
    world.publish("1.0.0").await.unwrap();
    for end in ["timestamp.json", "snapshot.json", "targets.json"] {
        let copy = world.copy(&format!("before-{end}"));
        let path = world.file("metadata", end);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replacen("\"version\": 2", "\"version\": 3", 1)).unwrap();
        assert_ne!(std::fs::read_to_string(&path).unwrap(), text, "{end}");
        untrusted(world.open().await);
        world.put_back(&copy);
    }
    world.open().await.unwrap();
}

#[tokio::test]
async fn an_older_index_is_not_taken_again() {
    let world = World::new().await;
    world.publish("1.0.0").await.unwrap();
    let former = world.copy("former");
    world.publish("1.0.1").await.unwrap();
    assert_eq!(world.open().await.unwrap().entries().len(), 2);
    world.put_back(&former);
    untrusted(world.open().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_may_open_a_registry_at_once() {
    let world = World::new().await;
    world.publish("1.0.0").await.unwrap();
    let former = world.copy("former");
    world.publish("1.0.1").await.unwrap();
    let opened = futures_util::future::join_all((0..20).map(|_| world.open())).await;
    for registry in opened {
        assert_eq!(registry.unwrap().entries().len(), 2);
    }
    world.put_back(&former);
    for told in futures_util::future::join_all((0..4).map(|_| world.open())).await {
        untrusted(told);
    }
}

#[tokio::test]
async fn a_check_that_fails_leaves_the_memory_as_it_was() {
    let world = World::new().await;
    world.open().await.unwrap();
    let memory = world.folder.path().join("memory");
    let seen = |name: &str| std::fs::read(memory.join(name)).unwrap();
    let before = seen("timestamp.json");
    world.publish("1.0.0").await.unwrap();
    std::fs::remove_file(world.file("metadata", "targets.json")).unwrap();
    world.open().await.unwrap_err();
    assert_eq!(seen("timestamp.json"), before);
}

#[tokio::test]
async fn a_damaged_memory_is_told_of_and_is_no_reason_to_trust() {
    let world = World::new().await;
    let former = world.copy("former");
    world.publish("1.0.0").await.unwrap();
    world.open().await.unwrap();
    std::fs::write(world.folder.path().join("memory/timestamp.json"), "{\"signed").unwrap();
    world.put_back(&former);
    let told = world.open().await.unwrap_err().to_string();
    assert!(told.contains("damaged; remove it"), "{told}");
    assert!(!told.contains("memory/"), "{told}");
}

#[tokio::test]
async fn an_index_whose_time_is_over_is_refused_until_it_is_signed_anew() {
    let world = World::begun(now().plus_millis(-100 * DAY_MS)).await;
    untrusted(world.open().await);
    assert_eq!(world.publisher.index(now()).await.unwrap(), 0);
    world.open().await.unwrap();
}

#[tokio::test]
async fn a_registry_is_made_once_and_keys_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new().await;
    assert!(matches!(world.publisher.init(now()).await, Err(Error::Publisher { .. })));
    for name in ["root.key", "registry.key"] {
        let mode = std::fs::metadata(world.publisher.keys.join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[tokio::test]
async fn what_is_no_root_says_what_to_use() {
    let world = World::new().await;
    for root in [
        b"{}".to_vec(),
        Vec::new(),
        String::from_utf8(world.root.clone())
            .unwrap()
            .replace("\"version\": 1", "\"version\": 2")
            .into_bytes(),
    ] {
        let place = Place { root, ..world.place() };
        let told = Tuf::default().open(&place, Arc::new(Folder)).await.unwrap_err();
        assert!(matches!(told, Error::Root { .. }), "{told}");
        assert!(told.to_string().contains("root.json"), "{told}");
    }
}

/// A registry that sends without end, as far as it is allowed to.
#[derive(Debug)]
struct Endless;

#[async_trait]
impl Fetch for Endless {
    async fn fetch(&self, url: &Url, max_bytes: u64) -> Result<Bytes, FetchError> {
        if url.path().ends_with("root.json") {
            return Err(FetchError::NotFound);
        }
        Ok(Bytes::from(vec![b' '; usize::try_from(max_bytes).unwrap()]))
    }
}

#[tokio::test]
async fn an_index_without_end_is_refused() {
    let world = World::new().await;
    let told = Tuf::default().open(&world.place(), Arc::new(Endless)).await.unwrap_err();
    assert!(matches!(told, Error::Untrusted { .. } | Error::Unreachable { .. }), "{told}");
    let path = world.file("metadata", "timestamp.json");
    std::fs::File::create(&path).unwrap().set_len(1 << 30).unwrap();
    let told = world.open().await.unwrap_err().to_string();
    assert!(told.contains("longer than"), "{told}");
}
