//! One workflow, or one version of it, as a row.

use flero_model::WorkflowId;
use flero_store::{
    Error,
    workflows::{Workflow, WorkflowVersion},
};
use rusqlite::{Connection, Params, Row};

use crate::{
    convert::{count, from_json, id, id_or_none, named, time, time_or_none},
    error::Outcome,
};

/// The columns that [`read`] reads, in its order.
pub(super) const COLUMNS: &str = "w.id, w.workspace_id, w.owner_id, w.name, w.tags, w.status, w.version, \
    w.active_version, w.activated_by, w.activated_at, w.created_at, w.updated_at, w.revision";

/// The columns that [`version`] reads, in its order.
pub(super) const VERSION: &str = "workflow_id, version, document, saved_by, saved_at";

/// A workflow from [`COLUMNS`].
pub(super) fn read(row: &Row<'_>) -> Outcome<Workflow> {
    Ok(Workflow {
        id: id(row, 0)?,
        workspace: id(row, 1)?,
        owner: id(row, 2)?,
        name: row.get(3)?,
        tags: from_json(row, 4, "a workflow")?,
        status: named(row, 5, "a workflow")?,
        version: count(row, 6)?,
        active_version: row.get::<_, Option<i64>>(7)?.map(i64::cast_unsigned),
        activated_by: id_or_none(row, 8)?,
        activated_at: time_or_none(row, 9)?,
        created_at: time(row, 10)?,
        updated_at: time(row, 11)?,
        revision: count(row, 12)?,
    })
}

/// The only workflow that meets a condition.
pub(super) fn get_where(
    connection: &Connection,
    condition: &str,
    parameters: impl Params,
) -> Outcome<Workflow> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM workflow AS w WHERE {condition}"))?;
    let mut rows = statement.query(parameters)?;
    read(rows.next()?.ok_or(Error::NotFound)?)
}

/// Reads one.
pub(super) fn get(connection: &Connection, id: WorkflowId) -> Outcome<Workflow> {
    get_where(connection, "w.id = ?1", [id.as_bytes()])
}

/// A version from [`VERSION`].
pub(super) fn version(row: &Row<'_>) -> rusqlite::Result<WorkflowVersion> {
    Ok(WorkflowVersion {
        workflow: id(row, 0)?,
        version: count(row, 1)?,
        document: row.get(2)?,
        saved_by: id(row, 3)?,
        saved_at: time(row, 4)?,
    })
}
