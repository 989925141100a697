//! The engine: starts runs, carries their effects out, keeps their journals, wakes them.
//!
//! A run without effects is decided where it is started and stored in one transaction. A run with effects has one
//! task of its own, which takes what happens, asks [`crate::run::advance`], appends what it says in one
//! transaction and only then carries out what follows.

mod background;
mod blobs;
mod children;
mod code;
mod connectors;
mod counts;
mod database;
mod drive;
mod errors;
mod events;
mod gates;
mod http;
mod ids;
mod live;
mod mail;
mod paging;
mod persist;
mod principals;
mod recover;
mod schedules;
mod signals;
mod slices;
mod start;
mod sweep;
mod transfer;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use flero_connect::Connect;
use flero_model::{
    Clock, ExecutionId, NodeInstanceId, Timestamp, UserId, WorkflowId, WorkspaceId, audit::NewAudit,
    execution::ExecutionReport,
};
use flero_sandbox::Sandbox;
use flero_store::{BlobStore, Store, executions::Execution};
use tokio::sync::{Notify, Semaphore, broadcast};

pub use counts::Counts;
pub use events::Trigger;

use crate::{
    CompiledWorkflow, EngineConfig, LiveEvent, Outcome, ReplayVersion, Result, StartRun, Started, guard,
    run::Run, workflow::Cache,
};

/// How many nodes a snapshot names at most.
const NODES_OF_A_SNAPSHOT: usize = 2_000;

/// What an engine is made of.
pub struct EngineParts {
    /// What it may use.
    pub config: EngineConfig,
    /// Where runs are kept.
    pub store: Arc<dyn Store>,
    /// Where large payloads are kept.
    pub blobs: Arc<dyn BlobStore>,
    /// The door to services.
    pub connect: Connect,
    /// Where the code of Code nodes runs; without one they fail.
    pub sandbox: Option<Sandbox>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// This process; runs that it carries out are its own until it is dead.
    pub node: NodeInstanceId,
}

/// Runs workflows. Cheap to clone; all clones are one engine.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    config: EngineConfig,
    store: Arc<dyn Store>,
    blobs: Arc<dyn BlobStore>,
    connect: Connect,
    sandbox: Option<Sandbox>,
    clock: Arc<dyn Clock>,
    node: NodeInstanceId,
    ids: ids::Ids,
    compiled: Cache,
    live: live::Live,
    /// The workspaces in which a run began, ended or changed its state.
    moved: broadcast::Sender<WorkspaceId>,
    gates: gates::Gates,
    principals: principals::Principals,
    signals: signals::Signals,
    /// Runs that were claimed and could not be brought back yet.
    postponed: Mutex<Vec<ExecutionId>>,
    effects: Arc<Semaphore>,
    counters: counts::Counters,
    /// Long slices at the same time: one core is left to everything else.
    long_slices: Semaphore,
    connectors: connectors::Loaded,
    is_shutting_down: AtomicBool,
    stop: Notify,
    scheduler: Notify,
    /// Wakes whoever tends subscriptions.
    subscriptions: Notify,
}

impl Engine {
    /// An engine. Nothing happens before the first call.
    #[must_use]
    pub fn new(parts: EngineParts) -> Self {
        guard::install();
        Self(Arc::new(Inner {
            compiled: Cache::new(parts.config.compiled),
            counters: counts::Counters::default(),
            long_slices: Semaphore::new(slices::at_once()),
            effects: Arc::new(Semaphore::new(parts.config.effects.max(1))),
            config: parts.config,
            store: parts.store,
            blobs: parts.blobs,
            connect: parts.connect,
            sandbox: parts.sandbox,
            clock: parts.clock,
            node: parts.node,
            ids: ids::Ids::new(),
            live: live::Live::default(),
            moved: broadcast::channel(64).0,
            gates: gates::Gates::default(),
            principals: principals::Principals::default(),
            signals: signals::Signals::default(),
            connectors: connectors::Loaded::default(),
            postponed: Mutex::default(),
            is_shutting_down: AtomicBool::new(false),
            stop: Notify::new(),
            scheduler: Notify::new(),
            subscriptions: Notify::new(),
        }))
    }

    fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// A version, compiled. It is loaded and compiled on first use and kept.
    ///
    /// # Errors
    /// [`flero_store::Error::NotFound`] when there is no such version, [`crate::Error::Workflow`] when it does not
    /// compile.
    pub async fn workflow(&self, id: WorkflowId, version: u64) -> Result<Arc<CompiledWorkflow>> {
        if let Some(compiled) = self.0.compiled.get(id, version) {
            return Ok(compiled);
        }
        let stored = self.0.store.get_version(id, version).await?;
        let compiled = Arc::new(CompiledWorkflow::from_stored(id, version, &stored.document)?);
        self.0.compiled.put(Arc::clone(&compiled));
        Ok(compiled)
    }

    /// Starts a run. When this returns, the run is durable: neither a crash nor a power loss loses it.
    ///
    /// # Errors
    /// See [`crate::Error`]; nothing was accepted then.
    pub async fn start(&self, run: StartRun) -> Result<Started> {
        self.start_run(run, start::Extra::default()).await.map(|(started, _)| started)
    }

