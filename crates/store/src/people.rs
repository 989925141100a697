//! Organizations, workspaces, people, memberships. In this round: the first owner, and look-ups.

use async_trait::async_trait;
use flero_model::{OrganizationId, Timestamp, UserId, WorkspaceId, audit::NewAudit, role::Role};

use crate::{Result, api_keys::ApiKey};

/// The first owner with everything that they own, made in one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstOwner {
    /// The organization.
    pub organization: OrganizationId,
    /// Its name.
    pub organization_name: String,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// Its name.
    pub workspace_name: String,
    /// The person.
    pub user: UserId,
    /// The address, lower case.
    pub email: String,
    /// The name.
    pub name: String,
    /// Argon2id hash of the password in PHC form; never the password.
    pub password_hash: String,
    /// An API key with all scopes.
    pub api_key: ApiKey,
    /// When.
    pub at: Timestamp,
}

/// A person's place in a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The person.
    pub user: UserId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// Its organization.
    pub organization: OrganizationId,
    /// The role there.
    pub role: Role,
}

/// A workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// Its identifier.
    pub id: WorkspaceId,
    /// Its organization.
    pub organization: OrganizationId,
    /// Its name.
    pub name: String,
    /// How long runs are kept.
    pub retention: crate::executions::Retention,
}

/// See the module.
#[async_trait]
pub trait PeopleStore {
    /// Makes the first owner. [`crate::Error::Refused`] when there is a person already.
    async fn create_first_owner(&self, owner: FirstOwner, audit: Vec<NewAudit>) -> Result<()>;

    /// Whether there is any person.
    async fn has_people(&self) -> Result<bool>;

    /// The membership of a person in a workspace; [`crate::Error::NotFound`] when there is none.
    async fn membership(&self, user: UserId, workspace: WorkspaceId) -> Result<Membership>;

    /// The oldest workspace with its first owner: whom the command line acts for.
    async fn first_owner(&self) -> Result<Membership>;

    /// A person's name and address.
    async fn person(&self, user: UserId) -> Result<(String, String)>;

    /// One workspace.
    async fn workspace(&self, id: WorkspaceId) -> Result<Workspace>;

    /// Every workspace, oldest first.
    async fn workspaces(&self) -> Result<Vec<Workspace>>;

    /// Whether the installation is paused (restored from a backup, not yet resumed).
    async fn is_paused(&self) -> Result<bool>;

    /// Pauses or resumes the installation.
    async fn set_paused(&self, paused: bool, audit: Vec<NewAudit>) -> Result<()>;
}
