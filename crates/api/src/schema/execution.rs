//! What sets a run off, and what its watchers are told.

use serde::Serialize;
use utoipa::ToSchema;

use super::{ErrorInfo, ExecutionStatus, NodeStatus};

/// What set a run off.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum RunTrigger {
    /// A person or a program asked for it.
    Manual,
    /// An HTTP request to a webhook path.
    Webhook,
    /// A schedule.
    Schedule,
    /// An event of a connector.
    Event,
    /// Another workflow's SubWorkflow node.
    SubWorkflow {
        /// The run that called.
        parent: String,
    },
    /// Another workflow failed.
    Error {
        /// The run that failed.
        failed: String,
    },
    /// A former run, once more.
    Replay {
        /// The former run.
        of: String,
    },
    /// A person tries what is being built, with outputs taken as given.
    Test,
}

/// The data of a server-sent event of a run, as JSON.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", tag = "event")]
pub enum ExecutionEvent {
    /// How things stand: told first, and again to who was too slow to be told everything.
    Snapshot {
        /// The run's state.
        status: ExecutionStatus,
        /// The nodes that have begun, in the order in which they did; of very many the last ones.
        nodes: Vec<NodeState>,
        /// Why it failed.
        #[schema(required = false)]
        error: ErrorInfo,
        /// When.
        #[schema(format = DateTime)]
        at: String,
    },
    /// A node began.
    #[serde(rename_all = "camelCase")]
    NodeStarted {
        /// The node's id.
        node_id: String,
        /// The place in the enclosing loops, outermost first.
        #[schema(required = false)]
        iteration: Vec<u32>,
        /// Which attempt, from 1.
        attempt: u32,
        /// When.
        #[schema(format = DateTime)]
        at: String,
    },
    /// An attempt of a node failed, and another one follows.
    #[serde(rename_all = "camelCase")]
    AttemptFailed {
        /// The node's id.
        node_id: String,
        /// The place in the enclosing loops, outermost first.
        #[schema(required = false)]
        iteration: Vec<u32>,
        /// Which attempt, from 1.
        attempt: u32,
        /// Why it failed.
        error: ErrorInfo,
        /// When the next one follows, at the earliest.
        #[schema(format = DateTime)]
        next_at: String,
        /// When.
        #[schema(format = DateTime)]
        at: String,
    },
    /// A node ended. What it was given and produced is read with a GET.
    #[serde(rename_all = "camelCase")]
    NodeFinished {
        /// The node's id.
        node_id: String,
        /// The place in the enclosing loops, outermost first.
        #[schema(required = false)]
        iteration: Vec<u32>,
        /// How.
        status: NodeStatus,
        /// The port that it left by.
        #[schema(required = false)]
        port: String,
        /// Why it failed.
        #[schema(required = false)]
        error: ErrorInfo,
        /// When.
        #[schema(format = DateTime)]
        at: String,
    },
    /// The run changed its state without ending.
    StatusChanged {
        /// The new state.
        status: ExecutionStatus,
        /// When.
        #[schema(format = DateTime)]
        at: String,
    },
    /// The run ended; nothing follows.
    Finished {
        /// How.
        status: ExecutionStatus,
        /// Why it failed.
        #[schema(required = false)]
        error: ErrorInfo,
        /// When.
        #[schema(format = DateTime)]
        at: String,
    },
}

/// How a node stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NodeState {
    /// The node's id.
    pub node_id: String,
    /// The place in the enclosing loops, outermost first.
    #[schema(required = false)]
    pub iteration: Vec<u32>,
    /// Its state.
    pub status: NodeStatus,
}
