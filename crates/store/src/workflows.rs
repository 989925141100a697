//! Workflows: every save is a version, one version may be active.

use async_trait::async_trait;
use flero_model::{CredentialId, Timestamp, UserId, WorkflowId, WorkspaceId, audit::NewAudit};
use serde::{Deserialize, Serialize};

use crate::{Page, PageRequest, Result};

/// The status of a workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
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

impl WorkflowStatus {
    /// The name as the API writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Archived => "archived",
        }
    }
}

/// What is known of a workflow besides its documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workflow {
    /// Its identifier.
    pub id: WorkflowId,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// Who made it.
    pub owner: UserId,
    /// The name in the current version.
    pub name: String,
    /// The tags in the current version.
    pub tags: Vec<String>,
    /// Its status.
    pub status: WorkflowStatus,
    /// The current version, from 1.
    pub version: u64,
    /// The version that runs for its trigger.
    pub active_version: Option<u64>,
    /// Who activated it: triggers use this member's Personal credentials.
    pub activated_by: Option<UserId>,
    /// When it was activated.
    pub activated_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last saved or changed status.
    pub updated_at: Timestamp,
    /// Counts changes of this row; the `ETag`.
    pub revision: u64,
}

impl Workflow {
    /// The draft of a workspace whose first version this is; who saved it is its owner.
    #[must_use]
    pub fn draft(workspace: WorkspaceId, first: &NewVersion) -> Self {
        let (by, at) = (first.version.saved_by, first.version.saved_at);
        Self {
            id: first.version.workflow,
            workspace,
            owner: by,
            name: first.name.clone(),
            tags: first.tags.clone(),
            status: WorkflowStatus::Draft,
            version: first.version.version,
            active_version: None,
            activated_by: None,
            activated_at: None,
            created_at: at,
            updated_at: at,
            revision: 1,
        }
    }
}

/// One saved version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkflowVersion {
    /// The workflow.
    pub workflow: WorkflowId,
    /// Which version, from 1.
    pub version: u64,
    /// The document in its JSON form.
    pub document: String,
    /// Who saved it.
    pub saved_by: UserId,
    /// When.
    pub saved_at: Timestamp,
}

/// A version to save, with what is indexed of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVersion {
    /// The version; its number is the former one plus 1 (1 for a new workflow).
    pub version: WorkflowVersion,
    /// The name in the document.
    pub name: String,
    /// The tags in the document.
    pub tags: Vec<String>,
    /// Which node refers to which credential.
    pub credentials: Vec<(String, CredentialId)>,
}

/// What activation arms.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Arming {
    /// The webhook path, unique among the active workflows of the installation. While a workflow is paused, its path
    /// is kept for its workspace.
    pub webhook_path: Option<String>,
    /// The first fire time of the schedule.
    pub next_fire: Option<Timestamp>,
    /// Whether it is run when other workflows fail.
    pub on_error: bool,
    /// The event of a connector that it waits for. A subscription to the same event goes on as it is.
    pub event: Option<crate::events::Armed>,
}

/// Which workflows are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkflowFilter {
    /// Only of this status; without one, archived workflows are left out.
    pub status: Option<WorkflowStatus>,
    /// Only whose name or tags hold this text, without regard to case.
    pub text: Option<String>,
    /// Only these (an API key that is for chosen workflows).
    pub only: Option<Vec<WorkflowId>>,
}

/// See the module.
#[async_trait]
pub trait WorkflowStore {
    /// Stores a new workflow with its first version.
    async fn create_workflow(
        &self,
        workflow: Workflow,
        first: NewVersion,
        audit: Vec<NewAudit>,
    ) -> Result<()>;

    /// Reads one of a workspace.
    async fn get_workflow(&self, workspace: WorkspaceId, id: WorkflowId) -> Result<Workflow>;

    /// Reads one whatever its workspace: for triggers and recovery, never for a person's request.
    async fn get_workflow_anywhere(&self, id: WorkflowId) -> Result<Workflow>;

    /// A page of a workspace's workflows, last changed first.
    async fn list_workflows(
        &self,
        workspace: WorkspaceId,
        filter: WorkflowFilter,
        page: PageRequest,
    ) -> Result<Page<Workflow>>;

    /// One version.
    async fn get_version(&self, id: WorkflowId, version: u64) -> Result<WorkflowVersion>;

    /// A page of versions, newest first.
    async fn list_versions(&self, id: WorkflowId, page: PageRequest) -> Result<Page<WorkflowVersion>>;

    /// Saves a new version if the revision is still the expected one, else [`crate::Error::Conflict`].
    async fn save_version(
        &self,
        expected_revision: u64,
        version: NewVersion,
        audit: Vec<NewAudit>,
    ) -> Result<Workflow>;

    /// Makes the current version the active one and arms its trigger. [`crate::Error::Taken`] when another active
    /// workflow has the webhook path; [`crate::Error::Conflict`] when the revision moved.
    async fn activate_workflow(
        &self,
        id: WorkflowId,
        expected_revision: u64,
        by: UserId,
        at: Timestamp,
        arming: Arming,
        audit: Vec<NewAudit>,
    ) -> Result<Workflow>;

    /// Disarms the trigger and sets another status.
    async fn disarm_workflow(
        &self,
        id: WorkflowId,
        status: WorkflowStatus,
        at: Timestamp,
        audit: Vec<NewAudit>,
    ) -> Result<Workflow>;

    /// Deletes a workflow, its versions, executions and schedule.
    async fn delete_workflow(
        &self,
        workspace: WorkspaceId,
        id: WorkflowId,
        audit: Vec<NewAudit>,
    ) -> Result<()>;

    /// The active workflow with a webhook path.
    async fn workflow_by_webhook(&self, path: &str) -> Result<Workflow>;

    /// Every active workflow, for arming triggers at start.
    async fn active_workflows(&self) -> Result<Vec<Workflow>>;

    /// Deletes workflows that were archived before a time; returns how many.
    async fn purge_archived(&self, before: Timestamp) -> Result<u64>;
}
