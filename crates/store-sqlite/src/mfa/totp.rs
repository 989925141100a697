//! One-time codes: the secret in use, one that is not confirmed yet, and the steps that are used up.

use flero_model::{Timestamp, UserId};
use flero_store::{
    Error,
    keys::{SealedSecret, SecretAddress, SecretSlot},
    mfa::{ConfirmTotp, PENDING_TOTP_FIELD, TOTP_FIELD, Totp},
};
use rusqlite::{Connection, OptionalExtension as _};

use crate::{
    convert::{count, signed, time_or_none},
    error::Outcome,
    secrets,
    writer::Tx,
};

fn address(user: UserId, field: &str) -> SecretAddress {
    SecretAddress { owner: user.to_string(), field: field.to_owned(), slot: SecretSlot::Current }
}

fn secret(connection: &Connection, user: UserId, field: &str) -> Outcome<Option<SealedSecret>> {
    let found = secrets::select(
        connection,
        "WHERE s.owner = ?1 AND s.field = ?2 AND s.slot = 0",
        (user.to_string(), field),
    )?;
    Ok(found.into_iter().next())
}

pub(super) fn get(connection: &Connection, user: UserId) -> Outcome<Option<Totp>> {
    let sql = "SELECT counter, active_revision, confirmed_at, pending_since FROM totp WHERE user_id = ?1";
    let row = connection
        .prepare_cached(sql)?
        .query_row([user.as_bytes()], |row| {
            let active: Option<i64> = row.get(1)?;
            Ok((count(row, 0)?, active, time_or_none(row, 2)?, time_or_none(row, 3)?))
        })
        .optional()?;
    let Some((counter, active, confirmed_at, pending_since)) = row else { return Ok(None) };
    let current = match active {
        Some(revision) => {
            secret(connection, user, TOTP_FIELD)?.map(|sealed| (revision.cast_unsigned(), sealed))
        }
        None => None,
    };
    let pending = secret(connection, user, PENDING_TOTP_FIELD)?;
    Ok(Some(Totp { counter, confirmed_at, pending_since, current, pending }))
}

pub(super) fn begin(
    tx: &Tx<'_>,
    user: UserId,
    counter: u64,
    pending: &SealedSecret,
    at: Timestamp,
) -> Outcome<()> {
    let changed = if counter == 0 {
        tx.run(
            "INSERT INTO totp (user_id, counter, pending_since, last_step) VALUES (?1, 1, ?2, 0)
             ON CONFLICT (user_id) DO NOTHING",
            (user.as_bytes(), at.as_millis()),
        )?
    } else {
        tx.run(
            "UPDATE totp SET counter = counter + 1, pending_since = ?3 WHERE user_id = ?1 AND counter = ?2",
            (user.as_bytes(), signed(counter), at.as_millis()),
        )?
    };
    if changed == 0 {
        return Err(Error::Conflict.into());
    }
    tx.put_secret(pending)
}

pub(super) fn confirm(tx: &Tx<'_>, confirm: &ConfirmTotp) -> Outcome<()> {
    let changed = tx.run(
        "UPDATE totp SET active_revision = counter, confirmed_at = ?3, pending_since = NULL, last_step = ?4
         WHERE user_id = ?1 AND counter = ?2 AND pending_since IS NOT NULL",
        (confirm.user.as_bytes(), signed(confirm.counter), confirm.at.as_millis(), signed(confirm.step)),
    )?;
    if changed == 0 {
        return Err(Error::Conflict.into());
    }
    tx.destroy_secret(&address(confirm.user, PENDING_TOTP_FIELD))?;
    tx.put_secret(&confirm.secret)
}

pub(super) fn use_step(tx: &Tx<'_>, user: UserId, revision: u64, step: u64) -> Outcome<()> {
    let changed = tx.run(
        "UPDATE totp SET last_step = ?3 WHERE user_id = ?1 AND active_revision = ?2 AND last_step < ?3",
        (user.as_bytes(), signed(revision), signed(step)),
    )?;
    if changed == 1 { Ok(()) } else { Err(Error::Conflict.into()) }
}

/// The row stays with its counter: revisions of one person's secrets never repeat.
pub(super) fn remove(tx: &Tx<'_>, user: UserId) -> Outcome<()> {
    let changed = tx.run(
        "UPDATE totp SET active_revision = NULL, confirmed_at = NULL, pending_since = NULL
         WHERE user_id = ?1 AND active_revision IS NOT NULL",
        [user.as_bytes()],
    )?;
    if changed == 0 {
        return Err(Error::NotFound.into());
    }
    tx.destroy_secret(&address(user, TOTP_FIELD))?;
    tx.destroy_secret(&address(user, PENDING_TOTP_FIELD))
}
