//! Shapes of documents that this crate passes through without taking them apart, for the description alone.
//!
//! The types that are really read and written are the model's; the tests hold these against them.

#![allow(dead_code, reason = "only their shapes are used")]

mod audit;
mod connector;
mod execution;
mod marketplace;
mod scim;

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

pub use audit::{Actor, AuditDetail};
pub use connector::{Choices, Connector, ConnectorSummary, ImportReport, Operation};
pub use execution::{ExecutionEvent, RunTrigger};
pub use marketplace::{Offer, Package, Registry};
pub use scim::{ScimGroup, ScimList, ScimPatch, ScimUser};

/// The state of an execution.
#[derive(Debug, Serialize, ToSchema)]
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

/// The state of one node in an execution.
#[derive(Debug, Serialize, ToSchema)]
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

/// The status of a workflow.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum WorkflowStatus {
    /// Manual runs only; never was active.
    Draft,
    /// Its trigger is armed.
    Active,
    /// Its trigger is not armed.
    Inactive,
    /// Put away; deleted after 30 days, restorable until then.
    Archived,
}

/// An error that people and programs can act on.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorInfo {
    /// A stable code, for example `http.status`.
    pub code: String,
    /// One sentence: what happened and what to do.
    pub message: String,
}

/// One attempt of a node.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AttemptReport {
    /// Which one, from 1.
    pub number: u32,
    /// When it began.
    #[schema(format = DateTime)]
    pub started_at: String,
    /// When it ended. Absent while it goes on, and where it is not known because Flero was stopped meanwhile.
    #[schema(required = false, format = DateTime)]
    pub finished_at: String,
    /// Why it failed.
    #[schema(required = false)]
    pub error: ErrorInfo,
    /// When the next one follows, at the earliest.
    #[schema(required = false, format = DateTime)]
    pub next_at: String,
    /// Whether a crash left it open if it reached the service.
    #[schema(required = false)]
    pub uncertain: bool,
}

/// What is told of one node of an execution. A node in a loop has one report for each iteration.
#[derive(Debug, Serialize, ToSchema)]
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
    #[schema(required)]
    pub port: Option<String>,
    /// Why it failed.
    #[schema(required)]
    pub error: Option<ErrorInfo>,
    /// How often it was tried.
    pub attempts: u32,
    /// Its attempts, where one of them was not the end of it.
    #[schema(required = false)]
    pub attempt_details: Vec<AttemptReport>,
    /// Whether a crash left it open if an earlier attempt reached the service.
    pub maybe_duplicated: Option<bool>,
    /// The place in the enclosing loops, outermost first.
    pub iteration: Option<Vec<u32>>,
    /// What a Code node wrote to its console.
    pub logs: Option<Vec<String>>,
    /// When it began.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub started_at: Option<String>,
    /// When it ended.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<String>,
    /// The credential that it used.
    #[schema(required)]
    pub credential_id: Option<String>,
    /// That credential's name, where the reader may see it.
    pub credential_name: Option<String>,
}

/// Something in a document that looks like a secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct Warning {
    /// Where: a JSON pointer (RFC 6901) into the document.
    pub pointer: String,
    /// A stable code.
    pub code: String,
    /// What was found and what to do; never the value.
    pub message: String,
    /// What kind of secret it looks like.
    pub kind: String,
}

/// What a problem tells besides: each member of some kinds of problem alone.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProblemDetails {
    /// The scope that an API key lacks.
    #[schema(required = false)]
    pub scope: String,
    /// A stable code of why a call failed.
    #[schema(required = false)]
    pub reason: String,
    /// The execution that a webhook's caller waited for.
    #[schema(required = false)]
    pub execution_id: String,
    /// The workflows that use a credential.
    #[schema(required = false)]
    pub workflows: Vec<crate::routes::credential_scope::BrokenWorkflow>,
    /// The credentials that use an OAuth app, as far as the caller may see them.
    #[schema(required = false)]
    pub credentials: Vec<CredentialOfProblem>,
    /// How many more credentials use it in other workspaces.
    #[schema(required = false)]
    pub elsewhere: u64,
}

/// A credential that keeps something from being done.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CredentialOfProblem {
    /// The credential; null while it is being connected.
    #[schema(required)]
    pub credential_id: Option<String>,
    /// Its name.
    pub name: String,
}

/// One step of a workflow.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Node {
    /// Unique in the workflow; what edges name.
    pub id: String,
    /// Unique in the workflow; what people and expressions name.
    pub name: String,
    /// What it does, for example `HTTPRequest`; `docs/guide/nodes.md` lists them.
    #[serde(rename = "type")]
    pub kind: String,
    /// The credential that it uses.
    pub credential_id: Option<String>,
    /// The connector of a Connector or ConnectorTrigger node.
    pub connector: Option<String>,
    /// The operation of a Connector node.
    pub operation: Option<String>,
    /// The event of a ConnectorTrigger node.
    pub event: Option<String>,
    /// What the type takes; may hold expressions.
    #[schema(value_type = Option<Object>)]
    pub parameters: Option<Map<String, Value>>,
    /// Where it stands on the canvas.
    pub position: Option<Position>,
    /// How often it is tried again after a failure.
    #[schema(minimum = 0, maximum = 10)]
    pub retries: Option<u32>,
    /// Milliseconds before the first further attempt.
    pub retry_delay_ms: Option<u64>,
    /// How the delay grows.
    pub backoff: Option<Backoff>,
    /// What to do when a crash left open whether it had its effect.
    pub on_uncertain: Option<OnUncertain>,
    /// Switched off: passes its input on.
    pub disabled: Option<bool>,
    /// Free text for people.
    pub notes: Option<String>,
}

/// A place on the canvas, in pixels.
#[derive(Debug, Serialize, ToSchema)]
pub struct Position {
    /// To the right.
    pub x: f64,
    /// Downwards.
    pub y: f64,
}

/// How the delay between attempts grows.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Backoff {
    /// The same each time.
    Fixed,
    /// Doubles each time.
    Exponential,
}

/// What to do with a node whose effect is uncertain after a crash.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum OnUncertain {
    /// Try again with the same idempotency key.
    Retry,
    /// Fail the node.
    Fail,
}

/// A connection from an output port to an input port.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Edge {
    /// The node that it leaves.
    pub from: String,
    /// The port that it leaves by; `output` unless told.
    pub from_port: Option<String>,
    /// The node that it enters.
    pub to: String,
    /// The port that it enters by; `input` unless told.
    pub to_port: Option<String>,
}

/// What holds for the whole run.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// The longest a run may take, in milliseconds; 300,000 unless told.
    pub timeout_ms: Option<u64>,
    /// What happens when a node fails and no error port takes over.
    pub error_policy: Option<ErrorPolicy>,
    /// The workflow that the `workflow` policy runs.
    pub error_workflow_id: Option<String>,
    /// Whether runs that ended well are kept.
    pub save_successful_runs: Option<bool>,
    /// Whether an expression that cannot be resolved fails its node.
    pub fail_on_expression_error: Option<bool>,
    /// Whether viewers may run it.
    pub viewers_may_run: Option<bool>,
}

/// What happens when a node fails and no error port takes over.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum ErrorPolicy {
    /// The run fails; what already runs may finish.
    Stop,
    /// Branches that do not stand on the failed node go on; the run ends failed.
    Continue,
    /// As `stop`, and another workflow is run with the error.
    Workflow,
}
