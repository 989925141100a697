//! Attempts to connect an account.

use flero_model::{OauthAttemptId, Timestamp};
use flero_store::{
    Error,
    oauth::{Attempt, AttemptStatus},
};
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use crate::{
    convert::{from_json, id, named, time, to_json},
    error::{OrTaken, Outcome},
    writer::Tx,
};

const COLUMNS: &str = "id, workspace_id, user_id, bound_to, state_hash, status, draft, reconnects, redirect_uri, \
                       issuer, requires_issuer, grant_facts, account, error, message, created_at, expires_at";

fn read(row: &Row<'_>) -> Outcome<Attempt> {
    Ok(Attempt {
        id: id(row, 0)?,
        workspace: id(row, 1)?,
        user: id(row, 2)?,
        bound_to: row.get(3)?,
        state_hash: row.get(4)?,
        status: named(row, 5, "an attempt")?,
        draft: from_json(row, 6, "the draft of an attempt")?,
        reconnects: row.get(7)?,
        redirect_uri: row.get(8)?,
        issuer: row.get(9)?,
        requires_issuer: row.get(10)?,
        grant: from_json(row, 11, "the grant of an attempt")?,
        account: row.get(12)?,
        error: row.get(13)?,
        message: row.get(14)?,
        created_at: time(row, 15)?,
        expires_at: time(row, 16)?,
    })
}

pub(super) fn insert(tx: &Tx<'_>, attempt: &Attempt) -> Outcome<()> {
    tx.connection
        .prepare_cached(&format!(
            "INSERT INTO oauth_attempt ({COLUMNS}) VALUES (:id, :workspace, :user, :bound_to, :state_hash, :status,
                :draft, :reconnects, :redirect_uri, :issuer, :requires_issuer, :grant, :account, :error, :message, :created_at, :expires_at)"
        ))?
        .execute(named_params! {
            ":id": attempt.id.as_bytes(),
            ":workspace": attempt.workspace.as_bytes(),
            ":user": attempt.user.as_bytes(),
            ":bound_to": attempt.bound_to,
            ":state_hash": attempt.state_hash,
            ":status": attempt.status.as_str(),
            ":draft": to_json(&attempt.draft)?,
            ":reconnects": attempt.reconnects,
            ":redirect_uri": attempt.redirect_uri,
            ":issuer": attempt.issuer,
            ":requires_issuer": attempt.requires_issuer,
            ":grant": to_json(&attempt.grant)?,
            ":account": attempt.account,
            ":error": attempt.error,
            ":message": attempt.message,
            ":created_at": attempt.created_at.as_millis(),
            ":expires_at": attempt.expires_at.as_millis(),
        })
        .or_taken("state")?;
    Ok(())
}

pub(super) fn get(connection: &Connection, id: OauthAttemptId) -> Outcome<Attempt> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM oauth_attempt WHERE id = ?1"))?;
    let mut rows = statement.query([id.as_bytes()])?;
    read(rows.next()?.ok_or(Error::NotFound)?)
}

/// One use: the statement that finds it is the one that takes it.
pub(super) fn take(tx: &Tx<'_>, state_hash: [u8; 32], now: Timestamp) -> Outcome<Attempt> {
    let taken: Option<OauthAttemptId> = tx
        .connection
        .prepare_cached(
            "UPDATE oauth_attempt SET status = 'exchanging'
             WHERE state_hash = ?1 AND status = 'pending' AND expires_at > ?2 RETURNING id",
        )?
        .query_row((state_hash, now.as_millis()), |row| id(row, 0))
        .optional()?;
    get(tx.connection, taken.ok_or(Error::NotFound)?)
}

pub(super) fn mark(tx: &Tx<'_>, from: AttemptStatus, id: OauthAttemptId, to: AttemptStatus) -> Outcome<()> {
    let changed = tx.run(
        "UPDATE oauth_attempt SET status = ?3 WHERE id = ?1 AND status = ?2",
        (id.as_bytes(), from.as_str(), to.as_str()),
    )?;
    if changed == 1 { Ok(()) } else { Err(Error::Conflict.into()) }
}

pub(super) fn update(tx: &Tx<'_>, from: AttemptStatus, attempt: &Attempt) -> Outcome<()> {
    mark(tx, from, attempt.id, attempt.status)?;
    tx.run(
        "UPDATE oauth_attempt SET grant_facts = ?2, account = ?3, error = ?4, message = ?5, draft = ?6,
            expires_at = ?7 WHERE id = ?1",
        (
            attempt.id.as_bytes(),
            to_json(&attempt.grant)?,
            &attempt.account,
            &attempt.error,
            &attempt.message,
            to_json(&attempt.draft)?,
            attempt.expires_at.as_millis(),
        ),
    )?;
    Ok(())
}

pub(super) fn expired(connection: &Connection, now: Timestamp, limit: u32) -> Outcome<Vec<Attempt>> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM oauth_attempt WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2"
        ))?
        .query_and_then((now.as_millis(), limit), read)?
        .collect()
}
