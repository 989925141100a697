//! Executions. The journal is the snapshot: a run's entries, in order, are all that is stored of it, and a crashed
//! run goes on from its last entry.
//!
//! The content of an entry is the engine's; to the store it is bytes. An adapter groups the commits of many runs.

use async_trait::async_trait;
use flero_model::{
    CredentialId, ExecutionId, NodeInstanceId, Timestamp, UserId, WorkflowId, WorkspaceId,
    audit::NewAudit,
    execution::{ErrorInfo, ExecutionStatus, TriggerKind, TriggerName},
};

use crate::{Page, PageRequest, Result};

/// What is known of a run besides its journal.
#[derive(Debug, Clone, PartialEq)]
pub struct Execution {
    /// Its identifier.
    pub id: ExecutionId,
    /// The workflow's workspace.
    pub workspace: WorkspaceId,
    /// The workflow.
    pub workflow: WorkflowId,
    /// The version that runs.
    pub version: u64,
    /// Its state.
    pub status: ExecutionStatus,
    /// What set it off.
    pub trigger: TriggerKind,
    /// The person whom it acts for; their Personal credentials may be used.
    pub acting_for: UserId,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When its first node began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Why it failed.
    pub error: Option<ErrorInfo>,
    /// Whether somebody asked to stop it.
    pub cancel_requested: bool,
}

/// A run to accept. It may have come to its end already: a run without effects is one transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct NewExecution {
    /// The row; its status tells whether it goes on.
    pub execution: Execution,
    /// The process that carries it out; another one takes it over only when this one is dead.
    pub owner: NodeInstanceId,
    /// The first journal entries, from place 0.
    pub journal: Vec<Vec<u8>>,
    /// A key within the workflow: a second run with it is not accepted, the first one is named instead.
    pub idempotency_key: Option<String>,
    /// When the run wants to be woken though nothing happens.
    pub wake_at: Option<Timestamp>,
    /// Credentials that it is about to use, for the list of uses.
    pub credentials: Vec<CredentialId>,
    /// What is recorded in the same transaction: intents of the first effects.
    pub audit: Vec<NewAudit>,
}

/// How an acceptance ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// It is stored.
    New,
    /// A run with the same idempotency key is stored already.
    Existing(ExecutionId),
}

/// One transition of a run, in one transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct ExecutionStep {
    /// Which run.
    pub id: ExecutionId,
    /// The process that carries it out; if the run belongs to another one by now, [`crate::Error::Conflict`].
    pub owner: NodeInstanceId,
    /// The place of the first entry; if the journal's length is another one, [`crate::Error::Conflict`].
    pub sequence: u64,
    /// The entries.
    pub journal: Vec<Vec<u8>>,
    /// The new state.
    pub status: ExecutionStatus,
    /// When its first node began.
    pub started_at: Option<Timestamp>,
    /// When it ended; a final status needs it.
    pub finished_at: Option<Timestamp>,
    /// Why it failed.
    pub error: Option<ErrorInfo>,
    /// When the run wants to be woken though nothing happens.
    pub wake_at: Option<Timestamp>,
    /// Credentials that it is about to use, for the list of uses.
    pub credentials: Vec<CredentialId>,
    /// What is recorded in the same transaction: outcomes of what ended, intents of what begins.
    pub audit: Vec<NewAudit>,
    /// Whether the run is deleted instead of kept, because it ended well and its workflow does not save those.
    /// The audit records are written all the same.
    pub discard: bool,
}

/// Which runs are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExecutionFilter {
    /// Only in this state.
    pub status: Option<ExecutionStatus>,
    /// Only of this workflow.
    pub workflow: Option<WorkflowId>,
    /// Only those that this set off.
    pub trigger: Option<TriggerName>,
    /// Only those that were accepted from this time on.
    pub since: Option<Timestamp>,
    /// Only those that were accepted before this time.
    pub until: Option<Timestamp>,
    /// Only of these workflows (an API key that is for chosen ones).
    pub only: Option<Vec<WorkflowId>>,
}

/// How long runs are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// At most this many ended runs per workspace.
    pub max_count: u64,
    /// Ended runs no older than this.
    pub max_age_ms: i64,
}

/// See the module.
#[async_trait]
pub trait ExecutionStore {
    /// Accepts a run durably: once this returns, neither a crash nor a power loss loses it.
    async fn accept_execution(&self, new: NewExecution) -> Result<Accepted>;

    /// Appends a transition durably.
    async fn append_execution(&self, step: ExecutionStep) -> Result<()>;

    /// Reads one of a workspace.
    async fn get_execution(&self, workspace: WorkspaceId, id: ExecutionId) -> Result<Execution>;

    /// Reads one whatever its workspace: for recovery, never for a person's request.
    async fn get_execution_anywhere(&self, id: ExecutionId) -> Result<Execution>;

    /// The journal of a run, in order.
    async fn execution_journal(&self, id: ExecutionId) -> Result<Vec<Vec<u8>>>;

    /// A page of a workspace's runs, newest first.
    async fn list_executions(
        &self,
        workspace: WorkspaceId,
        filter: ExecutionFilter,
        page: PageRequest,
    ) -> Result<Page<Execution>>;

    /// Takes over runs that have not ended and whose process is dead (it has not reported since `dead_before` or
    /// is not known), oldest first, at most `limit`. Each is given to one caller only, who must have reported before.
    async fn claim_orphans(
        &self,
        owner: NodeInstanceId,
        dead_before: Timestamp,
        limit: u32,
    ) -> Result<Vec<Execution>>;

    /// Runs of a process whose wake-up time has come, earliest first.
    async fn due_executions(
        &self,
        owner: NodeInstanceId,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<ExecutionId>>;

    /// Notes that a run is to be stopped, with the record of who asked. Returns the process that carries it out,
    /// `None` when it has ended already.
    async fn request_cancel(
        &self,
        workspace: WorkspaceId,
        id: ExecutionId,
        audit: NewAudit,
    ) -> Result<Option<NodeInstanceId>>;

    /// How many runs of the whole installation have not ended, by state.
    async fn count_open_executions(&self) -> Result<Vec<(ExecutionStatus, u64)>>;

    /// Deletes ended runs beyond the retention of a workspace, at most `limit`; returns how many.
    async fn prune_executions(
        &self,
        workspace: WorkspaceId,
        retention: Retention,
        now: Timestamp,
        limit: u32,
    ) -> Result<u64>;
}
