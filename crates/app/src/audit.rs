//! The audit trail: as an administrator reads it, and the heads of its chains, which are kept where a database
//! administrator cannot change them. As a file it comes in pieces, so that its length costs no memory.

mod lines;

use flero_model::{
    audit::{AuditAction, AuditDetail, AuditRecord},
    policy::{Action, Principal},
};
use flero_store::{
    Page, PageRequest,
    audit::{AuditFilter, Checkpoint},
};

pub use lines::{CSV_HEADER, csv_line, json_line, read_line};

use crate::{App, Result, app::permit};

/// How many records of an export are read at once.
const PIECE: u32 = 1_000;

/// An export that was permitted and recorded; its pieces are read one after the other.
#[derive(Debug)]
pub struct Export {
    app: App,
    workspace: flero_model::WorkspaceId,
    filter: AuditFilter,
    before: u64,
}

impl Export {
    /// The next records, newest first; none at the end.
    ///
    /// # Errors
    /// [`crate::Error::Unavailable`].
    pub async fn piece(&mut self) -> Result<Vec<AuditRecord>> {
        let found =
            self.app.store().audit_before(self.workspace, self.filter.clone(), self.before, PIECE).await?;
        if let Some(last) = found.last() {
            self.before = last.sequence;
        }
        Ok(found)
    }
}

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

    /// Begins an export of the caller's workspace's records in a format of this name; that it was done is recorded first,
    /// so that the file holds it.
    ///
    /// # Errors
    /// [`crate::Error::Forbidden`], also without a fresh proof.
    pub async fn export_audit(&self, who: &Principal, filter: AuditFilter, format: &str) -> Result<Export> {
        permit(who, Action::ExportAudit)?;
        let detail = AuditDetail { name: Some(format.to_owned()), ..AuditDetail::default() };
        let record = self.record(who, AuditAction::AuditExported, who.workspace, detail);
        self.store().append_audit(vec![record]).await?;
        Ok(Export { app: self.clone(), workspace: who.workspace, filter, before: u64::MAX })
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
