//! Firing schedules: the fire, the next fire time and the acceptance of the run are one transaction.
//!
//! A slot that was missed because no process ran is caught up, each one once and in order, as long as it is not
//! older than [`crate::EngineConfig::catch_up`]; older ones are passed over. A clock that is set back fires nothing
//! twice, because the next fire time is stored.

use std::{sync::Arc, time::Duration};

use flero_model::{Timestamp, WorkflowId, execution::TriggerKind};
use flero_store::{schedules::Schedule as Armed, workflows::WorkflowStatus};
use serde_json::{Value, json};

use super::{Engine, gates};
use crate::{CompiledWorkflow, Error, Result, StartRun, schedule::Schedule};

/// How many due schedules are looked at in one go.
const BATCH: u32 = 100;

impl Engine {
    /// Fires what is due. Returns how long nothing will be due, as far as is known.
    pub(super) async fn fire_due(&self) -> Result<Duration> {
        if self.0.store.is_paused().await? {
            return Ok(Duration::from_secs(60));
        }
        loop {
            let due = self.0.store.due_schedules(self.now(), BATCH).await?;
            if due.is_empty() {
                break;
            }
            let mut failed = 0;
            for armed in &due {
                if let Err(error) = self.fire(armed).await {
                    failed += 1;
                    tracing::warn!(workflow = %armed.workflow, %error, "a schedule could not be fired yet");
                }
            }
            // What cannot be fired now would be due for ever; it is tried again after a pause.
            if failed == due.len() || self.is_shutting_down() {
                return Ok(Duration::from_secs(1));
            }
        }
        let next = self.0.store.next_fire().await?;
        let left = next.map_or(i64::MAX, |next| next.millis_since(self.now()));
        Ok(Duration::from_millis(u64::try_from(left).unwrap_or(0)))
    }

    async fn fire(&self, armed: &Armed) -> Result<()> {
        let Some(expected) = armed.next_fire else { return Ok(()) };
        let store = &self.0.store;
        let workflow = store.get_workflow_anywhere(armed.workflow).await?;
        let (Some(version), Some(by), WorkflowStatus::Active) =
            (workflow.active_version, workflow.activated_by, workflow.status)
        else {
            return self.move_on(armed.workflow, expected, None).await;
        };
        let compiled = match self.workflow(workflow.id, version).await {
            Ok(compiled) => compiled,
            // A version that does not compile will not compile the next time either.
            Err(error @ Error::Workflow { .. }) => {
                tracing::error!(workflow = %workflow.id, %error, "a schedule was disarmed");
                return self.move_on(armed.workflow, expected, None).await;
            }
            Err(error) => return Err(error),
        };
        let Some(schedule) = compiled.schedule() else {
            return self.move_on(armed.workflow, expected, None).await;
        };
        let now = self.now();
        let catch_up = i64::try_from(self.0.config.catch_up.as_millis()).unwrap_or(i64::MAX);
        let oldest = now.plus_millis(-catch_up);
        if expected < oldest {
            tracing::warn!(workflow = %workflow.id, since = %expected, "missed fires of a schedule are passed over");
            return self.move_on(armed.workflow, expected, schedule.next_after(oldest)).await;
        }
        let next = schedule.next_after(expected);
        let (variables, _) = store.get_variables(workflow.workspace).await?;
        let workspace = store.workspace(workflow.workspace).await?;
        let variables = Arc::new(variables);
        let input = fired(schedule, &compiled, &variables, expected, now);
        let start = StartRun {
            workflow: Arc::clone(&compiled),
            workspace: workflow.workspace,
            organization: workspace.organization,
            trigger: TriggerKind::Schedule,
            entry: None,
            input,
            acting_for: by,
            variables,
            idempotency_key: None,
            audit: Vec::new(),
            given: crate::Given::default(),
        };
        let prepared = match self.prepare(start, Vec::new()).await {
            Ok(prepared) => prepared,
            Err(
                error @ (Error::RateLimited { .. }
                | Error::TooManyRuns { .. }
                | Error::ConditionNotMet
                | Error::TriggerOption { .. }
                | Error::NoEntry { .. }),
            ) => {
                tracing::info!(workflow = %workflow.id, %error, "a fire of a schedule was not let through");
                return self.move_on(armed.workflow, expected, next).await;
            }
            Err(error) => return Err(error),
        };
        let super::start::Prepared { facts, run, step, new, pass } = prepared;
        match store.fire_schedule(armed.workflow, expected, next, Some(new)).await {
            Ok(()) => {
                if run.status().is_final() {
                    self.run_error_workflow(&facts, &run).await;
                }
                self.go_on_with(facts, run, step, pass, false);
                Ok(())
            }
            // Another process fired it.
            Err(flero_store::Error::Conflict) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn move_on(
        &self,
        workflow: WorkflowId,
        expected: Timestamp,
        next: Option<Timestamp>,
    ) -> Result<()> {
        match self.0.store.fire_schedule(workflow, expected, next, None).await {
            Ok(()) | Err(flero_store::Error::Conflict) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// What a fire gives to its run.
fn fired(
    schedule: &Schedule,
    workflow: &CompiledWorkflow,
    variables: &serde_json::Map<String, Value>,
    expected: Timestamp,
    now: Timestamp,
) -> Value {
    let mut input = json!({"timestamp": expected, "scheduledFor": expected, "firedAt": now});
    if let Some(template) = &schedule.payload {
        // A payload that cannot be computed says so in its own place, as in any other field.
        let payload = gates::evaluate(template, workflow, &input, variables, now);
        input["payload"] = match payload {
            Ok(payload) => (*payload).clone(),
            Err(reason) => Value::String(format!("[EXPR-ERROR: {reason}]")),
        };
    }
    input
}
