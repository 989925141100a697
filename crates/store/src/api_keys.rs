//! Flero's own API keys. Only the SHA-256 of a key is stored: a key has 178 random bits, so a fast hash is right.

use async_trait::async_trait;
use flero_model::{ApiKeyId, Timestamp, UserId, WorkflowId, WorkspaceId, audit::NewAudit, role::KeyScope};

use crate::{Page, PageRequest, Result};

/// An API key as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its identifier.
    pub id: ApiKeyId,
    /// The workspace that it belongs to.
    pub workspace: WorkspaceId,
    /// Who made it; it can never do more than this person at that time.
    pub creator: UserId,
    /// The display name.
    pub name: String,
    /// SHA-256 of the key.
    pub hash: [u8; 32],
    /// The last four characters, for people.
    pub last_four: String,
    /// What it may be used for.
    pub scopes: Vec<KeyScope>,
    /// The only workflows that it is for; `None` for all.
    pub workflow_ids: Option<Vec<WorkflowId>>,
    /// The only networks that it is taken from, in CIDR form; empty for all.
    pub allowed_networks: Vec<String>,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// The last use, to the accuracy of a minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// See the module.
#[async_trait]
pub trait ApiKeyStore {
    /// Stores a new key.
    async fn create_api_key(&self, key: ApiKey, audit: Vec<NewAudit>) -> Result<()>;

    /// The key with a hash, revoked and expired ones too; the caller decides.
    async fn api_key_by_hash(&self, hash: &[u8; 32]) -> Result<ApiKey>;

    /// One key of a workspace.
    async fn get_api_key(&self, workspace: WorkspaceId, id: ApiKeyId) -> Result<ApiKey>;

    /// A page of a workspace's keys, newest first; only those of `creator` if one is given.
    async fn list_api_keys(
        &self,
        workspace: WorkspaceId,
        creator: Option<UserId>,
        page: PageRequest,
    ) -> Result<Page<ApiKey>>;

    /// Revokes a key; a revoked one stays revoked.
    async fn revoke_api_key(
        &self,
        workspace: WorkspaceId,
        id: ApiKeyId,
        at: Timestamp,
        audit: Vec<NewAudit>,
    ) -> Result<()>;

    /// Notes the last use; later times win.
    async fn touch_api_keys(&self, uses: Vec<(ApiKeyId, Timestamp)>) -> Result<()>;
}
