//! What callers hand to the engine and get back from it.

use std::{sync::Arc, time::Duration};

use flero_model::{
    ExecutionId, OrganizationId, Timestamp, UserId, WorkspaceId,
    audit::NewAudit,
    execution::{ErrorInfo, ExecutionStatus, NodeStatus, TriggerKind},
    workflow::NodeType,
};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::CompiledWorkflow;

/// A run to start. Whether the caller may start it was decided before.
#[derive(Debug, Clone)]
pub struct StartRun {
    /// The version that runs.
    pub workflow: Arc<CompiledWorkflow>,
    /// The workflow's workspace.
    pub workspace: WorkspaceId,
    /// The organization of the workspace.
    pub organization: OrganizationId,
    /// What sets it off.
    pub trigger: TriggerKind,
    /// The type of the node that it begins with. `None` chooses by `trigger`: the webhook's, schedule's or error's
    /// own node; for anything else the Start node, and without one the trigger that there is.
    pub entry: Option<NodeType>,
    /// What it is given: the `$trigger` of its expressions.
    pub input: Value,
    /// The person whom it acts for; their Personal credentials may be used.
    pub acting_for: UserId,
    /// The workspace's variables: the `$env` of its expressions.
    pub variables: Arc<Map<String, Value>>,
    /// A second run of the workflow with the same key is not accepted; the first one is named instead. A key that
    /// the trigger's own option computes goes before it.
    pub idempotency_key: Option<String>,
    /// Recorded in the transaction that accepts the run, for example who replayed it.
    pub audit: Vec<NewAudit>,
    /// What it takes as given; nothing unless somebody tries what they build.
    pub given: Given,
}

/// What a run takes as given, for people who try what they build.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Given {
    /// The id of the only node that is carried out. It sees the given outputs and runs even where its own
    /// conditions would not be met.
    pub only: Option<String>,
    /// Outputs of nodes that are not carried out, by the node's id.
    pub outputs: Vec<(String, GivenOutput)>,
}

/// The output that a node is taken to have.
#[derive(Debug, Clone, PartialEq)]
pub struct GivenOutput {
    /// The port that it leaves by.
    pub port: String,
    /// What it produced.
    pub output: Value,
}

impl Given {
    /// Whether everything is carried out as ever.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.only.is_none() && self.outputs.is_empty()
    }
}

/// A run that is durably accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Started {
    /// The run.
    pub id: ExecutionId,
    /// Whether it was accepted before, with the same idempotency key; nothing new was started then.
    pub existing: bool,
    /// Its state when the call returned. A run without effects has ended by then.
    pub status: ExecutionStatus,
}

/// How a call that waits for the end of a run came back.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// The run has ended.
    Finished(Finished),
    /// The wait ended first; the run goes on.
    StillRunning(ExecutionId),
}

/// The end of a run.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The run.
    pub id: ExecutionId,
    /// A final state.
    pub status: ExecutionStatus,
    /// What it returned: the output of its Terminal, or of its last node; null when it failed.
    pub output: Arc<Value>,
    /// Why it failed.
    pub error: Option<ErrorInfo>,
}

/// Which version a replay runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplayVersion {
    /// The one that ran then.
    Same,
    /// The workflow's current one.
    Current,
}

/// The state of one node, or of one pass over it in a loop, for people who watch.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeState {
    /// The node's id.
    pub node_id: String,
    /// The place in the enclosing loops, outermost first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub iteration: Vec<u32>,
    /// Its state.
    pub status: NodeStatus,
}

/// Something that happened in a run, for people who watch it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", tag = "event")]
pub enum LiveEvent {
    /// How things stand: what a watcher gets first, and again after it was too slow to be told everything.
    #[serde(rename_all = "camelCase")]
    Snapshot {
        /// The run's state.
        status: ExecutionStatus,
        /// The nodes that have begun, in the order in which they did; of very many the last ones.
        nodes: Vec<NodeState>,
        /// Why it failed.
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<ErrorInfo>,
        /// When.
        at: Timestamp,
    },
    /// A node began.
    #[serde(rename_all = "camelCase")]
    NodeStarted {
        /// The node's id.
        node_id: String,
        /// The place in the enclosing loops, outermost first.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        iteration: Vec<u32>,
        /// Which attempt, from 1.
        attempt: u32,
        /// When.
        at: Timestamp,
    },
    /// An attempt of a node failed, and another one follows.
    #[serde(rename_all = "camelCase")]
    AttemptFailed {
        /// The node's id.
        node_id: String,
        /// The place in the enclosing loops, outermost first.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        iteration: Vec<u32>,
        /// Which attempt, from 1.
        attempt: u32,
        /// Why it failed.
        error: ErrorInfo,
        /// When the next one follows, at the earliest.
        next_at: Timestamp,
        /// When.
        at: Timestamp,
    },
    /// A node ended.
    #[serde(rename_all = "camelCase")]
    NodeFinished {
        /// The node's id.
        node_id: String,
        /// The place in the enclosing loops, outermost first.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        iteration: Vec<u32>,
        /// How.
        status: NodeStatus,
        /// The port that it left by.
        #[serde(skip_serializing_if = "Option::is_none")]
        port: Option<String>,
        /// Why it failed.
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<ErrorInfo>,
        /// When.
        at: Timestamp,
    },
    /// The run changed its state without ending.
    #[serde(rename_all = "camelCase")]
    StatusChanged {
        /// The new state.
        status: ExecutionStatus,
        /// When.
        at: Timestamp,
    },
    /// The run ended; nothing follows.
    #[serde(rename_all = "camelCase")]
    Finished {
        /// How.
        status: ExecutionStatus,
        /// Why it failed.
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<ErrorInfo>,
        /// When.
        at: Timestamp,
    },
}

/// What the engine may use.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// Effects (calls, code) in flight in one run.
    pub effects_per_run: usize,
    /// Effects in flight in the whole process.
    pub effects: usize,
    /// A payload whose JSON is longer than this, in bytes, is kept in blob storage.
    pub inline_bytes: usize,
    /// The longest file that an answer may be, in bytes. It goes to blob storage while it arrives.
    pub file_bytes: u64,
    /// Compiled versions that are kept.
    pub compiled: usize,
    /// A run that only waits, and for longer than this, is taken out of memory.
    pub park_after: Duration,
    /// How often timers of parked runs, orphans and retention are looked at.
    pub sweep_every: Duration,
    /// A process that has not reported for this long counts as dead.
    pub dead_after: Duration,
    /// The longest wait between two fires before a missed schedule is skipped instead of caught up.
    pub catch_up: Duration,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            effects_per_run: 16,
            effects: 512,
            inline_bytes: 256 << 10,
            file_bytes: 1 << 30,
            compiled: 1_024,
            park_after: Duration::from_secs(30),
            sweep_every: Duration::from_secs(1),
            dead_after: Duration::from_secs(30),
            catch_up: Duration::from_secs(3_600),
        }
    }
}
