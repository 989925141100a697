//! Passkeys and their challenges.

use flero_model::{PasskeyId, Timestamp, UserId};
use flero_store::{
    Error,
    mfa::{Challenge, MOST_CHALLENGES, MOST_PASSKEYS, StoredPasskey},
};
use rusqlite::{Connection, Row};

use crate::{
    convert::{count, id, millis, named, signed, time, time_or_none},
    error::{OrTaken, Outcome},
    writer::Tx,
};

fn passkey(row: &Row<'_>) -> Outcome<StoredPasskey> {
    Ok(StoredPasskey {
        id: id(row, 0)?,
        user: id(row, 1)?,
        credential_id: row.get(2)?,
        name: row.get(3)?,
        key: row.get(4)?,
        revision: count(row, 5)?,
        created_at: time(row, 6)?,
        last_used_at: time_or_none(row, 7)?,
    })
}

pub(super) fn list(connection: &Connection, user: UserId) -> Outcome<Vec<StoredPasskey>> {
    let sql = "SELECT id, user_id, credential_id, name, key, revision, created_at, last_used_at FROM passkey
               WHERE user_id = ?1 ORDER BY created_at, id";
    connection.prepare_cached(sql)?.query_and_then([user.as_bytes()], passkey)?.collect()
}

pub(super) fn insert(tx: &Tx<'_>, passkey: &StoredPasskey) -> Outcome<()> {
    let held: u32 = tx
        .connection
        .prepare_cached("SELECT count(*) FROM passkey WHERE user_id = ?1")?
        .query_row([passkey.user.as_bytes()], |row| row.get(0))?;
    if held >= MOST_PASSKEYS {
        return Err(Error::Refused { rule: "a person has at most 20 passkeys" }.into());
    }
    tx.connection
        .prepare_cached(
            "INSERT INTO passkey (id, user_id, credential_id, name, key, revision, created_at, last_used_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute((
            passkey.id.as_bytes(),
            passkey.user.as_bytes(),
            &passkey.credential_id,
            &passkey.name,
            &passkey.key,
            signed(passkey.revision),
            passkey.created_at.as_millis(),
            millis(passkey.last_used_at),
        ))
        .or_taken("passkey")?;
    Ok(())
}

pub(super) fn note_use(tx: &Tx<'_>, id: PasskeyId, revision: u64, key: &str, at: Timestamp) -> Outcome<()> {
    let changed = tx.run(
        "UPDATE passkey SET key = ?3, revision = revision + 1, last_used_at = ?4 WHERE id = ?1 AND revision = ?2",
        (id.as_bytes(), signed(revision), key, at.as_millis()),
    )?;
    if changed == 1 { Ok(()) } else { Err(Error::Conflict.into()) }
}

pub(super) fn rename(tx: &Tx<'_>, user: UserId, id: PasskeyId, name: &str) -> Outcome<()> {
    let changed = tx.run(
        "UPDATE passkey SET name = ?3 WHERE user_id = ?1 AND id = ?2",
        (user.as_bytes(), id.as_bytes(), name),
    )?;
    if changed == 1 { Ok(()) } else { Err(Error::NotFound.into()) }
}

pub(super) fn remove(tx: &Tx<'_>, user: UserId, id: PasskeyId) -> Outcome<()> {
    let gone =
        tx.run("DELETE FROM passkey WHERE user_id = ?1 AND id = ?2", (user.as_bytes(), id.as_bytes()))?;
    if gone == 1 { Ok(()) } else { Err(Error::NotFound.into()) }
}

pub(super) fn put_challenge(tx: &Tx<'_>, challenge: &Challenge) -> Outcome<()> {
    tx.run("DELETE FROM passkey_challenge WHERE expires_at <= ?1", [challenge.created_at.as_millis()])?;
    tx.run(
        "DELETE FROM passkey_challenge WHERE id_hash IN (
             SELECT id_hash FROM passkey_challenge ORDER BY created_at DESC LIMIT -1 OFFSET ?1)",
        [MOST_CHALLENGES - 1],
    )?;
    tx.run(
        "INSERT INTO passkey_challenge (id_hash, purpose, session_id, state, created_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        (
            challenge.id_hash,
            challenge.purpose.as_str(),
            challenge.session.map(|session| *session.as_bytes()),
            &challenge.state,
            challenge.created_at.as_millis(),
            challenge.expires_at.as_millis(),
        ),
    )?;
    Ok(())
}

pub(super) fn take_challenge(tx: &Tx<'_>, id_hash: [u8; 32], now: Timestamp) -> Outcome<Challenge> {
    let sql = "DELETE FROM passkey_challenge WHERE id_hash = ?1
               RETURNING id_hash, purpose, session_id, state, created_at, expires_at";
    let mut statement = tx.connection.prepare_cached(sql)?;
    let mut rows = statement.query([id_hash])?;
    let Some(row) = rows.next()? else { return Err(Error::NotFound.into()) };
    let challenge = Challenge {
        id_hash: row.get(0)?,
        purpose: named(row, 1, "a challenge")?,
        session: crate::convert::id_or_none(row, 2)?,
        state: row.get(3)?,
        created_at: time(row, 4)?,
        expires_at: time(row, 5)?,
    };
    // A statement that is not read to its end would not have been carried out to its end.
    while rows.next()?.is_some() {}
    if challenge.expires_at <= now {
        return Err(Error::NotFound.into());
    }
    Ok(challenge)
}
