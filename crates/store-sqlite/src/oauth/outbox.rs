//! Grants that wait to be revoked at their service.

use flero_model::Timestamp;
use flero_store::oauth::{NewRevocation, Revocation};
use rusqlite::{Connection, Row};

use crate::{
    convert::{from_json, id, time, to_json},
    error::Outcome,
    writer::Tx,
};

fn read(row: &Row<'_>) -> Outcome<Revocation> {
    Ok(Revocation {
        id: id(row, 0)?,
        credential: from_json(row, 1, "the credential of a revocation")?,
        attempts: row.get(2)?,
        next_at: time(row, 3)?,
        created_at: time(row, 4)?,
    })
}

pub(crate) fn put(tx: &Tx<'_>, new: &NewRevocation) -> Outcome<()> {
    let entry = &new.revocation;
    tx.run(
        "INSERT INTO oauth_revocation (id, credential, attempts, next_at, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        (
            entry.id.as_bytes(),
            to_json(&entry.credential)?,
            entry.attempts,
            entry.next_at.as_millis(),
            entry.created_at.as_millis(),
        ),
    )?;
    new.secrets.iter().try_for_each(|secret| tx.put_secret(secret))
}

pub(super) fn due(connection: &Connection, now: Timestamp, limit: u32) -> Outcome<Vec<Revocation>> {
    connection
        .prepare_cached(
            "SELECT id, credential, attempts, next_at, created_at FROM oauth_revocation WHERE next_at <= ?1
             ORDER BY next_at LIMIT ?2",
        )?
        .query_and_then((now.as_millis(), limit), read)?
        .collect()
}

/// The longest pause between two attempts, in milliseconds.
const MAX_PAUSE_MS: i64 = 3_600_000;

/// Each one is nobody else's before its pause has passed: whoever takes it and dies leaves it to the next.
pub(super) fn take(tx: &Tx<'_>, now: Timestamp, pause_ms: i64, limit: u32) -> Outcome<Vec<Revocation>> {
    let taken = due(tx.connection, now, limit)?;
    for one in &taken {
        let pause = pause_ms.saturating_mul(1 << one.attempts.min(20)).min(MAX_PAUSE_MS);
        tx.run(
            "UPDATE oauth_revocation SET attempts = attempts + 1, next_at = ?2 WHERE id = ?1",
            (one.id.as_bytes(), now.plus_millis(pause).as_millis()),
        )?;
    }
    Ok(taken)
}
