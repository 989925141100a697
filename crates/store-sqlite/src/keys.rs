//! The key tree and the sealed secrets.

mod nodes;
mod scope_keys;
mod tree;

use async_trait::async_trait;
use flero_model::{NodeInstanceId, SlotId, Timestamp, audit::NewAudit, credential::KeyScopeRef};
use flero_store::{
    Error, KeyStore, Result,
    keys::{
        KeyVersionState, LiveNode, Rewrapped, RootKeySwap, ScopeKeyRow, SealedSecret, SecretAddress, SlotRow,
        VaultState,
    },
};

use crate::{convert::count, error::Outcome, secrets, store::SqliteStore, writer::Tx};

/// Moves the generation on, from the expected one if one is given.
fn move_generation(tx: &Tx<'_>, expected: Option<u64>) -> Outcome<()> {
    let state = tree::state(tx.connection)?
        .ok_or(Error::Refused { rule: "the vault has not been initialised; run `flero vault init`" })?;
    if expected.is_some_and(|expected| expected != state.generation) {
        return Err(Error::Conflict.into());
    }
    tx.run("UPDATE vault_state SET generation = generation + 1", [])?;
    Ok(())
}

#[async_trait]
impl KeyStore for SqliteStore {
    async fn vault_state(&self) -> Result<Option<VaultState>> {
        self.look_up(tree::state).await
    }

    async fn init_vault(&self, state: VaultState, slots: Vec<SlotRow>) -> Result<()> {
        self.write(move |tx| tree::init(tx, &state, &slots)).await
    }

    async fn slots(&self) -> Result<Vec<SlotRow>> {
        self.look_up(tree::slots).await
    }

    async fn add_slot(
        &self,
        expected_generation: u64,
        slot: SlotRow,
        slots_mac: Vec<u8>,
        audit: Vec<NewAudit>,
    ) -> Result<()> {
        self.write(move |tx| {
            move_generation(tx, Some(expected_generation))?;
            tree::add_slot(tx, &slot, &slots_mac)?;
            tx.record(&audit)
        })
        .await
    }

    async fn remove_slot(
        &self,
        expected_generation: u64,
        slot: SlotId,
        slots_mac: Vec<u8>,
        audit: Vec<NewAudit>,
    ) -> Result<()> {
        self.write(move |tx| {
            move_generation(tx, Some(expected_generation))?;
            tree::remove_slot(tx, slot, &slots_mac)?;
            tx.record(&audit)
        })
        .await
    }

    async fn touch_slot(&self, slot: SlotId, at: Timestamp) -> Result<()> {
        self.write(move |tx| {
            tx.run(
                "UPDATE vault_slot SET last_verified_at = max(coalesce(last_verified_at, ?2), ?2) WHERE id = ?1",
                (slot.as_bytes(), at.as_millis()),
            )?;
            Ok(())
        })
        .await
    }

    async fn swap_root_key(&self, swap: RootKeySwap, audit: Vec<NewAudit>) -> Result<()> {
        self.write(move |tx| {
            move_generation(tx, Some(swap.expected_generation))?;
            tree::swap_root_key(tx, &swap)?;
            tx.record(&audit)
        })
        .await
    }

    async fn scope_keys(&self, scope: &KeyScopeRef) -> Result<Vec<ScopeKeyRow>> {
        self.look_up(|connection| scope_keys::of_scope(connection, scope)).await
    }

    async fn all_scope_keys(&self) -> Result<Vec<ScopeKeyRow>> {
        self.read(scope_keys::all).await
    }

    async fn add_scope_key(
        &self,
        expected_generation: u64,
        row: ScopeKeyRow,
        audit: Vec<NewAudit>,
    ) -> Result<()> {
        self.write(move |tx| {
            // Looked at first: whoever lost the race for a version is told so, whatever the generation is.
            scope_keys::check_new(tx, &row)?;
            move_generation(tx, Some(expected_generation))?;
            scope_keys::insert(tx, &row)?;
            tx.record(&audit)
        })
        .await
    }

