//! Copies of a database that is in use.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use flero_store::{Error, PeopleStore};
use flero_store_sqlite::{SqliteStore, restore};
use rusqlite::Connection;

use crate::scenario::{prepare, run, verify};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_under_load_is_one_state_of_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("flero.db")).unwrap();
    let (world, workflow) = prepare(store.clone()).await;
    let (before, _) = run(&world, workflow, 200).await;
    let stop = Arc::new(AtomicBool::new(false));
    let load = tokio::spawn({
        let (world, stop) = (world.clone(), Arc::clone(&stop));
        async move {
            while !stop.load(Ordering::Relaxed) {
                run(&world, workflow, 5).await;
            }
        }
    });
    let reports = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&reports);
    let copy = folder.path().join("copy.db");
    store.backup_to(&copy, move |progress| noted.lock().unwrap().push(progress)).await.unwrap();
    stop.store(true, Ordering::Relaxed);
    load.await.unwrap();

    let last = *reports.lock().unwrap().last().unwrap();
    assert!(last.done == last.total && last.total > 50, "{last:?}");
    assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    let restored = folder.path().join("restored.db");
    restore(&copy, &restored).unwrap();
    assert_eq!(fs::metadata(&restored).unwrap().permissions().mode() & 0o777, 0o600);
    verify(&restored, &before).await;
    let store = SqliteStore::open(&restored).unwrap();
    assert!(store.is_paused().await.unwrap(), "what is restored waits for a person");
}

#[tokio::test]
async fn a_backup_does_not_overwrite_and_a_restore_neither() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("flero.db");
    let store = SqliteStore::open(&path).unwrap();
    let copy = folder.path().join("copy.db");
    fs::write(&copy, "precious").unwrap();
    let refused = store.backup_to(&copy, |_| {}).await;
    assert!(matches!(refused, Err(Error::Taken { .. })), "{refused:?}");
    assert_eq!(fs::read(&copy).unwrap(), b"precious");
    fs::remove_file(&copy).unwrap();
    store.backup_to(&copy, |_| {}).await.unwrap();
    assert!(matches!(restore(&copy, &path), Err(Error::Taken { .. })));
    assert!(matches!(restore(&folder.path().join("none"), &folder.path().join("new")), Err(Error::NotFound)));
    assert!(!folder.path().join("new").exists());
}

#[tokio::test]
async fn a_damaged_or_newer_backup_is_not_restored() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("flero.db")).unwrap();
    let (world, workflow) = prepare(store.clone()).await;
    run(&world, workflow, 30).await;
    let copy = folder.path().join("copy.db");
    store.backup_to(&copy, |_| {}).await.unwrap();
    let target = folder.path().join("restored.db");

    let good = fs::read(&copy).unwrap();
    let mut damaged = good.clone();
    for page in damaged.chunks_exact_mut(4_096).skip(3) {
        page[8..200].fill(0xa5);
    }
    fs::write(&copy, damaged).unwrap();
    let refused = restore(&copy, &target);
    assert!(matches!(refused, Err(Error::Corrupt { .. })), "{refused:?}");
    assert!(!target.exists());

    fs::write(&copy, &good[..good.len() / 2]).unwrap();
    let refused = restore(&copy, &target);
    assert!(matches!(refused, Err(Error::Corrupt { .. })), "{refused:?}");

    fs::write(&copy, &good).unwrap();
    Connection::open(&copy)
        .unwrap()
        .execute("INSERT INTO schema_migration VALUES (99, 'x', x'00')", [])
        .unwrap();
    let refused = restore(&copy, &target);
    assert!(matches!(refused, Err(Error::NewerSchema { found: 99, .. })), "{refused:?}");

    fs::write(&copy, b"").unwrap();
    let refused = restore(&copy, &target);
    assert!(matches!(refused, Err(Error::Corrupt { .. })), "{refused:?}");
    assert!(!target.exists());
}
