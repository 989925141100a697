//! The process is killed while it writes.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    time::Duration,
};

use flero_store_sqlite::SqliteStore;

use crate::scenario::{prepare, run, size, verify};

/// Names the database of the child; set by the parent.
const CHILD: &str = "FLERO_TEST_KILLED_CHILD";

/// Not a test of its own: what the killed process does. It prints each acknowledgement after it was given.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_that_writes_until_it_is_killed() {
    let Some(path) = std::env::var_os(CHILD) else { return };
    let (world, workflow) = prepare(SqliteStore::open(path.as_ref()).unwrap()).await;
    let mut writers = Vec::new();
    for _ in 0..4 {
        let world = world.clone();
        writers.push(tokio::spawn(async move {
            loop {
                let (acked, _) = run(&world, workflow, 1).await;
                for (id, entries) in acked {
                    println!("acked {id} {entries}");
                }
            }
        }));
    }
    // They write until the process is killed.
    futures_util::future::join_all(writers).await;
}

/// Reliability figure 1, at the store: `kill -9` under load loses no acknowledged execution.
#[tokio::test]
async fn a_killed_process_loses_no_acknowledged_execution() {
    let mut most = 0;
    for round in 0..size(8, 1_000) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("flero.db");
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "kill::child_that_writes_until_it_is_killed", "--nocapture"])
            .env(CHILD, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut acked = Vec::new();
        let mut read = |line: String| {
            // The test harness prints its own lines too, and the last one may be cut off.
            let words: Vec<&str> = line.split(' ').collect();
            if let [.., "acked", id, entries] = words.as_slice()
                && let (Ok(id), Ok(entries)) = (id.parse(), entries.parse())
            {
                acked.push((id, entries));
            }
        };
        while let Some(Ok(line)) = lines.next() {
            let begun = line.contains("acked");
            read(line);
            if begun {
                break;
            }
        }
        std::thread::sleep(Duration::from_millis(round * 37 % 150));
        child.kill().unwrap();
        child.wait().unwrap();
        lines.map_while(Result::ok).for_each(&mut read);
        verify(&path, &acked).await;
        most = most.max(acked.len());
    }
    assert!(most > 10, "the child wrote: {most}");
}
