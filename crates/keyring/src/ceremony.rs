//! The key ceremony: instance id, root key, audit key and the first slots, in one transaction.

use std::sync::Arc;

use flero_model::{Clock, InstanceId, NodeInstanceId, SlotId};
use flero_store::keys::{SlotRow, VaultState};
use flero_vault::{AuditKey, RootKey, SlotContext, random_u128, slot_set_mac};

use crate::keyring::{Keyring, Options, Provider, SharedKeyStore};
use crate::open_slots::timed_out;
use crate::{Error, Result, rows};

/// What the key ceremony needs.
#[derive(Debug)]
pub struct InitOptions {
    /// The sources of the first slots, one slot each; at least one. One slot alone is a warning everywhere.
    pub providers: Vec<Provider>,
    /// Settings of the keyring that results.
    pub options: Options,
}

impl Keyring {
    /// Makes the key tree of a new installation and opens it.
    ///
    /// # Errors
    /// [`Error::AlreadyInitialised`] when there is one (of two at the same time, one wins);
    /// [`Error::LastSlot`] without a provider; whatever a provider says.
    pub async fn init(
        store: SharedKeyStore,
        clock: Arc<dyn Clock>,
        node: NodeInstanceId,
        init: InitOptions,
    ) -> Result<Self> {
        if store.vault_state().await?.is_some() {
            return Err(Error::AlreadyInitialised);
        }
        if init.providers.is_empty() {
            return Err(Error::LastSlot);
        }
        let keyring = Self::sealed(store, clock, node, init.options);
        let instance = InstanceId::new(keyring.0.clock.now(), random_u128()?);
        let instance_text = instance.to_string();
        let root = RootKey::generate()?;
        let audit = AuditKey::generate()?;
        let mut slots = Vec::new();
        for provider in &init.providers {
            slots.push(keyring.make_slot(provider, &root, &instance_text).await?);
        }
        let state = VaultState {
            instance,
            generation: 1,
            slots_mac: slot_set_mac(&root, &instance_text, &rows::slot_records(&slots))?.to_vec(),
            wrapped_audit_key: audit.wrap(&root, &instance_text)?,
        };
        match keyring.0.store.init_vault(state, slots).await {
            Err(flero_store::Error::Refused { .. }) => return Err(Error::AlreadyInitialised),
            result => result?,
        }
        // Reading everything back proves that the installation opens with what the operator has.
        keyring.unseal(init.providers).await?;
        Ok(keyring)
    }

    /// Wraps the root key for a new slot. The slot is not stored yet.
    pub(crate) async fn make_slot(
        &self,
        provider: &Provider,
        root: &RootKey,
        instance: &str,
    ) -> Result<SlotRow> {
        let now = self.0.clock.now();
        let id = SlotId::new(now, random_u128()?);
        let id_text = id.to_string();
        let context = SlotContext { instance, slot: &id_text };
        let wrapping = provider.wrap(root, &context);
        let wrapped = match tokio::time::timeout(self.0.options.provider_timeout, wrapping).await {
            Ok(result) => result?,
            Err(_) => return Err(timed_out(provider)),
        };
        Ok(SlotRow {
            id,
            provider: provider.identify().provider.to_owned(),
            provider_key_id: wrapped.key_id,
            parameters: rows::parameters_value(&wrapped.parameters)?,
            blob: wrapped.blob,
            created_at: now,
            last_verified_at: None,
        })
    }
}
