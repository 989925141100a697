//! The data folder: made for its owner alone, and held by one server at a time.

use std::{
    fs::{DirBuilder, File, OpenOptions},
    io::ErrorKind,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
};

use rustix::fs::{FlockOperation, flock};

use crate::exit::Failure;

/// Makes a folder, readable by its owner alone. One that is there already is left as it is.
pub(crate) fn prepare(folder: &Path) -> Result<(), Failure> {
    match DirBuilder::new().recursive(true).mode(0o700).create(folder) {
        Ok(()) => Ok(()),
        Err(error) => Err(Failure::start(format!(
            "the folder {} cannot be made ({}). Choose another one with FLERO_DATA_DIR, or correct its permissions.",
            folder.display(),
            error.kind()
        ))),
    }
}

/// Held while a server runs, or while something must not happen beside one. The kernel gives it back when the
/// process ends, however it ends.
#[derive(Debug)]
pub(crate) struct ServerLock(#[allow(dead_code, reason = "the open file is the lock")] File);

/// Takes the lock of a data folder.
///
/// # Errors
/// A sentence when a server runs on it.
pub(crate) fn lock(folder: &Path) -> Result<ServerLock, Failure> {
    let path = folder.join("server.lock");
    let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path).map_err(
        |error| {
            let what = if error.kind() == ErrorKind::PermissionDenied {
                "belongs to another user"
            } else {
                "cannot be written"
            };
            Failure::start(format!("the data folder {} {what} ({}).", folder.display(), error.kind()))
        },
    )?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(ServerLock(file)),
        Err(_) => Err(Failure::work(format!(
            "a server runs on the data folder {}. Stop it first, or use another folder (FLERO_DATA_DIR).",
            folder.display()
        ))),
    }
}
