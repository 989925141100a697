//! Payloads as files, each named by the SHA-256 of its bytes.
//!
//! A file is written under another name, flushed, renamed, and its folder flushed, so that a name never stands
//! for a part of its payload, whatever happens in between.

mod pieces;

use std::{
    collections::HashSet,
    fs::{self, DirBuilder, File, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use aws_lc_rs::digest;
use data_encoding::HEXLOWER;
use flero_model::Clock;
use flero_store::{
    BlobStore, Error, Result,
    blobs::{BlobReader, BlobRef, BlobWriter},
};

use crate::error::file_error;

/// A payload younger than this is not swept: the transaction that refers to it may still be on its way.
const GRACE: Duration = Duration::from_secs(3_600);

/// What marks a file that is still being written.
const UNFINISHED: &str = "part-";

/// Payloads in a folder. Clones share it.
#[derive(Clone)]
pub struct FileBlobs {
    folder: Arc<PathBuf>,
    clock: Arc<dyn Clock>,
    next: Arc<AtomicU64>,
}

impl FileBlobs {
    /// Opens a folder and makes it if it is not there (mode 0700). The clock tells the age of a payload.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the folder cannot be made; [`Error::Full`] when the disk is.
    pub fn open(folder: &Path, clock: Arc<dyn Clock>) -> Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|error| file_error(&error))?;
        Ok(Self { folder: Arc::new(folder.to_owned()), clock, next: Arc::new(AtomicU64::new(0)) })
    }

    /// Every file of the folder, for the leak scan.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the folder cannot be read.
    pub fn files_to_scan(&self) -> Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&*self.folder).map_err(|error| file_error(&error))? {
            files.push(entry.map_err(|error| file_error(&error))?.path());
        }
        files.sort();
        Ok(files)
    }

    /// The file of a name; `None` for a text that is not one, so that no name leads out of the folder.
    fn file(&self, name: &BlobRef) -> Option<PathBuf> {
        let is_name =
            name.0.len() == 64 && name.0.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        is_name.then(|| self.folder.join(&name.0))
    }

    fn put(&self, bytes: &[u8]) -> Result<BlobRef> {
        let name = name_of(bytes);
        if self.is_kept_already(&name)? {
            return Ok(name);
        }
        let unfinished = self.unfinished();
        let written = self.write(&unfinished, bytes).map_err(|error| file_error(&error));
        if let Err(error) = written.and_then(|()| self.give_name(&unfinished, &name)) {
            // What is left of it takes no room that is needed; a sweep removes it otherwise.
            let _ = fs::remove_file(&unfinished);
            return Err(error);
        }
        Ok(name)
    }

    /// Whether a payload is there. Its time counts as of now then: a sweep must leave it alone while the new
    /// reference is on its way.
    fn is_kept_already(&self, name: &BlobRef) -> Result<bool> {
        match OpenOptions::new().write(true).open(self.folder.join(&name.0)) {
            Ok(file) => {
                file.set_modified(system_time(&*self.clock)).map_err(|error| file_error(&error))?;
                Ok(true)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(file_error(&error)),
        }
    }

    /// A name for a file that is still being written.
    fn unfinished(&self) -> PathBuf {
        let place = self.next.fetch_add(1, Ordering::Relaxed);
        self.folder.join(format!("{UNFINISHED}{}-{place}", std::process::id()))
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
        file.write_all(bytes)?;
        self.end(&file)
    }

    /// Makes what was written durable.
    fn end(&self, file: &File) -> std::io::Result<()> {
        file.set_modified(system_time(&*self.clock))?;
        file.sync_all()
    }

    /// Gives a whole file the name of its payload, durably.
    fn give_name(&self, unfinished: &Path, name: &BlobRef) -> Result<()> {
        fs::rename(unfinished, self.folder.join(&name.0))
            .and_then(|()| File::open(&*self.folder)?.sync_all())
            .map_err(|error| file_error(&error))
    }

    fn get(&self, name: &BlobRef) -> Result<Vec<u8>> {
        let path = self.file(name).ok_or(Error::NotFound)?;
        let bytes = fs::read(path).map_err(|error| file_error(&error))?;
        if name_of(&bytes) == *name { Ok(bytes) } else { Err(Error::Corrupt { what: "a payload" }) }
    }

    fn sweep(&self, keep: &HashSet<BlobRef>) -> Result<u64> {
        let now = system_time(&*self.clock);
        let mut removed = 0;
        for path in self.files_to_scan()? {
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
            let known = BlobRef(name.to_owned());
            let is_ours = name.starts_with(UNFINISHED) || self.file(&known).is_some();
            if !is_ours || keep.contains(&known) {
                continue;
            }
            let modified = match fs::metadata(&path).and_then(|metadata| metadata.modified()) {
                Ok(modified) => modified,
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => return Err(file_error(&error)),
            };
            if now.duration_since(modified).is_ok_and(|age| age > GRACE) {
                fs::remove_file(&path).map_err(|error| file_error(&error))?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// Runs work on files on a blocking thread.
    async fn off_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let blobs = self.clone();
        tokio::task::spawn_blocking(move || work(&blobs))
            .await
            .map_err(|_| Error::Unavailable { kind: "the work on a payload did not end".into() })?
    }
}

fn name_of(bytes: &[u8]) -> BlobRef {
    BlobRef(HEXLOWER.encode(digest::digest(&digest::SHA256, bytes).as_ref()))
}

/// The clock's time as files have it.
fn system_time(clock: &dyn Clock) -> std::time::SystemTime {
    let millis = u64::try_from(clock.now().as_millis()).unwrap_or(0);
    std::time::UNIX_EPOCH + Duration::from_millis(millis)
}

#[async_trait]
impl BlobStore for FileBlobs {
    async fn put_blob(&self, bytes: Vec<u8>) -> Result<BlobRef> {
        self.off_thread(move |blobs| blobs.put(&bytes)).await
    }

    async fn get_blob(&self, name: &BlobRef) -> Result<Vec<u8>> {
        let name = name.clone();
        self.off_thread(move |blobs| blobs.get(&name)).await
    }

    async fn begin_blob(&self) -> Result<Box<dyn BlobWriter>> {
        Ok(Box::new(pieces::Writing::begin(self).await?))
    }

    async fn open_blob(&self, name: &BlobRef) -> Result<Arc<dyn BlobReader>> {
        Ok(Arc::new(pieces::Reading::open(self, name).await?))
    }

    async fn sweep_blobs(&self, keep: &HashSet<BlobRef>) -> Result<u64> {
        let keep = keep.clone();
        self.off_thread(move |blobs| blobs.sweep(&keep)).await
    }
}
