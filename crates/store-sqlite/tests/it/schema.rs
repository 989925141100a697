//! The rules that the schema keeps by itself, whatever the program believes.

use std::sync::Arc;

use flero_model::{audit::AuditAction, credential::Scope};
use flero_store::{contract::sample::World, executions::ExecutionStep};
use flero_store_sqlite::{SqliteStore, migrations};
use rusqlite::Connection;

async fn filled() -> (tempfile::TempDir, Connection) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("flero.db");
    let world = World::new(Arc::new(SqliteStore::open(&path).unwrap()));
    world.with_keys().await;
    world.with_credential(Scope::Workspace).await;
    world.append_audit(vec![world.audit(AuditAction::CredentialRead, "x")]).await.unwrap();
    drop(world);
    let connection = Connection::open(&path).unwrap();
    connection.pragma_update(None, "foreign_keys", true).unwrap();
    (folder, connection)
}

/// Security test 68: records are added and never changed.
#[tokio::test]
async fn an_audit_record_cannot_be_changed_or_deleted_by_a_statement() {
    let (_folder, connection) = filled().await;
    for sql in [
        "UPDATE audit_record SET target = 'y'",
        "UPDATE audit_record SET sequence = sequence + 100",
        "DELETE FROM audit_record",
        "DELETE FROM audit_record WHERE sequence = 1",
    ] {
        let error = connection.execute(sql, []).unwrap_err();
        assert!(error.to_string().contains("never"), "{sql}: {error}");
    }
}

/// Security test 12: not even a statement by hand removes the last slot.
#[tokio::test]
async fn the_last_slot_cannot_be_deleted_by_a_statement() {
    let (_folder, connection) = filled().await;
    connection.execute("DELETE FROM vault_slot", []).unwrap_err();
    let left: i64 = connection.query_row("SELECT count(*) FROM vault_slot", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 1);
}

/// Security test 14: the database itself refuses to lose a key that is needed.
#[tokio::test]
async fn a_key_that_a_secret_refers_to_stays() {
    let (_folder, connection) = filled().await;
    for sql in [
        "DELETE FROM scope_key WHERE scope_kind = 'workspace'",
        "UPDATE scope_key SET state = 'disabled' WHERE scope_kind = 'workspace'",
        "UPDATE scope_key SET state = 'destroyed' WHERE scope_kind = 'workspace'",
        "UPDATE sealed_secret SET key_version = 2",
        "UPDATE sealed_secret SET scope_id = 'ws_other'",
        "INSERT INTO sealed_secret SELECT 'cred_x', field, slot, revision, scope_kind, scope_id, 9, bound_type,
                policy_hash, blob, destroy_at FROM sealed_secret",
        "INSERT INTO scope_key SELECT scope_kind, scope_id, 2, 'active', wrapped, 0, 0 FROM scope_key",
    ] {
        assert!(connection.execute(sql, []).is_err(), "{sql}");
    }
}

#[test]
fn steps_are_numbered_without_gaps_and_named_for_their_twins() {
    for (place, step) in migrations().iter().enumerate() {
        assert_eq!(step.number as usize, place + 1);
        assert!(step.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{}", step.name);
        assert!(step.sql.starts_with("-- "), "{} says what it is for", step.name);
    }
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations")).unwrap().count();
    assert_eq!(files, migrations().len(), "every file is embedded");
}

/// A run of a day may call a service thousands of times.
#[tokio::test]
async fn a_run_notes_each_credential_that_it_uses_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("flero.db");
    let world = World::new(Arc::new(SqliteStore::open(&path).unwrap()));
    world.with_keys().await;
    let (one, two) =
        (world.with_credential(Scope::Workspace).await.id, world.with_credential(Scope::Workspace).await.id);
    let run = world.with_run(world.with_workflow().await.id).await;
    for (sequence, credentials) in [(2, vec![one, one]), (3, vec![one]), (4, vec![two, one])] {
        let step = ExecutionStep { credentials, ..world.step(&run, sequence) };
        world.append_execution(step).await.unwrap();
    }
    let connection = Connection::open(&path).unwrap();
    let noted: Vec<u8> =
        connection.query_row("SELECT credential_ids FROM execution", [], |row| row.get(0)).unwrap();
    assert_eq!(noted, [one.as_bytes().as_slice(), two.as_bytes()].concat());
}

/// What the busy statements cost is decided by their plans: none of them may walk a table.
#[tokio::test]
async fn the_busy_statements_use_their_indexes() {
    let (_folder, connection) = filled().await;
    for sql in [
        "SELECT 1 FROM api_key WHERE hash = ?1",
        "SELECT 1 FROM workflow AS w WHERE w.webhook_path = ?1",
        "SELECT * FROM credential AS c LEFT JOIN sealed_secret AS s ON s.owner = ?2 AND s.slot = 0
         WHERE c.id = ?1 ORDER BY s.field LIMIT 1",
        "SELECT * FROM membership AS m JOIN workspace AS w ON w.id = m.workspace_id
         WHERE m.user_id = ?1 AND m.workspace_id = ?2",
        "SELECT id FROM execution WHERE status < 16 AND owner = ?1 AND wake_at <= ?2 ORDER BY wake_at, id LIMIT ?3",
        "SELECT id FROM execution WHERE workflow_id = ?1 AND idempotency_key = ?2",
        "SELECT id, next_fire FROM workflow WHERE next_fire IS NOT NULL AND next_fire <= ?1 ORDER BY next_fire LIMIT ?2",
        "SELECT min(next_fire) FROM workflow WHERE next_fire IS NOT NULL",
        "SELECT e.id FROM execution AS e WHERE e.workspace_id = ?1 AND (e.created_at, e.id) < (?2, ?3)
         ORDER BY e.created_at DESC, e.id DESC LIMIT ?4",
        "SELECT entries FROM execution_journal WHERE execution_id = ?1 ORDER BY sequence",
    ] {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let parameters = vec![rusqlite::types::Value::Null; statement.parameter_count()];
        let plan: Vec<String> = statement
            .query_map(rusqlite::params_from_iter(parameters), |row| row.get(3))
            .unwrap()
            .collect::<rusqlite::Result<_>>()
            .unwrap();
        assert!(
            plan.iter().all(|line| !line.starts_with("SCAN") || line.contains("workflow_next_fire")),
            "{sql}: {plan:?}"
        );
    }
}
