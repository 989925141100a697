//! Moving pages from the write-ahead log into the database without making writers wait.
//!
//! A thread of its own copies while the writer goes on appending. Under a load that never pauses it never quite
//! catches up, so that the log could grow without end: when the log is long, the writer copies the few pages
//! that are left itself, after which SQLite begins the log anew (<https://sqlite.org/wal.html>, section 2.3).

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    },
    thread::JoinHandle,
    time::Duration,
};

use flero_store::{Error, Result};
use rusqlite::Connection;

use crate::error::translate;

/// When the log is so many times as long as it takes for a copy, the writer itself copies the rest.
const FINISH: i64 = 4;

/// How long after the first write the log is copied when little is written.
const IDLE: Duration = Duration::from_secs(3);

/// What the thread is told.
enum Wake {
    /// Something was written after a rest.
    Written,
    /// The log has grown so much that a copy is due.
    Pass,
}

/// The writer's side.
pub(super) struct Checkpoints {
    wake: Option<SyncSender<Wake>>,
    thread: Option<JoinHandle<()>>,
    /// Whether the thread knows that there is something to copy.
    told: Arc<AtomicBool>,
    /// Whether the thread copies right now.
    busy: Arc<AtomicBool>,
    /// The length of the log after the writer's last commit, as SQLite reports it.
    pages: Arc<AtomicI64>,
    /// Pages of log after which a copy is due.
    step: i64,
    next_pass: i64,
    next_finish: i64,
}

impl Checkpoints {
    /// Watches the writer's connection and starts the thread with one of its own.
    pub(super) fn start(writer: &mut Connection, own: Connection, step: u32) -> Result<Self> {
        let pages = Arc::new(AtomicI64::new(0));
        let noted = Arc::clone(&pages);
        writer
            .wal_hook(Some(move |_: &mut _, length| {
                noted.store(i64::from(length), Ordering::Relaxed);
                Ok(())
            }))
            .map_err(|error| translate(&error))?;
        let (wake, waked) = sync_channel(4);
        let told = Arc::new(AtomicBool::new(false));
        let busy = Arc::new(AtomicBool::new(false));
        let copier = Copier { connection: own, told: Arc::clone(&told), busy: Arc::clone(&busy) };
        let thread = std::thread::Builder::new()
            .name("flero-store-log".into())
            .spawn(move || copier.run(&waked))
            .map_err(|error| Error::Unavailable { kind: error.kind().to_string() })?;
        let step = i64::from(step);
        let (next_pass, next_finish) = (step, step * FINISH);
        Ok(Self { wake: Some(wake), thread: Some(thread), told, busy, pages, step, next_pass, next_finish })
    }

    /// Decides after each commit whether pages are to be copied. Called on the writer's thread.
    pub(super) fn after_commit(&mut self, writer: &Connection) {
        let pages = self.pages.load(Ordering::Relaxed);
        if pages < self.next_pass - self.step {
            // The log was begun anew.
            (self.next_pass, self.next_finish) = (self.step, self.step * FINISH);
        }
        if pages >= self.next_finish && !self.busy.load(Ordering::Acquire) {
            copy(writer);
            // A reader may hold the log; then it is tried again later, not after each commit.
            self.next_finish = pages + self.step;
        } else if pages >= self.next_pass {
            self.next_pass = pages + self.step;
            self.tell(Wake::Pass);
        } else if pages > 0 && !self.told.swap(true, Ordering::AcqRel) {
            self.tell(Wake::Written);
        }
    }

    fn tell(&self, wake: Wake) {
        if let Some(sender) = &self.wake {
            // A full channel means that the thread has enough to do.
            let _ = sender.try_send(wake);
        }
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        drop(self.wake.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The thread's state.
struct Copier {
    connection: Connection,
    told: Arc<AtomicBool>,
    busy: Arc<AtomicBool>,
}

impl Copier {
    fn run(self, waked: &Receiver<Wake>) {
        loop {
            // While there is nothing to copy the thread sleeps without a timer.
            let next = if self.told.load(Ordering::Acquire) {
                waked.recv_timeout(IDLE)
            } else {
                waked.recv().map_err(|_| RecvTimeoutError::Disconnected)
            };
            match next {
                Ok(Wake::Written) => {}
                Ok(Wake::Pass) => self.pass(),
                Err(RecvTimeoutError::Timeout) => {
                    self.told.store(false, Ordering::Release);
                    self.pass();
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn pass(&self) {
        self.busy.store(true, Ordering::Release);
        copy(&self.connection);
        self.busy.store(false, Ordering::Release);
    }
}

/// Copies what can be copied without making anybody wait. A failure loses nothing: the log keeps the pages, and
/// the next commit reports a disk that does not work.
fn copy(connection: &Connection) {
    let done = connection
        .prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")
        .and_then(|mut statement| statement.query_row([], |_| Ok(())));
    if done.is_err() {
        tracing::warn!("copying the write-ahead log into the database failed; it is tried again");
    }
}
