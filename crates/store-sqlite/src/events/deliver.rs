//! Runs that events start, once each.

use flero_model::{SubscriptionId, Timestamp};
use flero_store::{
    Error,
    events::{Delivered, PollCommit, REMEMBERED, State},
    executions::{Accepted, NewExecution},
};
use rusqlite::Connection;

use super::{row, tend::held};
use crate::{
    audit::Prepared,
    convert::{signed, to_json},
    error::Outcome,
    executions,
    writer::Tx,
};

pub(super) fn accept(
    tx: &mut Tx<'_>,
    id: SubscriptionId,
    keys: &[[u8; 32]],
    at: Timestamp,
    run: &NewExecution,
) -> Outcome<Delivered> {
    let subscription = row::get(tx.connection, id)?;
    if !subscription.wanted || matches!(subscription.state, State::Paused | State::Removing) {
        return Err(Error::NotFound.into());
    }
    if !known(tx.connection, id, keys)?.is_empty() {
        return Ok(Delivered::Repeated);
    }
    remember(tx, id, keys)?;
    tx.run(
        "UPDATE event_subscription SET last_event_at = ?2 WHERE id = ?1",
        (id.as_bytes(), at.as_millis()),
    )?;
    match executions::accept(tx, run, &Prepared::all(&run.audit)?)? {
        Accepted::New => Ok(Delivered::New),
        Accepted::Existing(former) => Ok(Delivered::Existing(former)),
    }
}

pub(super) fn known(
    connection: &Connection,
    id: SubscriptionId,
    keys: &[[u8; 32]],
) -> Outcome<Vec<[u8; 32]>> {
    let mut statement =
        connection.prepare_cached("SELECT 1 FROM event_delivery WHERE subscription_id = ?1 AND key = ?2")?;
    let mut found = Vec::new();
    for key in keys {
        if statement.exists((id.as_bytes(), key))? {
            found.push(*key);
        }
    }
    Ok(found)
}

fn remember(tx: &Tx<'_>, id: SubscriptionId, keys: &[[u8; 32]]) -> Outcome<()> {
    for key in keys {
        tx.run(
            "INSERT OR IGNORE INTO event_delivery (subscription_id, key) VALUES (?1, ?2)",
            (id.as_bytes(), key),
        )?;
    }
    Ok(())
}

pub(super) fn commit_poll(tx: &mut Tx<'_>, id: SubscriptionId, fence: u64, poll: &PollCommit) -> Outcome<()> {
    let came = (!poll.runs.is_empty()).then_some(poll.at.as_millis());
    held(tx.run(
        "UPDATE event_subscription SET cursor = ?3, behind = ?4, next_at = ?5, attempts = 0, error = NULL,
            last_event_at = coalesce(?6, last_event_at)
         WHERE id = ?1 AND fence = ?2 AND wanted = 1 AND state = 'active'",
        (
            id.as_bytes(),
            signed(fence),
            poll.cursor.as_ref().map(to_json).transpose()?,
            poll.behind.as_ref().map(to_json).transpose()?,
            poll.next_at.as_millis(),
            came,
        ),
    )?)?;
    remember(tx, id, &poll.keys)?;
    for run in &poll.runs {
        executions::accept(tx, run, &Prepared::all(&run.audit)?)?;
    }
    Ok(())
}

pub(super) fn note(tx: &Tx<'_>, id: SubscriptionId, at: Timestamp) -> Outcome<()> {
    tx.run(
        "UPDATE event_subscription SET last_event_at = ?2
         WHERE id = ?1 AND (last_event_at IS NULL OR last_event_at < ?2 - 60000)",
        (id.as_bytes(), at.as_millis()),
    )?;
    Ok(())
}

pub(super) fn prune(tx: &Tx<'_>) -> Outcome<u64> {
    let deleted = tx.run(
        "DELETE FROM event_delivery WHERE number IN (
            SELECT d.number FROM event_subscription AS s JOIN event_delivery AS d ON d.subscription_id = s.id
            WHERE d.number <= (SELECT number FROM event_delivery WHERE subscription_id = s.id
                               ORDER BY number DESC LIMIT 1 OFFSET ?1))",
        [REMEMBERED],
    )?;
    Ok(deleted as u64)
}
