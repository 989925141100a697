//! The registries that an organization trusts.

use flero_model::{
    audit::{AuditAction, AuditDetail},
    policy::{Action, Principal},
};
use flero_openapi::names;
use flero_store::marketplace::StoredRegistry;

use super::{COMMUNITY, RegistryView, problem, sentence};
use crate::{App, Error, Result, app::permit};

/// The most registries of an organization.
const MAX_REGISTRIES: usize = 20;
/// The longest root, in bytes.
const MAX_ROOT_BYTES: usize = 256 << 10;

/// A registry to add.
#[derive(Debug)]
pub struct NewRegistry {
    /// The name for people; its identifier is made of it.
    pub name: String,
    /// Where its files are.
    pub url: String,
    /// Its `root.json`.
    pub root: Vec<u8>,
}

impl App {
    /// The registries, the one that comes with the program first.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn list_registries(&self, who: &Principal) -> Result<Vec<RegistryView>> {
        permit(who, Action::ReadConnectors)?;
        let own = RegistryView {
            id: COMMUNITY.to_owned(),
            name: "Community".to_owned(),
            url: None,
            added_at: None,
        };
        let stored = self.store().list_registries(who.organization).await?;
        Ok([own].into_iter().chain(stored.into_iter().map(view)).collect())
    }

    /// Adds a registry, if it can be read and is what its root vouches for.
    ///
    /// # Errors
    /// [`Error::Invalid`] with what is wrong with the name, the address, the root or the registry;
    /// [`Error::Forbidden`].
    pub async fn add_registry(&self, who: &Principal, new: NewRegistry) -> Result<RegistryView> {
        permit(who, Action::WriteRegistries)?;
        let id = names::slug(&new.name);
        let name = new.name.trim().to_owned();
        if name.is_empty() || name.len() > 80 || id == COMMUNITY {
            let message = "Give a name of 1 to 80 letters that no other registry has.";
            return Err(Error::field("/name", "marketplace.name", message));
        }
        if new.root.len() > MAX_ROOT_BYTES {
            return Err(Error::field("/root", "marketplace.root", "A root is at most 256 KB long."));
        }
        let root = self.0.registries.check_root(&new.root);
        root.map_err(|fault| Error::field("/root", "marketplace.root", sentence(&fault)))?;
        let url = self
            .registry_url(&new.url)
            .map_err(|fault| Error::field("/url", "marketplace.address", sentence(&fault)))?;
        if self.store().list_registries(who.organization).await?.len() >= MAX_REGISTRIES {
            let message = "An organization has at most 20 registries; remove one first.";
            return Err(Error::field("/name", "marketplace.too_many", message));
        }
        let registry = StoredRegistry {
            organization: who.organization,
            id,
            name,
            url: url.to_string(),
            root: new.root,
            by: who.user,
            at: self.now(),
        };
        self.open_registry(who, &registry).await.map_err(|fault| problem(&fault))?;
        let detail = AuditDetail { name: Some(registry.id.clone()), ..AuditDetail::default() };
        let record = self.record(who, AuditAction::RegistryAdded, who.organization, detail);
        let added = view(registry.clone());
        self.0.offers.forget(&registry.id);
        match self.store().add_registry(registry, vec![record]).await {
            Err(flero_store::Error::Taken { .. }) => {
                Err(Error::field("/name", "marketplace.name", "There is a registry of this name."))
            }
            other => Ok(other.map(|()| added)?),
        }
    }

    /// Removes a registry. What was installed from it stays.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`].
    pub async fn remove_registry(&self, who: &Principal, id: &str) -> Result<()> {
        permit(who, Action::WriteRegistries)?;
        let detail = AuditDetail { name: Some(id.chars().take(64).collect()), ..AuditDetail::default() };
        let record = self.record(who, AuditAction::RegistryRemoved, who.organization, detail);
        self.0.offers.forget(id);
        Ok(self.store().delete_registry(who.organization, id, vec![record]).await?)
    }
}

fn view(registry: StoredRegistry) -> RegistryView {
    RegistryView {
        id: registry.id,
        name: registry.name,
        url: Some(registry.url),
        added_at: Some(registry.at),
    }
}
