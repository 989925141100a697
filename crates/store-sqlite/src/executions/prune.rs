//! Retention: runs that ended too long ago, and those beyond the greatest number.
//!
//! What is to go is found by a reader, and deleted in small transactions, so that runs in between are not kept
//! waiting.

use std::collections::HashSet;

use flero_model::{ExecutionId, Timestamp, WorkspaceId};
use flero_store::{Result, executions::Retention};
use rusqlite::Connection;

use crate::{
    convert::{id, signed},
    error::Outcome,
    store::SqliteStore,
};

/// Runs deleted in one transaction.
const PORTION: usize = 64;

type Doomed = (ExecutionId, Option<Vec<u8>>);

/// Deletes at most `limit` runs; returns how many.
pub(super) async fn prune(
    store: &SqliteStore,
    workspace: WorkspaceId,
    retention: Retention,
    now: Timestamp,
    limit: u32,
) -> Result<u64> {
    let doomed = store.read(move |connection| find(connection, workspace, retention, now, limit)).await?;
    let count = doomed.len() as u64;
    for portion in doomed.chunks(PORTION) {
        let portion = portion.to_vec();
        store
            .write(move |tx| {
                portion.iter().try_for_each(|(execution, credentials)| {
                    super::delete(tx, *execution, credentials.as_deref().unwrap_or_default())
                })
            })
            .await?;
    }
    Ok(count)
}

/// Ended runs that the retention does not keep. A run that has ended stays as it is, so nothing that is found
/// here can come alive before it is deleted.
fn find(
    connection: &Connection,
    workspace: WorkspaceId,
    retention: Retention,
    now: Timestamp,
    limit: u32,
) -> Outcome<Vec<Doomed>> {
    let read = |row: &rusqlite::Row<'_>| Ok((id(row, 0)?, row.get(1)?));
    let oldest = now.plus_millis(retention.max_age_ms.saturating_neg()).as_millis();
    // A run ends after it was accepted, so the first condition, which the index knows, follows from the second.
    let mut doomed: Vec<Doomed> = connection
        .prepare_cached(
            "SELECT id, credential_ids FROM execution
             WHERE workspace_id = ?1 AND created_at < ?2 AND status >= 16 AND finished_at < ?2
             ORDER BY created_at, id LIMIT ?3",
        )?
        .query_and_then((workspace.as_bytes(), oldest, limit), read)?
        .collect::<Outcome<_>>()?;
    let ended: i64 = connection
        .prepare_cached("SELECT count(*) FROM execution WHERE workspace_id = ?1 AND status >= 16")?
        .query_row([workspace.as_bytes()], |row| row.get(0))?;
    let beyond = ended.saturating_sub(signed(retention.max_count)).clamp(0, i64::from(limit));
    let oldest: Vec<Doomed> = connection
        .prepare_cached(
            "SELECT id, credential_ids FROM execution WHERE workspace_id = ?1 AND status >= 16
             ORDER BY created_at, id LIMIT ?2",
        )?
        .query_and_then((workspace.as_bytes(), beyond), read)?
        .collect::<Outcome<_>>()?;
    let known: HashSet<ExecutionId> = doomed.iter().map(|(id, _)| *id).collect();
    doomed.extend(oldest.into_iter().filter(|(id, _)| !known.contains(id)));
    doomed.truncate(limit as usize);
    Ok(doomed)
}
