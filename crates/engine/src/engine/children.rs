//! SubWorkflow nodes: a run of its own, acting for the same person and never for more.

use std::{sync::Arc, time::Duration};

use flero_model::{
    ExecutionId, WorkflowId,
    execution::{ExecutionStatus, TriggerKind},
};
use flero_store::workflows::WorkflowStatus;
use serde_json::{Value, json};

use super::{
    Engine,
    drive::{Effected, Facts},
    start::Extra,
};
use crate::{Outcome, StartRun, failure::Failure, run::EffectResult};

/// How deep workflows may call each other.
const MAX_DEPTH: usize = 10;
/// How long one look at a child waits; the parent looks again until its own time is over.
const LOOK: Duration = Duration::from_secs(3_600);

impl Engine {
    pub(super) async fn run_child(
        &self,
        facts: &Facts,
        workflow: WorkflowId,
        input: &Arc<Value>,
        wait: bool,
        key: String,
        ancestry: Vec<WorkflowId>,
    ) -> Effected {
        if ancestry.contains(&workflow) {
            let message =
                "The workflow would run itself again, directly or through others. Use a Loop node instead.";
            return Err(Failure::new("subworkflow.cycle", message));
        }
        if ancestry.len() > MAX_DEPTH {
            let message = format!("Workflows may call each other {MAX_DEPTH} deep. Join some of them.");
            return Err(Failure::new("subworkflow.too_deep", message));
        }
        let start = self.child_start(facts, workflow, input, key).await?;
        let started = self.start_run(start, Extra { waits: wait, ancestry }).await;
        let (started, _) = started.map_err(|error| temporary(&error))?;
        if !wait {
            let output = Arc::new(json!({"executionId": started.id}));
            return Ok(EffectResult::Value { output, logs: Vec::new() });
        }
        self.child_end(started.id).await
    }

    async fn child_start(
        &self,
        facts: &Facts,
        workflow: WorkflowId,
        input: &Arc<Value>,
        key: String,
    ) -> Result<StartRun, Failure> {
        let store = &self.0.store;
        // A workflow of another workspace looks like one that does not exist.
        let child = store.get_workflow(facts.workspace, workflow).await.map_err(|error| match error {
            flero_store::Error::NotFound => {
                Failure::new("subworkflow.not_found", "The workflow does not exist. Choose another one.")
            }
            error => temporary(&error.into()),
        })?;
        let is_active = child.status == WorkflowStatus::Active;
        let version = match child.active_version.filter(|_| is_active) {
            Some(version) => version,
            // A run that a person started may use what is being built; a trigger's only what was activated.
            None if child.status != WorkflowStatus::Archived
                && self.is_of_a_person(facts.trigger.clone()).await =>
            {
                child.version
            }
            None => {
                let message =
                    "The workflow is not active. Activate it: a trigger's runs use activated versions only.";
                return Err(Failure::new("subworkflow.not_active", message));
            }
        };
        let compiled = self.workflow(workflow, version).await.map_err(|error| temporary(&error))?;
        let (variables, _) =
            store.get_variables(facts.workspace).await.map_err(|error| temporary(&error.into()))?;
        Ok(StartRun {
            workflow: compiled,
            workspace: facts.workspace,
            organization: facts.organization,
            trigger: TriggerKind::SubWorkflow { parent: facts.id },
            entry: None,
            input: (**input).clone(),
            acting_for: facts.acting_for,
            variables: Arc::new(variables),
            idempotency_key: Some(key),
            audit: Vec::new(),
            given: crate::Given::default(),
        })
    }

    /// Whether a person started the run, or the run that it goes back to.
    async fn is_of_a_person(&self, mut trigger: TriggerKind) -> bool {
        for _ in 0..=MAX_DEPTH {
            match trigger {
                TriggerKind::Manual | TriggerKind::Replay { .. } | TriggerKind::Test => return true,
                TriggerKind::SubWorkflow { parent } => {
                    match self.0.store.get_execution_anywhere(parent).await {
                        Ok(parent) => trigger = parent.trigger,
                        Err(_) => return false,
                    }
                }
                TriggerKind::Webhook
                | TriggerKind::Schedule
                | TriggerKind::Event
                | TriggerKind::Error { .. } => return false,
            }
        }
        false
    }

    async fn child_end(&self, id: ExecutionId) -> Effected {
        loop {
            let end = match self.wait_for(id, LOOK).await {
                Ok(Outcome::Finished(end)) => end,
                Ok(Outcome::StillRunning(_)) => continue,
                Err(error) => return Err(temporary(&error)),
            };
            let Some(error) = end.error.filter(|_| end.status != ExecutionStatus::Success) else {
                return match end.status {
                    ExecutionStatus::Success => {
                        Ok(EffectResult::Value { output: end.output, logs: Vec::new() })
                    }
                    _ => Err(Failure::new(
                        "subworkflow.cancelled",
                        "The workflow that was called was cancelled.",
                    )),
                };
            };
            let message = format!("The workflow that was called failed ({id}): {}", error.message);
            let mut failure = Failure::new("subworkflow.failed", message);
            failure.class = crate::failure::Class::of_code(&error.code);
            failure.output = Some(Arc::new(
                json!({"executionId": id, "cause": {"code": error.code, "message": error.message}}),
            ));
            return Err(failure);
        }
    }
}

/// A failure of the engine's own surroundings, after which another attempt may work.
fn temporary(error: &crate::Error) -> Failure {
    Failure::new("subworkflow.not_started", format!("The workflow could not be run: {error}.")).retryable()
}
