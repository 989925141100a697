//! A disk that is full, fails, or loses its power, at every place where it can.

use std::{fs, path::Path};

use flero_store::Error;
use flero_store_sqlite::{Options, SqliteStore};

use crate::{
    disk::{Disk, Fault, MARK},
    scenario::{prepare, run, size, verify},
};

fn folder() -> tempfile::TempDir {
    tempfile::Builder::new().prefix(MARK).tempdir().unwrap()
}

fn assert_is_clear(error: &Error) {
    assert!(
        matches!(error, Error::Full | Error::Unavailable { .. } | Error::Corrupt { .. }),
        "an error of the disk says so: {error:?}"
    );
    let text = error.to_string();
    assert!(
        !text.contains("INSERT") && !text.contains("exec_") && !text.contains("execution_journal"),
        "{text}"
    );
}

/// A prepared database to begin each round with.
async fn template(folder: &Path) -> std::path::PathBuf {
    let path = folder.join("template.db");
    let (world, _) = prepare(SqliteStore::open(&path).unwrap()).await;
    drop(world);
    path
}

/// One round: the `nth` operation fails while the scenario runs. Returns whether it came that far.
async fn round(disk: &Disk, template: &Path, nth: u64, fault: Fault, lasting: bool) -> bool {
    let folder = folder();
    let path = folder.path().join("flero.db");
    fs::copy(template, &path).unwrap();
    let store =
        SqliteStore::open_with(&Options { checkpoint_pages: 40, ..Options::new(path.clone()) }).unwrap();
    let world = flero_store::contract::sample::World::new(std::sync::Arc::new(store));
    // Numbers that the template has not used.
    for _ in 0..500 {
        world.unique();
    }
    let workflow =
        world.list_workflows(world.workspace, Default::default(), Default::default()).await.unwrap();
    let workflow = workflow.items[0].id;
    disk.fail_at(nth, fault, lasting);
    let (mut acked, errors) = run(&world, workflow, 12).await;
    errors.iter().for_each(assert_is_clear);
    // The disk works again: the same process goes on without being told.
    let failed = disk.repair();
    let (after, errors) = run(&world, workflow, 2).await;
    assert!(errors.is_empty(), "operation {nth} {fault:?}: the store did not recover: {errors:?}");
    acked.extend(after);
    drop(world);
    verify(&path, &acked).await;
    failed
}

/// Reliability figure 4: a failure at the k-th operation, for every k: no acknowledged execution is lost, nothing
/// is corrupt, the error is clear, and the store recovers without hand work.
#[tokio::test]
async fn a_disk_that_fails_once_or_for_good_loses_nothing_at_any_operation() {
    let disk = Disk::new();
    let folder = folder();
    let template = template(folder.path()).await;
    let stride = size(17, 1) as usize;
    let mut rounds = 0;
    for (start, (fault, lasting)) in
        [(Fault::Full, true), (Fault::Error, false), (Fault::Torn, false), (Fault::Error, true)]
            .into_iter()
            .enumerate()
    {
        for nth in (start as u64..).step_by(stride) {
            rounds += 1;
            if !round(&disk, &template, nth, fault, lasting).await {
                break;
            }
        }
    }
    assert!(rounds > 15, "the scenario has operations to fail: {rounds} rounds");
}

/// The same with SQLite's own limit of pages, which fails where a full disk would.
#[tokio::test]
async fn a_database_that_may_not_grow_says_that_the_disk_is_full() {
    let folder = tempfile::tempdir().unwrap();
    let template = template(folder.path()).await;
    let pages = u32::try_from(fs::metadata(&template).unwrap().len() / 4_096).unwrap();
    for more in (0..size(24, 200) as u32).step_by(size(4, 1) as usize) {
        let path = folder.path().join(format!("limited-{more}.db"));
        fs::copy(&template, &path).unwrap();
        let limited = Options { max_pages: Some(pages + more), ..Options::new(path.clone()) };
        let store = SqliteStore::open_with(&limited).unwrap();
        let world = flero_store::contract::sample::World::new(std::sync::Arc::new(store));
        for _ in 0..500 {
            world.unique();
        }
        let workflow =
            world.list_workflows(world.workspace, Default::default(), Default::default()).await.unwrap();
        let (acked, errors) = run(&world, workflow.items[0].id, 40).await;
        assert!(errors.iter().all(|error| matches!(error, Error::Full)), "{errors:?}");
        assert!(!errors.is_empty() || more > 30);
        // Reading goes on.
        for (id, _) in &acked {
            world.get_execution_anywhere(*id).await.unwrap();
        }
        drop(world);
        verify(&path, &acked).await;
    }
}

/// A failure while the schema is made: the next start goes on where it ended.
#[tokio::test]
async fn a_failure_while_the_schema_is_made_leaves_a_database_that_opens_later() {
    let disk = Disk::new();
    for nth in (0..).step_by(size(7, 1) as usize) {
        let folder = folder();
        let path = folder.path().join("flero.db");
        disk.fail_at(nth, Fault::Full, true);
        let opened = SqliteStore::open(&path);
        let failed = disk.repair();
        if let Err(error) = &opened {
            assert_is_clear(error);
        }
        drop(opened);
        verify(&path, &[]).await;
        if !failed {
            return;
        }
    }
}

/// Reliability figure 2: the power goes at any moment, and any part of what was not flushed is on the disk.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_power_loss_at_any_moment_loses_no_acknowledged_execution() {
    for round in 0..size(1, 1_000) {
        twenty_power_losses(round).await;
    }
}

async fn twenty_power_losses(round: u64) {
    let disk = Disk::new();
    disk.prepare_power_loss();
    let folder = folder();
    let path = folder.path().join("flero.db");
    let store = SqliteStore::open_with(&Options { checkpoint_pages: 60, ..Options::new(path) }).unwrap();
    let (world, workflow) = prepare(store).await;
    let acked = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let mut writers = Vec::new();
    for _ in 0..4 {
        let (world, acked) = (world.clone(), std::sync::Arc::clone(&acked));
        writers.push(tokio::spawn(async move {
            loop {
                let (new, errors) = run(&world, workflow, 1).await;
                assert!(errors.is_empty(), "{errors:?}");
                acked.lock().unwrap().extend(new);
            }
        }));
    }
    let mut losses = Vec::new();
    for seed in 0..20 {
        tokio::time::sleep(std::time::Duration::from_millis(3 + (seed * 7 + round) % 11)).await;
        // What was acknowledged before the power went.
        let count = acked.lock().unwrap().len();
        let after = tempfile::tempdir().unwrap();
        disk.lose_power(after.path(), seed % 5 * (seed + round + 1));
        losses.push((count, after));
    }
    for writer in writers {
        writer.abort();
        let _ = writer.await;
    }
    let acked = acked.lock().unwrap().clone();
    assert!(!acked.is_empty());
    for (count, after) in losses {
        verify(&after.path().join("flero.db"), &acked[..count]).await;
    }
}
