//! The records of the audit trail.

use serde::Serialize;
use utoipa::ToSchema;

/// Who did it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Actor {
    /// A person.
    User {
        /// Who.
        user: String,
    },
    /// A person's API key.
    ApiKey {
        /// Whose.
        user: String,
        /// Which.
        key: String,
    },
    /// A run.
    Run {
        /// Which.
        execution: String,
        /// The person whom it acts for.
        user: String,
    },
    /// Flero itself: timers, recovery, rotation.
    System,
}

/// The details of a record: names, identifiers, counts, words of closed sets; never a value. Each is there where it says
/// something.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditDetail {
    /// The credential that it is about, where the target is something else.
    #[schema(required = false)]
    pub credential: String,
    /// The credential's secret revision.
    #[schema(required = false)]
    pub secret_revision: u64,
    /// The workflow.
    #[schema(required = false)]
    pub workflow: String,
    /// The workflow's version.
    #[schema(required = false)]
    pub version: u64,
    /// The execution.
    #[schema(required = false)]
    pub execution: String,
    /// The node's id in its workflow.
    #[schema(required = false)]
    pub node: String,
    /// Which attempt, from 1.
    #[schema(required = false)]
    pub attempt: u32,
    /// The host, and the port where it is not the scheme's own.
    #[schema(required = false)]
    pub host: String,
    /// What it was used for: `node`, `test`, `proxy`, `inbound` or `trigger`.
    #[schema(required = false)]
    pub purpose: String,
    /// How it ended: `success`, or an error code.
    #[schema(required = false)]
    pub outcome: String,
    /// The service's HTTP status.
    #[schema(required = false)]
    pub status: u16,
    /// The former value of a closed set, for example a status or a scope.
    #[schema(required = false)]
    pub from: String,
    /// The new value.
    #[schema(required = false)]
    pub to: String,
    /// The names of the fields that changed.
    #[schema(required = false)]
    pub fields: Vec<String>,
    /// The display name at that time.
    #[schema(required = false)]
    pub name: String,
    /// How many objects it was about.
    #[schema(required = false)]
    pub count: u64,
}
