//! Executions: their states, and what is told of them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{CredentialId, ExecutionId, Timestamp, WorkflowId};

/// The state of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ExecutionStatus {
    /// Accepted, not begun.
    Pending,
    /// Begun.
    Running,
    /// Ended well.
    Success,
    /// Ended with an error.
    Failed,
    /// Stopped by a person.
    Cancelled,
    /// Ran longer than it may.
    Timeout,
    /// Waits for a time or for an answer.
    WaitingForInput,
}

impl ExecutionStatus {
    /// The name as the API writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Success => "success",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Timeout => "timeout",
            Self::WaitingForInput => "waitingForInput",
        }
    }

    /// The status with that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::Pending,
            Self::Running,
            Self::Success,
            Self::Failed,
            Self::Cancelled,
            Self::Timeout,
            Self::WaitingForInput,
        ]
        .into_iter()
        .find(|status| status.as_str() == text)
    }

    /// Whether nothing more will happen.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Success | Self::Failed | Self::Cancelled | Self::Timeout)
    }
}

/// The state of one node in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NodeStatus {
    /// Its work goes on.
    Running,
    /// Waits for a time or for an answer.
    Waiting,
    /// Done.
    Success,
    /// Failed, with no error port that takes over.
    Failed,
    /// Not reached, or switched off.
    Skipped,
    /// Stopped by a person.
    Cancelled,
}

/// An error that people and programs can act on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorInfo {
    /// A stable code, for example `http.status` or `credential.destination_refused`.
    pub code: String,
    /// One sentence: what happened and what to do. Never a secret, never a URL's query.
    pub message: String,
}

impl ErrorInfo {
    /// An error with a code and a sentence.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into() }
    }
}

/// What set a run off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum TriggerKind {
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
        parent: ExecutionId,
    },
    /// Another workflow failed.
    Error {
        /// The run that failed.
        failed: ExecutionId,
    },
    /// A former run, once more.
    Replay {
        /// The former run.
        of: ExecutionId,
    },
    /// A person tries what is being built, with outputs taken as given.
    Test,
}

/// A kind of trigger without the run that it may name, to ask for runs by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TriggerName {
    /// [`TriggerKind::Manual`].
    Manual,
    /// [`TriggerKind::Webhook`].
    Webhook,
    /// [`TriggerKind::Schedule`].
    Schedule,
    /// [`TriggerKind::Event`].
    Event,
    /// [`TriggerKind::SubWorkflow`].
    SubWorkflow,
    /// [`TriggerKind::Error`].
    Error,
    /// [`TriggerKind::Replay`].
    Replay,
    /// [`TriggerKind::Test`].
    Test,
}

impl TriggerKind {
    /// The kind's name as the API writes it.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Webhook => "webhook",
            Self::Schedule => "schedule",
            Self::Event => "event",
            Self::SubWorkflow { .. } => "subWorkflow",
            Self::Error { .. } => "error",
            Self::Replay { .. } => "replay",
            Self::Test => "test",
        }
    }
}

/// One attempt of a node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttemptReport {
    /// Which one, from 1.
    pub number: u32,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended. `None` while it goes on, and where it is not known because Flero was stopped meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorInfo>,
    /// When the next one follows, at the earliest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Timestamp>,
    /// Whether a crash left it open if it reached the service.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub uncertain: bool,
}

/// What is told of one node of a run. A node in a loop has one report per iteration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeReport {
    /// The node's id in the workflow.
    pub node_id: String,
    /// The node's display name.
    pub name: String,
    /// Its state.
    pub status: NodeStatus,
    /// What it was given.
    pub input: Value,
    /// What it produced.
    pub output: Value,
    /// The output port that it left by.
    pub port: Option<String>,
    /// Why it failed.
    pub error: Option<ErrorInfo>,
    /// How often it was tried.
    pub attempts: u32,
    /// Its attempts, where one of them was not the end of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempt_details: Vec<AttemptReport>,
    /// Whether a crash left it open if an earlier attempt reached the service.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub maybe_duplicated: bool,
    /// The place in the enclosing loops, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub iteration: Vec<u32>,
    /// What a Code node wrote to its console, and other notes for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logs: Vec<String>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// The credential that it used.
    pub credential_id: Option<CredentialId>,
    /// That credential's display name, where the reader may see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential_name: Option<String>,
}

/// What is told of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExecutionReport {
    /// The run.
    pub id: ExecutionId,
    /// Its workflow.
    pub workflow_id: WorkflowId,
    /// The workflow's version that ran.
    pub workflow_version: u64,
    /// Its state.
    pub status: ExecutionStatus,
    /// What set it off.
    pub trigger: TriggerKind,
    /// What it was given.
    pub input: Value,
    /// Its nodes, in the order in which they began.
    pub nodes: Vec<NodeReport>,
    /// What it returned.
    pub output: Value,
    /// Why it failed.
    pub error: Option<ErrorInfo>,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When its first node began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}
