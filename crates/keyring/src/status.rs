//! What `flero vault status`, `flero vault slots` and `flero doctor` show. Nothing here is secret.

use flero_model::credential::KeyScopeRef;
use flero_model::{InstanceId, SlotId, Timestamp};
use flero_vault::memory_protection;
use serde::Serialize;

use crate::keyring::{Health, Keyring};
use crate::open_slots::fits;
use crate::{Binding, Result};

/// One key slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SlotStatus {
    /// Its id.
    pub id: SlotId,
    /// The provider's name.
    pub provider: String,
    /// Which key of the provider.
    pub key_id: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last opened.
    pub last_verified_at: Option<Timestamp>,
    /// Whether a provider of this process opens it.
    pub opens_here: bool,
}

/// One version of a scope's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VersionStatus {
    /// The version.
    pub version: u32,
    /// Its state.
    pub state: String,
    /// Since when.
    pub since: Timestamp,
    /// How many stored secrets refer to it.
    pub secrets: u64,
}

/// One scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScopeStatus {
    /// Which.
    pub scope: KeyScopeRef,
    /// Its versions, oldest first.
    pub versions: Vec<VersionStatus>,
    /// Whether its keys unwrap with the root key. A scope that does not is closed, alone.
    pub opens: bool,
}

/// The whole vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// The installation.
    pub instance: InstanceId,
    /// Counts changes of the key tree.
    pub generation: u64,
    /// Why it is sealed, if it is.
    pub sealed: Option<String>,
    /// The slots.
    pub slots: Vec<SlotStatus>,
    /// The scopes.
    pub scopes: Vec<ScopeStatus>,
    /// What the operator should see to, each as a sentence.
    pub warnings: Vec<String>,
}

impl Keyring {
    /// The state of the vault. Works while sealed, as far as that goes.
    ///
    /// # Errors
    /// [`crate::Error::NotInitialised`], [`crate::Error::Store`].
    pub async fn status(&self) -> Result<Status> {
        let (state, slots) = self.read_consistently().await?;
        let opens = self.tree().map(|tree| tree.opens.clone()).unwrap_or_default();
        let sealed = match self.health() {
            Health::Sealed { reason } => Some(reason),
            Health::Open => None,
        };
        let slots: Vec<SlotStatus> = slots
            .iter()
            .map(|slot| SlotStatus {
                id: slot.id,
                provider: slot.provider.clone(),
                key_id: slot.provider_key_id.clone(),
                created_at: slot.created_at,
                last_verified_at: slot.last_verified_at,
                opens_here: opens.contains(&slot.id)
                    || (sealed.is_none() && self.providers().iter().any(|provider| fits(provider, slot))),
            })
            .collect();
        let scopes = self.scope_statuses().await?;
        let warnings = self.warnings(&slots, &scopes);
        Ok(Status { instance: state.instance, generation: state.generation, sealed, slots, scopes, warnings })
    }

    async fn scope_statuses(&self) -> Result<Vec<ScopeStatus>> {
        let mut scopes: Vec<ScopeStatus> = Vec::new();
        for row in self.0.store.all_scope_keys().await? {
            let version = VersionStatus {
                version: row.version,
                state: row.state.as_str().to_owned(),
                since: row.state_since,
                secrets: self.0.store.count_sealed_under(&row.scope, row.version).await?,
            };
            match scopes.iter_mut().find(|known| known.scope == row.scope) {
                Some(known) => known.versions.push(version),
                None => scopes.push(ScopeStatus { scope: row.scope, versions: vec![version], opens: false }),
            }
        }
        for scope in &mut scopes {
            scope.opens = self.load_keyset(&scope.scope).await.is_ok();
        }
        Ok(scopes)
    }

    fn warnings(&self, slots: &[SlotStatus], scopes: &[ScopeStatus]) -> Vec<String> {
        let mut warnings = Vec::new();
        if slots.len() < 2 {
            warnings.push(
                "there is one key slot only: whoever loses its key loses every secret; \
                 add a recovery slot with `flero vault slots add recovery`"
                    .to_owned(),
            );
        }
        warnings.extend(
            self.providers().iter().filter_map(|provider| provider.identify().weakness.map(str::to_owned)),
        );
        match memory_protection() {
            Ok(protection) => warnings.extend(protection.warning()),
            Err(error) => warnings.push(error.to_string()),
        }
        if self.tree().is_ok() {
            warnings.extend(scopes.iter().filter(|scope| !scope.opens).map(|scope| {
                format!("the keys of {} do not open; restore the vault tables from a backup", scope.scope.id)
            }));
        }
        warnings
    }

    /// Opens every scope's keys and every stored secret once, for `flero doctor`, and returns the owners of
    /// those that do not open.
    ///
    /// # Errors
    /// [`crate::Error::Sealed`], [`crate::Error::Store`].
    pub async fn verify_all(&self, progress: &(dyn Fn(u64) + Send + Sync)) -> Result<Vec<String>> {
        let (mut broken, mut cursor, mut count) = (Vec::new(), None, 0);
        loop {
            let page = self.0.store.all_sealed(cursor, 500).await?;
            let Some(last) = page.last() else { return Ok(broken) };
            cursor = Some(last.address.clone());
            for sealed in &page {
                match self.open(&Binding::of_stored(sealed)?, &sealed.blob).await {
                    Ok(_) => {}
                    Err(error @ (crate::Error::Store(_) | crate::Error::Sealed { .. })) => return Err(error),
                    Err(_) => broken.push(sealed.address.owner.clone()),
                }
            }
            count += page.len() as u64;
            progress(count);
        }
    }
}
