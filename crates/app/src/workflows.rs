//! Workflows: every save is a version; one version may be active.

mod check;
mod events;
mod import;
mod status;
mod versions;

pub use check::Findings;
pub use events::EventView;
pub use import::{ImportedCommand, SuggestedCredential};
pub use versions::Version;

use flero_engine::schedule::Schedule;
use flero_model::{
    Timestamp, WorkflowId,
    audit::{AuditAction, AuditDetail},
    policy::{Action, Principal},
    workflow::{NodeType, WorkflowDocument},
};
use flero_store::{
    Page, PageRequest,
    workflows::{NewVersion, Workflow, WorkflowFilter, WorkflowStatus, WorkflowVersion},
};
use serde_json::Value;

use crate::{
    App, Error, Result,
    app::{only_workflows, permit},
    pasted_secrets::{self, Warning},
    random,
};

/// How many future fires of a schedule are told.
const NEXT_RUNS: usize = 5;

/// A workflow with a document.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkflowView {
    /// What is known besides the document.
    pub workflow: Workflow,
    /// The document of the current version, in its JSON form.
    pub document: Value,
    /// Where the workflow's webhook listens while it is active; `None` without a webhook trigger.
    pub webhook_url: Option<String>,
    /// When the schedule of this document fires next, once it is active: at most five times, none without a schedule.
    pub next_runs: Vec<Timestamp>,
    /// What looks like a secret in a field; filled after a save.
    pub warnings: Vec<Warning>,
}

impl App {
    /// Makes a workflow from a document.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Invalid`] with every fault of the document; [`Error::ReferenceNotFound`] for
    /// a credential or workflow that does not exist for the caller.
    pub async fn create_workflow(&self, who: &Principal, body: &Value) -> Result<WorkflowView> {
        permit(who, Action::CreateWorkflow)?;
        let document = self.read_document(who, body).await?;
        let id = WorkflowId::new(self.now(), random::for_id()?);
        let first = self.new_version(who, id, 1, &document)?;
        let workflow = Workflow::draft(who.workspace, &first);
        let detail =
            AuditDetail { name: Some(document.name.clone()), version: Some(1), ..AuditDetail::default() };
        let record = self.record(who, AuditAction::WorkflowCreated, id, detail);
        self.store().create_workflow(workflow, first, vec![record]).await?;
        // Read back, so that the revision is the store's own.
        let workflow = self.store().get_workflow(who.workspace, id).await?;
        self.saved_view(workflow, &document)
    }

    /// Reads a workflow with its current document.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`].
    pub async fn get_workflow(&self, who: &Principal, id: WorkflowId) -> Result<WorkflowView> {
        permit(who, Action::ReadWorkflow(Some(id)))?;
        let workflow = self.store().get_workflow(who.workspace, id).await?;
        let version = self.store().get_version(id, workflow.version).await?;
        self.view(workflow, &version)
    }

    /// A page of workflows, last changed first.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::InvalidCursor`].
    pub async fn list_workflows(
        &self,
        who: &Principal,
        mut filter: WorkflowFilter,
        page: PageRequest,
    ) -> Result<Page<Workflow>> {
        permit(who, Action::ReadWorkflow(None))?;
        filter.only = only_workflows(who);
        Ok(self.store().list_workflows(who.workspace, filter, page).await?)
    }

    /// Saves a new version. What is active goes on as it is until the workflow is activated again.
    ///
    /// # Errors
    /// As [`App::create_workflow`]; [`Error::Changed`] when `expected` is no longer the revision;
    /// [`Error::WorkflowArchived`].
    pub async fn update_workflow(
        &self,
        who: &Principal,
        id: WorkflowId,
        body: &Value,
        expected: Option<u64>,
    ) -> Result<WorkflowView> {
        let workflow = self.workflow_to_edit(who, id).await?;
        let document = self.read_document(who, body).await?;
        let saved = self.save(who, &workflow, &document, expected).await?;
        self.saved_view(saved, &document)
    }

