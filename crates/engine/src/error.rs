//! What can go wrong when runs are started and steered. A failing node is no error here: it is told in the
//! run's report.

use std::fmt;

/// The result of a call to the engine.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a call to the engine was not carried out. No variant quotes what was submitted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The store refused or failed; nothing was accepted.
    #[error(transparent)]
    Store(#[from] flero_store::Error),
    /// The trigger's rate limit is used up.
    #[error("the rate limit of this trigger is used up; try again in {retry_after_ms} ms")]
    RateLimited {
        /// Milliseconds until the next run is admitted.
        retry_after_ms: u64,
    },
    /// As many runs of this trigger go on as it allows, and it does not let further ones wait.
    #[error("{limit} runs of this workflow go on already, which is its limit; try again later")]
    TooManyRuns {
        /// The limit.
        limit: u32,
    },
    /// The trigger's "active only when" expression said no.
    #[error("the trigger's condition is not met, so no run was started")]
    ConditionNotMet,
    /// An option of the trigger cannot be evaluated.
    #[error("the trigger's option `{option}` cannot be evaluated: {reason}")]
    TriggerOption {
        /// The option's name.
        option: &'static str,
        /// What is wrong, with names but without values.
        reason: String,
    },
    /// The workflow has no node that a run of this kind could begin with.
    #[error("the workflow has no {wanted} node that this run could begin with; add one")]
    NoEntry {
        /// The node type that is missing.
        wanted: &'static str,
    },
    /// A run takes something as given that does not fit the workflow.
    #[error("{0}")]
    Given(&'static str),
    /// The stored workflow version does not compile; it was saved by another version of Flero or changed in the
    /// database.
    #[error("version {version} of workflow {workflow} cannot be compiled: {problem}")]
    Workflow {
        /// The workflow.
        workflow: flero_model::WorkflowId,
        /// The version.
        version: u64,
        /// The first problem.
        problem: String,
    },
    /// The stored journal of a run cannot be read.
    #[error("the journal of execution {execution} cannot be read at entry {entry}")]
    Journal {
        /// The run.
        execution: flero_model::ExecutionId,
        /// The place of the entry, from 0.
        entry: usize,
    },
    /// The event of a ConnectorTrigger is not there any more, or its connector does not say how it comes.
    #[error("the event that the workflow waits for is not available: {0}")]
    Event(&'static str),
    /// The engine is shutting down and accepts nothing.
    #[error("Flero is shutting down; try again in a moment")]
    ShuttingDown,
    /// A part of the engine panicked; the place is known, the values are not told.
    #[error("an internal error happened at {location}; please report it")]
    Internal {
        /// File and line.
        location: Location,
    },
}

/// A place in the source: file and line, nothing of the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location(pub String);

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
