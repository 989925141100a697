//! RK rotation: a new root key in every slot and around every scope key, in one transaction. No data is touched.

use std::sync::Arc;

use flero_model::SlotId;
use flero_model::audit::NewAudit;
use flero_model::credential::KeyScopeRef;
use flero_store::keys::{KeyVersionState, RootKeySwap, SlotRow};
use flero_vault::slot::{SlotProvider, Wrapped, public_half};
use flero_vault::{RootKey, ScopeKey, ScopeRef, SlotContext, slot_set_mac};

use crate::keyring::{Keyring, Provider, Tree};
use crate::open_slots::{ATTEMPTS, fits, timed_out};
use crate::{Error, Result, rows};

/// What a rotation of the root key would do with each slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootRotationPlan {
    /// Slots that get the new root key.
    pub kept: Vec<SlotId>,
    /// Slots whose key is not at hand, with their provider's name. They are dropped, if the operator agrees.
    pub dropped: Vec<(SlotId, String)>,
}

/// How one slot can be wrapped anew.
enum Way {
    /// With the key itself, which also proves that the new slot opens.
    Key(Provider),
    /// With the public half alone. The key may be at hand to prove the result, or not.
    PublicHalf(Box<dyn SlotProvider>, Option<Provider>),
}

impl Keyring {
    /// Says which slots a rotation would keep and which it would drop.
    ///
    /// # Errors
    /// [`Error::Sealed`], [`Error::Store`].
    pub async fn plan_root_rotation(&self) -> Result<RootRotationPlan> {
        self.tree()?;
        let (_, slots) = self.read_consistently().await?;
        let mut plan = RootRotationPlan { kept: Vec::new(), dropped: Vec::new() };
        for slot in slots {
            match self.way(&slot) {
                Some(_) => plan.kept.push(slot.id),
                None => plan.dropped.push((slot.id, slot.provider)),
            }
        }
        Ok(plan)
    }

    /// Rotates the root key. `drop` names every slot that the operator agrees to lose.
    ///
    /// # Errors
    /// [`Error::SlotsWouldBeDropped`] when there are others; [`Error::LastSlot`] when none would be left that opens
    /// with a key at hand; [`Error::Busy`]; whatever a provider says. In every case nothing has changed.
    pub async fn rotate_root(&self, drop: &[SlotId], audit: Vec<NewAudit>) -> Result<RootRotationPlan> {
        for _ in 0..ATTEMPTS {
            self.refresh().await?;
            let tree = self.tree()?;
            let (state, slots) = self.read_consistently().await?;
            if state.generation != tree.generation {
                continue;
            }
            let (swap, plan) = self.prepare_swap(&tree, slots, drop).await?;
            match self.0.store.swap_root_key(swap, audit.clone()).await {
                Err(flero_store::Error::Conflict) => {}
                result => {
                    result?;
                    self.reload(Some(&tree)).await?;
                    return Ok(plan);
                }
            }
        }
        Err(Error::Busy)
    }

    async fn prepare_swap(
        &self,
        tree: &Arc<Tree>,
        slots: Vec<SlotRow>,
        drop: &[SlotId],
    ) -> Result<(RootKeySwap, RootRotationPlan)> {
        let new_root = RootKey::generate()?;
        let mut plan = RootRotationPlan { kept: Vec::new(), dropped: Vec::new() };
        let (mut kept, mut unwanted, mut proven) = (Vec::new(), Vec::new(), false);
        for mut slot in slots {
            let Some(way) = self.way(&slot) else {
                if !drop.contains(&slot.id) {
                    unwanted.push(slot.id);
                }
                plan.dropped.push((slot.id, slot.provider));
                continue;
            };
            slot.blob = self.wrap_anew(&way, &slot, &new_root, &tree.instance_text).await?;
            proven |= match &way {
                Way::Key(provider) => {
                    self.unwrap_slot(provider, &slot, &tree.instance_text).await?.is_same(&new_root)
                }
                Way::PublicHalf(_, Some(provider)) => {
                    let back = self.unwrap_slot(provider, &slot, &tree.instance_text).await;
                    back.is_ok_and(|back| back.is_same(&new_root))
                }
                Way::PublicHalf(_, None) => false,
            };
            plan.kept.push(slot.id);
            kept.push(slot);
        }
        if !unwanted.is_empty() {
            return Err(Error::SlotsWouldBeDropped { slots: unwanted });
        }
        if !proven {
            return Err(Error::LastSlot);
        }
        let swap = RootKeySwap {
            expected_generation: tree.generation,
            dropped: plan.dropped.iter().map(|(id, _)| *id).collect(),
            scope_keys: self.wrap_scope_keys_anew(tree, &new_root).await?,
            slots_mac: slot_set_mac(&new_root, &tree.instance_text, &rows::slot_records(&kept))?.to_vec(),
            wrapped_audit_key: tree.audit.wrap(&new_root, &tree.instance_text)?,
            slots: kept.into_iter().map(|slot| (slot.id, slot.blob)).collect(),
        };
        Ok((swap, plan))
    }

    /// The key itself where it is at hand and simple, else the public half that the slot stores.
    fn way(&self, slot: &SlotRow) -> Option<Way> {
        let at_hand = self.providers().into_iter().find(|provider| fits(provider, slot));
        match at_hand {
            Some(provider) if !provider.identify().asymmetric => Some(Way::Key(provider)),
            // A passphrase at hand would derive a new key pair; the slot's own public half keeps the old one.
            at_hand => match public_half(&slot.provider, &rows::wrapped(slot)) {
                Some(half) => Some(Way::PublicHalf(half, at_hand)),
                None => at_hand.map(Way::Key),
            },
        }
    }

    async fn wrap_anew(&self, way: &Way, slot: &SlotRow, root: &RootKey, instance: &str) -> Result<Vec<u8>> {
        let id = slot.id.to_string();
        let context = SlotContext { instance, slot: &id };
        let wrapped: Wrapped = match way {
            Way::PublicHalf(half, _) => half.wrap(root, &context).await?,
            Way::Key(provider) => {
                let wrapping = provider.wrap(root, &context);
                match tokio::time::timeout(self.0.options.provider_timeout, wrapping).await {
                    Ok(result) => result?,
                    Err(_) => return Err(timed_out(provider)),
                }
            }
        };
        let same = wrapped.key_id == slot.provider_key_id
            && rows::parameters_value(&wrapped.parameters)? == slot.parameters;
        if same { Ok(wrapped.blob) } else { Err(Error::ProviderChanged { slot: slot.id }) }
    }

    async fn wrap_scope_keys_anew(
        &self,
        tree: &Tree,
        new_root: &RootKey,
    ) -> Result<Vec<(KeyScopeRef, u32, Vec<u8>)>> {
        let mut wrapped = Vec::new();
        for row in self.0.store.all_scope_keys().await? {
            if row.state == KeyVersionState::Destroyed {
                continue;
            }
            let scope = ScopeRef::of(&tree.instance_text, &row.scope);
            let key = ScopeKey::unwrap(&tree.root, &scope, row.version, &row.wrapped)?;
            let again = key.wrap(new_root, &scope)?;
            wrapped.push((row.scope, row.version, again));
        }
        Ok(wrapped)
    }
}
