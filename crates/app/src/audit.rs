//! The audit trail, as an administrator reads it.

use flero_model::{
    audit::AuditRecord,
    policy::{Action, Principal},
};
use flero_store::{Page, PageRequest, audit::AuditFilter};

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
}
