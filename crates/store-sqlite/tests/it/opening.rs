//! Opening: what is found in a file, and what is refused.

use std::{fs, os::unix::fs::PermissionsExt, sync::Arc};

use flero_model::audit::AuditAction;
use flero_store::{AuditStore, Error, PeopleStore, Store, contract::sample::World};
use flero_store_sqlite::{SCHEMA_VERSION, SqliteStore};
use futures_util::future::join_all;
use rusqlite::Connection;

#[test]
fn a_new_database_is_readable_by_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("flero.db")).unwrap();
    for path in store.files_to_scan() {
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", path.display());
    }
}

#[test]
fn a_database_of_a_newer_version_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("flero.db");
    drop(SqliteStore::open(&path).unwrap());
    Connection::open(&path)
        .unwrap()
        .execute("INSERT INTO schema_migration VALUES (?1, 'future', x'00')", [SCHEMA_VERSION + 1])
        .unwrap();
    let before = fs::read(&path).unwrap();
    let refused = SqliteStore::open(&path).unwrap_err();
    assert!(
        matches!(refused, Error::NewerSchema { found, known } if found == SCHEMA_VERSION + 1 && known == SCHEMA_VERSION)
    );
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_step_that_was_applied_otherwise_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("flero.db");
    drop(SqliteStore::open(&path).unwrap());
    Connection::open(&path)
        .unwrap()
        .execute("UPDATE schema_migration SET checksum = x'00' WHERE number = 2", [])
        .unwrap();
    let refused = SqliteStore::open(&path).unwrap_err();
    assert!(matches!(refused, Error::Refused { .. }), "{refused:?}");
}

#[test]
fn a_file_of_something_else_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text.db");
    fs::write(
        &text,
        "not a database, but long enough to be read as the header of one, 100 bytes at least.........",
    )
    .unwrap();
    let refused = SqliteStore::open(&text).unwrap_err();
    assert!(matches!(refused, Error::Corrupt { .. }), "{refused:?}");

    let other = folder.path().join("other.db");
    Connection::open(&other).unwrap().execute_batch("CREATE TABLE bookmarks (url TEXT)").unwrap();
    let refused = SqliteStore::open(&other).unwrap_err();
    assert!(matches!(refused, Error::Corrupt { .. }), "{refused:?}");
    let tables: i64 = Connection::open(&other)
        .unwrap()
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .unwrap();
    assert_eq!(tables, 1);

    let missing = SqliteStore::open(&folder.path().join("no/such/folder/flero.db")).unwrap_err();
    assert!(matches!(missing, Error::NotFound), "{missing:?}");
}

#[tokio::test]
async fn what_was_written_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("flero.db");
    let world = World::new(Arc::new(SqliteStore::open(&path).unwrap()));
    world.with_owner().await;
    drop(world);
    assert!(SqliteStore::open(&path).unwrap().has_people().await.unwrap());
}

/// Two processes may have the same database: the server and a command of the operator's.
#[tokio::test]
async fn two_openers_share_the_audit_chains() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("flero.db");
    let one = World::new(Arc::new(SqliteStore::open(&path).unwrap()));
    let two: Arc<dyn Store> = Arc::new(SqliteStore::open(&path).unwrap());
    let append = async |number: u32| {
        let record = one.audit(AuditAction::CredentialRead, number);
        let store = if number.is_multiple_of(2) { &two } else { &one.store };
        AuditStore::append_audit(&**store, vec![record]).await.unwrap();
    };
    // In turn, so that each finds what the other has written since.
    for number in 0..6 {
        append(number).await;
    }
    join_all((6..60).map(append)).await;
    assert_eq!(one.chain().await.len(), 60);
}
