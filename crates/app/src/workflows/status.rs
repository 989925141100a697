//! The status of a workflow, and what activation checks and arms.

use flero_model::{
    WorkflowId,
    audit::{AuditAction, AuditDetail},
    policy::{Action, Principal},
    workflow::WorkflowDocument,
};
use flero_store::workflows::{Workflow, WorkflowStatus};

use super::WorkflowView;
use crate::{App, Error, Result, app::permit};

impl App {
    /// Sets the status. `active` makes the current version the one that runs, after checking every reference
    /// anew as the caller, whose Personal credentials its triggers will use.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`]; [`Error::Invalid`] and [`Error::ReferenceNotFound`] when the
    /// current version cannot be activated; [`Error::WebhookPathTaken`]; [`Error::WorkflowArchived`].
    pub async fn set_workflow_status(
        &self,
        who: &Principal,
        id: WorkflowId,
        status: WorkflowStatus,
    ) -> Result<WorkflowView> {
        permit(who, Action::EditWorkflow(id))?;
        let workflow = self.store().get_workflow(who.workspace, id).await?;
        let detail = AuditDetail {
            from: Some(workflow.status.as_str().to_owned()),
            to: Some(status.as_str().to_owned()),
            version: (status == WorkflowStatus::Active).then_some(workflow.version),
            ..AuditDetail::default()
        };
        let record = self.record(who, AuditAction::WorkflowStatusChanged, id, detail);
        let changed = if status == WorkflowStatus::Active {
            self.activate(who, &workflow, record).await
        } else {
            self.store().disarm_workflow(id, status, self.now(), vec![record]).await.map_err(Error::from)
        };
        self.workflow_changed(id);
        let changed = changed?;
        let version = self.store().get_version(id, changed.version).await?;
        self.view(changed, &version)
    }

    async fn activate(
        &self,
        who: &Principal,
        workflow: &Workflow,
        record: flero_model::audit::NewAudit,
    ) -> Result<Workflow> {
        if workflow.status == WorkflowStatus::Archived {
            return Err(Error::WorkflowArchived);
        }
        let version = self.store().get_version(workflow.id, workflow.version).await?;
        let json = serde_json::from_str(&version.document)
            .map_err(|_| Error::Internal("a stored workflow cannot be read"))?;
        let document = WorkflowDocument::parse(&json).map_err(Error::Invalid)?;
        self.check_document(who, &document).await?;
        let compiled = flero_engine::CompiledWorkflow::compile(workflow.id, workflow.version, &document)
            .map_err(Error::Invalid)?;
        let mut arming = flero_engine::arming(&compiled, self.now());
        arming.event = self.0.engine.arm_event(&compiled, (who.workspace, who.organization)).await?;
        let (id, revision, now) = (workflow.id, workflow.revision, self.now());
        match self.store().activate_workflow(id, revision, who.user, now, arming, vec![record]).await {
            Ok(workflow) => Ok(workflow),
            Err(flero_store::Error::Taken { .. }) => Err(Error::WebhookPathTaken),
            Err(error) => Err(error.into()),
        }
    }
}
