//! Changes of workflows.

use flero_model::{Timestamp, UserId, WorkflowId, WorkspaceId, audit::NewAudit};
use flero_store::{
    Error,
    workflows::{Arming, NewVersion, Workflow, WorkflowStatus},
};
use rusqlite::params;

use super::row;
use crate::{
    convert::{id, millis, searchable, signed, to_json},
    error::{OrTaken, Outcome},
    executions,
    writer::Tx,
};

fn search(version: &NewVersion) -> String {
    searchable(std::iter::once(version.name.as_str()).chain(version.tags.iter().map(String::as_str)))
}

/// Inserts a workflow and its first version.
pub(super) fn create(
    tx: &mut Tx<'_>,
    workflow: &Workflow,
    first: &NewVersion,
    audit: &[NewAudit],
) -> Outcome<()> {
    if first.version.workflow != workflow.id || first.version.version != workflow.version {
        return Err(Error::Refused { rule: "the first version belongs to another workflow" }.into());
    }
    tx.connection
        .prepare_cached(
            "INSERT INTO workflow (id, workspace_id, owner_id, name, tags, status, version, active_version,
                activated_by, activated_at, created_at, updated_at, archived_at, revision, search)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        )?
        .execute(params![
            workflow.id.as_bytes(),
            workflow.workspace.as_bytes(),
            workflow.owner.as_bytes(),
            first.name,
            to_json(&first.tags)?,
            workflow.status.as_str(),
            signed(workflow.version),
            workflow.active_version.map(signed),
            workflow.activated_by.as_ref().map(UserId::as_bytes),
            millis(workflow.activated_at),
            workflow.created_at.as_millis(),
            workflow.updated_at.as_millis(),
            (workflow.status == WorkflowStatus::Archived).then_some(workflow.updated_at.as_millis()),
            signed(workflow.revision),
            search(first),
        ])
        .or_taken("workflow id")?;
    insert_version(tx, first)?;
    tx.record(audit)
}

/// Saves the next version.
pub(super) fn save(
    tx: &mut Tx<'_>,
    expected_revision: u64,
    next: &NewVersion,
    audit: &[NewAudit],
) -> Outcome<Workflow> {
    let version = &next.version;
    let workflow = row::get(tx.connection, version.workflow)?;
    if workflow.revision != expected_revision || workflow.version + 1 != version.version {
        return Err(Error::Conflict.into());
    }
    tx.run(
        "UPDATE workflow SET name = ?2, tags = ?3, version = ?4, updated_at = ?5, search = ?6,
                revision = revision + 1
         WHERE id = ?1",
        (
            version.workflow.as_bytes(),
            &next.name,
            to_json(&next.tags)?,
            signed(version.version),
            version.saved_at.as_millis(),
            search(next),
        ),
    )?;
    insert_version(tx, next)?;
    tx.record(audit)?;
    row::get(tx.connection, version.workflow)
}

fn insert_version(tx: &Tx<'_>, new: &NewVersion) -> Outcome<()> {
    let version = &new.version;
    tx.run(
        "INSERT INTO workflow_version (workflow_id, version, document, saved_by, saved_at)
         VALUES (?1, ?2, ?3, ?4, ?5)",
        (
            version.workflow.as_bytes(),
            signed(version.version),
            &version.document,
            version.saved_by.as_bytes(),
            version.saved_at.as_millis(),
        ),
    )?;
    for (node, credential) in &new.credentials {
        tx.run(
            "INSERT INTO workflow_reference (workflow_id, version, node, credential_id) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO NOTHING",
            (version.workflow.as_bytes(), signed(version.version), node, credential.as_bytes()),
        )?;
    }
    Ok(())
}

