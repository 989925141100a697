//! Executions: the busiest part of the store. Accepting and appending are a handful of prepared statements each.

mod hot;
mod journal;
mod list;
mod prune;
mod row;

use async_trait::async_trait;
use flero_model::{
    ExecutionId, NodeInstanceId, Timestamp, WorkflowId, WorkspaceId,
    audit::{AuditAction, AuditDetail, NewAudit},
    execution::ExecutionStatus,
};
use flero_store::{
    Error, ExecutionStore, Page, PageRequest, Result,
    executions::{Accepted, Execution, ExecutionFilter, ExecutionStep, NewExecution, Retention},
};

use crate::{
    audit::Prepared,
    convert::{count, id},
    error::Outcome,
    store::SqliteStore,
    writer::Tx,
};

pub(crate) use hot::accept;

/// Deletes a run with all that belongs to it. Audit records stay.
pub(crate) fn delete(tx: &Tx<'_>, execution: ExecutionId, credentials: &[u8]) -> Outcome<()> {
    let id = execution.as_bytes();
    tx.run("DELETE FROM execution_journal WHERE execution_id = ?1", [id])?;
    for credential in credentials.chunks_exact(16) {
        tx.run(
            "DELETE FROM credential_execution WHERE credential_id = ?1 AND execution_id = ?2",
            (credential, id),
        )?;
    }
    tx.run("DELETE FROM execution WHERE id = ?1", [id])?;
    Ok(())
}

/// Gives orphans to a new process. Being one transaction on the only writer, no two callers get the same.
fn claim(tx: &Tx<'_>, owner: NodeInstanceId, dead_before: Timestamp, limit: u32) -> Outcome<Vec<Execution>> {
    let found = tx
        .connection
        .prepare_cached(&format!(
            "SELECT {} FROM execution AS e
             WHERE e.status < 16 AND e.owner <> ?1
               AND e.owner NOT IN (SELECT id FROM node_instance WHERE reported_at >= ?2)
             ORDER BY e.created_at, e.id LIMIT ?3",
            row::COLUMNS
        ))?
        .query_and_then((owner.as_bytes(), dead_before.as_millis(), limit), row::read)?
        .collect::<Outcome<Vec<_>>>()?;
    for execution in &found {
        tx.run("UPDATE execution SET owner = ?2 WHERE id = ?1", (execution.id.as_bytes(), owner.as_bytes()))?;
    }
    Ok(found)
}

fn cancel(
    tx: &mut Tx<'_>,
    workspace: WorkspaceId,
    execution: ExecutionId,
    audit: NewAudit,
) -> Outcome<Option<NodeInstanceId>> {
    let run = row::get(tx.connection, execution)?;
    if run.workspace != workspace {
        return Err(Error::NotFound.into());
    }
    if run.status.is_final() {
        return Ok(None);
    }
    tx.run("UPDATE execution SET cancel_requested = 1 WHERE id = ?1", [execution.as_bytes()])?;
    tx.record(&[audit])?;
    let owner = tx
        .connection
        .prepare_cached("SELECT owner FROM execution WHERE id = ?1")?
        .query_row([execution.as_bytes()], |row| id(row, 0))?;
    Ok(Some(owner))
}

/// Notes that every run of a workspace is to be stopped, on behalf of whoever did what `because` tells.
pub(crate) fn cancel_all(
    tx: &mut Tx<'_>,
    workspace: WorkspaceId,
    because: &NewAudit,
) -> Outcome<Vec<(ExecutionId, NodeInstanceId)>> {
    let open: Vec<(ExecutionId, NodeInstanceId, WorkflowId)> = tx
        .connection
        .prepare_cached(
            "UPDATE execution SET cancel_requested = 1 WHERE workspace_id = ?1 AND status < 16
             RETURNING id, owner, workflow_id",
        )?
        .query_map([workspace.as_bytes()], |row| Ok((id(row, 0)?, id(row, 1)?, id(row, 2)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (execution, _, workflow) in &open {
        let detail = AuditDetail { workflow: Some(*workflow), ..AuditDetail::default() };
        let (action, target) = (AuditAction::ExecutionCancelled, execution.to_string());
        tx.record(&[NewAudit { action, target, detail, ..because.clone() }])?;
    }
    Ok(open.into_iter().map(|(execution, owner, _)| (execution, owner)).collect())
}

#[async_trait]
impl ExecutionStore for SqliteStore {
    async fn accept_execution(&self, new: NewExecution) -> Result<Accepted> {
        let audit = Prepared::all(&new.audit)?;
        self.write_unguarded(move |tx| hot::accept(tx, &new, &audit)).await
    }

    async fn append_execution(&self, step: ExecutionStep) -> Result<()> {
        let audit = Prepared::all(&step.audit)?;
        self.write_unguarded(move |tx| hot::append(tx, &step, &audit)).await
    }

    async fn get_execution(&self, workspace: WorkspaceId, id: ExecutionId) -> Result<Execution> {
        let execution = self.get_execution_anywhere(id).await?;
        if execution.workspace == workspace { Ok(execution) } else { Err(Error::NotFound) }
    }

    async fn get_execution_anywhere(&self, id: ExecutionId) -> Result<Execution> {
        self.look_up(|connection| row::get(connection, id)).await
    }

    async fn execution_journal(&self, id: ExecutionId) -> Result<Vec<Vec<u8>>> {
        self.read(move |connection| journal::read(connection, id)).await
    }

    async fn list_executions(
        &self,
        workspace: WorkspaceId,
        filter: ExecutionFilter,
        page: PageRequest,
    ) -> Result<Page<Execution>> {
        self.read(move |connection| list::list(connection, workspace, &filter, &page)).await
    }

    async fn claim_orphans(
        &self,
        owner: NodeInstanceId,
        dead_before: Timestamp,
        limit: u32,
    ) -> Result<Vec<Execution>> {
        self.write(move |tx| claim(tx, owner, dead_before, limit)).await
    }

    async fn due_executions(
        &self,
        owner: NodeInstanceId,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<ExecutionId>> {
        self.look_up(|connection| {
            connection
                .prepare_cached(
                    "SELECT id FROM execution WHERE status < 16 AND owner = ?1 AND wake_at <= ?2
                     ORDER BY wake_at, id LIMIT ?3",
                )?
                .query_and_then((owner.as_bytes(), now.as_millis(), limit), |row| Ok(id(row, 0)?))?
                .collect()
        })
        .await
    }

    async fn request_cancel(
        &self,
        workspace: WorkspaceId,
        id: ExecutionId,
        audit: NewAudit,
    ) -> Result<Option<NodeInstanceId>> {
        self.write(move |tx| cancel(tx, workspace, id, audit)).await
    }

    async fn count_open_executions(&self) -> Result<Vec<(ExecutionStatus, u64)>> {
        self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT status, count(*) FROM execution WHERE status < 16 GROUP BY status ORDER BY status",
                )?
                .query_and_then([], |row| Ok((row::status_column(row, 0)?, count(row, 1)?)))?
                .collect()
        })
        .await
    }

    async fn prune_executions(
        &self,
        workspace: WorkspaceId,
        retention: Retention,
        now: Timestamp,
        limit: u32,
    ) -> Result<u64> {
        prune::prune(self, workspace, retention, now, limit).await
    }
}
