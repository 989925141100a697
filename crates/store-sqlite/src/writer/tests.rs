//! What a job of a group does to its neighbours.

use super::*;

const INSERT: &str = "INSERT INTO note (text) VALUES (?1)";

fn writer() -> (tempfile::TempDir, Writer) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.db");
    connection::create_file(&path).unwrap();
    let connection = connection::open(&path, Use::Write).unwrap();
    let tables = "CREATE TABLE note (text TEXT PRIMARY KEY);
         CREATE TABLE audit_head (workspace_id BLOB PRIMARY KEY, sequence INTEGER, hash BLOB)";
    connection.execute_batch(tables).unwrap();
    let writer = Writer::start(&path, connection, 1_000).unwrap();
    (folder, writer)
}

async fn notes(writer: &Writer) -> Vec<String> {
    let read = |tx: &mut Tx<'_>| {
        let mut statement = tx.connection.prepare("SELECT text FROM note ORDER BY text")?;
        Ok(statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?)
    };
    writer.write(read).await.unwrap()
}

/// Keeps the thread busy, so that what is queued meanwhile becomes one group.
async fn busy(writer: &Writer) {
    let pause = |_: &mut Tx<'_>| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        Ok(())
    };
    // It may be of the group itself.
    let _ = writer.write(pause).await;
}

#[tokio::test]
async fn work_that_refuses_before_it_writes_leaves_its_group_alone() {
    let (_folder, writer) = writer();
    let refuse = |_: &mut Tx<'_>| -> Outcome<()> { Err(Error::NotFound.into()) };
    let (_, kept, refused, other) = tokio::join!(
        busy(&writer),
        writer.write_unguarded(|tx| tx.run(INSERT, ["a"])),
        writer.write_unguarded(refuse),
        writer.write(|tx| tx.run(INSERT, ["b"])),
    );
    assert!(kept.is_ok() && other.is_ok());
    assert!(matches!(refused, Err(Error::NotFound)));
    assert_eq!(notes(&writer).await, ["a", "b"]);
}

#[tokio::test]
async fn unguarded_work_that_fails_after_it_wrote_takes_its_group_along_and_nothing_is_kept() {
    let (_folder, writer) = writer();
    let half = |tx: &mut Tx<'_>| -> Outcome<()> {
        tx.run(INSERT, ["half"])?;
        Err(Error::Conflict.into())
    };
    let (_, before, failed, after) = tokio::join!(
        busy(&writer),
        writer.write(|tx| tx.run(INSERT, ["a"])),
        writer.write_unguarded(half),
        writer.write(|tx| tx.run(INSERT, ["b"])),
    );
    assert!(matches!(failed, Err(Error::Conflict)));
    assert!(before.is_err() && after.is_err(), "nobody is told of something that is not kept");
    assert_eq!(notes(&writer).await, Vec::<String>::new());
}

#[tokio::test]
async fn guarded_work_that_fails_after_it_wrote_undoes_itself_alone() {
    let (_folder, writer) = writer();
    let half = |tx: &mut Tx<'_>| -> Outcome<()> {
        tx.run(INSERT, ["half"])?;
        Err(Error::Conflict.into())
    };
    let (_, before, failed) =
        tokio::join!(busy(&writer), writer.write(|tx| tx.run(INSERT, ["a"])), writer.write(half));
    assert!(before.is_ok() && matches!(failed, Err(Error::Conflict)));
    assert_eq!(notes(&writer).await, ["a"]);
}

/// The places of records that are undone are given to the next ones, or the chain would have a gap.
#[tokio::test]
async fn records_of_work_that_fails_move_no_chain() {
    let (_folder, writer) = writer();
    let workspace = WorkspaceId::from_u128(1);
    let record = move |tx: &mut Tx<'_>| Ok(tx.chain(workspace, b"record")?.0);
    let undone = move |tx: &mut Tx<'_>| -> Outcome<()> {
        record(tx)?;
        record(tx)?;
        tx.run(INSERT, ["half"])?;
        Err(Error::Conflict.into())
    };
    let (_, one, failed, two) =
        tokio::join!(busy(&writer), writer.write(record), writer.write(undone), writer.write(record));
    assert_eq!((one.unwrap(), failed.is_err(), two.unwrap()), (1, true, 2));
    // Alone in its transaction, too.
    assert!(writer.write(undone).await.is_err());
    assert_eq!(writer.write(record).await.unwrap(), 3);
}
