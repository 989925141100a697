//! Registries of an organization, and what a workspace installed from them.

use async_trait::async_trait;
use flero_model::{OrganizationId, Timestamp, UserId, WorkspaceId, audit::NewAudit};

use crate::{Result, connectors::NewConnector};

/// A registry that an organization trusts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRegistry {
    /// Whose it is.
    pub organization: OrganizationId,
    /// Its identifier, unique in the organization.
    pub id: String,
    /// The name for people.
    pub name: String,
    /// Where its files are.
    pub url: String,
    /// The pinned root.
    pub root: Vec<u8>,
    /// Who added it.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

/// One version of a package as it was installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstalledVersion {
    /// The version of the package.
    pub version: String,
    /// What it may reach: JSON.
    pub reach: String,
}

/// An installed package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// The connector's identifier.
    pub id: String,
    /// The registry that it came from.
    pub registry: String,
    /// What is installed.
    pub current: InstalledVersion,
    /// What was installed before, and can be put back.
    pub former: Option<InstalledVersion>,
    /// Who installed it.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

/// A package to install, or to put in place of an older version of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewInstall {
    /// The connector.
    pub connector: NewConnector,
    /// The registry that it comes from.
    pub registry: String,
    /// Its version and reach.
    pub version: InstalledVersion,
    /// The version that is installed, as the caller read it; `None` for none. [`crate::Error::Conflict`] when it is
    /// another one by now.
    pub replaces: Option<String>,
}

/// See the module.
#[async_trait]
pub trait MarketplaceStore {
    /// The registries of an organization, by identifier.
    async fn list_registries(&self, organization: OrganizationId) -> Result<Vec<StoredRegistry>>;

    /// Adds a registry: [`crate::Error::Taken`] when there is one of its identifier.
    async fn add_registry(&self, registry: StoredRegistry, audit: Vec<NewAudit>) -> Result<()>;

    /// Removes a registry, or [`crate::Error::NotFound`]. What was installed from it stays.
    async fn delete_registry(
        &self,
        organization: OrganizationId,
        id: &str,
        audit: Vec<NewAudit>,
    ) -> Result<()>;

    /// What a workspace installed, by identifier.
    async fn list_installed(&self, workspace: WorkspaceId) -> Result<Vec<Installed>>;

    /// Installs a connector, and keeps the version that it replaces. [`crate::Error::Taken`] when the workspace has an
    /// imported connector of that identifier.
    async fn install(&self, install: NewInstall, audit: Vec<NewAudit>) -> Result<()>;

    /// Puts the version before back, which then has none before it. [`crate::Error::NotFound`] when there is none.
    async fn roll_back_install(&self, workspace: WorkspaceId, id: &str, audit: Vec<NewAudit>) -> Result<()>;
}