    /// Deletes a workflow with its versions and executions.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`].
    pub async fn delete_workflow(&self, who: &Principal, id: WorkflowId) -> Result<()> {
        // The most favourable case first, so that a caller who may not delete at all learns nothing of what exists.
        permit(who, Action::DeleteWorkflow { id, owner: who.user })?;
        let workflow = self.store().get_workflow(who.workspace, id).await?;
        permit(who, Action::DeleteWorkflow { id, owner: workflow.owner })?;
        let detail = AuditDetail { name: Some(workflow.name), ..AuditDetail::default() };
        let record = self.record(who, AuditAction::WorkflowDeleted, id, detail);
        let done = self.store().delete_workflow(who.workspace, id, vec![record]).await;
        self.workflow_changed(id);
        Ok(done?)
    }

    /// The workflow, if the caller may edit it and it is not put away.
    async fn workflow_to_edit(&self, who: &Principal, id: WorkflowId) -> Result<Workflow> {
        permit(who, Action::EditWorkflow(id))?;
        let workflow = self.store().get_workflow(who.workspace, id).await?;
        if workflow.status == WorkflowStatus::Archived {
            return Err(Error::WorkflowArchived);
        }
        Ok(workflow)
    }

    async fn save(
        &self,
        who: &Principal,
        workflow: &Workflow,
        document: &WorkflowDocument,
        expected: Option<u64>,
    ) -> Result<Workflow> {
        let number = workflow.version + 1;
        let version = self.new_version(who, workflow.id, number, document)?;
        let detail = AuditDetail {
            version: Some(number),
            name: Some(document.name.clone()),
            ..AuditDetail::default()
        };
        let record = self.record(who, AuditAction::WorkflowSaved, workflow.id, detail);
        let saved =
            self.store().save_version(expected.unwrap_or(workflow.revision), version, vec![record]).await;
        self.workflow_changed(workflow.id);
        Ok(saved?)
    }

    fn new_version(
        &self,
        who: &Principal,
        id: WorkflowId,
        number: u64,
        document: &WorkflowDocument,
    ) -> Result<NewVersion> {
        let text = serde_json::to_string(document)
            .map_err(|_| Error::Internal("a workflow could not be written as JSON"))?;
        let credentials =
            document.nodes.iter().filter_map(|node| Some((node.id.clone(), node.credential_id?))).collect();
        Ok(NewVersion {
            version: WorkflowVersion {
                workflow: id,
                version: number,
                document: text,
                saved_by: who.user,
                saved_at: self.now(),
            },
            name: document.name.clone(),
            tags: document.tags.clone(),
            credentials,
        })
    }

    fn view(&self, workflow: Workflow, version: &WorkflowVersion) -> Result<WorkflowView> {
        let document: Value = serde_json::from_str(&version.document)
            .map_err(|_| Error::Internal("a stored workflow cannot be read"))?;
        let parsed = WorkflowDocument::parse(&document).ok();
        let webhook_url = parsed.as_ref().and_then(|parsed| self.webhook_url(parsed));
        let next_runs = parsed.as_ref().map(|parsed| self.next_runs(parsed)).unwrap_or_default();
        Ok(WorkflowView { workflow, document, webhook_url, next_runs, warnings: Vec::new() })
    }

    fn saved_view(&self, workflow: Workflow, document: &WorkflowDocument) -> Result<WorkflowView> {
        let warnings = pasted_secrets::scan(document);
        let webhook_url = self.webhook_url(document);
        let next_runs = self.next_runs(document);
        let document = serde_json::to_value(document)
            .map_err(|_| Error::Internal("a workflow could not be written as JSON"))?;
        Ok(WorkflowView { workflow, document, webhook_url, next_runs, warnings })
    }

    /// The next fires of a document's schedule. One that cannot be read has none; saving it says why.
    fn next_runs(&self, document: &WorkflowDocument) -> Vec<Timestamp> {
        let trigger =
            document.nodes.iter().find(|node| node.kind == NodeType::ScheduleTrigger && !node.disabled);
        let schedule = trigger.and_then(|node| Schedule::parse(&node.parameters).ok());
        let Some(schedule) = schedule else { return Vec::new() };
        let fires = std::iter::successors(schedule.next_after(self.now()), |fire| schedule.next_after(*fire));
        fires.take(NEXT_RUNS).collect()
    }

    fn webhook_url(&self, document: &WorkflowDocument) -> Option<String> {
        let trigger = document.nodes.iter().find(|node| node.kind == NodeType::WebhookTrigger)?;
        let path = trigger.parameters.get("path")?.as_str()?;
        Some(format!("{}/webhook/{}", self.0.public_url, path.trim_start_matches('/')))
    }
}
