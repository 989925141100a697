//! The store itself: opening, closing, and where its files are.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use flero_store::{Result, Store};
use rusqlite::Connection;

use crate::{
    connection::{self, Use},
    error::{Outcome, translate},
    migrate,
    readers::Readers,
    writer::{Tx, Writer, WriterCounts},
};

/// How a store is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// The database file; its folder must exist.
    pub path: PathBuf,
    /// The most pages (4 KiB each) that the database may have; writes beyond are [`flero_store::Error::Full`].
    pub max_pages: Option<u32>,
    /// After so many pages of log they are copied into the database, while writers go on.
    pub checkpoint_pages: u32,
}

impl Options {
    /// The usual options for a database file: no limit of its size, copies after 16 MiB of log.
    #[must_use]
    pub const fn new(path: PathBuf) -> Self {
        Self { path, max_pages: None, checkpoint_pages: 4_096 }
    }
}

/// A store in an SQLite file. Clones share it; when the last one is dropped, what is queued is written and the
/// threads end, which takes a moment.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    writer: Writer,
    readers: Arc<Readers>,
}

impl SqliteStore {
    /// What the writing thread has done since the store was opened.
    #[must_use]
    pub fn writer_counts(&self) -> WriterCounts {
        self.inner.writer.counts()
    }

    /// Opens a database file as [`Self::open_with`] does, without a limit of its size.
    ///
    /// # Errors
    /// As [`Self::open_with`].
    pub fn open(path: &Path) -> Result<Self> {
        Self::open_with(&Options::new(path.to_owned()))
    }

    /// Opens a database file, makes it if it is not there (mode 0600), and brings its schema up to date. Blocks
    /// for some milliseconds.
    ///
    /// # Errors
    /// [`flero_store::Error::NewerSchema`] for a database of a newer Flero; [`flero_store::Error::Corrupt`] for
    /// a file that is not a database of Flero; [`flero_store::Error::Refused`] when a schema step differs;
    /// [`flero_store::Error::Unavailable`] and [`flero_store::Error::Full`] from the disk.
    pub fn open_with(options: &Options) -> Result<Self> {
        let path = options.path.clone();
        connection::create_file(&path)?;
        let mut connection = connection::open(&path, Use::Write)?;
        if let Some(pages) = options.max_pages {
            connection.pragma_update(None, "max_page_count", pages).map_err(|error| translate(&error))?;
        }
        migrate::migrate(&mut connection)?;
        let writer = Writer::start(&path, connection, options.checkpoint_pages)?;
        let readers = Readers::new(path.clone());
        Ok(Self { inner: Arc::new(Inner { path, writer, readers }) })
    }

    /// The database file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// Every file of the database: itself, the write-ahead log and the log's index. For the leak scan, which
    /// reads every stored byte. A file that is not there at the moment is named all the same.
    #[must_use]
    pub fn files_to_scan(&self) -> Vec<PathBuf> {
        let beside = |suffix: &str| {
            let mut name = self.inner.path.clone().into_os_string();
            name.push(suffix);
            PathBuf::from(name)
        };
        vec![self.inner.path.clone(), beside("-wal"), beside("-shm")]
    }

    /// Work in a transaction on the writing thread; returns when it is durable.
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Outcome<T> + Send + 'static,
    {
        self.inner.writer.write(work).await
    }

    /// As [`Self::write`], for work that refuses before it writes; see [`Writer::write_unguarded`].
    pub(crate) async fn write_unguarded<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Outcome<T> + Send + 'static,
    {
        self.inner.writer.write_unguarded(work).await
    }

    /// A short read by key.
    pub(crate) async fn look_up<T>(&self, work: impl FnOnce(&Connection) -> Outcome<T>) -> Result<T> {
        self.inner.readers.look_up(work).await
    }

    /// A longer read, of one state of the database.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Outcome<T> + Send + 'static,
    ) -> Result<T> {
        self.inner.readers.read(work).await
    }
}

impl Store for SqliteStore {
    fn adapter_name(&self) -> &'static str {
        "sqlite"
    }
}
