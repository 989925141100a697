//! Versions: reading former ones and going back to one.

use flero_model::{
    Timestamp, UserId, WorkflowId,
    policy::{Action, Principal},
    workflow::WorkflowDocument,
};
use flero_store::{Page, PageRequest};
use serde_json::Value;

use super::WorkflowView;
use crate::{App, Error, Result, app::permit};

/// One saved version.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// Which version, from 1.
    pub version: u64,
    /// Who saved it.
    pub saved_by: UserId,
    /// When.
    pub saved_at: Timestamp,
    /// The name at that time.
    pub name: String,
    /// The document.
    pub document: Value,
}

impl App {
    /// A page of versions, newest first.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`]; [`Error::InvalidCursor`].
    pub async fn list_versions(
        &self,
        who: &Principal,
        id: WorkflowId,
        page: PageRequest,
    ) -> Result<Page<Version>> {
        self.readable(who, id).await?;
        let page = self.store().list_versions(id, page).await?;
        let items = page.items.into_iter().map(version).collect::<Result<_>>()?;
        Ok(Page { items, next_cursor: page.next_cursor, total: page.total })
    }

    /// One version with its document.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`].
    pub async fn get_version(&self, who: &Principal, id: WorkflowId, number: u64) -> Result<Version> {
        self.readable(who, id).await?;
        version(self.store().get_version(id, number).await?)
    }

    /// Saves a former version as the newest one. It is checked like any other save.
    ///
    /// # Errors
    /// As [`App::update_workflow`].
    pub async fn roll_back_workflow(
        &self,
        who: &Principal,
        id: WorkflowId,
        number: u64,
    ) -> Result<WorkflowView> {
        let workflow = self.workflow_to_edit(who, id).await?;
        let former = version(self.store().get_version(id, number).await?)?;
        let document = WorkflowDocument::parse(&former.document).map_err(Error::Invalid)?;
        self.check_document(who, &document).await?;
        let saved = self.save(who, &workflow, &document, None).await?;
        self.saved_view(saved, &document)
    }

    async fn readable(&self, who: &Principal, id: WorkflowId) -> Result<()> {
        permit(who, Action::ReadWorkflow(Some(id)))?;
        self.store().get_workflow(who.workspace, id).await?;
        Ok(())
    }
}

fn version(stored: flero_store::workflows::WorkflowVersion) -> Result<Version> {
    let document: Value = serde_json::from_str(&stored.document)
        .map_err(|_| Error::Internal("a stored workflow cannot be read"))?;
    let name = document.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok(Version {
        version: stored.version,
        saved_by: stored.saved_by,
        saved_at: stored.saved_at,
        name,
        document,
    })
}
