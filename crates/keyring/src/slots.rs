//! KEK rotation: a slot is added, verified, and the old one removed. The root key and the data stay untouched.

use flero_model::SlotId;
use flero_model::audit::NewAudit;
use flero_vault::slot_set_mac;

use crate::keyring::{Keyring, Provider};
use crate::open_slots::ATTEMPTS;
use crate::{Error, Result, rows};

/// How a slot is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemoveSlot {
    /// Remove it although running processes may open no other slot.
    pub force: bool,
    /// For how long a report of a process counts, in milliseconds; the lease of [`Keyring::heartbeat`].
    pub lease_ms: i64,
}

impl Default for RemoveSlot {
    fn default() -> Self {
        Self { force: false, lease_ms: 60_000 }
    }
}

impl Keyring {
    /// Wraps the root key for a further provider, stores the slot, reads it back, unwraps it and compares.
    ///
    /// A crash after the slot was stored leaves a slot more, never one less.
    ///
    /// # Errors
    /// [`Error::SlotNotVerified`] when the stored slot does not give the root key back (it is removed again);
    /// [`flero_store::Error::Refused`] above eight slots; [`Error::Busy`]; whatever the provider says.
    pub async fn add_slot(&self, provider: &Provider, audit: Vec<NewAudit>) -> Result<SlotId> {
        let id = self.insert_slot(provider, audit).await?;
        let (state, slots) = self.read_consistently().await?;
        let stored = slots.iter().find(|slot| slot.id == id).ok_or(Error::SlotNotVerified)?;
        let unwrapped = self.unwrap_slot(provider, stored, &state.instance.to_string()).await;
        let tree = self.tree()?;
        match unwrapped {
            Ok(root) if root.is_same(&tree.root) => {
                self.0.store.touch_slot(id, self.0.clock.now()).await?;
                Ok(id)
            }
            _ => {
                self.remove_slot(id, RemoveSlot { force: true, ..RemoveSlot::default() }, Vec::new()).await?;
                Err(Error::SlotNotVerified)
            }
        }
    }

    async fn insert_slot(&self, provider: &Provider, audit: Vec<NewAudit>) -> Result<SlotId> {
        for _ in 0..ATTEMPTS {
            self.refresh().await?;
            let tree = self.tree()?;
            let (state, mut slots) = self.read_consistently().await?;
            if state.generation != tree.generation {
                continue;
            }
            let slot = self.make_slot(provider, &tree.root, &tree.instance_text).await?;
            let id = slot.id;
            slots.push(slot.clone());
            let mac = slot_set_mac(&tree.root, &tree.instance_text, &rows::slot_records(&slots))?;
            match self.0.store.add_slot(state.generation, slot, mac.to_vec(), audit.clone()).await {
                Err(flero_store::Error::Conflict) => {}
                result => {
                    result?;
                    self.reload(Some(&tree)).await?;
                    return Ok(id);
                }
            }
        }
        Err(Error::Busy)
    }

    /// Removes a slot. Whoever has only its key cannot open this installation any more; a backup from before
    /// still opens with it.
    ///
    /// # Errors
    /// [`Error::LastSlot`]; [`Error::NoSuchSlot`]; [`Error::NodesDependOnSlot`] unless forced; [`Error::Busy`].
    pub async fn remove_slot(&self, id: SlotId, how: RemoveSlot, audit: Vec<NewAudit>) -> Result<()> {
        for _ in 0..ATTEMPTS {
            self.refresh().await?;
            let tree = self.tree()?;
            let (state, mut slots) = self.read_consistently().await?;
            if state.generation != tree.generation {
                continue;
            }
            if !slots.iter().any(|slot| slot.id == id) {
                return Err(Error::NoSuchSlot);
            }
            if slots.len() == 1 {
                return Err(Error::LastSlot);
            }
            if !how.force {
                self.refuse_if_needed(id, how.lease_ms, &tree.opens).await?;
            }
            slots.retain(|slot| slot.id != id);
            let mac = slot_set_mac(&tree.root, &tree.instance_text, &rows::slot_records(&slots))?;
            match self.0.store.remove_slot(state.generation, id, mac.to_vec(), audit.clone()).await {
                Err(flero_store::Error::Conflict) => {}
                Err(flero_store::Error::Refused { .. }) => return Err(Error::LastSlot),
                result => {
                    result?;
                    self.reload(Some(&tree)).await?;
                    return Ok(());
                }
            }
        }
        Err(Error::Busy)
    }

    /// Refuses while a running process, this one included, opens no slot but `id`.
    async fn refuse_if_needed(&self, id: SlotId, lease_ms: i64, own: &[SlotId]) -> Result<()> {
        let since = self.0.clock.now().plus_millis(-lease_ms);
        let nodes = self.0.store.live_nodes(since).await?;
        let reported = nodes.iter().filter(|node| node.node != self.0.node).map(|node| node.opens.as_slice());
        let count = reported.chain([own]).filter(|opens| opens.iter().all(|slot| *slot == id)).count();
        if count > 0 { Err(Error::NodesDependOnSlot { count }) } else { Ok(()) }
    }
}
