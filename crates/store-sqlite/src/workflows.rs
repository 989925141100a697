//! Workflows, their versions, and what activation arms.

mod change;
mod list;
mod row;

use async_trait::async_trait;
use flero_model::{Timestamp, UserId, WorkflowId, WorkspaceId, audit::NewAudit};
use flero_store::{
    Error, Page, PageRequest, Result, WorkflowStore,
    workflows::{Arming, NewVersion, Workflow, WorkflowFilter, WorkflowStatus, WorkflowVersion},
};

use crate::{
    convert::{id, signed},
    error::Outcome,
    page::{Key, List, Window},
    store::SqliteStore,
};

pub(crate) use change::disarm;

#[async_trait]
impl WorkflowStore for SqliteStore {
    async fn create_workflow(
        &self,
        workflow: Workflow,
        first: NewVersion,
        audit: Vec<NewAudit>,
    ) -> Result<()> {
        self.write(move |tx| change::create(tx, &workflow, &first, &audit)).await
    }

    async fn get_workflow(&self, workspace: WorkspaceId, id: WorkflowId) -> Result<Workflow> {
        let workflow = self.get_workflow_anywhere(id).await?;
        if workflow.workspace == workspace { Ok(workflow) } else { Err(Error::NotFound) }
    }

    async fn get_workflow_anywhere(&self, id: WorkflowId) -> Result<Workflow> {
        self.look_up(|connection| row::get(connection, id)).await
    }

    async fn list_workflows(
        &self,
        workspace: WorkspaceId,
        filter: WorkflowFilter,
        page: PageRequest,
    ) -> Result<Page<Workflow>> {
        self.read(move |connection| list::list(connection, workspace, &filter, &page)).await
    }

    async fn get_version(&self, id: WorkflowId, version: u64) -> Result<WorkflowVersion> {
        self.look_up(|connection| {
            let sql = format!(
                "SELECT {} FROM workflow_version WHERE workflow_id = ?1 AND version = ?2",
                row::VERSION
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query((id.as_bytes(), signed(version)))?;
            Ok(row::version(rows.next()?.ok_or(Error::NotFound)?)?)
        })
        .await
    }

    async fn list_versions(&self, id: WorkflowId, page: PageRequest) -> Result<Page<WorkflowVersion>> {
        self.read(move |connection| {
            let window = Window::new(List::Versions, &page)?;
            let items = connection
                .prepare_cached(&format!(
                    "SELECT {} FROM workflow_version WHERE workflow_id = ?1 AND version < ?2
                     ORDER BY version DESC LIMIT ?3",
                    row::VERSION
                ))?
                .query_and_then((id.as_bytes(), window.after.number, window.rows()), row::version)?
                .collect::<rusqlite::Result<Vec<_>>>()?;
            let total = connection
                .prepare_cached("SELECT count(*) FROM workflow_version WHERE workflow_id = ?1")?
                .query_row([id.as_bytes()], |row| row.get(0))?;
            Ok(window.page(items, total, |version| Key::of(signed(version.version))))
        })
        .await
    }

    async fn save_version(
        &self,
        expected_revision: u64,
        version: NewVersion,
        audit: Vec<NewAudit>,
    ) -> Result<Workflow> {
        self.write(move |tx| change::save(tx, expected_revision, &version, &audit)).await
    }

    async fn activate_workflow(
        &self,
        id: WorkflowId,
        expected_revision: u64,
        by: UserId,
        at: Timestamp,
        arming: Arming,
        audit: Vec<NewAudit>,
    ) -> Result<Workflow> {
        self.write(move |tx| change::activate(tx, id, expected_revision, (by, at), &arming, &audit)).await
    }

    async fn disarm_workflow(
        &self,
        id: WorkflowId,
        status: WorkflowStatus,
        at: Timestamp,
        audit: Vec<NewAudit>,
    ) -> Result<Workflow> {
        self.write(move |tx| change::disarm(tx, id, status, at, &audit)).await
    }

    async fn delete_workflow(
        &self,
        workspace: WorkspaceId,
        id: WorkflowId,
        audit: Vec<NewAudit>,
    ) -> Result<()> {
        self.write(move |tx| {
            if row::get(tx.connection, id)?.workspace != workspace {
                return Err(Error::NotFound.into());
            }
            change::delete(tx, workspace, id)?;
            tx.record(&audit)
        })
        .await
    }

    async fn workflow_by_webhook(&self, path: &str) -> Result<Workflow> {
        self.look_up(|connection| row::get_where(connection, "w.webhook_path = ?1", [path])).await
    }

    async fn active_workflows(&self) -> Result<Vec<Workflow>> {
        self.read(|connection| {
            connection
                .prepare_cached(&format!(
                    "SELECT {} FROM workflow AS w WHERE w.status = 'active' ORDER BY w.id",
                    row::COLUMNS
                ))?
                .query_and_then([], row::read)?
                .collect()
        })
        .await
    }

    async fn purge_archived(&self, before: Timestamp) -> Result<u64> {
        let found = self
            .read(move |connection| {
                connection
                    .prepare_cached("SELECT id FROM workflow WHERE status = 'archived' AND archived_at < ?1")?
                    .query_and_then([before.as_millis()], |row| Ok(id::<WorkflowId>(row, 0)?))?
                    .collect::<Outcome<Vec<_>>>()
            })
            .await?;
        let mut purged = 0;
        for id in found {
            // It may have been restored in the meantime, so it is looked at again where nobody else writes.
            let gone = self.write(move |tx| change::purge(tx, id, before)).await?;
            purged += u64::from(gone);
        }
        Ok(purged)
    }
}
