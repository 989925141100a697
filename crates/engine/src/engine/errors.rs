//! The `workflow` error policy: another workflow is run with the error.

use std::sync::Arc;

use flero_model::{
    execution::{ExecutionStatus, TriggerKind},
    workflow::{ErrorPolicy, NodeType},
};
use flero_store::workflows::WorkflowStatus;
use serde_json::json;

use super::{Engine, drive::Facts, start::Extra};
use crate::{Error, Result, StartRun, failure::Class, run::Run};

impl Engine {
    /// Runs the error workflow of a run that ended badly, once. That it cannot be run is told in the log: the
    /// failed run ends all the same.
    pub(super) async fn run_error_workflow(&self, facts: &Facts, run: &Run) {
        let settings = &facts.workflow.settings;
        let ended_badly = matches!(run.status(), ExecutionStatus::Failed | ExecutionStatus::Timeout);
        // A run that handles an error never sets off another one, so that two workflows cannot go round. Of a test
        // only the person who made it wants to know.
        if settings.error_policy != ErrorPolicy::Workflow
            || !ended_badly
            || matches!(facts.trigger, TriggerKind::Error { .. } | TriggerKind::Test)
        {
            return;
        }
        if let Err(error) = self.start_error_workflow(facts, run).await {
            tracing::warn!(execution = %facts.id, %error, "the error workflow could not be run");
        }
    }

    async fn start_error_workflow(&self, facts: &Facts, run: &Run) -> Result<()> {
        let Some(id) = facts.workflow.settings.error_workflow_id else { return Ok(()) };
        let workflow = self.0.store.get_workflow(facts.workspace, id).await?;
        // It acts as its own activation says, not as the failed run: it can do no more than its own grants.
        let (Some(version), Some(acting_for), WorkflowStatus::Active) =
            (workflow.active_version, workflow.activated_by, workflow.status)
        else {
            return Err(Error::NoEntry { wanted: "active ErrorTrigger" });
        };
        let compiled = self.workflow(id, version).await?;
        let error = run.error();
        let node = run.failed_node().map(|node| facts.workflow.node(node));
        let class = error.map_or("other", |error| Class::of_code(&error.code).as_str());
        let input = json!({
            "error": {
                "code": error.map(|error| &error.code),
                "message": error.map(|error| &error.message),
                "class": class,
                "nodeId": node.map(|node| &*node.id),
                "node": node.map(|node| &*node.name),
            },
            "execution": {
                "id": facts.id, "status": run.status(), "startedAt": run.started, "trigger": facts.trigger.as_str(),
            },
            "workflow": {
                "id": facts.workflow.id, "name": &*facts.workflow.name, "version": facts.workflow.version,
            },
        });
        let (variables, _) = self.0.store.get_variables(facts.workspace).await?;
        let start = StartRun {
            workflow: compiled,
            workspace: facts.workspace,
            organization: facts.organization,
            trigger: TriggerKind::Error { failed: facts.id },
            entry: Some(NodeType::ErrorTrigger),
            input,
            acting_for,
            variables: Arc::new(variables),
            idempotency_key: Some(format!("error-{}", facts.id)),
            audit: Vec::new(),
            given: crate::Given::default(),
        };
        // Starting a run can start a run: the future is boxed to have a size.
        Box::pin(self.start_run(start, Extra::default())).await.map(|_| ())
    }
}