    async fn activate_scope_key(
        &self,
        scope: &KeyScopeRef,
        version: u32,
        at: Timestamp,
        audit: Vec<NewAudit>,
    ) -> Result<()> {
        let scope = scope.clone();
        self.write(move |tx| {
            move_generation(tx, None)?;
            scope_keys::activate(tx, &scope, version, at)?;
            tx.record(&audit)
        })
        .await
    }

    async fn disable_scope_key(&self, scope: &KeyScopeRef, version: u32, at: Timestamp) -> Result<()> {
        let scope = scope.clone();
        self.write(move |tx| {
            move_generation(tx, None)?;
            let states = (KeyVersionState::Decrypt, KeyVersionState::Disabled);
            scope_keys::change_state(tx, &scope, version, states, at)
        })
        .await
    }

    async fn destroy_scope_key(
        &self,
        scope: &KeyScopeRef,
        version: u32,
        at: Timestamp,
        audit: Vec<NewAudit>,
    ) -> Result<()> {
        let scope = scope.clone();
        self.write(move |tx| {
            move_generation(tx, None)?;
            let states = (KeyVersionState::Disabled, KeyVersionState::Destroyed);
            scope_keys::change_state(tx, &scope, version, states, at)?;
            scope_keys::overwrite(tx, &scope, version)?;
            tx.record(&audit)
        })
        .await
    }

    async fn sealed_under(
        &self,
        scope: &KeyScopeRef,
        version: u32,
        after: Option<SecretAddress>,
        limit: u32,
    ) -> Result<Vec<SealedSecret>> {
        let scope = scope.clone();
        self.read(move |connection| {
            let (owner, field, slot) = secrets::after_parameters(after.as_ref());
            secrets::select(
                connection,
                "WHERE s.scope_kind = ?1 AND s.scope_id = ?2 AND s.key_version = ?3
                   AND (s.owner, s.field, s.slot) > (?4, ?5, ?6)
                 ORDER BY s.owner, s.field, s.slot LIMIT ?7",
                (scope.kind.as_str(), &scope.id, version, owner, field, slot, limit),
            )
        })
        .await
    }

    async fn count_sealed_under(&self, scope: &KeyScopeRef, version: u32) -> Result<u64> {
        let scope = scope.clone();
        self.read(move |connection| scope_keys::count_sealed(connection, &scope, version)).await
    }

    async fn all_sealed(&self, after: Option<SecretAddress>, limit: u32) -> Result<Vec<SealedSecret>> {
        self.read(move |connection| {
            let (owner, field, slot) = secrets::after_parameters(after.as_ref());
            secrets::select(
                connection,
                "WHERE (s.owner, s.field, s.slot) > (?1, ?2, ?3) ORDER BY s.owner, s.field, s.slot LIMIT ?4",
                (owner, field, slot, limit),
            )
        })
        .await
    }

    async fn rewrap(&self, rows: Vec<Rewrapped>) -> Result<u64> {
        self.write(move |tx| {
            let mut replaced = 0;
            for row in &rows {
                replaced += u64::from(tx.rewrap_one(row)?);
            }
            Ok(replaced)
        })
        .await
    }

    async fn heartbeat(
        &self,
        node: NodeInstanceId,
        kind: &str,
        generation: u64,
        opens: Vec<SlotId>,
        at: Timestamp,
    ) -> Result<()> {
        let kind = kind.to_owned();
        self.write(move |tx| nodes::heartbeat(tx, node, &kind, generation, &opens, at)).await
    }

    async fn live_nodes(&self, since: Timestamp) -> Result<Vec<LiveNode>> {
        self.look_up(|connection| nodes::live(connection, since)).await
    }

    async fn retire_nodes(&self, node: NodeInstanceId, others_of_kind: Option<&str>) -> Result<()> {
        let kind = others_of_kind.map(str::to_owned);
        self.write(move |tx| nodes::retire(tx, node, kind.as_deref())).await
    }
}

/// How many rows there are of one state; used by the checks of the key tree.
fn count_of(tx: &Tx<'_>, sql: &str) -> Outcome<u64> {
    Ok(tx.connection.prepare_cached(sql)?.query_row([], |row| count(row, 0))?)
}
