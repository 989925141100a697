//! Copies of a database that is in use, and putting one back.
//!
//! A copy holds what the database holds: sealed secrets, never a key to open them.

use std::{fs, path::Path};

use flero_store::{Error, Result};
use rusqlite::{
    Connection, OpenFlags,
    backup::{Backup, StepResult},
};

use crate::{
    connection::{self, Use, check_integrity},
    error::{Outcome, file_error, translate},
    migrate,
    store::SqliteStore,
};

/// Pages copied in one step, between two reports of progress.
const STEP_PAGES: i32 = 1_024;

/// How far a backup is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackupProgress {
    /// Pages that are copied.
    pub done: u64,
    /// Pages in all.
    pub total: u64,
}

impl SqliteStore {
    /// Copies the database to a new file (mode 0600) while it is in use, and checks the copy. The copy is one
    /// state of the database: it is read in one transaction.
    ///
    /// # Errors
    /// [`Error::Taken`] when there is a file of that name; [`Error::Full`], [`Error::Unavailable`] from the disk;
    /// [`Error::Corrupt`] when the copy does not pass the check. No file is left behind then.
    pub async fn backup_to(
        &self,
        target: &Path,
        mut progress: impl FnMut(BackupProgress) + Send + 'static,
    ) -> Result<()> {
        let target = target.to_owned();
        if target.exists() {
            return Err(Error::Taken { what: "the name of the backup file" });
        }
        connection::create_file(&target)?;
        let path = target.clone();
        let done = self.read(move |source| copy(source, &target, &mut progress)).await;
        if done.is_err() {
            let _ = fs::remove_file(&path);
        }
        done
    }
}

/// Copies page by page. The caller's read transaction keeps the source at one state.
fn copy(source: &Connection, target: &Path, progress: &mut impl FnMut(BackupProgress)) -> Outcome<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut copied = Connection::open_with_flags(target, flags)?;
    let backup = Backup::new(source, &mut copied)?;
    loop {
        let step = backup.step(STEP_PAGES)?;
        let at = backup.progress();
        let total = u64::try_from(at.pagecount).unwrap_or(0);
        let left = u64::try_from(at.remaining).unwrap_or(0);
        progress(BackupProgress { done: total.saturating_sub(left), total });
        // Otherwise another step follows; a lock is waited for inside SQLite (busy timeout).
        if step == StepResult::Done {
            break;
        }
    }
    drop(backup);
    // A copy is one file: it leaves the mode that needs a second one. Opening it as a store sets it again.
    copied.pragma_update(None, "journal_mode", "DELETE")?;
    check_integrity(&copied)
}

/// Makes a database of a backup: checks it, copies it to a place where no database is, and marks the new one as
/// paused, so that nothing runs twice until a person resumes it.
///
/// # Errors
/// [`Error::Taken`] when there is a database at the place; [`Error::NotFound`] when there is no backup;
/// [`Error::Corrupt`] when the backup is damaged or something else; [`Error::NewerSchema`] when it is of a newer
/// Flero.
pub fn restore(backup: &Path, target: &Path) -> Result<()> {
    if target.exists() {
        return Err(Error::Taken { what: "the place of the database; move the old one away first" });
    }
    if !backup.is_file() {
        return Err(Error::NotFound);
    }
    check_backup(backup).map_err(Error::from)?;
    connection::create_file(target)?;
    let done = put_back(backup, target);
    if done.is_err() {
        for suffix in ["", "-wal", "-shm"] {
            let mut name = target.as_os_str().to_owned();
            name.push(suffix);
            let _ = fs::remove_file(name);
        }
    }
    done
}

fn check_backup(backup: &Path) -> Outcome<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let source = Connection::open_with_flags(backup, flags)?;
    if migrate::check(&source)? == 0 {
        return Err(Error::Corrupt { what: "the backup: it is empty" }.into());
    }
    check_integrity(&source)
}

fn put_back(backup: &Path, target: &Path) -> Result<()> {
    fs::copy(backup, target).map_err(|error| file_error(&error))?;
    fs::File::open(target).and_then(|file| file.sync_all()).map_err(|error| file_error(&error))?;
    let mut restored = connection::open(target, Use::Write)?;
    migrate::migrate(&mut restored)?;
    check_integrity(&restored).map_err(Error::from)?;
    restored.execute("UPDATE installation SET paused = 1", []).map_err(|error| translate(&error))?;
    Ok(())
}
