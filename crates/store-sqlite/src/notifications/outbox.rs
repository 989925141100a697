//! What waits to be delivered.

use flero_model::Timestamp;
use flero_store::{
    Error,
    notifications::{Delivery, Target},
};
use rusqlite::{Connection, Row};

use crate::{
    convert::{from_json, id, id_or_none, time, to_json},
    error::Outcome,
    writer::Tx,
};

fn read(row: &Row<'_>) -> Outcome<Delivery> {
    let target = match (id_or_none(row, 1)?, id_or_none(row, 2)?) {
        (Some(user), None) => Target::Mail(user),
        (None, Some(endpoint)) => Target::Webhook(endpoint),
        _ => return Err(Error::Corrupt { what: "a delivery" }.into()),
    };
    Ok(Delivery {
        id: id(row, 0)?,
        target,
        notification: from_json(row, 3, "a delivery")?,
        attempts: row.get(4)?,
        next_at: time(row, 5)?,
        created_at: time(row, 6)?,
    })
}

pub(super) fn put(tx: &Tx<'_>, new: &Delivery) -> Outcome<()> {
    let (user, endpoint) = match &new.target {
        Target::Mail(user) => (Some(*user.as_bytes()), None),
        Target::Webhook(endpoint) => (None, Some(*endpoint.as_bytes())),
    };
    tx.run(
        "INSERT INTO notification_delivery (id, user_id, endpoint_id, notification, attempts, next_at, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        (
            new.id.as_bytes(),
            user,
            endpoint,
            to_json(&new.notification)?,
            new.attempts,
            new.next_at.as_millis(),
            new.created_at.as_millis(),
        ),
    )?;
    Ok(())
}

pub(super) fn due(connection: &Connection, now: Timestamp, limit: u32) -> Outcome<Vec<Delivery>> {
    connection
        .prepare_cached(
            "SELECT id, user_id, endpoint_id, notification, attempts, next_at, created_at FROM notification_delivery
             WHERE next_at <= ?1 ORDER BY next_at, id LIMIT ?2",
        )?
        .query_and_then((now.as_millis(), limit), read)?
        .collect()
}

/// The longest pause between two attempts, in milliseconds.
const MAX_PAUSE_MS: i64 = 3_600_000;

/// Each one is nobody else's before its pause has passed: whoever takes it and dies leaves it to the next.
pub(super) fn take(tx: &Tx<'_>, now: Timestamp, pause_ms: i64, limit: u32) -> Outcome<Vec<Delivery>> {
    let taken = due(tx.connection, now, limit)?;
    for one in &taken {
        let pause = pause_ms.saturating_mul(1 << one.attempts.min(20)).min(MAX_PAUSE_MS);
        tx.run(
            "UPDATE notification_delivery SET attempts = attempts + 1, next_at = ?2 WHERE id = ?1",
            (one.id.as_bytes(), now.plus_millis(pause).as_millis()),
        )?;
    }
    Ok(taken)
}
