//! Credentials: everything that people do with them, short of seeing their secrets.

mod change;
mod described;
mod end;
mod fields;
mod find;
mod lifecycle;
pub mod oauth;
mod patch;
mod rotate;
mod scope;
pub mod scope_requests;
mod secret;
mod test;

use flero_model::{
    CredentialId, Timestamp,
    audit::{AuditAction, AuditDetail},
    credential::{AuthType, Credential, Scope, Status},
    policy::{Action, Principal, Via},
};
use flero_store::{
    Page, PageRequest,
    audit::{AuditFilter, KeyUse},
    credentials::{CredentialFilter, CredentialUse},
};
use serde_json::{Map, Value};

pub use end::Duplicate;
pub use fields::{AuthShape, FieldShape};
pub use patch::CredentialPatch;
pub use rotate::{DEFAULT_GRACE_HOURS, MAX_GRACE_HOURS, Rotation};
pub use scope::{Gainer, ScopeChange, ScopeEffect};
pub use secret::{SecretField, SecretFields};
pub use test::{TestResult, Verdict};

pub(crate) use find::sample;

use crate::{
    App, Result,
    app::{only_workflows, permit},
};

/// A credential to make, or to test before it is made.
#[derive(Debug)]
pub struct NewCredential {
    /// The display name, 1 to 120 characters.
    pub name: String,
    /// The service; `http` for the generic kind.
    pub service: String,
    /// How it authenticates.
    pub auth_type: AuthType,
    /// Who can use it.
    pub scope: Scope,
    /// The parameters, which are not secret.
    pub parameters: Map<String, Value>,
    /// The secrets.
    pub data: SecretFields,
    /// The only destinations, in the forms of [`flero_model::destination::HostPattern`].
    pub allowed_hosts: Vec<String>,
    /// Free text for people.
    pub notes: String,
    /// When it stops being usable.
    pub expires_at: Option<Timestamp>,
    /// After how many days a rotation is due.
    pub rotate_every_days: Option<u32>,
}

/// Which credentials are asked for.
#[derive(Debug, Clone, Default)]
pub struct ListFilter {
    /// Only of this scope.
    pub scope: Option<Scope>,
    /// Only of these kinds; empty for all.
    pub auth_types: Vec<AuthType>,
    /// Only of this status.
    pub status: Option<Status>,
    /// Only whose name, service or notes hold this text.
    pub text: Option<String>,
}

impl App {
    /// Reads what is known of a credential besides its secret. A read by an API key is recorded.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] (recorded); [`crate::Error::Forbidden`].
    pub async fn get_credential(&self, who: &Principal, id: CredentialId) -> Result<Credential> {
        let credential = self.readable_credential(who, id).await?;
        if matches!(who.via, Via::ApiKey { .. }) {
            let record = self.record(who, AuditAction::CredentialRead, id, AuditDetail::default());
            self.store().append_audit(vec![record]).await?;
        }
        Ok(credential)
    }

    /// A page of the credentials that the caller may see, newest first. A read by an API key is recorded.
    ///
    /// # Errors
    /// [`crate::Error::Forbidden`]; [`crate::Error::InvalidCursor`].
    pub async fn list_credentials(
        &self,
        who: &Principal,
        filter: ListFilter,
        page: PageRequest,
    ) -> Result<Page<Credential>> {
        permit(who, Action::ListCredentials)?;
        let filter = CredentialFilter {
            organization: who.organization,
            workspace: who.workspace,
            reader: who.user,
            scope: filter.scope,
            auth_types: filter.auth_types,
            status: filter.status,
            now: self.now(),
            text: filter.text,
        };
        let mut page = self.store().list_credentials(filter, page).await?;
        // The store selects by the same rule; this is the one that decides.
        page.items.retain(|credential| permit(who, Action::ReadCredential(credential)).is_ok());
        if matches!(who.via, Via::ApiKey { .. }) {
            let detail = AuditDetail { count: Some(page.items.len() as u64), ..AuditDetail::default() };
            let record = self.record(who, AuditAction::CredentialRead, who.workspace, detail);
            self.store().append_audit(vec![record]).await?;
        }
        Ok(page)
    }

