//! Connections that read. SQLite's log lets them work while the writer writes.
//!
//! A point look-up takes some ten microseconds, less than handing it to another thread would; it runs where it
//! is asked for. Lists and scans run on the blocking threads.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use flero_store::{Error, Result};
use rusqlite::Connection;
use tokio::sync::Semaphore;

use crate::{
    connection::{self, Use},
    error::Outcome,
};

/// The most connections that read at once.
const MAX_READERS: usize = 4;

/// The connections, opened when they are first needed.
#[derive(Debug)]
pub(crate) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    permits: Semaphore,
}

impl Readers {
    /// Readers of a database file.
    pub(crate) fn new(path: PathBuf) -> Arc<Self> {
        Arc::new(Self { path, idle: Mutex::new(Vec::new()), permits: Semaphore::new(MAX_READERS) })
    }

    /// A short read by key, on the caller's thread.
    pub(crate) async fn look_up<T>(&self, work: impl FnOnce(&Connection) -> Outcome<T>) -> Result<T> {
        let _permit = self.permits.acquire().await.map_err(|_| stopped())?;
        self.with_connection(work)
    }

    /// A read that may take long, on a blocking thread.
    pub(crate) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Connection) -> Outcome<T> + Send + 'static,
    ) -> Result<T> {
        let _permit = self.permits.acquire().await.map_err(|_| stopped())?;
        let readers = Arc::clone(self);
        tokio::task::spawn_blocking(move || readers.with_connection(|connection| one_state(connection, work)))
            .await
            .map_err(|_| stopped())?
    }

    fn with_connection<T>(&self, work: impl FnOnce(&Connection) -> Outcome<T>) -> Result<T> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => connection::open(&self.path, Use::Read)?,
        };
        let done = work(&connection).map_err(Error::from);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        done
    }
}

/// Several statements that must see one and the same state.
fn one_state<T>(connection: &Connection, work: impl FnOnce(&Connection) -> Outcome<T>) -> Outcome<T> {
    let transaction = connection.unchecked_transaction()?;
    let done = work(&transaction);
    transaction.finish()?;
    done
}

fn stopped() -> Error {
    Error::Unavailable { kind: "the readers have stopped".into() }
}
