//! One credential as a row.

use flero_model::{
    CredentialId, Timestamp,
    credential::{Credential, Policy},
};
use flero_store::{Error, credentials::CredentialWithSecret};
use rusqlite::{Connection, Row, named_params};

use crate::{
    convert::{count, from_json, id, millis, named, searchable, signed, time, time_or_none, to_json},
    error::{OrTaken, Outcome},
    secrets,
    writer::Tx,
};

/// The columns that [`read`] reads, in its order.
pub(super) const COLUMNS: &str = "c.id, c.organization_id, c.workspace_id, c.owner_id, c.name, c.scope, c.policy, \
    c.notes, c.status, c.secret_fields, c.account, c.expires_at, c.rotate_every_days, c.secret_changed_at, \
    c.last_used_at, c.created_at, c.updated_at, c.revision, c.secret_revision, c.secret_ends_at, c.former, c.lifecycle";

/// How many columns there are: what follows them in a joined statement begins here.
const WIDTH: usize = 22;

/// A credential from [`COLUMNS`].
pub(super) fn read(row: &Row<'_>) -> Outcome<Credential> {
    let policy: Policy = from_json(row, 6, "a credential's policy")?;
    Ok(Credential {
        id: id(row, 0)?,
        organization_id: id(row, 1)?,
        workspace_id: id(row, 2)?,
        owner_id: id(row, 3)?,
        name: row.get(4)?,
        scope: named(row, 5, "a credential")?,
        policy,
        notes: row.get(7)?,
        status: named(row, 8, "a credential")?,
        secret_fields: from_json(row, 9, "a credential")?,
        account: row.get(10)?,
        expires_at: time_or_none(row, 11)?,
        rotate_every_days: row.get(12)?,
        secret_changed_at: time(row, 13)?,
        last_used_at: time_or_none(row, 14)?,
        created_at: time(row, 15)?,
        updated_at: time(row, 16)?,
        revision: count(row, 17)?,
        secret_revision: count(row, 18)?,
        secret_ends_at: time_or_none(row, 19)?,
        former: match row.get_ref(20)? {
            rusqlite::types::ValueRef::Null => None,
            _ => Some(from_json(row, 20, "a credential's former secret")?),
        },
        lifecycle: from_json(row, 21, "a credential's lifecycle")?,
    })
}

/// Reads one.
pub(super) fn get(connection: &Connection, id: CredentialId) -> Outcome<Credential> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM credential AS c WHERE c.id = ?1"))?;
    let mut rows = statement.query([id.as_bytes()])?;
    read(rows.next()?.ok_or(Error::NotFound)?)
}

/// Reads those that meet a condition.
pub(crate) fn select(
    connection: &Connection,
    condition: &str,
    parameters: impl rusqlite::Params,
) -> Outcome<Vec<Credential>> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM credential AS c WHERE {condition}"))?
        .query_and_then(parameters, read)?
        .collect()
}

/// Reads one and its present secret in one statement.
pub(super) fn get_with_secret(connection: &Connection, id: CredentialId) -> Outcome<CredentialWithSecret> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS}, {} FROM credential AS c
         LEFT JOIN sealed_secret AS s ON s.owner = ?2 AND s.slot = 0
         WHERE c.id = ?1 ORDER BY s.field LIMIT 1",
        secrets::COLUMNS
    ))?;
    let mut rows = statement.query((id.as_bytes(), id.to_string()))?;
    let row = rows.next()?.ok_or(Error::NotFound)?;
    let has_secret = !matches!(row.get_ref(WIDTH)?, rusqlite::types::ValueRef::Null);
    let secret = if has_secret { Some(secrets::sealed(row, WIDTH)?) } else { None };
    Ok(CredentialWithSecret { credential: read(row)?, secret })
}

/// What people search in.
fn search(credential: &Credential) -> String {
    searchable([credential.name.as_str(), credential.policy.service.as_str(), credential.notes.as_str()])
}

