//! Keys that are replaced: readers who pinned the first root go on, and the replaced key signs nothing any more.

use std::sync::Arc;

use flero_marketplace::{Error, Folder, Place, Registries as _};
use flero_registry::{
    Tuf,
    publish::{Publisher, Rotation},
};

use super::registry::{DAY_MS, World, copy, now, package, untrusted};

const ROOT: Rotation = Rotation { root: true, registry: false };
const REGISTRY: Rotation = Rotation { root: false, registry: true };

impl World {
    /// A publisher with a copy of the keys as they are.
    fn thief(&self) -> Publisher {
        let keys = self.folder.path().join("stolen");
        copy(&self.publisher.keys, &keys);
        Publisher { keys, ..self.publisher.clone() }
    }
}

#[tokio::test]
async fn whoever_pinned_the_first_root_follows_to_the_newest() {
    let world = World::new().await;
    world.publish("1.0.0").await.unwrap();
    world.open().await.unwrap();
    for (rotation, number) in
        [(ROOT, 2), (REGISTRY, 3), (Rotation { root: true, registry: true }, 4), (Rotation::default(), 5)]
    {
        let file = world.publisher.rotate(rotation, now()).await.unwrap();
        assert!(file.ends_with(format!("{number}.root.json")), "{}", file.display());
        assert_eq!(world.publisher.newest_root().await.unwrap(), file);
        assert_eq!(world.open().await.unwrap().entries().len(), number - 1, "{rotation:?}");
        world.publish(&format!("1.0.{number}")).await.unwrap();
        // Whoever adds it now pins the newest.
        let root = std::fs::read(&file).unwrap();
        Tuf::default().check_root(&root).unwrap();
        let place = Place { root, memory: None, ..world.place() };
        let opened = Tuf::default().open(&place, Arc::new(Folder)).await.unwrap();
        assert_eq!(opened.entries().len(), number);
    }
}

/// A registry key that leaked is worth nothing once it is replaced, however high the versions are that it signs.
#[tokio::test]
async fn a_replaced_registry_key_signs_no_index_any_more() {
    let world = World::new().await;
    let (before, thief) = (world.copy("before"), world.thief());
    let root = world.publisher.rotate(REGISTRY, now()).await.unwrap();
    assert!(thief.index(now()).await.is_err(), "not even with these tools");
    let thief = Publisher { folder: before.clone(), ..thief };
    for text in ["9.0.0", "9.0.1", "9.0.2"] {
        thief.publish(&package(text), now()).await.unwrap();
    }
    std::fs::copy(root, before.join("metadata/2.root.json")).unwrap();
    world.put_back(&before);
    untrusted(world.open().await);
}

/// A root key that leaked is worth nothing once it is replaced.
#[tokio::test]
async fn a_replaced_root_key_signs_no_further_root() {
    let world = World::new().await;
    let (before, thief) = (world.copy("before"), world.thief());
    world.publisher.rotate(ROOT, now()).await.unwrap();
    let told = thief.rotate(ROOT, now()).await.unwrap_err();
    assert!(matches!(told, Error::Publisher { .. }), "{told}");
    let thief = Publisher { folder: before, ..thief };
    thief.rotate(Rotation::default(), now()).await.unwrap();
    let third = thief.rotate(Rotation::default(), now()).await.unwrap();
    let good = world.copy("good");
    std::fs::copy(third, world.publisher.folder.join("metadata/3.root.json")).unwrap();
    untrusted(world.open().await);
    world.put_back(&good);
    world.open().await.unwrap();
}

#[tokio::test]
async fn a_root_whose_time_is_over_is_signed_anew() {
    let world = World::begun(now().plus_millis(-4 * 365 * DAY_MS)).await;
    untrusted(world.open().await);
    world.publisher.rotate(Rotation::default(), now()).await.unwrap();
    world.open().await.unwrap();
}

#[tokio::test]
async fn an_attempt_that_broke_off_is_made_again_and_former_keys_are_kept_apart() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new().await;
    std::fs::write(world.publisher.keys.join("root.key.new"), "broken off").unwrap();
    world.publisher.rotate(ROOT, now()).await.unwrap();
    let mut names: Vec<String> = std::fs::read_dir(&world.publisher.keys)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600);
            entry.file_name().to_string_lossy().into_owned()
        })
        .collect();
    names.sort();
    assert_eq!(names, ["registry.key", "root.key", "root.key.before-2"]);
}
