//! Grants, and the lease of whoever asks for a new token set.

use flero_model::{CredentialId, Timestamp};
use flero_store::{
    Error,
    credentials::CredentialChange,
    oauth::{Claim, ClaimRefresh, CommitTokens, EndRefresh, Grant, StoredGrant, TOKENS_FIELD},
};
use rusqlite::{Connection, OptionalExtension, named_params};

use crate::{
    convert::{count, from_json, millis, signed, time_or_none, to_json},
    error::Outcome,
    secrets,
    writer::Tx,
};

const COLUMNS: &str = "g.revision, g.issued_at, g.expires_at, g.refresh_at, g.has_refresh_token, g.rotates, g.scopes, \
                       g.answer_values, g.account_key, g.leased_until, g.retry_at, g.failures";
const WIDTH: usize = 12;

/// Reads a grant and its sealed token set.
pub(super) fn get(connection: &Connection, credential: CredentialId) -> Outcome<Option<StoredGrant>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS}, {} FROM oauth_grant AS g
         LEFT JOIN sealed_secret AS s ON s.owner = ?2 AND s.field = 'tokens' AND s.slot = 0
         WHERE g.credential_id = ?1",
        secrets::COLUMNS
    ))?;
    let mut rows = statement.query((credential.as_bytes(), credential.to_string()))?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let has_tokens = !matches!(row.get_ref(WIDTH)?, rusqlite::types::ValueRef::Null);
    Ok(Some(StoredGrant {
        grant: Grant {
            revision: count(row, 0)?,
            issued_at: time_or_none(row, 1)?,
            expires_at: time_or_none(row, 2)?,
            refresh_at: time_or_none(row, 3)?,
            has_refresh_token: row.get(4)?,
            rotates: row.get(5)?,
            scopes: from_json(row, 6, "the scopes of a grant")?,
            values: from_json(row, 7, "the values of a grant")?,
            account_key: row.get(8)?,
        },
        leased_until: time_or_none(row, 9)?,
        retry_at: time_or_none(row, 10)?,
        failures: row.get(11)?,
        tokens: if has_tokens { Some(secrets::sealed(row, WIDTH)?) } else { None },
    }))
}

/// The state that a claim is decided by.
struct Head {
    revision: u64,
    fence: u64,
    leased_until: Option<Timestamp>,
    retry_at: Option<Timestamp>,
    may_be_spent: bool,
}

fn head(tx: &Tx<'_>, credential: CredentialId) -> Outcome<Option<Head>> {
    Ok(tx
        .connection
        .prepare_cached(
            "SELECT revision, fence, leased_until, retry_at, may_be_spent FROM oauth_grant WHERE credential_id = ?1",
        )?
        .query_row([credential.as_bytes()], |row| {
            Ok(Head {
                revision: count(row, 0)?,
                fence: count(row, 1)?,
                leased_until: time_or_none(row, 2)?,
                retry_at: time_or_none(row, 3)?,
                may_be_spent: row.get(4)?,
            })
        })
        .optional()?)
}

/// Gives the lease, or says why not.
pub(super) fn claim(tx: &mut Tx<'_>, claim: &ClaimRefresh) -> Outcome<Claim> {
    let id = claim.credential;
    if head(tx, id)?.is_none() {
        put(tx, id, &Grant::default())?;
    }
    let head = head(tx, id)?.ok_or(Error::NotFound)?;
    if head.revision != claim.revision {
        return Ok(Claim::Moved);
    }
    if let Some(until) = head.leased_until.filter(|until| *until > claim.now) {
        return Ok(Claim::Held { until });
    }
    if let Some(until) = head.retry_at.filter(|until| *until > claim.now && !claim.at_once) {
        return Ok(Claim::Resting { until });
    }
    let fence = head.fence + 1;
    tx.run(
        "UPDATE oauth_grant SET fence = ?2, leased_until = ?3 WHERE credential_id = ?1",
        (id.as_bytes(), signed(fence), claim.until.as_millis()),
    )?;
    tx.record(&claim.audit)?;
    Ok(Claim::Won { fence, may_be_spent: head.may_be_spent || head.leased_until.is_some() })
}

/// Whether the lease is still the caller's.
fn check_fence(tx: &Tx<'_>, credential: CredentialId, fence: u64) -> Outcome<()> {
    match head(tx, credential)? {
        Some(head) if head.fence == fence && head.leased_until.is_some() => Ok(()),
        _ => Err(Error::Conflict.into()),
    }
}

