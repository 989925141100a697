//! The audit trail: append-only, chained per workspace.

use async_trait::async_trait;
use flero_model::{
    ApiKeyId, CredentialId, Timestamp, UserId, WorkspaceId,
    audit::{AuditAction, AuditRecord, NewAudit},
};

use crate::{Page, PageRequest, Result};

/// Which records are asked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AuditFilter {
    /// Records about this credential: it is the target or stands in the detail.
    pub credential: Option<CredentialId>,
    /// Records by this person, by a key or a run of theirs too.
    pub actor: Option<UserId>,
    /// Records of this action.
    pub action: Option<AuditAction>,
    /// Records of what was done to this object.
    pub target: Option<String>,
    /// Records from this time on.
    pub since: Option<Timestamp>,
    /// Records from before this time.
    pub until: Option<Timestamp>,
}

/// The head of a chain at one time, under the audit key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The place of the last record then.
    pub sequence: u64,
    /// Its hash.
    pub hash: [u8; 32],
    /// When.
    pub at: Timestamp,
    /// The MAC of [`Checkpoint::bytes`] under the audit key.
    pub mac: [u8; 32],
}

impl Checkpoint {
    /// What the MAC covers: a label, the workspace, the place and the time as eight bytes each (big-endian), the hash.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = b"flero/audit-checkpoint/v1".to_vec();
        bytes.extend_from_slice(self.workspace.as_bytes());
        bytes.extend_from_slice(&self.sequence.to_be_bytes());
        bytes.extend_from_slice(&self.at.as_millis().to_be_bytes());
        bytes.extend_from_slice(&self.hash);
        bytes
    }
}

/// An API key that used a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyUse {
    /// Which.
    pub key: ApiKeyId,
    /// Whose.
    pub user: UserId,
    /// How often, among the last uses that are looked at.
    pub count: u64,
    /// When last.
    pub last_at: Timestamp,
}

/// See the module.
#[async_trait]
pub trait AuditStore {
    /// Appends records that belong to no other act, each to its workspace's chain, all in one transaction.
    async fn append_audit(&self, records: Vec<NewAudit>) -> Result<()>;

    /// A page of a workspace's records, newest first.
    async fn list_audit(
        &self,
        workspace: WorkspaceId,
        filter: AuditFilter,
        page: PageRequest,
    ) -> Result<Page<AuditRecord>>;

    /// The records of a workspace before a place, newest first, at most `limit`; they are not counted. For export.
    async fn audit_before(
        &self,
        workspace: WorkspaceId,
        filter: AuditFilter,
        before: u64,
        limit: u32,
    ) -> Result<Vec<AuditRecord>>;

    /// The uses of a credential in a workspace that went out or were refused, newest first, and the cursor of the next
    /// page. They are not counted: a busy credential has millions.
    async fn credential_uses(
        &self,
        workspace: WorkspaceId,
        credential: CredentialId,
        page: PageRequest,
    ) -> Result<(Vec<AuditRecord>, Option<String>)>;

    /// The API keys among the last ten thousand records about a credential, the latest use first.
    async fn credential_keys(&self, workspace: WorkspaceId, credential: CredentialId) -> Result<Vec<KeyUse>>;

    /// Up to `limit` records behind `after` (0 for the start), oldest first: for verification and export.
    async fn audit_range(&self, workspace: WorkspaceId, after: u64, limit: u32) -> Result<Vec<AuditRecord>>;

    /// The last place and hash of each workspace's chain, as the store keeps them beside the records.
    async fn audit_heads(&self) -> Result<Vec<(WorkspaceId, u64, [u8; 32])>>;

    /// Keeps a checkpoint. One of the same place is there already: it stays as it is.
    async fn add_audit_checkpoint(&self, checkpoint: Checkpoint) -> Result<()>;

    /// A workspace's checkpoints, oldest first.
    async fn audit_checkpoints(&self, workspace: WorkspaceId) -> Result<Vec<Checkpoint>>;

    /// For each credential the greatest secret revision that a record about it names: a row that is behind was put
    /// back.
    async fn audited_secret_revisions(&self) -> Result<Vec<(CredentialId, u64)>>;
}