    /// The workflows of the caller's workspace that refer to a credential.
    ///
    /// # Errors
    /// As [`App::get_credential`].
    pub async fn credential_usage(&self, who: &Principal, id: CredentialId) -> Result<Vec<CredentialUse>> {
        self.readable_credential(who, id).await?;
        let mut uses = self.store().credential_usage(id).await?;
        uses.retain(|one| {
            one.workspace == who.workspace && permit(who, Action::ReadWorkflow(Some(one.workflow))).is_ok()
        });
        Ok(uses)
    }

    /// Where a credential was used, newest first, and the cursor of the next page: who, for what, which run and node,
    /// which host, and how it ended. Uses in other workspaces are told there, and nobody is told who may not read the
    /// credential's audit.
    ///
    /// # Errors
    /// As [`App::get_credential`]; [`crate::Error::InvalidCursor`].
    pub async fn credential_uses(
        &self,
        who: &Principal,
        id: CredentialId,
        page: PageRequest,
    ) -> Result<(Vec<flero_model::audit::AuditRecord>, Option<String>)> {
        let credential = self.readable_credential(who, id).await?;
        if !is_told_of_uses(who, &credential) {
            return Ok((Vec::new(), None));
        }
        Ok(self.store().credential_uses(who.workspace, id, page).await?)
    }

    /// When a credential was last used, wherever that was.
    ///
    /// # Errors
    /// As [`App::get_credential`].
    pub async fn credential_last_used(&self, who: &Principal, id: CredentialId) -> Result<Option<Timestamp>> {
        Ok(self.readable_credential(who, id).await?.last_used_at)
    }

    /// The API keys that used a credential lately, with their names where they are still there; none for somebody who may
    /// not read the credential's audit.
    ///
    /// # Errors
    /// As [`App::get_credential`].
    pub async fn credential_keys(
        &self,
        who: &Principal,
        id: CredentialId,
    ) -> Result<Vec<(KeyUse, Option<String>)>> {
        let credential = self.readable_credential(who, id).await?;
        let mut named = Vec::new();
        if !is_told_of_uses(who, &credential) {
            return Ok(named);
        }
        for used in self.store().credential_keys(who.workspace, id).await? {
            let name = match self.store().get_api_key(who.workspace, used.key).await {
                Ok(key) => Some(key.name),
                Err(flero_store::Error::NotFound) => None,
                Err(error) => return Err(error.into()),
            };
            named.push((used, name));
        }
        Ok(named)
    }

    /// The last executions that used a credential and that the caller may read, newest first. A credential of the
    /// organization is used in workspaces that the caller is no member of; their runs are not told.
    ///
    /// # Errors
    /// As [`App::get_credential`].
    pub async fn credential_executions(
        &self,
        who: &Principal,
        id: CredentialId,
    ) -> Result<Vec<flero_model::ExecutionId>> {
        self.readable_credential(who, id).await?;
        // The usage of a credential is the credential's; that a key reads no runs leaves out this part alone.
        if permit(who, Action::ReadExecution(None)).is_err() {
            return Ok(Vec::new());
        }
        Ok(self.store().credential_executions(id, who.workspace, only_workflows(who), 50).await?)
    }

    /// What was done with a credential, newest first: to its owner where it is Personal, else to whoever reads the audit
    /// log of the workspace.
    ///
    /// # Errors
    /// As [`App::get_credential`]; [`crate::Error::InvalidCursor`].
    pub async fn credential_audit(
        &self,
        who: &Principal,
        id: CredentialId,
        page: PageRequest,
    ) -> Result<Page<flero_model::audit::AuditRecord>> {
        let credential = self.readable_credential(who, id).await?;
        permit(who, Action::ReadCredentialAudit(&credential))?;
        if !is_told_of_uses(who, &credential) {
            return Ok(Page { items: Vec::new(), next_cursor: None, total: 0 });
        }
        let filter = AuditFilter { credential: Some(id), ..AuditFilter::default() };
        Ok(self.store().list_audit(who.workspace, filter, page).await?)
    }
}

/// Whether the caller is told who used a credential, when and where: that is its audit. A key for chosen workflows is
/// not told of the others.
fn is_told_of_uses(who: &Principal, credential: &Credential) -> bool {
    only_workflows(who).is_none() && permit(who, Action::ReadCredentialAudit(credential)).is_ok()
}
