//! Runs workflows: the pure `advance`, the loop that carries commands out, triggers and timers.
//!
//! ```text
//! Engine::new(EngineParts { config, store, blobs, connect, sandbox, clock, node }) -> Engine      // Clone
//! engine.workflow(id, version).await -> Result<Arc<CompiledWorkflow>>        // loads, compiles once, caches
//! engine.start(StartRun).await -> Result<Started>                             // returns after durable acceptance
//! engine.start_and_wait(StartRun, timeout).await -> Result<Outcome>
//! engine.wait(ExecutionId, timeout).await -> Result<Outcome>
//! engine.cancel(WorkspaceId, ExecutionId, NewAudit).await -> Result<bool>     // false: it had ended already
//! engine.replay(&Execution, ReplayVersion, acting_for, NewAudit).await -> Result<Started>
//! engine.subscribe(ExecutionId) -> Option<broadcast::Receiver<LiveEvent>>     // None: not going on here
//! engine.watch_workspaces() -> broadcast::Receiver<WorkspaceId>              // where runs begin, end, change their state
//! engine.report(&Execution).await -> Result<ExecutionReport>
//! engine.recover().await -> Result<usize>                                     // runs of dead processes
//! engine.spawn_background()                                                   // timers, schedules, orphans, retention
//! engine.wake_scheduler()                                                     // after a schedule was armed
//! engine.shutdown(grace).await
//! CompiledWorkflow::compile(WorkflowId, version, &WorkflowDocument) -> Result<CompiledWorkflow, Vec<FieldProblem>>
//! compiled.webhook() -> Option<(&WebhookOptions, Option<CredentialId>)>       // path, method, payloadType, ...
//! compiled.credentials() -> Vec<(node id, CredentialId)>
//! params::check(&WorkflowDocument) -> Vec<FieldProblem>                       // at save, beside document.check()
//! engine.arm_event(&CompiledWorkflow, place).await -> Result<Option<Armed>>    // for Arming::event
//! engine.deliver(StartRun, SubscriptionId, keys).await -> Result<Delivered>
//! engine.tend_events(base URL of webhooks).await -> Result<usize>             // registers, removes, polls
//! arming(&CompiledWorkflow, now) -> Arming                                    // for WorkflowStore::activate_workflow
//! schedule::next_fires(parameters, now, 5) -> Result<Vec<Timestamp>, Vec<FieldProblem>>
//! curl::parse(text) -> Result<curl::Imported, curl::Error>
//! ```

pub mod curl;
mod engine;
mod error;
mod failure;
mod files;
mod guard;
mod journal;
pub mod params;
mod run;
pub mod schedule;
mod template;
mod types;
mod workflow;

pub use engine::{Counts, Engine, EngineParts, Trigger};
pub use error::{Error, Location, Result};
pub use types::{
    EngineConfig, Finished, Given, GivenOutput, LiveEvent, NodeState, Outcome, ReplayVersion, StartRun,
    Started,
};
pub use workflow::CompiledWorkflow;

use flero_model::Timestamp;
use flero_store::workflows::Arming;

/// What activating a version arms, for [`flero_store::WorkflowStore::activate_workflow`]; the event of a
/// ConnectorTrigger comes from [`Engine::arm_event`], which knows the connector.
#[must_use]
pub fn arming(workflow: &CompiledWorkflow, now: Timestamp) -> Arming {
    Arming {
        webhook_path: workflow.webhook().map(|(options, _)| options.path.clone()),
        next_fire: workflow.schedule().and_then(|schedule| schedule.next_after(now)),
        event: None,
        on_error: workflow.entry(Some(flero_model::workflow::NodeType::ErrorTrigger)).is_some(),
    }
}
