//! The real store with faults between the keyring and it: a process that dies at its k-th call, before or after the
//! store carried the call out, and a writer that comes in between reading and rewrapping.

use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;

use async_trait::async_trait;
use flero_model::audit::NewAudit;
use flero_model::credential::KeyScopeRef;
use flero_model::{NodeInstanceId, SlotId, Timestamp};
use flero_store::keys::{
    LiveNode, Rewrapped, RootKeySwap, ScopeKeyRow, SealedSecret, SecretAddress, SlotRow, VaultState,
};
use flero_store::{Error, KeyStore, Result};
use flero_store_sqlite::SqliteStore;

/// When the process dies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Death {
    /// At which call from now, counted from 0.
    pub(crate) at_call: u32,
    /// Whether the store carries that call out; its answer is lost either way.
    pub(crate) carried_out: bool,
}

type Act = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

pub(crate) struct FaultyStore {
    inner: SqliteStore,
    death: Mutex<Option<Death>>,
    before_rewrap: Mutex<Option<Act>>,
}

/// What becomes of one call.
enum Fate {
    Lives,
    DiesAfter,
    Dead,
}

fn dead<T>() -> Result<T> {
    Err(Error::Unavailable { kind: "the process died".to_owned() })
}

impl FaultyStore {
    pub(crate) fn new(inner: SqliteStore) -> Self {
        Self { inner, death: Mutex::new(None), before_rewrap: Mutex::new(None) }
    }

    /// From now on the process dies as told; `None` brings it back to life.
    pub(crate) fn die(&self, death: Option<Death>) {
        *self.death.lock().unwrap() = death;
    }

    /// Runs once, right before the next rewrap reaches the store.
    pub(crate) fn before_rewrap(&self, act: Act) {
        *self.before_rewrap.lock().unwrap() = Some(act);
    }

    /// Drops an act that has not run.
    pub(crate) fn forget_acts(&self) {
        *self.before_rewrap.lock().unwrap() = None;
    }

    fn fate(&self) -> Fate {
        let mut death = self.death.lock().unwrap();
        match &mut *death {
            None => Fate::Lives,
            Some(plan) if plan.at_call > 0 => {
                plan.at_call -= 1;
                Fate::Lives
            }
            // The call of its death is the last that is carried out, if any.
            Some(plan) if plan.carried_out => {
                plan.carried_out = false;
                Fate::DiesAfter
            }
            Some(_) => Fate::Dead,
        }
    }

    async fn pass<T>(&self, call: impl Future<Output = Result<T>>) -> Result<T> {
        match self.fate() {
            Fate::Lives => call.await,
            Fate::DiesAfter => {
                let _ = call.await;
                dead()
            }
            Fate::Dead => dead(),
        }
    }
}

#[async_trait]
impl KeyStore for FaultyStore {
    async fn vault_state(&self) -> Result<Option<VaultState>> {
        self.pass(self.inner.vault_state()).await
    }

    async fn init_vault(&self, state: VaultState, slots: Vec<SlotRow>) -> Result<()> {
        self.pass(self.inner.init_vault(state, slots)).await
    }

    async fn slots(&self) -> Result<Vec<SlotRow>> {
        self.pass(self.inner.slots()).await
    }

    async fn add_slot(
        &self,
        expected_generation: u64,
        slot: SlotRow,
        slots_mac: Vec<u8>,
        audit: Vec<NewAudit>,
    ) -> Result<()> {
        self.pass(self.inner.add_slot(expected_generation, slot, slots_mac, audit)).await
    }

    async fn remove_slot(
        &self,
        expected_generation: u64,
        slot: SlotId,
        slots_mac: Vec<u8>,
        audit: Vec<NewAudit>,
    ) -> Result<()> {
        self.pass(self.inner.remove_slot(expected_generation, slot, slots_mac, audit)).await
    }

    async fn touch_slot(&self, slot: SlotId, at: Timestamp) -> Result<()> {
        self.pass(self.inner.touch_slot(slot, at)).await
    }

    async fn swap_root_key(&self, swap: RootKeySwap, audit: Vec<NewAudit>) -> Result<()> {
        self.pass(self.inner.swap_root_key(swap, audit)).await
    }

    async fn scope_keys(&self, scope: &KeyScopeRef) -> Result<Vec<ScopeKeyRow>> {
        self.pass(self.inner.scope_keys(scope)).await
    }

    async fn all_scope_keys(&self) -> Result<Vec<ScopeKeyRow>> {
        self.pass(self.inner.all_scope_keys()).await
    }

    async fn add_scope_key(
        &self,
        expected_generation: u64,
        row: ScopeKeyRow,
        audit: Vec<NewAudit>,
    ) -> Result<()> {
        self.pass(self.inner.add_scope_key(expected_generation, row, audit)).await
    }

    async fn activate_scope_key(
        &self,
        scope: &KeyScopeRef,
        version: u32,
        at: Timestamp,
        audit: Vec<NewAudit>,
    ) -> Result<()> {
        self.pass(self.inner.activate_scope_key(scope, version, at, audit)).await
    }

    async fn disable_scope_key(&self, scope: &KeyScopeRef, version: u32, at: Timestamp) -> Result<()> {
        self.pass(self.inner.disable_scope_key(scope, version, at)).await
    }

    async fn destroy_scope_key(
        &self,
        scope: &KeyScopeRef,
        version: u32,
        at: Timestamp,
        audit: Vec<NewAudit>,
    ) -> Result<()> {
        self.pass(self.inner.destroy_scope_key(scope, version, at, audit)).await
    }

    async fn sealed_under(
        &self,
        scope: &KeyScopeRef,
        version: u32,
        after: Option<SecretAddress>,
        limit: u32,
    ) -> Result<Vec<SealedSecret>> {
        self.pass(self.inner.sealed_under(scope, version, after, limit)).await
    }

    async fn count_sealed_under(&self, scope: &KeyScopeRef, version: u32) -> Result<u64> {
        self.pass(self.inner.count_sealed_under(scope, version)).await
    }

    async fn all_sealed(&self, after: Option<SecretAddress>, limit: u32) -> Result<Vec<SealedSecret>> {
        self.pass(self.inner.all_sealed(after, limit)).await
    }

    async fn heartbeat(
        &self,
        node: NodeInstanceId,
        kind: &str,
        generation: u64,
        opens: Vec<SlotId>,
        at: Timestamp,
    ) -> Result<()> {
        self.pass(self.inner.heartbeat(node, kind, generation, opens, at)).await
    }

    async fn live_nodes(&self, since: Timestamp) -> Result<Vec<LiveNode>> {
        self.pass(self.inner.live_nodes(since)).await
    }

    async fn retire_nodes(&self, node: NodeInstanceId, others_of_kind: Option<&str>) -> Result<()> {
        self.pass(self.inner.retire_nodes(node, others_of_kind)).await
    }

    async fn rewrap(&self, rows: Vec<Rewrapped>) -> Result<u64> {
        let act = self.before_rewrap.lock().unwrap().take();
        if let Some(act) = act {
            act().await;
        }
        self.pass(self.inner.rewrap(rows)).await
    }
}
