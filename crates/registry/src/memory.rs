//! What was seen of a registry, kept so that nothing older is taken again.
//!
//! The library reads and writes this memory file by file while it checks, and takes a file that it cannot read for one
//! that was never there. So it works on a copy, of which there is one for every reader, and what it leaves behind
//! replaces the memory after a check that found nothing, one whole file at a time.

use std::{
    collections::HashMap,
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use flero_marketplace::{Error, Result};
use tempfile::{NamedTempFile, TempDir};
use tokio::sync::OwnedMutexGuard;

/// The locks of the memories of this process.
#[derive(Debug, Default)]
pub(crate) struct Memories(Mutex<HashMap<PathBuf, Arc<tokio::sync::Mutex<()>>>>);

impl Memories {
    /// A copy to work on. Whoever else opens the same registry waits until it is dropped, so that two checks that end
    /// in another order than they began do not put the older state back.
    pub(crate) async fn borrow(&self, folder: &Path) -> Result<Memory> {
        let lock = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(all.entry(folder.to_owned()).or_default())
        };
        let guard = lock.lock_owned().await;
        let folder = folder.to_owned();
        let (folder, copy) = in_background(move || Ok((folder.clone(), copy(&folder)?))).await?;
        Ok(Memory { folder, copy, _guard: guard })
    }
}

/// A copy of what was seen of a registry.
#[derive(Debug)]
pub(crate) struct Memory {
    folder: PathBuf,
    copy: TempDir,
    _guard: OwnedMutexGuard<()>,
}

impl Memory {
    /// Where the copy is.
    pub(crate) fn path(&self) -> &Path {
        self.copy.path()
    }

    /// Keeps what the copy holds. It stays where it is as long as what is given back lives.
    pub(crate) async fn keep(self) -> Result<TempDir> {
        in_background(move || {
            for (name, bytes) in files(self.copy.path())? {
                replace(&self.folder, &name, &bytes)?;
            }
            File::open(&self.folder)?.sync_all()?;
            Ok(self.copy)
        })
        .await
    }
}

async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await.map_err(io::Error::other).flatten();
    done.map_err(|error| {
        let reason = match error.kind() {
            io::ErrorKind::InvalidData => {
                "what was seen of it is damaged; remove it and add it again".to_owned()
            }
            kind => format!("what was seen of it cannot be kept ({kind})"),
        };
        Error::Unreachable { reason }
    })
}

fn copy(folder: &Path) -> io::Result<TempDir> {
    fs::create_dir_all(folder)?;
    let copy = TempDir::new()?;
    for (name, bytes) in files(folder)? {
        // A file that cannot be read must not count as one that was never there.
        serde_json::from_slice::<serde_json::Value>(&bytes).map_err(|_| io::ErrorKind::InvalidData)?;
        fs::write(copy.path().join(name), bytes)?;
    }
    Ok(copy)
}

/// The files of a memory, which all are JSON.
fn files(folder: &Path) -> io::Result<Vec<(PathBuf, Vec<u8>)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = PathBuf::from(entry?.file_name());
        if name.extension().is_some_and(|end| end == "json") {
            let bytes = fs::read(folder.join(&name))?;
            files.push((name, bytes));
        }
    }
    Ok(files)
}

fn replace(folder: &Path, name: &Path, bytes: &[u8]) -> io::Result<()> {
    let target = folder.join(name);
    if fs::read(&target).is_ok_and(|known| known == bytes) {
        return Ok(());
    }
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(target).map_err(|error| error.error)?;
    Ok(())
}
