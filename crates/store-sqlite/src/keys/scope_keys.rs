//! Versions of scope keys and the ways between their states.

use flero_model::{Timestamp, credential::KeyScopeRef};
use flero_store::{
    Error,
    keys::{KeyVersionState, ScopeKeyRow},
};
use rusqlite::{Connection, Row};

use crate::{
    convert::{count, named, time},
    error::{OrTaken, Outcome},
    secrets::key_scope,
    writer::Tx,
};

const SELECT: &str =
    "SELECT scope_kind, scope_id, version, state, wrapped, created_at, state_since FROM scope_key";

fn scope_key(row: &Row<'_>) -> Outcome<ScopeKeyRow> {
    Ok(ScopeKeyRow {
        scope: key_scope(row, 0)?,
        version: row.get(2)?,
        state: named(row, 3, "a scope key")?,
        wrapped: row.get(4)?,
        created_at: time(row, 5)?,
        state_since: time(row, 6)?,
    })
}

/// Every version of a scope's key, oldest first.
pub(super) fn of_scope(connection: &Connection, scope: &KeyScopeRef) -> Outcome<Vec<ScopeKeyRow>> {
    connection
        .prepare_cached(&format!("{SELECT} WHERE scope_kind = ?1 AND scope_id = ?2 ORDER BY version"))?
        .query_and_then((scope.kind.as_str(), &scope.id), scope_key)?
        .collect()
}

/// Every scope's keys.
pub(super) fn all(connection: &Connection) -> Outcome<Vec<ScopeKeyRow>> {
    connection
        .prepare_cached(&format!("{SELECT} ORDER BY scope_kind, scope_id, version"))?
        .query_and_then([], scope_key)?
        .collect()
}

/// Whether a new version may be added: the next number; `active` only as the first of its scope, else `pre`.
pub(super) fn check_new(tx: &Tx<'_>, row: &ScopeKeyRow) -> Outcome<()> {
    let newest: u32 = tx
        .connection
        .prepare_cached(
            "SELECT coalesce(max(version), 0) FROM scope_key WHERE scope_kind = ?1 AND scope_id = ?2",
        )?
        .query_row((row.scope.kind.as_str(), &row.scope.id), |found| found.get(0))?;
    if row.version <= newest {
        return Err(Error::Taken { what: "key version" }.into());
    }
    if row.version != newest + 1 {
        return Err(Error::Refused { rule: "key versions are counted without gaps" }.into());
    }
    match row.state {
        KeyVersionState::Pre => Ok(()),
        KeyVersionState::Active if newest == 0 => Ok(()),
        _ => Err(Error::Refused { rule: "a later key version begins as `pre`" }.into()),
    }
}

/// Adds a version that [`check_new`] let pass.
pub(super) fn insert(tx: &Tx<'_>, row: &ScopeKeyRow) -> Outcome<()> {
    tx.connection
        .prepare_cached(
            "INSERT INTO scope_key (scope_kind, scope_id, version, state, wrapped, created_at, state_since)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute((
            row.scope.kind.as_str(),
            &row.scope.id,
            row.version,
            row.state.as_str(),
            &row.wrapped,
            row.created_at.as_millis(),
            row.state_since.as_millis(),
        ))
        .or_taken("key version")?;
    Ok(())
}

/// `pre` to `active`, and the active one to `decrypt`.
pub(super) fn activate(tx: &Tx<'_>, scope: &KeyScopeRef, version: u32, at: Timestamp) -> Outcome<()> {
    // The former one first: at no moment are two active, which an index refuses.
    tx.run(
        "UPDATE scope_key SET state = 'decrypt', state_since = ?3
         WHERE scope_kind = ?1 AND scope_id = ?2 AND state = 'active'",
        (scope.kind.as_str(), &scope.id, at.as_millis()),
    )?;
    change_state(tx, scope, version, (KeyVersionState::Pre, KeyVersionState::Active), at)
}

/// One state to another. A trigger refuses states that no secret may stand under while one does.
pub(super) fn change_state(
    tx: &Tx<'_>,
    scope: &KeyScopeRef,
    version: u32,
    (from, to): (KeyVersionState, KeyVersionState),
    at: Timestamp,
) -> Outcome<()> {
    let changed = tx.run(
        "UPDATE scope_key SET state = ?5, state_since = ?6
         WHERE scope_kind = ?1 AND scope_id = ?2 AND version = ?3 AND state = ?4",
        (scope.kind.as_str(), &scope.id, version, from.as_str(), to.as_str(), at.as_millis()),
    )?;
    if changed == 1 { Ok(()) } else { Err(Error::Conflict.into()) }
}

/// Overwrites the wrapped bytes; SQLite's `secure_delete` writes zeros where they stood.
pub(super) fn overwrite(tx: &Tx<'_>, scope: &KeyScopeRef, version: u32) -> Outcome<()> {
    tx.run(
        "UPDATE scope_key SET wrapped = x'' WHERE scope_kind = ?1 AND scope_id = ?2 AND version = ?3",
        (scope.kind.as_str(), &scope.id, version),
    )?;
    Ok(())
}

/// How many secrets are sealed under a version.
pub(super) fn count_sealed(connection: &Connection, scope: &KeyScopeRef, version: u32) -> Outcome<u64> {
    Ok(connection
        .prepare_cached(
            "SELECT count(*) FROM sealed_secret WHERE scope_kind = ?1 AND scope_id = ?2 AND key_version = ?3",
        )?
        .query_row((scope.kind.as_str(), &scope.id, version), |row| count(row, 0))?)
}
