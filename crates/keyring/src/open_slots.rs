//! From slots to the root key: which providers fit, what they give, and whether the set of slots is untouched.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use flero_model::SlotId;
use flero_store::keys::{SlotRow, VaultState};
use flero_vault::{AuditKey, Error as VaultError, RootKey, SlotContext, verify_slot_set};

use crate::keyring::{Keyring, Provider, Tree};
use crate::{Error, Result, rows};

/// How often a read is repeated because the key tree changed under it.
pub(crate) const ATTEMPTS: u32 = 5;

impl Keyring {
    /// Loads the key tree anew. With `seen`, nothing happens if another task has replaced that tree meanwhile.
    ///
    /// A failure that shows that what is stored cannot be trusted or opened seals the keyring; one of the
    /// connection to the store leaves the loaded keys in use.
    pub(crate) async fn reload(&self, seen: Option<&Arc<Tree>>) -> Result<Arc<Tree>> {
        let _one_at_a_time = self.0.reloading.lock().await;
        if let (Some(seen), Ok(now)) = (seen, self.tree())
            && !Arc::ptr_eq(seen, &now)
        {
            return Ok(now);
        }
        // Only a change that was seen may keep the root key in memory; an unseal proves the providers anew.
        let current = seen.and_then(|_| self.tree().ok());
        match self.load_tree(current.as_deref()).await {
            Ok(tree) => Ok(self.install(tree)),
            Err(error) => {
                if !matches!(error, Error::Store(_) | Error::Busy) {
                    self.seal_for_failure(error.to_string());
                }
                Err(error)
            }
        }
    }

    /// With a current tree whose root key still signs the set of slots, that key stays: slots come and go without
    /// asking a key source, and a process goes on although its own slot was removed.
    async fn load_tree(&self, current: Option<&Tree>) -> Result<Tree> {
        let (state, slots) = self.read_consistently().await?;
        let instance_text = state.instance.to_string();
        let records = rows::slot_records(&slots);
        let unchanged = current
            .filter(|tree| verify_slot_set(&tree.root, &instance_text, &records, &state.slots_mac).is_ok());
        let (root, opens) = match unchanged {
            Some(tree) => (Arc::clone(&tree.root), self.still_open(tree, &slots).await),
            None => {
                let (root, opens) = self.open_root(&instance_text, &slots).await?;
                verify_slot_set(&root, &instance_text, &records, &state.slots_mac)?;
                let now = self.0.clock.now();
                for slot in &opens {
                    self.0.store.touch_slot(*slot, now).await?;
                }
                (Arc::new(root), opens)
            }
        };
        let audit = AuditKey::unwrap(&root, &instance_text, &state.wrapped_audit_key)?;
        Ok(Tree {
            instance: state.instance,
            instance_text,
            generation: state.generation,
            root,
            audit,
            known_slots: slots.iter().map(|slot| slot.id).collect(),
            opens,
            keysets: RwLock::new(HashMap::new()),
        })
    }

    /// Which slots this process opens, under an unchanged root key: those it opened before and that are left, and
    /// new ones that one attempt opens.
    async fn still_open(&self, tree: &Tree, slots: &[SlotRow]) -> Vec<SlotId> {
        let mut opens = Vec::new();
        for slot in slots {
            if tree.opens.contains(&slot.id) {
                opens.push(slot.id);
            } else if !tree.known_slots.contains(&slot.id)
                && let Some(provider) = self.providers().iter().find(|provider| fits(provider, slot))
            {
                let opened = self.unwrap_slot(provider, slot, &tree.instance_text).await;
                opens.extend(opened.is_ok_and(|root| root.is_same(&tree.root)).then_some(slot.id));
            }
        }
        opens
    }

    /// State and slots of one and the same generation.
    pub(crate) async fn read_consistently(&self) -> Result<(VaultState, Vec<SlotRow>)> {
        for _ in 0..ATTEMPTS {
            let before = self.0.store.vault_state().await?.ok_or(Error::NotInitialised)?;
            let slots = self.0.store.slots().await?;
            let after = self.0.store.vault_state().await?.ok_or(Error::NotInitialised)?;
            if before.generation == after.generation {
                return Ok((after, slots));
            }
        }
        Err(Error::Busy)
    }