/// Inserts one, with the revision that it has.
pub(super) fn insert(tx: &Tx<'_>, credential: &Credential) -> Outcome<()> {
    tx.connection
        .prepare_cached(
            "INSERT INTO credential (id, organization_id, workspace_id, owner_id, name, scope, service, auth_type,
                policy, notes, status, secret_fields, account, expires_at, rotate_every_days, secret_changed_at,
                last_used_at, created_at, updated_at, revision, secret_revision, search, secret_ends_at, former,
                lifecycle, ends_at, due_at)
             VALUES (:id, :organization, :workspace, :owner, :name, :scope, :service, :auth_type, :policy, :notes,
                :status, :secret_fields, :account, :expires_at, :rotate_every_days, :secret_changed_at,
                :last_used_at, :created_at, :updated_at, :revision, :secret_revision, :search, :secret_ends_at, :former,
                :lifecycle, :ends_at, :due_at)",
        )?
        .execute(named_params! {
            ":id": credential.id.as_bytes(),
            ":organization": credential.organization_id.as_bytes(),
            ":workspace": credential.workspace_id.as_bytes(),
            ":owner": credential.owner_id.as_bytes(),
            ":name": credential.name,
            ":scope": credential.scope.as_str(),
            ":service": credential.policy.service,
            ":auth_type": credential.policy.auth_type.as_str(),
            ":policy": to_json(&credential.policy)?,
            ":notes": credential.notes,
            ":status": credential.status.as_str(),
            ":secret_fields": to_json(&credential.secret_fields)?,
            ":account": credential.account,
            ":expires_at": millis(credential.expires_at),
            ":rotate_every_days": credential.rotate_every_days,
            ":secret_changed_at": credential.secret_changed_at.as_millis(),
            ":last_used_at": millis(credential.last_used_at),
            ":created_at": credential.created_at.as_millis(),
            ":updated_at": credential.updated_at.as_millis(),
            ":revision": signed(credential.revision),
            ":secret_revision": signed(credential.secret_revision),
            ":search": search(credential),
            ":secret_ends_at": millis(credential.secret_ends_at),
            ":former": former(credential)?,
            ":lifecycle": to_json(&credential.lifecycle)?,
            ":ends_at": millis(ends_at(credential)),
            ":due_at": millis(credential.due_at()),
        })
        .or_taken("credential id")?;
    Ok(())
}

/// Writes everything that an edit may change if the revision is still the one that was read; `false` if not.
/// Where it was made and by whom stays; the last use is noted by uses alone.
pub(super) fn update(tx: &Tx<'_>, credential: &Credential) -> Outcome<bool> {
    let changed = tx
        .connection
        .prepare_cached(
            "UPDATE credential SET owner_id = :owner, name = :name, scope = :scope, service = :service,
                auth_type = :auth_type, policy = :policy, notes = :notes, status = :status,
                secret_fields = :secret_fields, account = :account, expires_at = :expires_at,
                rotate_every_days = :rotate_every_days, secret_changed_at = :secret_changed_at,
                updated_at = :updated_at, secret_revision = :secret_revision, search = :search,
                secret_ends_at = :secret_ends_at, former = :former, ends_at = :ends_at, due_at = :due_at,
                revision = revision + 1
             WHERE id = :id AND revision = :revision",
        )?
        .execute(named_params! {
            ":id": credential.id.as_bytes(),
            ":owner": credential.owner_id.as_bytes(),
            ":name": credential.name,
            ":scope": credential.scope.as_str(),
            ":service": credential.policy.service,
            ":auth_type": credential.policy.auth_type.as_str(),
            ":policy": to_json(&credential.policy)?,
            ":notes": credential.notes,
            ":status": credential.status.as_str(),
            ":secret_fields": to_json(&credential.secret_fields)?,
            ":account": credential.account,
            ":expires_at": millis(credential.expires_at),
            ":rotate_every_days": credential.rotate_every_days,
            ":secret_changed_at": credential.secret_changed_at.as_millis(),
            ":updated_at": credential.updated_at.as_millis(),
            ":revision": signed(credential.revision),
            ":secret_revision": signed(credential.secret_revision),
            ":search": search(credential),
            ":secret_ends_at": millis(credential.secret_ends_at),
            ":former": former(credential)?,
            ":ends_at": millis(ends_at(credential)),
            ":due_at": millis(credential.due_at()),
        })?;
    Ok(changed == 1)
}

/// Writes what a sweep found if the revision is still the one that was read; `false` if not. Its `ETag` moves only
/// with what people see of it.
pub(super) fn note_lifecycle(tx: &Tx<'_>, credential: &Credential, is_seen: bool) -> Outcome<bool> {
    let changed = tx.run(
        "UPDATE credential SET lifecycle = ?3, former = ?4, ends_at = ?5, due_at = ?6, revision = revision + ?7
         WHERE id = ?1 AND revision = ?2",
        (
            credential.id.as_bytes(),
            signed(credential.revision),
            to_json(&credential.lifecycle)?,
            former(credential)?,
            millis(ends_at(credential)),
            millis(credential.due_at()),
            is_seen,
        ),
    )?;
    Ok(changed == 1)
}

/// Those for which time has something due.
pub(super) fn due(connection: &Connection, now: Timestamp, limit: u32) -> Outcome<Vec<Credential>> {
    let condition = "c.due_at IS NOT NULL AND c.due_at <= ?1 ORDER BY c.due_at, c.id LIMIT ?2";
    select(connection, condition, (now.as_millis(), limit))
}

fn former(credential: &Credential) -> Outcome<Option<String>> {
    credential.former.as_ref().map(to_json).transpose()
}

fn ends_at(credential: &Credential) -> Option<Timestamp> {
    credential.end().map(|(at, _)| at)
}
