//! The server's side: a bounded number of children, each bound to one workspace for its whole life.

mod process;
mod spawner;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use crate::child::Defences;
use crate::config::SandboxConfig;
use crate::error::Error;
use crate::wire::{self, Outcome, Request};
use process::Process;
use spawner::Spawner;

/// What a call gave back.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// The result; `undefined` is null.
    pub value: serde_json::Value,
    /// What the code wrote with `console`, one entry a call, up to the limits.
    pub logs: Vec<String>,
}

/// Runs code in children. Cheap to clone; dropping the last one ends all children.
#[derive(Clone)]
pub struct Sandbox(Arc<Inner>);

struct Inner {
    config: SandboxConfig,
    /// One permit for each child that may exist.
    places: Semaphore,
    pool: Mutex<Pool>,
    spawner: Spawner,
    next_id: AtomicU64,
}

#[derive(Default)]
struct Pool {
    /// Children that wait for a call, the one used last at the end.
    idle: Vec<Idle>,
    /// A task ends children that were idle for too long.
    has_reaper: bool,
}

struct Idle {
    workspace: String,
    since: Instant,
    process: Process,
}

impl Sandbox {
    /// Prepares a sandbox; the first child starts with the first call.
    ///
    /// # Errors
    /// [`Error::Start`] when the thread that starts children cannot be made.
    pub fn new(config: SandboxConfig) -> Result<Self, Error> {
        let places = Semaphore::new(config.children.max(1));
        let spawner = Spawner::new(&config)?;
        Ok(Self(Arc::new(Inner {
            config,
            places,
            pool: Mutex::default(),
            spawner,
            next_id: AtomicU64::new(1),
        })))
    }

    /// Runs `source`, the body of an asynchronous function of `input`, and waits for its result.
    ///
    /// The code is strict-mode JavaScript without modules, timers, network or files. A promise that it returns
    /// is awaited. `workspace` is the id of the workspace that the code and the input belong to: no process
    /// ever serves two. `timeout` counts from when a child takes the call; it is cut to [`Limits::timeout`].
    /// Dropping the future ends the child that works on it.
    ///
    /// # Errors
    /// See [`Error`]; after every one of them the next call works.
    ///
    /// [`Limits::timeout`]: crate::Limits::timeout
    pub async fn run(
        &self,
        workspace: &str,
        source: &str,
        input: &serde_json::Value,
        timeout: Duration,
    ) -> Result<Output, Error> {
        let inner = &self.0;
        let limits = &inner.config.limits;
        let timeout = timeout.min(limits.timeout);
        if source.len() > limits.source_bytes {
            return Err(Error::TooLarge { what: "source", limit_bytes: limits.source_bytes });
        }
        let id = inner.next_id.fetch_add(1, Ordering::Relaxed);
        let timeout_ms = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX).max(1);
        let frame = wire::encode(&Request { id, timeout_ms, source, input }).map_err(|_| Error::Protocol)?;
        if frame.len() > limits.input_bytes.saturating_add(source.len()) {
            return Err(Error::TooLarge { what: "input", limit_bytes: limits.input_bytes });
        }

        let wait = tokio::time::timeout(inner.config.queue, inner.places.acquire()).await;
        let Ok(Ok(_place)) = wait else { return Err(Error::Busy(inner.config.queue)) };
        let mut process = match inner.take(workspace) {
            Some(process) => process,
            None => inner.spawner.spawn().await?,
        };
        let answer = process.call(&frame, id, timeout, limits).await?;
        if process.is_fresh(&inner.config, answer.cpu_ms) {
            self.give_back(workspace, process);
        }
        read(answer, timeout, &inner.config)
    }

    /// Starts a child, if none is there, and says which defences stand; for a self-check of the server.
    ///
    /// # Errors
    /// [`Error::Start`] when no child can be started.
    pub async fn check(&self) -> Result<Defences, Error> {
        Ok(self.0.spawner.spawn().await?.defences())
    }

    /// The process ids of the children that wait for a call, with their workspace.
    #[doc(hidden)]
    pub fn idle_children(&self) -> Vec<(String, u32)> {
        let pool = self.0.pool();
        pool.idle.iter().filter_map(|idle| Some((idle.workspace.clone(), idle.process.id()?))).collect()
    }

    /// Puts a child back and sees to it that it does not stay for ever.
    fn give_back(&self, workspace: &str, process: Process) {
        let mut pool = self.0.pool();
        pool.idle.push(Idle { workspace: workspace.to_owned(), since: Instant::now(), process });
        if !pool.has_reaper {
            pool.has_reaper = true;
            tokio::spawn(reap(Arc::downgrade(&self.0), self.0.config.idle));
        }
    }
}

impl Inner {
    fn pool(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An idle child of this workspace. Without one, an idle child of another workspace is ended when it
    /// holds the last place: a child is never handed from one workspace to another.
    fn take(&self, workspace: &str) -> Option<Process> {
        let mut pool = self.pool();
        if let Some(at) = pool.idle.iter().rposition(|idle| idle.workspace == workspace) {
            return Some(pool.idle.remove(at).process);
        }
        let busy = self.config.children.max(1).saturating_sub(self.places.available_permits());
        if pool.idle.len() + busy > self.config.children.max(1) {
            pool.idle.remove(0);
        }
        None
    }
}

/// Ends children that were idle for longer than `idle`, until none is left.
async fn reap(sandbox: Weak<Inner>, idle: Duration) {
    loop {
        tokio::time::sleep((idle / 2).max(Duration::from_millis(10))).await;
        let Some(inner) = sandbox.upgrade() else { return };
        let mut pool = inner.pool();
        pool.idle.retain(|child| child.since.elapsed() < idle);
        if pool.idle.is_empty() {
            pool.has_reaper = false;
            return;
        }
    }
}

/// Turns an answer, which may come from a child under an attacker's control, into a result.
fn read(answer: wire::Answer, timeout: Duration, config: &SandboxConfig) -> Result<Output, Error> {
    let limits = &config.limits;
    let mut logs = answer.logs;
    logs.truncate(limits.log_lines);
    match answer.outcome {
        Outcome::Value(raw) => match serde_json::from_str(raw.get()) {
            Ok(value) => Ok(Output { value, logs }),
            Err(_) => Err(Error::Code {
                name: "RangeError".into(),
                message: "the result is nested too deeply or holds a number out of range".into(),
                line: None,
                logs,
            }),
        },
        Outcome::Threw { name, message, line } => Err(Error::Code { name, message, line, logs }),
        Outcome::Timeout => Err(Error::Timeout(timeout)),
        Outcome::TooLarge => Err(Error::TooLarge { what: "result", limit_bytes: limits.output_bytes }),
    }
}
