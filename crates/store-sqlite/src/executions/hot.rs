//! Accepting a run and appending a transition.

use flero_model::{CredentialId, ExecutionId};
use flero_store::{
    Error,
    executions::{Accepted, ExecutionStep, NewExecution},
};
use rusqlite::OptionalExtension;

use super::{
    journal,
    row::{status_number, trigger_columns},
};
use crate::{
    audit::Prepared,
    convert::{id, millis, signed},
    error::{OrTaken, Outcome},
    notifications,
    writer::Tx,
};

const INSERT: &str = "INSERT INTO execution (id, workspace_id, workflow_id, version, status, trigger_kind,
        trigger_source, acting_for, owner, created_at, started_at, finished_at, wake_at, cancel_requested,
        error_code, error_message, idempotency_key, journal_length, credential_ids)
     SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19
     WHERE EXISTS (SELECT 1 FROM workflow WHERE id = ?3 AND workspace_id = ?2)";

const UPDATE: &str =
    "UPDATE execution SET status = ?4, started_at = coalesce(started_at, ?5), finished_at = ?6,
        wake_at = ?7, error_code = ?8, error_message = ?9, journal_length = journal_length + ?10,
        credential_ids = CASE WHEN ?11 IS NULL THEN credential_ids
                              ELSE CAST(coalesce(credential_ids, x'') || ?11 AS BLOB) END
     WHERE id = ?1 AND owner = ?2 AND journal_length = ?3 AND status < 16";

/// Accepts a run. The row is made only if the workflow is there and in the same workspace.
///
/// Whatever can be refused is refused before anything is written ([`crate::writer::Writer::write_unguarded`]).
pub(crate) fn accept(tx: &mut Tx<'_>, new: &NewExecution, audit: &[Prepared]) -> Outcome<Accepted> {
    let run = &new.execution;
    if let Some(existing) = by_idempotency_key(tx, new)? {
        return Ok(Accepted::Existing(existing));
    }
    let (trigger_kind, trigger_source) = trigger_columns(&run.trigger);
    let mut statement = tx.connection.prepare_cached(INSERT)?;
    let inserted = statement
        .execute(rusqlite::params![
            run.id.as_bytes(),
            run.workspace.as_bytes(),
            run.workflow.as_bytes(),
            signed(run.version),
            status_number(run.status),
            trigger_kind,
            trigger_source,
            run.acting_for.as_bytes(),
            new.owner.as_bytes(),
            run.created_at.as_millis(),
            millis(run.started_at),
            millis(run.finished_at),
            millis(new.wake_at),
            run.cancel_requested,
            run.error.as_ref().map(|error| &error.code),
            run.error.as_ref().map(|error| &error.message),
            new.idempotency_key,
            signed(new.journal.len() as u64),
            packed_ids(&new.credentials),
        ])
        .or_taken("execution id")?;
    if inserted == 0 {
        return Err(Error::NotFound.into());
    }
    journal::append(tx, run.id, 0, &new.journal)?;
    note_uses(tx, run.id, &new.credentials)?;
    notifications::note_failure(tx, run.id, run.status)?;
    tx.record_prepared(audit)?;
    Ok(Accepted::New)
}

/// Appends a transition. What holds for [`accept`] holds here.
pub(super) fn append(tx: &mut Tx<'_>, step: &ExecutionStep, audit: &[Prepared]) -> Outcome<()> {
    if step.status.is_final() && step.finished_at.is_none() {
        return Err(Error::Refused { rule: "a run that has ended has a time of its end" }.into());
    }
    let fresh = new_uses(tx, step.id, &step.credentials)?;
    let changed = tx.run(
        UPDATE,
        rusqlite::params![
            step.id.as_bytes(),
            step.owner.as_bytes(),
            signed(step.sequence),
            status_number(step.status),
            millis(step.started_at),
            millis(step.finished_at),
            millis(step.wake_at),
            step.error.as_ref().map(|error| &error.code),
            step.error.as_ref().map(|error| &error.message),
            signed(step.journal.len() as u64),
            packed_ids(&fresh),
        ],
    )?;
    if changed == 0 {
        // It is not there, or another process has it, or its journal or state moved on.
        super::row::get(tx.connection, step.id)?;
        return Err(Error::Conflict.into());
    }
    if step.discard {
        discard(tx, step.id)?;
    } else {
        journal::append(tx, step.id, step.sequence, &step.journal)?;
        note_uses(tx, step.id, &fresh)?;
        notifications::note_failure(tx, step.id, step.status)?;
    }
    tx.record_prepared(audit)
}

fn by_idempotency_key(tx: &Tx<'_>, new: &NewExecution) -> Outcome<Option<ExecutionId>> {
    let Some(key) = &new.idempotency_key else { return Ok(None) };
    Ok(tx
        .connection
        .prepare_cached("SELECT id FROM execution WHERE workflow_id = ?1 AND idempotency_key = ?2")?
        .query_row((new.execution.workflow.as_bytes(), key), |row| id(row, 0))
        .optional()?)
}

/// Those of the credentials that the run has not used before, each once.
fn new_uses(tx: &Tx<'_>, execution: ExecutionId, credentials: &[CredentialId]) -> Outcome<Vec<CredentialId>> {
    if credentials.is_empty() {
        return Ok(Vec::new());
    }
    let mut seen = tx.connection.prepare_cached(
        "SELECT 1 FROM credential_execution WHERE credential_id = ?1 AND execution_id = ?2",
    )?;
    let mut fresh = Vec::new();
    for credential in credentials {
        if !fresh.contains(credential) && !seen.exists((credential.as_bytes(), execution.as_bytes()))? {
            fresh.push(*credential);
        }
    }
    Ok(fresh)
}

fn note_uses(tx: &Tx<'_>, execution: ExecutionId, credentials: &[CredentialId]) -> Outcome<()> {
    for credential in credentials {
        tx.run(
            "INSERT INTO credential_execution (credential_id, execution_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            (credential.as_bytes(), execution.as_bytes()),
        )?;
    }
    Ok(())
}

/// Deletes the run that this very step brought to its end.
fn discard(tx: &Tx<'_>, execution: ExecutionId) -> Outcome<()> {
    let credentials: Option<Vec<u8>> = tx
        .connection
        .prepare_cached("SELECT credential_ids FROM execution WHERE id = ?1")?
        .query_row([execution.as_bytes()], |row| row.get(0))?;
    super::delete(tx, execution, credentials.as_deref().unwrap_or_default())
}

fn packed_ids(credentials: &[CredentialId]) -> Option<Vec<u8>> {
    (!credentials.is_empty())
        .then(|| credentials.iter().flat_map(|credential| *credential.as_bytes()).collect())
}
