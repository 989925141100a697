//! The state of the key tree and the slots of the root key.

use flero_model::SlotId;
use flero_store::{
    Error,
    keys::{RootKeySwap, SlotRow, VaultState},
};
use rusqlite::{Connection, Row};

use super::count_of;
use crate::{
    convert::{count, from_json, id, millis, signed, time, time_or_none, to_json},
    error::{OrTaken, Outcome},
    writer::Tx,
};

/// The most slots. Each is a way to every secret, so there are few (VAULT: 1 to 8).
const MAX_SLOTS: u64 = 8;

const COUNT_SLOTS: &str = "SELECT count(*) FROM vault_slot";

/// The state; `None` before the key ceremony.
pub(super) fn state(connection: &Connection) -> Outcome<Option<VaultState>> {
    let mut statement = connection
        .prepare_cached("SELECT instance_id, generation, slots_mac, wrapped_audit_key FROM vault_state")?;
    let mut rows = statement.query([])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(VaultState {
        instance: id(row, 0)?,
        generation: count(row, 1)?,
        slots_mac: row.get(2)?,
        wrapped_audit_key: row.get(3)?,
    }))
}

fn slot(row: &Row<'_>) -> Outcome<SlotRow> {
    Ok(SlotRow {
        id: id(row, 0)?,
        provider: row.get(1)?,
        provider_key_id: row.get(2)?,
        parameters: from_json(row, 3, "a key slot")?,
        blob: row.get(4)?,
        created_at: time(row, 5)?,
        last_verified_at: time_or_none(row, 6)?,
    })
}

/// Every slot, oldest first.
pub(super) fn slots(connection: &Connection) -> Outcome<Vec<SlotRow>> {
    connection
        .prepare_cached(
            "SELECT id, provider, provider_key_id, parameters, blob, created_at, last_verified_at FROM vault_slot
             ORDER BY created_at, id",
        )?
        .query_and_then([], slot)?
        .collect()
}

/// The key ceremony.
pub(super) fn init(tx: &Tx<'_>, state: &VaultState, slots: &[SlotRow]) -> Outcome<()> {
    if self::state(tx.connection)?.is_some() {
        return Err(Error::Refused { rule: "the vault has been initialised already" }.into());
    }
    if slots.is_empty() {
        return Err(Error::Refused { rule: "a vault needs at least one key slot" }.into());
    }
    tx.run(
        "INSERT INTO vault_state (only_row, instance_id, generation, slots_mac, wrapped_audit_key)
         VALUES (1, ?1, ?2, ?3, ?4)",
        (state.instance.as_bytes(), signed(state.generation), &state.slots_mac, &state.wrapped_audit_key),
    )?;
    slots.iter().try_for_each(|slot| insert_slot(tx, slot))
}

fn insert_slot(tx: &Tx<'_>, slot: &SlotRow) -> Outcome<()> {
    if count_of(tx, COUNT_SLOTS)? >= MAX_SLOTS {
        return Err(Error::Refused { rule: "a vault has at most eight key slots; remove one first" }.into());
    }
    tx.connection
        .prepare_cached(
            "INSERT INTO vault_slot (id, provider, provider_key_id, parameters, blob, created_at, last_verified_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute((
            slot.id.as_bytes(),
            &slot.provider,
            &slot.provider_key_id,
            to_json(&slot.parameters)?,
            &slot.blob,
            slot.created_at.as_millis(),
            millis(slot.last_verified_at),
        ))
        .or_taken("key slot")?;
    Ok(())
}

fn set_mac(tx: &Tx<'_>, slots_mac: &[u8]) -> Outcome<()> {
    tx.run("UPDATE vault_state SET slots_mac = ?1", [slots_mac])?;
    Ok(())
}

/// Adds a slot under a new MAC.
pub(super) fn add_slot(tx: &Tx<'_>, slot: &SlotRow, slots_mac: &[u8]) -> Outcome<()> {
    insert_slot(tx, slot)?;
    set_mac(tx, slots_mac)
}

/// Removes a slot under a new MAC. A trigger refuses to remove the last one.
pub(super) fn remove_slot(tx: &Tx<'_>, slot: SlotId, slots_mac: &[u8]) -> Outcome<()> {
    if tx.run("DELETE FROM vault_slot WHERE id = ?1", [slot.as_bytes()])? == 0 {
        return Err(Error::NotFound.into());
    }
    set_mac(tx, slots_mac)
}

/// Writes the new root key everywhere at once. A swap that leaves anything under the old one is refused: that
/// would be lost.
pub(super) fn swap_root_key(tx: &Tx<'_>, swap: &RootKeySwap) -> Outcome<()> {
    let incomplete =
        || Error::Refused { rule: "a root key is exchanged in every slot and every scope key at once" };
    let named = swap.slots.len() + swap.dropped.len();
    if named as u64 != count_of(tx, COUNT_SLOTS)? {
        return Err(incomplete().into());
    }
    for (slot, blob) in &swap.slots {
        if tx.run("UPDATE vault_slot SET blob = ?2 WHERE id = ?1", (slot.as_bytes(), blob))? == 0 {
            return Err(incomplete().into());
        }
    }
    for slot in &swap.dropped {
        if tx.run("DELETE FROM vault_slot WHERE id = ?1", [slot.as_bytes()])? == 0 {
            return Err(incomplete().into());
        }
    }
    if count_of(tx, COUNT_SLOTS)? != swap.slots.len() as u64 {
        return Err(incomplete().into());
    }
    for (scope, version, wrapped) in &swap.scope_keys {
        let changed = tx.run(
            "UPDATE scope_key SET wrapped = ?4
             WHERE scope_kind = ?1 AND scope_id = ?2 AND version = ?3 AND state <> 'destroyed'",
            (scope.kind.as_str(), &scope.id, version, wrapped),
        )?;
        if changed == 0 {
            return Err(incomplete().into());
        }
    }
    let distinct: std::collections::HashSet<_> =
        swap.scope_keys.iter().map(|(scope, version, _)| (scope, version)).collect();
    if distinct.len() as u64 != count_of(tx, "SELECT count(*) FROM scope_key WHERE state <> 'destroyed'")? {
        return Err(incomplete().into());
    }
    tx.run("UPDATE vault_state SET wrapped_audit_key = ?1", [&swap.wrapped_audit_key])?;
    set_mac(tx, &swap.slots_mac)
}
