//! One run as a row, and the numbers that stand for its closed sets.

use flero_model::{
    ExecutionId,
    execution::{ErrorInfo, ExecutionStatus, TriggerKind, TriggerName},
};
use flero_store::{Error, executions::Execution};
use rusqlite::{Connection, Row};

use crate::{
    convert::{count, id, id_or_none, time, time_or_none},
    error::Outcome,
};

/// The columns that [`read`] reads, in its order.
pub(super) const COLUMNS: &str = "e.id, e.workspace_id, e.workflow_id, e.version, e.status, e.trigger_kind, \
    e.trigger_source, e.acting_for, e.created_at, e.started_at, e.finished_at, e.cancel_requested, e.error_code, \
    e.error_message";

/// The number of a status; the migration lists them. From 16 on a run has ended.
pub(super) const fn status_number(status: ExecutionStatus) -> u8 {
    match status {
        ExecutionStatus::Pending => 0,
        ExecutionStatus::Running => 1,
        ExecutionStatus::WaitingForInput => 2,
        ExecutionStatus::Success => 16,
        ExecutionStatus::Failed => 17,
        ExecutionStatus::Cancelled => 18,
        ExecutionStatus::Timeout => 19,
    }
}

fn status(number: u8) -> Option<ExecutionStatus> {
    Some(match number {
        0 => ExecutionStatus::Pending,
        1 => ExecutionStatus::Running,
        2 => ExecutionStatus::WaitingForInput,
        16 => ExecutionStatus::Success,
        17 => ExecutionStatus::Failed,
        18 => ExecutionStatus::Cancelled,
        19 => ExecutionStatus::Timeout,
        _ => return None,
    })
}

/// The status in a column.
pub(super) fn status_column(row: &Row<'_>, column: usize) -> Outcome<ExecutionStatus> {
    Ok(status(row.get(column)?).ok_or(Error::Corrupt { what: "the status of an execution" })?)
}

/// The number of a trigger and the run that it names; the migration lists them.
pub(super) fn trigger_columns(trigger: &TriggerKind) -> (u8, Option<&[u8; 16]>) {
    match trigger {
        TriggerKind::Manual => (0, None),
        TriggerKind::Webhook => (1, None),
        TriggerKind::Schedule => (2, None),
        TriggerKind::SubWorkflow { parent } => (3, Some(parent.as_bytes())),
        TriggerKind::Error { failed } => (4, Some(failed.as_bytes())),
        TriggerKind::Replay { of } => (5, Some(of.as_bytes())),
        TriggerKind::Test => (6, None),
        TriggerKind::Event => (7, None),
    }
}

/// The number of a kind of trigger, as [`trigger_columns`] writes it.
pub(super) const fn trigger_number(name: TriggerName) -> u8 {
    match name {
        TriggerName::Manual => 0,
        TriggerName::Webhook => 1,
        TriggerName::Schedule => 2,
        TriggerName::SubWorkflow => 3,
        TriggerName::Error => 4,
        TriggerName::Replay => 5,
        TriggerName::Test => 6,
        TriggerName::Event => 7,
    }
}

fn trigger(number: u8, source: Option<ExecutionId>) -> Option<TriggerKind> {
    Some(match (number, source) {
        (0, _) => TriggerKind::Manual,
        (1, _) => TriggerKind::Webhook,
        (2, _) => TriggerKind::Schedule,
        (3, Some(parent)) => TriggerKind::SubWorkflow { parent },
        (4, Some(failed)) => TriggerKind::Error { failed },
        (5, Some(of)) => TriggerKind::Replay { of },
        (6, _) => TriggerKind::Test,
        (7, _) => TriggerKind::Event,
        _ => return None,
    })
}

/// A run from [`COLUMNS`].
pub(super) fn read(row: &Row<'_>) -> Outcome<Execution> {
    let corrupt = || Error::Corrupt { what: "an execution" };
    let code: Option<String> = row.get(12)?;
    let message: Option<String> = row.get(13)?;
    Ok(Execution {
        id: id(row, 0)?,
        workspace: id(row, 1)?,
        workflow: id(row, 2)?,
        version: count(row, 3)?,
        status: status(row.get(4)?).ok_or_else(corrupt)?,
        trigger: trigger(row.get(5)?, id_or_none(row, 6)?).ok_or_else(corrupt)?,
        acting_for: id(row, 7)?,
        created_at: time(row, 8)?,
        started_at: time_or_none(row, 9)?,
        finished_at: time_or_none(row, 10)?,
        error: code.map(|code| ErrorInfo { code, message: message.unwrap_or_default() }),
        cancel_requested: row.get(11)?,
    })
}

/// Reads one.
pub(super) fn get(connection: &Connection, id: ExecutionId) -> Outcome<Execution> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM execution AS e WHERE e.id = ?1"))?;
    let mut rows = statement.query([id.as_bytes()])?;
    read(rows.next()?.ok_or(Error::NotFound)?)
}
