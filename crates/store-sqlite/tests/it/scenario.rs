//! What the tests of durability carry out, and what must be true after it.

use std::{path::Path, sync::Arc};

use flero_model::{ExecutionId, audit::AuditAction, credential::Scope};
use flero_store::{Error, ExecutionStore, Store, contract::sample::World, executions::ExecutionStep};
use flero_store_sqlite::SqliteStore;

/// An execution that the store said it has, and how many journal entries it said it has of it.
pub(crate) type Acked = (ExecutionId, usize);

/// Accepts executions and ends each; notes what was acknowledged. Goes on after an error.
pub(crate) async fn run(
    world: &World,
    workflow: flero_model::WorkflowId,
    count: usize,
) -> (Vec<Acked>, Vec<Error>) {
    let (mut acked, mut errors) = (Vec::new(), Vec::new());
    for number in 0..count {
        let mut run = world.run(workflow);
        run.journal = vec![vec![b'a'; 700 + number], b"second".to_vec()];
        run.audit = vec![world.audit(AuditAction::CredentialUseIntent, run.execution.id)];
        match world.accept_execution(run.clone()).await {
            Ok(_) => acked.push((run.execution.id, 2)),
            Err(error) => {
                errors.push(error);
                continue;
            }
        }
        let end = ExecutionStep {
            journal: vec![vec![b'e'; 3_000]],
            audit: vec![world.audit(AuditAction::CredentialUsed, run.execution.id)],
            ..world.end(&run.execution, 2)
        };
        match world.append_execution(end).await {
            Ok(()) => acked.push((run.execution.id, 3)),
            Err(error) => errors.push(error),
        }
    }
    (acked, errors)
}

/// A store with a tenant, keys, a credential and a workflow.
pub(crate) async fn prepare(store: SqliteStore) -> (World, flero_model::WorkflowId) {
    let world = World::new(Arc::new(store));
    world.with_owner().await;
    world.with_keys().await;
    let credential = world.with_credential(Scope::Workspace).await;
    let workflow = world.with_workflow_of(&[credential.id]).await;
    (world, workflow.id)
}

/// Opens a database as the next process would, and checks that it is sound and holds what was acknowledged.
pub(crate) async fn verify(path: &Path, acked: &[Acked]) {
    let store = SqliteStore::open(path).unwrap();
    for (id, entries) in acked {
        let journal = store.execution_journal(*id).await.unwrap();
        assert!(journal.len() >= *entries, "{id}: {} of {entries} acknowledged entries", journal.len());
        store.get_execution_anywhere(*id).await.unwrap();
    }
    let world = World::new(Arc::new(store) as Arc<dyn Store>);
    // Each transition is there with its record or not at all.
    let page = world.list_executions(world.workspace, Default::default(), Default::default()).await.unwrap();
    let mut entries = 0;
    let mut cursor = page.next_cursor;
    let mut runs = page.items;
    while cursor.is_some() {
        let request = flero_store::PageRequest { limit: 200, cursor };
        let page = world.list_executions(world.workspace, Default::default(), request).await.unwrap();
        runs.extend(page.items);
        cursor = page.next_cursor;
    }
    for run in &runs {
        let length = world.execution_journal(run.id).await.unwrap().len();
        assert!(length == 2 || length == 3);
        assert_eq!(run.status.is_final(), length == 3);
        entries += length - 1;
    }
    let records = world.chain().await;
    let of_runs = records.iter().filter(|record| record.event.target.starts_with("exec_")).count();
    assert_eq!(of_runs, entries, "a transition and its record stand or fall together");
    drop(world);
    let connection = rusqlite::Connection::open(path).unwrap();
    let verdict: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
    let broken: i64 =
        connection.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0)).unwrap();
    assert_eq!(broken, 0);
}

/// A number of the test's run, or the long one that `FLERO_SOAK=1` asks for.
pub(crate) fn size(short: u64, long: u64) -> u64 {
    if std::env::var_os("FLERO_SOAK").is_some_and(|value| value == "1") { long } else { short }
}