/// Commits a token set.
pub(super) fn commit(tx: &mut Tx<'_>, commit: &CommitTokens) -> Outcome<()> {
    check_fence(tx, commit.credential, commit.fence)?;
    let lives = tx.run(
        "UPDATE credential SET status = 'active', revision = revision + 1
         WHERE id = ?1 AND status IN ('failing', 'expired')",
        [commit.credential.as_bytes()],
    )?;
    if lives == 0 {
        let usable: Option<i64> = tx
            .connection
            .prepare_cached("SELECT 1 FROM credential WHERE id = ?1 AND status <> 'revoked'")?
            .query_row([commit.credential.as_bytes()], |row| row.get(0))
            .optional()?;
        if usable.is_none() {
            return Err(Error::Conflict.into());
        }
    }
    tx.put_secret(&commit.tokens)?;
    put(tx, commit.credential, &commit.grant)?;
    tx.record(&commit.audit)
}

/// Ends a lease without a token set.
pub(super) fn end(tx: &mut Tx<'_>, end: EndRefresh) -> Outcome<()> {
    check_fence(tx, end.credential, end.fence)?;
    tx.run(
        "UPDATE oauth_grant SET leased_until = NULL, failures = failures + 1, retry_at = ?2, may_be_spent = ?3
         WHERE credential_id = ?1",
        (end.credential.as_bytes(), millis(end.retry_at), end.may_be_spent),
    )?;
    tx.record(&end.audit)?;
    let Some((status, audit)) = end.status else { return Ok(()) };
    let changed = tx.run(
        "UPDATE credential SET status = ?2, revision = revision + 1
         WHERE id = ?1 AND status <> ?2 AND status <> 'revoked'",
        (end.credential.as_bytes(), status.as_str()),
    )?;
    if changed == 0 { Ok(()) } else { tx.record(&[audit]) }
}

/// Writes what is known of a grant; nobody holds its lease then. The fence stays, so that former holders lose.
pub(super) fn put(tx: &Tx<'_>, credential: CredentialId, grant: &Grant) -> Outcome<()> {
    tx.connection
        .prepare_cached(
            "INSERT INTO oauth_grant (credential_id, revision, issued_at, expires_at, refresh_at, has_refresh_token,
                rotates, scopes, answer_values, account_key, fence, leased_until, failures, retry_at)
             VALUES (:id, :revision, :issued_at, :expires_at, :refresh_at, :has_refresh_token, :rotates, :scopes,
                :values, :account_key, 0, NULL, 0, NULL)
             ON CONFLICT (credential_id) DO UPDATE SET
                revision = excluded.revision, issued_at = excluded.issued_at, expires_at = excluded.expires_at,
                refresh_at = excluded.refresh_at, has_refresh_token = excluded.has_refresh_token,
                rotates = excluded.rotates, scopes = excluded.scopes, answer_values = excluded.answer_values,
                account_key = excluded.account_key, fence = fence + 1, leased_until = NULL, failures = 0,
                retry_at = NULL, may_be_spent = 0",
        )?
        .execute(named_params! {
            ":id": credential.as_bytes(),
            ":revision": signed(grant.revision),
            ":issued_at": millis(grant.issued_at),
            ":expires_at": millis(grant.expires_at),
            ":refresh_at": millis(grant.refresh_at),
            ":has_refresh_token": grant.has_refresh_token,
            ":rotates": grant.rotates,
            ":scopes": to_json(&grant.scopes)?,
            ":values": to_json(&grant.values)?,
            ":account_key": grant.account_key,
        })?;
    Ok(())
}

/// Forgets the grant of a credential that is revoked or deleted.
pub(crate) fn forget(tx: &Tx<'_>, credential: CredentialId) -> Outcome<()> {
    tx.run("DELETE FROM oauth_grant WHERE credential_id = ?1", [credential.as_bytes()])?;
    Ok(())
}

/// Lets a grant follow an edit of its credential: a token set that was sealed anew has a further revision, and one that
/// was destroyed leaves no grant. While somebody asks for a new token set the edit has to wait, or that set were lost.
pub(crate) fn follow(tx: &Tx<'_>, change: &CredentialChange) -> Outcome<()> {
    let id = change.credential.id;
    if let Some(tokens) = change.secrets.iter().find(|secret| secret.address.field == TOKENS_FIELD) {
        let moved = tx.run(
            "UPDATE oauth_grant SET revision = ?2 WHERE credential_id = ?1 AND leased_until IS NULL",
            (id.as_bytes(), signed(tokens.revision)),
        )?;
        return if moved == 1 { Ok(()) } else { Err(Error::Conflict.into()) };
    }
    if change.destroy.iter().any(|address| address.field == TOKENS_FIELD) { forget(tx, id) } else { Ok(()) }
}
