//! How a connection is set up. Every choice that trades speed for safety is made here, in one place.

use std::{fs::OpenOptions, os::unix::fs::OpenOptionsExt, path::Path, time::Duration};

use flero_store::{Error, Result};
use rusqlite::{Connection, OpenFlags, config::DbConfig};

use crate::error::{Fault, Outcome, file_error};

/// How long a statement waits for another process (a backup, the command line) before it gives up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// The pages that the writer keeps in memory, in KiB. They are taken when they are first needed.
const WRITER_CACHE_KIB: i64 = 8_192;

/// The same for each reader. A reader's pages are stale after every commit, so more would not help it.
const READER_CACHE_KIB: i64 = 512;

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// The one that writes.
    Write,
    /// One of those that read.
    Read,
    /// Copies pages from the log into the database.
    Checkpoint,
}

/// Opens a connection to an existing database file.
pub(crate) fn open(path: &Path, purpose: Use) -> Result<Connection> {
    connect(path, purpose).map_err(Error::from)
}

fn connect(path: &Path, purpose: Use) -> Outcome<Connection> {
    // Each connection is used by one thread at a time, which is what NO_MUTEX asks for.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(96);
    // A database file is not trusted: no functions from its schema, no schema edits, no double-quoted strings.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    // Plans do not depend on bound values. Without this SQLite prepares a statement anew for each binding that
    // could change its plan, which costs more than the statement (<https://sqlite.org/queryplanner-ng.html#qpsg>).
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    let cache = if purpose == Use::Read { READER_CACHE_KIB } else { WRITER_CACHE_KIB };
    connection.execute_batch(&format!(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = ON;
         PRAGMA cell_size_check = ON;
         PRAGMA mmap_size = 0;
         PRAGMA temp_store = MEMORY;
         PRAGMA wal_autocheckpoint = 0;
         PRAGMA journal_size_limit = 67108864;
         PRAGMA cache_size = -{cache};"
    ))?;
    if purpose == Use::Read {
        connection.execute_batch("PRAGMA query_only = ON;")?;
    }
    Ok(connection)
}

/// Makes an empty database file that only its owner can read; the log and its index inherit the mode.
pub(crate) fn create_file(path: &Path) -> Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(file) => file.sync_all().map_err(|error| file_error(&error)),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(file_error(&error)),
    }
}

/// The database's own check of every page and index.
pub(crate) fn check_integrity(connection: &Connection) -> Outcome<()> {
    let verdict: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" {
        return Ok(());
    }
    Err(Fault::Port(Error::Corrupt { what: "the database file; restore a backup" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is deleted may be a wrapped key or a sealed secret: its bytes leave the file.
    #[test]
    fn what_is_deleted_is_overwritten() {
        const SECRET: &[u8] = b"cnry-8d1f40c2a97b";
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("flero.db");
        create_file(&path).unwrap();
        let connection = open(&path, Use::Write).unwrap();
        connection.execute_batch("CREATE TABLE secret (blob BLOB)").unwrap();
        let is_in_file = || {
            // The log is a file of its own until its pages are in the database.
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
            let bytes = std::fs::read(&path).unwrap();
            bytes.windows(SECRET.len()).any(|window| window == SECRET)
        };
        connection.execute("INSERT INTO secret VALUES (?1), (x'00')", [SECRET]).unwrap();
        assert!(is_in_file());
        connection.execute("DELETE FROM secret WHERE blob = ?1", [SECRET]).unwrap();
        assert!(!is_in_file());
    }
}
