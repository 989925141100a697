//! The workflow document: what a person builds and a run follows.
//!
//! [`WorkflowDocument::parse`] reads the JSON form strictly and reports every fault at once with its place;
//! [`WorkflowDocument::check`] checks the graph. Node parameters are checked by the engine, which knows what
//! each type takes.

mod check;
mod graph;
mod read;
#[cfg(test)]
mod tests;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::CredentialId;

pub use graph::Graph;

/// The most nodes a workflow may have.
pub const MAX_NODES: usize = 1_000;
/// The most edges a workflow may have.
pub const MAX_EDGES: usize = 5_000;
/// The longest name of a workflow or node, in characters.
pub const MAX_NAME_CHARS: usize = 120;

/// A workflow as a person builds it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkflowDocument {
    /// The display name.
    pub name: String,
    /// Free text for people.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Words to filter by.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The steps.
    pub nodes: Vec<Node>,
    /// How they are connected.
    pub edges: Vec<Edge>,
    /// What holds for the whole run.
    pub settings: Settings,
}

macro_rules! node_types {
    ($($(#[$doc:meta])* $name:ident = $text:literal),* $(,)?) => {
        /// What a node does.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
        pub enum NodeType { $($(#[$doc])* #[serde(rename = $text)] $name),* }

        impl NodeType {
            /// Every type that there is.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name as the document writes it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

node_types! {
    /// Begins a run that a person or a program asks for.
    Start = "Start",
    /// Begins a run for an HTTP request.
    WebhookTrigger = "WebhookTrigger",
    /// Begins a run by the clock.
    ScheduleTrigger = "ScheduleTrigger",
    /// Begins a run when another workflow has failed.
    ErrorTrigger = "ErrorTrigger",
    /// Begins a run for an event of a connector.
    ConnectorTrigger = "ConnectorTrigger",
    /// Calls a service.
    HttpRequest = "HTTPRequest",
    /// Calls an operation of a connector.
    Connector = "Connector",
    /// Runs an SQL statement.
    Database = "Database",
    /// Goes one of two ways.
    If = "If",
    /// Goes one of several ways.
    Switch = "Switch",
    /// Repeats the nodes behind its `loop` port.
    Loop = "Loop",
    /// Waits for several branches and joins what they bring.
    Merge = "Merge",
    /// Sets fields.
    Set = "Set",
    /// Keeps the items that meet conditions.
    Filter = "Filter",
    /// Waits for a duration or until a time.
    Wait = "Wait",
    /// Runs JavaScript in a sandbox.
    Code = "Code",
    /// Runs another workflow.
    SubWorkflow = "SubWorkflow",
    /// Sorts errors that arrive from error ports.
    ErrorHandling = "ErrorHandling",
    /// Ends the run with a result.
    Terminal = "Terminal",
}

impl NodeType {
    /// The type with that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
    }

    /// Whether runs begin here.
    #[must_use]
    pub const fn is_trigger(self) -> bool {
        matches!(
            self,
            Self::Start
                | Self::WebhookTrigger
                | Self::ScheduleTrigger
                | Self::ErrorTrigger
                | Self::ConnectorTrigger
        )
    }

    /// Whether a credential can be named.
    #[must_use]
    pub const fn takes_credential(self) -> bool {
        matches!(
            self,
            Self::HttpRequest
                | Self::Connector
                | Self::ConnectorTrigger
                | Self::Database
                | Self::WebhookTrigger
        )
    }
}

/// One step of a workflow.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Node {
    /// Unique in the workflow; what edges name.
    pub id: String,
    /// Unique in the workflow; what people and expressions name.
    pub name: String,
    /// What it does.
    #[serde(rename = "type")]
    pub kind: NodeType,
    /// The connector of a Connector or ConnectorTrigger node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connector: Option<String>,
    /// The operation of a Connector node, by the vendor's identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The event of a ConnectorTrigger node, by its name in the connector.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// The credential that it uses: an id and nothing else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential_id: Option<CredentialId>,
    /// What the type takes; may hold expressions.
    pub parameters: Map<String, Value>,
    /// Where it stands on the canvas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// How often it is tried again after a failure; 0 to 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retries: Option<u32>,
    /// Milliseconds before the first further attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_delay_ms: Option<u64>,
    /// How the delay grows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backoff: Option<Backoff>,
    /// What to do when a crash left open whether it had its effect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_uncertain: Option<OnUncertain>,
    /// Switched off: passes its input on.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub disabled: bool,
    /// Free text for people.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub notes: String,
}

/// How the delay between attempts grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Default)]
#[serde(rename_all = "camelCase")]
pub enum Backoff {
    /// The same each time.
    #[default]
    Fixed,
    /// Doubles each time.
    Exponential,
}

/// What to do with a node whose effect is uncertain after a crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Default)]
#[serde(rename_all = "camelCase")]
pub enum OnUncertain {
    /// Try again with the same idempotency key.
    #[default]
    Retry,
    /// Fail the node.
    Fail,
}

/// A place on the canvas, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Position {
    /// To the right.
    pub x: f64,
    /// Downwards.
    pub y: f64,
}

/// A connection from an output port to an input port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Edge {
    /// The node that it leaves.
    pub from: String,
    /// The port that it leaves by.
    #[serde(skip_serializing_if = "is_output")]
    pub from_port: String,
    /// The node that it enters.
    pub to: String,
    /// The port that it enters by.
    #[serde(skip_serializing_if = "is_input")]
    pub to_port: String,
}

fn is_output(port: &str) -> bool {
    port == "output"
}

fn is_input(port: &str) -> bool {
    port == "input"
}

/// What holds for the whole run.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// The longest a run may take, in milliseconds; 300,000 unless told.
    pub timeout_ms: u64,
    /// What happens when a node fails and no error port takes over.
    pub error_policy: ErrorPolicy,
    /// The workflow that the `workflow` policy runs (the one with an ErrorTrigger).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_workflow_id: Option<crate::WorkflowId>,
    /// Whether runs that ended well are kept.
    pub save_successful_runs: bool,
    /// Whether an expression that cannot be resolved fails its node instead of giving `[EXPR-ERROR: ...]`.
    pub fail_on_expression_error: bool,
    /// Whether viewers may run it.
    pub viewers_may_run: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            timeout_ms: 300_000,
            error_policy: ErrorPolicy::Stop,
            error_workflow_id: None,
            save_successful_runs: true,
            fail_on_expression_error: false,
            viewers_may_run: false,
        }
    }
}

/// What happens when a node fails and no error port takes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Default)]
#[serde(rename_all = "camelCase")]
pub enum ErrorPolicy {
    /// The run fails; what already runs may finish.
    #[default]
    Stop,
    /// Branches that do not stand on the failed node go on; the run ends failed.
    Continue,
    /// As `stop`, and another workflow is run with the error.
    Workflow,
}
