//! The one thread that writes, and its group commit.
//!
//! A job is work inside a transaction and the place where its answer goes. The thread takes all that is queued,
//! begins one transaction, gives each job a savepoint (so that one that fails undoes itself alone), commits
//! once, and only then answers. Under load one flush of the disk thus pays for many jobs.

mod checkpoint;
mod counts;
mod heads;
mod job;

use std::{path::Path, sync::Arc, thread::JoinHandle};

use flero_model::WorkspaceId;
use flero_store::{Error, Result};
use rusqlite::{Connection, Params};
use tokio::sync::mpsc;

use crate::{
    connection::{self, Use},
    error::{Outcome, translate},
};
use checkpoint::Checkpoints;
use counts::Counters;
pub use counts::{GROUP_BOUNDS, WriterCounts};
use heads::Heads;
use job::{Job, Typed};

/// The most jobs in one transaction: bounds how long the first of them waits.
const MAX_BATCH: usize = 256;

/// The most jobs that wait; whoever comes then waits for a place.
const QUEUE: usize = 1_024;

/// What a job works with: the open transaction and the heads of the audit chains.
pub(crate) struct Tx<'a> {
    /// The writing connection, inside a transaction.
    pub(crate) connection: &'a Connection,
    heads: &'a mut Heads,
}

impl Tx<'_> {
    /// Runs a statement that is kept prepared; returns how many rows it changed.
    pub(crate) fn run(&self, sql: &str, parameters: impl Params) -> Outcome<usize> {
        Ok(self.connection.prepare_cached(sql)?.execute(parameters)?)
    }

    /// Gives an audit record its place behind the head of its chain; returns the place and the record's hash.
    pub(crate) fn chain(&mut self, workspace: WorkspaceId, canonical: &[u8]) -> Outcome<(u64, [u8; 32])> {
        self.heads.advance(self.connection, workspace, canonical)
    }
}

/// The way to the writing thread.
#[derive(Debug)]
pub(crate) struct Writer {
    queue: Option<mpsc::Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
    counters: Arc<Counters>,
}

impl Writer {
    /// Starts the thread on a connection of its own.
    pub(crate) fn start(path: &Path, mut connection: Connection, checkpoint_pages: u32) -> Result<Self> {
        let checkpoints =
            Checkpoints::start(&mut connection, connection::open(path, Use::Checkpoint)?, checkpoint_pages)?;
        let (queue, jobs) = mpsc::channel(QUEUE);
        let counters = Arc::new(Counters::default());
        let state =
            Loop { connection, heads: Heads::default(), checkpoints, counters: Arc::clone(&counters) };
        let thread = std::thread::Builder::new()
            .name("flero-store-writer".into())
            .spawn(move || state.run(jobs))
            .map_err(|error| Error::Unavailable { kind: error.kind().to_string() })?;
        Ok(Self { queue: Some(queue), thread: Some(thread), counters })
    }

    /// What the thread has done so far.
    pub(crate) fn counts(&self) -> WriterCounts {
        self.counters.read()
    }

    /// Queues work and waits until it is durable.
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Outcome<T> + Send + 'static,
    {
        self.queue(work, true).await
    }

    /// Queues work that refuses before it writes anything, and so needs no savepoint: a savepoint makes SQLite copy
    /// every page that is touched behind it, which is most of the price of a small job. Should such work fail after
    /// it has written, the whole group is rolled back and its callers are told to try again.
    pub(crate) async fn write_unguarded<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Outcome<T> + Send + 'static,
    {
        self.queue(work, false).await
    }

    async fn queue<T, F>(&self, work: F, guarded: bool) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Outcome<T> + Send + 'static,
    {
        let (job, answer) = Typed::boxed(work, guarded);
        let stopped = || Error::Unavailable { kind: "the writer has stopped".into() };
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        queue.send(job).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

impl Drop for Writer {
    /// Lets what is queued end, then the thread.
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            // A thread that has panicked has dropped its jobs, and their callers know.
            let _ = thread.join();
        }
    }
}

/// The thread's state.
struct Loop {
    connection: Connection,
    heads: Heads,
    checkpoints: Checkpoints,
    counters: Arc<Counters>,
}

impl Loop {
    fn run(mut self, mut jobs: mpsc::Receiver<Box<dyn Job>>) {
        let mut batch = Vec::with_capacity(MAX_BATCH);
        while jobs.blocking_recv_many(&mut batch, MAX_BATCH) > 0 {
            self.counters.taken(jobs.len());
            let failure = self.carry_out(&mut batch).err();
            self.counters.ended(batch.len(), failure.is_none());
            for job in batch.drain(..) {
                job.answer(failure.as_ref());
            }
            self.checkpoints.after_commit(&self.connection);
        }
    }

    /// One transaction with every job of a batch. An error means that nothing of the batch was kept.
    fn carry_out(&mut self, batch: &mut [Box<dyn Job>]) -> Result<()> {
        let done = self.transact(batch);
        if let Err(error) = &done {
            self.heads.forget();
            tracing::warn!(%error, jobs = batch.len(), "a group of transactions was rolled back");
            if !self.connection.is_autocommit() && self.execute("ROLLBACK").is_err() {
                // The next BEGIN fails then, and says so to its callers.
                tracing::error!("the rollback failed too");
            }
        }
        done
    }

    fn transact(&mut self, batch: &mut [Box<dyn Job>]) -> Result<()> {
        self.execute("BEGIN IMMEDIATE")?;
        self.heads.notice_others(&self.connection)?;
        // A single job needs no savepoint: the whole transaction is its own.
        let alone = batch.len() == 1;
        for job in batch.iter_mut() {
            let guarded = job.is_guarded() && !alone;
            if guarded {
                self.execute("SAVEPOINT job")?;
            }
            let changes = self.connection.total_changes();
            let kept = job.run(&mut Tx { connection: &self.connection, heads: &mut self.heads });
            if self.connection.is_autocommit() {
                // SQLite rolled the whole transaction back by itself, as it does when the disk fails.
                return Err(job.failure());
            }
            match (kept, guarded) {
                (true, false) => self.heads.keep(),
                (true, true) => {
                    self.heads.keep();
                    self.execute("RELEASE job")?;
                }
                (false, false) if alone => {
                    self.heads.undo();
                    return self.execute("ROLLBACK");
                }
                (false, false) => {
                    self.heads.undo();
                    if self.connection.total_changes() != changes {
                        return Err(Error::Unavailable {
                            kind: "work of the same group failed; try again".into(),
                        });
                    }
                }
                (false, true) => {
                    self.heads.undo();
                    self.execute("ROLLBACK TO job")?;
                    self.execute("RELEASE job")?;
                }
            }
        }
        self.heads.store(&self.connection)?;
        self.execute("COMMIT")
    }

    fn execute(&self, sql: &str) -> Result<()> {
        let statement = self.connection.prepare_cached(sql).and_then(|mut statement| statement.execute([]));
        statement.map(|_| ()).map_err(|error| translate(&error))
    }
}

#[cfg(test)]
mod tests;