/// Activates the current version.
pub(super) fn activate(
    tx: &mut Tx<'_>,
    id: WorkflowId,
    expected_revision: u64,
    (by, at): (UserId, Timestamp),
    arming: &Arming,
    audit: &[NewAudit],
) -> Outcome<Workflow> {
    let workflow = row::get(tx.connection, id)?;
    if workflow.revision != expected_revision {
        return Err(Error::Conflict.into());
    }
    let kept_elsewhere = tx
        .connection
        .prepare_cached("SELECT 1 FROM workflow WHERE kept_webhook_path = ?1 AND workspace_id <> ?2")?
        .exists((&arming.webhook_path, workflow.workspace.as_bytes()))?;
    if kept_elsewhere {
        return Err(Error::Taken { what: "webhook path" }.into());
    }
    tx.connection
        .prepare_cached(
            "UPDATE workflow SET status = 'active', active_version = version, activated_by = ?2, activated_at = ?3,
                updated_at = ?3, archived_at = NULL, revision = revision + 1, webhook_path = ?4,
                kept_webhook_path = ?4, next_fire = ?5, on_error = ?6
             WHERE id = ?1",
        )?
        .execute((
            id.as_bytes(),
            by.as_bytes(),
            at.as_millis(),
            &arming.webhook_path,
            millis(arming.next_fire),
            arming.on_error,
        ))
        .or_taken("webhook path")?;
    crate::events::arm::activate(tx, (workflow.workspace, id), by, at, arming.event.as_ref())?;
    tx.record(audit)?;
    row::get(tx.connection, id)
}

/// Disarms and sets another status.
pub(crate) fn disarm(
    tx: &mut Tx<'_>,
    id: WorkflowId,
    status: WorkflowStatus,
    at: Timestamp,
    audit: &[NewAudit],
) -> Outcome<Workflow> {
    if status == WorkflowStatus::Active {
        return Err(Error::Refused { rule: "a workflow becomes active only by its activation" }.into());
    }
    let archived_at = (status == WorkflowStatus::Archived).then_some(at.as_millis());
    let changed = tx.run(
        "UPDATE workflow SET status = ?2, active_version = NULL, activated_by = NULL, activated_at = NULL,
            updated_at = ?3, archived_at = ?4, revision = revision + 1, webhook_path = NULL, next_fire = NULL,
            on_error = 0, kept_webhook_path = CASE WHEN ?2 = 'archived' THEN NULL ELSE kept_webhook_path END
         WHERE id = ?1",
        (id.as_bytes(), status.as_str(), at.as_millis(), archived_at),
    )?;
    if changed == 0 {
        return Err(Error::NotFound.into());
    }
    crate::events::arm::pause(tx, id, at)?;
    tx.record(audit)?;
    row::get(tx.connection, id)
}

/// Deletes a workflow with everything that belongs to it but its audit records.
pub(super) fn delete(tx: &Tx<'_>, workspace: WorkspaceId, workflow: WorkflowId) -> Outcome<()> {
    let runs = tx
        .connection
        .prepare_cached(
            "SELECT id, credential_ids FROM execution WHERE workspace_id = ?1 AND workflow_id = ?2",
        )?
        .query_and_then((workspace.as_bytes(), workflow.as_bytes()), |row| {
            Ok((id(row, 0)?, row.get::<_, Option<Vec<u8>>>(1)?))
        })?
        .collect::<Outcome<Vec<_>>>()?;
    for (execution, credentials) in runs {
        executions::delete(tx, execution, credentials.as_deref().unwrap_or_default())?;
    }
    crate::events::arm::end(tx, workflow)?;
    for sql in [
        "DELETE FROM workflow_reference WHERE workflow_id = ?1",
        "DELETE FROM workflow_version WHERE workflow_id = ?1",
        "DELETE FROM workflow WHERE id = ?1",
    ] {
        tx.run(sql, [workflow.as_bytes()])?;
    }
    Ok(())
}

/// Deletes an archived workflow if it still is one.
pub(super) fn purge(tx: &Tx<'_>, id: WorkflowId, before: Timestamp) -> Outcome<bool> {
    let still = tx
        .connection
        .prepare_cached("SELECT 1 FROM workflow WHERE id = ?1 AND status = 'archived' AND archived_at < ?2")?
        .exists((id.as_bytes(), before.as_millis()))?;
    if still {
        delete(tx, row::get(tx.connection, id)?.workspace, id)?;
    }
    Ok(still)
}
