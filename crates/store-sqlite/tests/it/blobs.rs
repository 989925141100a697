//! Payloads as files.

use std::{
    collections::HashSet,
    fs,
    os::unix::fs::PermissionsExt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use flero_model::{Clock, Timestamp};
use flero_store::{BlobStore, Error, blobs::BlobRef};
use flero_store_sqlite::FileBlobs;

/// A clock that moves when it is told to.
struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

fn blobs() -> (tempfile::TempDir, FileBlobs, Arc<Hands>) {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(Hands(AtomicI64::new(1_767_225_600_000)));
    let blobs = FileBlobs::open(&folder.path().join("blobs"), clock.clone()).unwrap();
    (folder, blobs, clock)
}

#[tokio::test]
async fn a_payload_is_named_by_its_content_and_kept_once() {
    let (folder, blobs, _) = blobs();
    let name = blobs.put_blob(b"abc".to_vec()).await.unwrap();
    // FIPS 180-2, appendix B.1.
    assert_eq!(name.0, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!(blobs.put_blob(b"abc".to_vec()).await.unwrap(), name);
    let empty = blobs.put_blob(Vec::new()).await.unwrap();
    assert_eq!(blobs.get_blob(&name).await.unwrap(), b"abc");
    assert_eq!(blobs.get_blob(&empty).await.unwrap(), b"");
    let files = blobs.files_to_scan().unwrap();
    assert_eq!(files.len(), 2);
    for file in files {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let mode = fs::metadata(folder.path().join("blobs")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[tokio::test]
async fn a_changed_payload_is_noticed() {
    let (_folder, blobs, _) = blobs();
    let name = blobs.put_blob(b"abc".to_vec()).await.unwrap();
    fs::write(&blobs.files_to_scan().unwrap()[0], b"abd").unwrap();
    let changed = blobs.get_blob(&name).await;
    assert!(matches!(changed, Err(Error::Corrupt { .. })), "{changed:?}");
}

/// Security test 67: a name never becomes a path out of the folder.
#[tokio::test]
async fn a_name_that_is_not_a_hash_is_not_found() {
    let (folder, blobs, _) = blobs();
    fs::write(folder.path().join("secret"), "x").unwrap();
    let long = "a".repeat(64);
    for name in [
        "../secret",
        "",
        "/etc/passwd",
        "..",
        &long.to_uppercase(),
        &long[1..],
        &format!("../{}", &long[3..]),
    ] {
        let found = blobs.get_blob(&BlobRef(name.to_owned())).await;
        assert!(matches!(found, Err(Error::NotFound)), "{name}: {found:?}");
    }
}

#[tokio::test]
async fn a_sweep_removes_what_is_old_and_not_kept() {
    let (_folder, blobs, clock) = blobs();
    let old = blobs.put_blob(b"old".to_vec()).await.unwrap();
    let kept = blobs.put_blob(b"kept".to_vec()).await.unwrap();
    let again = blobs.put_blob(b"again".to_vec()).await.unwrap();
    let part = blobs.files_to_scan().unwrap()[0].with_file_name("part-1-0");
    fs::write(&part, "cut off").unwrap();
    fs::File::options()
        .write(true)
        .open(&part)
        .unwrap()
        .set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_millis(1_767_225_600_000))
        .unwrap();
    let keep = HashSet::from([kept.clone()]);
    assert_eq!(blobs.sweep_blobs(&keep).await.unwrap(), 0, "all of it is young");
    clock.0.fetch_add(3_600_001, Ordering::Relaxed);
    let fresh = blobs.put_blob(b"fresh".to_vec()).await.unwrap();
    blobs.put_blob(b"again".to_vec()).await.unwrap();
    assert_eq!(blobs.sweep_blobs(&keep).await.unwrap(), 2, "the old one and the unfinished one");
    assert!(matches!(blobs.get_blob(&old).await, Err(Error::NotFound)));
    for name in [kept, fresh, again] {
        blobs.get_blob(&name).await.unwrap();
    }
    assert!(!part.exists());
}

#[tokio::test]
async fn many_writers_of_one_payload_do_not_disturb_each_other() {
    let (_folder, blobs, _) = blobs();
    let puts = (0..16).map(|_| {
        let blobs = blobs.clone();
        tokio::spawn(async move { blobs.put_blob(vec![7; 100_000]).await.unwrap() })
    });
    let mut names = HashSet::new();
    for put in puts.collect::<Vec<_>>() {
        names.insert(put.await.unwrap());
    }
    assert_eq!(names.len(), 1);
    assert_eq!(blobs.files_to_scan().unwrap().len(), 1);
}

#[tokio::test]
async fn a_payload_in_pieces_is_the_same_as_one_at_once() {
    let (folder, blobs, _) = blobs();
    let whole: Vec<u8> = (0..1_000_000_u32).map(|n| (n % 251) as u8).collect();
    let mut writer = blobs.begin_blob().await.unwrap();
    let mut rest = whole.as_slice();
    for size in [0, 1, 300_000, 7, 600_000, usize::MAX] {
        let (piece, behind) = rest.split_at(size.min(rest.len()));
        writer.write(piece).await.unwrap();
        rest = behind;
    }
    let name = writer.finish().await.unwrap();
    assert_eq!(blobs.put_blob(whole.clone()).await.unwrap(), name);
    let mut again = blobs.begin_blob().await.unwrap();
    again.write(&whole).await.unwrap();
    assert_eq!(again.finish().await.unwrap(), name);
    let files = fs::read_dir(folder.path().join("blobs")).unwrap();
    assert_eq!(files.count(), 1, "kept once");
    let file = &blobs.files_to_scan().unwrap()[0];
    assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);

    let reader = blobs.open_blob(&name).await.unwrap();
    reader.check().await.unwrap();
    assert_eq!(reader.length(), 1_000_000);
    assert_eq!(reader.read_at(10, 5).await.unwrap(), whole[10..15]);
    assert_eq!(reader.read_at(999_990, 100).await.unwrap(), whole[999_990..]);
    assert!(reader.read_at(1_000_000, 100).await.unwrap().is_empty());
    let one = reader.read_at(0, usize::MAX).await.unwrap();
    assert!(one.len() < 500_000, "one piece, however much is asked for: {}", one.len());
    fs::write(file, [&whole[1..], b"x"].concat()).unwrap();
    let changed = blobs.open_blob(&name).await.unwrap().check().await;
    assert!(matches!(changed, Err(Error::Corrupt { .. })), "{changed:?}");
}

#[tokio::test]
async fn a_payload_that_is_given_up_leaves_nothing_behind() {
    let (folder, blobs, _) = blobs();
    let mut writer = blobs.begin_blob().await.unwrap();
    writer.write(&vec![7; 400_000]).await.unwrap();
    assert_eq!(fs::read_dir(folder.path().join("blobs")).unwrap().count(), 1);
    drop(writer);
    assert_eq!(fs::read_dir(folder.path().join("blobs")).unwrap().count(), 0);
    let missing = blobs.open_blob(&BlobRef("a".repeat(64))).await;
    assert!(matches!(missing.err(), Some(Error::NotFound)));
}
