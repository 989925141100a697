//! Sealed secrets: one collection for every owner, whatever its kind.

use flero_model::{
    Timestamp,
    credential::{KeyScopeRef, Scope},
};
use flero_store::{
    Error,
    keys::{Rewrapped, SealedSecret, SecretAddress, SecretSlot},
};
use rusqlite::{Connection, Params, Row};

use crate::{
    convert::{count, millis, named, signed, time_or_none},
    error::Outcome,
    writer::Tx,
};

/// The columns that [`sealed`] reads, in its order.
pub(crate) const COLUMNS: &str = "s.owner, s.field, s.slot, s.revision, s.scope_kind, s.scope_id, s.key_version, \
                                  s.bound_type, s.policy_hash, s.blob, s.destroy_at";

/// The slot as it is stored.
pub(crate) const fn slot_number(slot: SecretSlot) -> u8 {
    match slot {
        SecretSlot::Current => 0,
        SecretSlot::Previous => 1,
    }
}

fn slot(number: u8) -> Outcome<SecretSlot> {
    match number {
        0 => Ok(SecretSlot::Current),
        1 => Ok(SecretSlot::Previous),
        _ => Err(Error::Corrupt { what: "a sealed secret" }.into()),
    }
}

/// The keyset that two columns name.
pub(crate) fn key_scope(row: &Row<'_>, column: usize) -> Outcome<KeyScopeRef> {
    let kind: Scope = named(row, column, "a key scope")?;
    Ok(KeyScopeRef { kind, id: row.get(column + 1)? })
}

/// A secret from [`COLUMNS`] that begin at a column.
pub(crate) fn sealed(row: &Row<'_>, first: usize) -> Outcome<SealedSecret> {
    Ok(SealedSecret {
        address: SecretAddress {
            owner: row.get(first)?,
            field: row.get(first + 1)?,
            slot: slot(row.get(first + 2)?)?,
        },
        revision: count(row, first + 3)?,
        scope: key_scope(row, first + 4)?,
        key_version: row.get(first + 6)?,
        bound_type: row.get(first + 7)?,
        policy_hash: row.get(first + 8)?,
        blob: row.get(first + 9)?,
        destroy_at: time_or_none(row, first + 10)?,
    })
}

/// The secrets that a statement finds; `rest` follows the `FROM`.
pub(crate) fn select(
    connection: &Connection,
    rest: &str,
    parameters: impl Params,
) -> Outcome<Vec<SealedSecret>> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM sealed_secret AS s {rest}"))?
        .query_and_then(parameters, |row| sealed(row, 0))?
        .collect()
}

/// An address as the parameters of a row-value comparison; before every address when there is none.
pub(crate) fn after_parameters(after: Option<&SecretAddress>) -> (&str, &str, i64) {
    after.map_or(("", "", -1), |address| {
        (address.owner.as_str(), address.field.as_str(), i64::from(slot_number(address.slot)))
    })
}

impl Tx<'_> {
    /// Writes a secret. One that replaces another must have a higher revision.
    pub(crate) fn put_secret(&self, secret: &SealedSecret) -> Outcome<()> {
        let address = &secret.address;
        let changed = self.run(
            "INSERT INTO sealed_secret (owner, field, slot, revision, scope_kind, scope_id, key_version,
                                        bound_type, policy_hash, blob, destroy_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
             ON CONFLICT (owner, field, slot) DO UPDATE SET
                revision = excluded.revision, scope_kind = excluded.scope_kind, scope_id = excluded.scope_id,
                key_version = excluded.key_version, bound_type = excluded.bound_type,
                policy_hash = excluded.policy_hash, blob = excluded.blob, destroy_at = excluded.destroy_at
             WHERE excluded.revision > sealed_secret.revision",
            (
                &address.owner,
                &address.field,
                slot_number(address.slot),
                signed(secret.revision),
                secret.scope.kind.as_str(),
                &secret.scope.id,
                secret.key_version,
                &secret.bound_type,
                &secret.policy_hash,
                &secret.blob,
                millis(secret.destroy_at),
            ),
        )?;
        if changed == 1 { Ok(()) } else { Err(Error::Conflict.into()) }
    }

    /// Destroys a secret; one that is not there is fine.
    pub(crate) fn destroy_secret(&self, address: &SecretAddress) -> Outcome<()> {
        self.run(
            "DELETE FROM sealed_secret WHERE owner = ?1 AND field = ?2 AND slot = ?3",
            (&address.owner, &address.field, slot_number(address.slot)),
        )?;
        Ok(())
    }

    /// Destroys every secret of an owner.
    pub(crate) fn destroy_secrets_of(&self, owner: &str) -> Outcome<()> {
        self.run("DELETE FROM sealed_secret WHERE owner = ?1", [owner])?;
        Ok(())
    }

    /// Destroys what is due.
    pub(crate) fn destroy_due(&self, now: Timestamp) -> Outcome<u64> {
        let destroyed = self.run(
            "DELETE FROM sealed_secret WHERE destroy_at IS NOT NULL AND destroy_at <= ?1",
            [now.as_millis()],
        )?;
        Ok(destroyed as u64)
    }

    /// Replaces one blob if nobody wrote it since it was read.
    pub(crate) fn rewrap_one(&self, row: &Rewrapped) -> Outcome<bool> {
        let address = &row.address;
        let changed = self.run(
            "UPDATE sealed_secret SET blob = ?6, key_version = ?7
             WHERE owner = ?1 AND field = ?2 AND slot = ?3 AND revision = ?4 AND key_version = ?5",
            (
                &address.owner,
                &address.field,
                slot_number(address.slot),
                signed(row.revision),
                row.from_version,
                &row.blob,
                row.to_version,
            ),
        )?;
        Ok(changed == 1)
    }
}