    /// The root key, and every slot that opens. Slots with slow derivations or printed codes are tried only
    /// when no other slot has opened.
    async fn open_root(&self, instance: &str, slots: &[SlotRow]) -> Result<(RootKey, Vec<SlotId>)> {
        let providers = self.providers();
        for provider in &providers {
            // A key file may have been exchanged since the start. What was read then is tried otherwise.
            let _ = tokio::time::timeout(self.0.options.provider_timeout, provider.refresh()).await;
        }
        let mut root: Option<RootKey> = None;
        let mut opens = Vec::new();
        let mut reasons = Vec::new();
        for asymmetric in [false, true] {
            for slot in slots {
                let fitting =
                    providers.iter().filter(|provider| provider.identify().asymmetric == asymmetric);
                for provider in fitting.filter(|provider| fits(provider, slot)) {
                    if asymmetric && root.is_some() {
                        continue;
                    }
                    match self.unwrap_slot(provider, slot, instance).await {
                        Ok(found) => {
                            if root.as_ref().is_some_and(|known| !known.is_same(&found)) {
                                return Err(VaultError::SlotSetChanged.into());
                            }
                            root.get_or_insert(found);
                            opens.push(slot.id);
                        }
                        Err(error) => reasons.push(format!("{} ({}): {error}", slot.id, slot.provider)),
                    }
                }
            }
        }
        let unopened = slots.iter().filter(|slot| !providers.iter().any(|provider| fits(provider, slot)));
        reasons.extend(unopened.map(|slot| {
            let same_kind = providers.iter().any(|provider| provider.identify().provider == slot.provider);
            let why = if same_kind { "the key given is another one" } else { "no key was given for it" };
            format!("{} ({}): {why}", slot.id, slot.provider)
        }));
        root.map(|root| (root, opens)).ok_or(Error::NoSlotOpened { reasons })
    }

    /// One attempt to unwrap a slot, within the time that a provider has.
    pub(crate) async fn unwrap_slot(
        &self,
        provider: &Provider,
        slot: &SlotRow,
        instance: &str,
    ) -> Result<RootKey> {
        let id = slot.id.to_string();
        let context = SlotContext { instance, slot: &id };
        let wrapped = rows::wrapped(slot);
        match tokio::time::timeout(self.0.options.provider_timeout, provider.unwrap(&wrapped, &context)).await
        {
            Ok(result) => Ok(result?),
            Err(_) => Err(timed_out(provider)),
        }
    }

    /// Looks whether the key tree changed, and loads it anew if so. The binary calls this every few seconds,
    /// through [`Keyring::heartbeat`]; a change is then seen by every process within that time.
    ///
    /// # Errors
    /// As [`Keyring::unlock`].
    pub async fn refresh(&self) -> Result<()> {
        let tree = self.tree()?;
        let state = self.0.store.vault_state().await?.ok_or(Error::NotInitialised)?;
        if state.generation != tree.generation || state.instance != tree.instance {
            self.reload(Some(&tree)).await?;
        }
        Ok(())
    }

    /// Refreshes, and reports to the other processes what this one has loaded. `kind` names the kind of process,
    /// for example `serve`. A keyring that a failure sealed, for example because a key file was not there at the
    /// moment of a rotation, tries its key sources again first.
    ///
    /// # Errors
    /// As [`Keyring::unlock`].
    pub async fn heartbeat(&self, kind: &str) -> Result<()> {
        if self.is_sealed_by_failure() {
            self.reload(None).await?;
            tracing::info!("the vault is open again");
        }
        self.refresh().await?;
        let tree = self.tree()?;
        let now = self.0.clock.now();
        self.0.store.heartbeat(self.0.node, kind, tree.generation, tree.opens.clone(), now).await?;
        Ok(())
    }
}

/// Whether a provider is the one that made a slot. A passphrase has no id until it meets its slot.
pub(crate) fn fits(provider: &Provider, slot: &SlotRow) -> bool {
    let identity = provider.identify();
    identity.provider == slot.provider && identity.key_id.is_none_or(|key_id| key_id == slot.provider_key_id)
}

pub(crate) fn timed_out(provider: &Provider) -> Error {
    let name = provider.identify().provider;
    VaultError::provider(name, "the key source did not answer in time; check that it is reachable").into()
}
