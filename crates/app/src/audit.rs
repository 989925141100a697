//! The audit trail: as an administrator reads it, and the heads of its chains, which are kept where a database
//! administrator cannot change them.

use flero_model::{
    audit::AuditRecord,
    policy::{Action, Principal},
};
use flero_store::{
    Page, PageRequest,
    audit::{AuditFilter, Checkpoint},
};

use crate::{App, Result, app::permit};

impl App {
    /// A page of the caller's workspace's records, newest first.
    ///
    /// # Errors
    /// [`crate::Error::Forbidden`]; [`crate::Error::InvalidCursor`].
    pub async fn list_audit(
        &self,
        who: &Principal,
        filter: AuditFilter,
        page: PageRequest,
    ) -> Result<Page<AuditRecord>> {
        permit(who, Action::ReadAudit)?;
        Ok(self.store().list_audit(who.workspace, filter, page).await?)
    }

    /// Writes the head of every chain to the log (target `audit`), and beside the chain with a MAC under the audit key:
    /// somebody who can write the database can make the chain anew, and neither of these. Returns how many there were.
    ///
    /// # Errors
    /// [`crate::Error::Unavailable`] when the database does not answer. A sealed vault is none: the heads are in the log then.
    pub async fn checkpoint_audit(&self) -> Result<usize> {
        let heads = self.store().audit_heads().await?;
        let count = heads.len();
        for (workspace, sequence, hash) in heads {
            let head = data_encoding::HEXLOWER.encode(&hash);
            tracing::info!(target: "audit", %workspace, sequence, %head, "head of the audit trail");
            let mut checkpoint = Checkpoint { workspace, sequence, hash, at: self.now(), mac: [0; 32] };
            match self.0.keyring.audit_mac(&checkpoint.bytes()) {
                Ok(mac) => checkpoint.mac = mac,
                Err(error) => {
                    tracing::warn!(target: "audit", %error, "the head of an audit trail could not be signed");
                    continue;
                }
            }
            self.store().add_audit_checkpoint(checkpoint).await?;
        }
        Ok(count)
    }
}
