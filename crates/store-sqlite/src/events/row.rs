//! Reading subscriptions.

use flero_model::{SubscriptionId, Timestamp, WorkflowId};
use flero_store::{Error, events::Subscription};
use rusqlite::{Connection, OptionalExtension, Row, types::ValueRef};
use serde_json::Value;

use crate::{
    convert::{count, from_json, id, id_or_none, named, time, time_or_none},
    error::Outcome,
};

/// The columns that [`read`] reads, in its order.
pub(super) const COLUMNS: &str = "id, workspace_id, organization_id, workflow_id, wanted, way, state, connector, \
                                  event, credential_id, inputs, acting_for, interval_ms, registration, cursor, \
                                  behind, fence, attempts, next_at, error, last_event_at, created_at";

pub(super) fn read(row: &Row<'_>) -> Outcome<Subscription> {
    let what = "a subscription";
    Ok(Subscription {
        id: id(row, 0)?,
        workspace: id(row, 1)?,
        organization: id(row, 2)?,
        workflow: id(row, 3)?,
        wanted: row.get(4)?,
        way: named(row, 5, what)?,
        state: named(row, 6, what)?,
        connector: row.get(7)?,
        event: row.get(8)?,
        credential: id_or_none(row, 9)?,
        inputs: from_json(row, 10, what)?,
        acting_for: id(row, 11)?,
        interval_ms: count(row, 12)?,
        registration: value(row, 13)?,
        cursor: value(row, 14)?,
        behind: value(row, 15)?,
        fence: count(row, 16)?,
        attempts: row.get(17)?,
        next_at: time_or_none(row, 18)?,
        error: row.get(19)?,
        last_event_at: time_or_none(row, 20)?,
        created_at: time(row, 21)?,
    })
}

/// A JSON value in a column that may be empty.
fn value(row: &Row<'_>, column: usize) -> Outcome<Option<Value>> {
    match row.get_ref(column)? {
        ValueRef::Null => Ok(None),
        _ => from_json(row, column, "a subscription").map(Some),
    }
}

pub(super) fn select(
    connection: &Connection,
    rest: &str,
    parameters: impl rusqlite::Params,
) -> Outcome<Vec<Subscription>> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM event_subscription {rest}"))?
        .query_and_then(parameters, read)?
        .collect()
}

pub(super) fn get(connection: &Connection, id: SubscriptionId) -> Outcome<Subscription> {
    select(connection, "WHERE id = ?1", [id.as_bytes()])?.pop().ok_or_else(|| Error::NotFound.into())
}

/// The one that is waited for, else the one that was last.
pub(super) fn of_workflow(connection: &Connection, workflow: WorkflowId) -> Outcome<Option<Subscription>> {
    let rest = "WHERE workflow_id = ?1 ORDER BY wanted DESC, created_at DESC, id DESC LIMIT 1";
    Ok(select(connection, rest, [workflow.as_bytes()])?.pop())
}

pub(super) fn is_due(connection: &Connection, now: Timestamp) -> Outcome<bool> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM event_subscription WHERE next_at <= ?1 LIMIT 1")?
        .query_row([now.as_millis()], |_| Ok(()))
        .optional()?
        .is_some())
}