    /// Starts a run and waits for its end. A run without effects has ended by the time it is stored, unless it does
    /// very much.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_and_wait(&self, run: StartRun, timeout: Duration) -> Result<Outcome> {
        let (started, end) = self.start_run(run, start::Extra::waiting()).await?;
        match end {
            Some(end) => Ok(self.await_end(started.id, end, timeout).await),
            None => self.wait(started.id, timeout).await,
        }
    }

    /// Waits for the end of a run, wherever it is carried out.
    ///
    /// # Errors
    /// [`flero_store::Error::NotFound`] when there is no such run (any more).
    pub async fn wait(&self, id: ExecutionId, timeout: Duration) -> Result<Outcome> {
        self.wait_for(id, timeout).await
    }

    /// Asks a run to stop: what runs may finish, nothing new begins. `false` when it had ended already.
    ///
    /// # Errors
    /// [`flero_store::Error::NotFound`] when there is no such run in the workspace.
    pub async fn cancel(&self, workspace: WorkspaceId, id: ExecutionId, audit: NewAudit) -> Result<bool> {
        let owner = self.0.store.request_cancel(workspace, id, audit).await?;
        if let Some(owner) = owner {
            self.cancel_requested(id, owner).await?;
        }
        Ok(owner.is_some())
    }

    /// Has a run stop of which the store knows already that it is to be cancelled.
    ///
    /// # Errors
    /// As the store.
    pub async fn cancel_requested(&self, id: ExecutionId, owner: NodeInstanceId) -> Result<()> {
        if !self.0.live.cancel(id) && owner == self.0.node {
            // It only waits and is not in memory: it is brought back to end.
            self.wake(id).await?;
        }
        Ok(())
    }

    /// Runs a former run's input once more, as the person who asks.
    ///
    /// # Errors
    /// As [`Self::start`]; [`flero_store::Error::NotFound`] when the workflow is gone.
    pub async fn replay(
        &self,
        former: &Execution,
        version: ReplayVersion,
        acting_for: UserId,
        audit: NewAudit,
    ) -> Result<Started> {
        self.replay_run(former, version, acting_for, audit).await
    }

    /// What happens in a run from now on. `None` when it is not carried out by this process, most often because it
    /// has ended.
    #[must_use]
    pub fn subscribe(&self, id: ExecutionId) -> Option<broadcast::Receiver<LiveEvent>> {
        self.0.live.subscribe(id)
    }

    /// In which workspaces a run begins, ends or changes its state from now on, as far as this process carries it out.
    #[must_use]
    pub fn watch_workspaces(&self) -> broadcast::Receiver<WorkspaceId> {
        self.0.moved.subscribe()
    }

    /// How a run stands, for somebody who begins to watch it: to be asked after [`Self::subscribe`], so that nothing
    /// is missed in between.
    ///
    /// # Errors
    /// As [`Self::report`].
    pub async fn snapshot(&self, execution: &Execution) -> Result<LiveEvent> {
        let (run, _) = self.restore(execution).await?;
        Ok(LiveEvent::Snapshot {
            status: execution.status,
            nodes: run.node_states(execution.status.is_final(), NODES_OF_A_SNAPSHOT),
            error: execution.error.clone(),
            at: self.now(),
        })
    }

    /// The report of a run, made from its journal.
    ///
    /// # Errors
    /// The store's, and [`crate::Error::Journal`] when the journal cannot be read.
    pub async fn report(&self, execution: &Execution) -> Result<ExecutionReport> {
        let (run, _) = self.restore(execution).await?;
        let execution = execution.clone();
        slices::beside(run.is_large(), move || run.report(&execution))
            .await
            .map_err(|failure| crate::Error::Internal { location: crate::Location(failure.message) })
    }

    /// A run as its journal tells it, and how many entries that has.
    async fn restore(&self, execution: &Execution) -> Result<(Run, u64)> {
        let workflow = self.workflow(execution.workflow, execution.version).await?;
        let entries = self.0.store.execution_journal(execution.id).await?;
        let count = entries.len() as u64;
        let records = self.load(execution.id, &entries).await?;
        // A journal that somebody changed can name nodes that are not there.
        let (id, places) = (execution.id, self.0.config.effects_per_run);
        let is_large = records.len() > slices::LARGE;
        let run = slices::beside(is_large, move || Run::restore(workflow, id, &records, places));
        let run = run.await.map_err(|_| crate::Error::Journal { execution: id, entry: 0 })?;
        Ok((run, count))
    }

    /// Takes over the runs of processes that are dead and lets them go on. Returns how many there were.
    ///
    /// # Errors
    /// The store's.
    pub async fn recover(&self) -> Result<usize> {
        self.claim_orphans().await
    }

    /// Starts the tasks that wake runs, fire schedules, take over orphans and delete what is past its time. They
    /// end with [`Self::shutdown`].
    pub fn spawn_background(&self) {
        self.spawn_loops();
    }

    /// Looks at the schedules again: to be called after one was armed.
    pub fn wake_scheduler(&self) {
        self.0.scheduler.notify_one();
    }

    /// Accepts nothing more, ends the background tasks and waits for the runs that go on. Returns how many were
    /// left: they are in their journals, and the next process goes on with them.
    pub async fn shutdown(&self, grace: Duration) -> usize {
        self.0.is_shutting_down.store(true, Ordering::SeqCst);
        self.0.stop.notify_waiters();
        let left = self.0.live.drained(grace).await;
        self.flush_signals().await;
        left
    }

    fn is_shutting_down(&self) -> bool {
        self.0.is_shutting_down.load(Ordering::SeqCst)
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Engine({}, {} runs)", self.0.node, self.0.live.len())
    }
}
