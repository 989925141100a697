//! The audit trail: append-only, chained per workspace.

use async_trait::async_trait;
use flero_model::{
    CredentialId, UserId, WorkspaceId,
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

    /// Up to `limit` records behind `after` (0 for the start), oldest first: for verification and export.
    async fn audit_range(&self, workspace: WorkspaceId, after: u64, limit: u32) -> Result<Vec<AuditRecord>>;

    /// The last place and hash of each workspace's chain, as the store keeps them beside the records.
    async fn audit_heads(&self) -> Result<Vec<(WorkspaceId, u64, [u8; 32])>>;
}
