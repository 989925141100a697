//! What is to be told: noted with the act itself, read by whoever fans it out.

use flero_model::{
    ExecutionId, WorkspaceId, audit::NewAudit, execution::ExecutionStatus, notification::Category,
};
use flero_store::notifications::{Event, PendingEvent};
use rusqlite::Connection;

use crate::{
    audit,
    convert::{count, id, named, signed},
    error::Outcome,
    writer::Tx,
};

/// Notes a record of the audit trail, if anybody has to be told of it.
pub(crate) fn note_record(tx: &Tx<'_>, record: &NewAudit, sequence: u64) -> Outcome<()> {
    let Some(category) = Category::of(record) else { return Ok(()) };
    tx.run(
        "INSERT INTO notification_event (category, workspace_id, sequence) VALUES (?1, ?2, ?3)",
        (category.as_str(), record.workspace.as_bytes(), signed(sequence)),
    )?;
    Ok(())
}

/// Notes a run that came to a bad end.
pub(crate) fn note_failure(tx: &Tx<'_>, execution: ExecutionId, status: ExecutionStatus) -> Outcome<()> {
    if matches!(status, ExecutionStatus::Failed | ExecutionStatus::Timeout) {
        tx.run(
            "INSERT INTO notification_event (category, workspace_id, execution_id)
             SELECT ?2, workspace_id, id FROM execution WHERE id = ?1",
            (execution.as_bytes(), Category::ExecutionFailed.as_str()),
        )?;
    }
    Ok(())
}

/// The oldest events.
pub(super) fn pending(connection: &Connection, limit: u32) -> Outcome<Vec<PendingEvent>> {
    let mut statement = connection.prepare_cached(
        "SELECT place, category, workspace_id, sequence, execution_id FROM notification_event ORDER BY place LIMIT ?1",
    )?;
    let mut rows = statement.query([limit])?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        let workspace: WorkspaceId = id(row, 2)?;
        let event = match row.get_ref(3)? {
            rusqlite::types::ValueRef::Null => Event::Failed { workspace, execution: id(row, 4)? },
            _ => Event::Recorded(Box::new(audit::one(connection, workspace, count(row, 3)?)?)),
        };
        let category = named(row, 1, "a notification's event")?;
        events.push(PendingEvent { place: row.get(0)?, category, event });
    }
    Ok(events)
}
