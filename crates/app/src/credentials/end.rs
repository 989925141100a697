//! Copying, revoking and deleting.

use flero_model::{
    CredentialId,
    audit::{AuditAction, AuditDetail},
    credential::{Credential, Scope, Status, lifecycle::Lifecycle},
    policy::Principal,
};
use flero_store::{credentials::CredentialChange, keys::SecretSlot};

use super::{
    change::{NO_SUCH_SERVICE, data_address},
    oauth,
};
use crate::{App, Error, Result, error::WorkflowUse, random};

/// What a copy is to be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Duplicate {
    /// Its name; the original's with ` (copy)` unless told.
    pub name: Option<String>,
    /// Its scope: the original's, or a narrower one.
    pub scope: Option<Scope>,
}

impl App {
    /// Copies a credential with its secret to a new one with the same or a narrower scope.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`]; [`Error::Invalid`] for a wider scope; [`Error::CredentialRevoked`].
    pub async fn duplicate_credential(
        &self,
        who: &Principal,
        id: CredentialId,
        wanted: Duplicate,
    ) -> Result<Credential> {
        let original = self.living_credential(who, id).await?;
        let scope = wanted.scope.unwrap_or(original.scope);
        self.may_create(who, scope).await?;
        if scope > original.scope {
            return Err(Error::field(
                "/scope",
                "credential.scope_wider",
                "A copy has the same scope or a narrower one.",
            ));
        }
        if !self.policies_of(who).await?.allows_connector(&original.policy.service) {
            return Err(Error::field("/service", "policy.connector", NO_SUCH_SERVICE));
        }
        let name = wanted.name.unwrap_or_else(|| format!("{} (copy)", original.name));
        if name.trim().is_empty() || name.chars().count() > 130 {
            return Err(Error::field("/name", "json.required", "Give a name of 1 to 120 characters."));
        }
        let now = self.now();
        let stored = self.store().get_credential_with_secret(id).await?;
        let Some(sealed) = stored.secret else { return Err(Error::CredentialRevoked) };
        let copy = Credential {
            id: CredentialId::new(now, random::for_id()?),
            organization_id: who.organization,
            workspace_id: who.workspace,
            owner_id: who.user,
            name: name.trim().to_owned(),
            scope,
            status: Status::Active,
            former: None,
            lifecycle: Lifecycle::default(),
            last_used_at: None,
            created_at: now,
            updated_at: now,
            revision: 1,
            secret_revision: 1,
            ..stored.credential.clone()
        };
        let copy = oauth::copied(copy);
        let resealed = self.0.keyring.reseal(&sealed, &stored.credential, &copy, 1, None).await?;
        let detail = AuditDetail {
            credential: Some(copy.id),
            from: Some(original.scope.as_str().to_owned()),
            to: Some(scope.as_str().to_owned()),
            name: Some(copy.name.clone()),
            ..AuditDetail::default()
        };
        let record = self.record(who, AuditAction::CredentialDuplicated, id, detail);
        let change = CredentialChange {
            credential: copy.clone(),
            secrets: vec![resealed],
            destroy: Vec::new(),
            audit: vec![record],
        };
        self.store().create_credential(change).await?;
        Ok(self.store().get_credential(copy.id).await?)
    }

    /// Makes a credential unusable at once and destroys its secret. Name and history stay.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`]; [`Error::CredentialRevoked`] when it is already.
    pub async fn revoke_credential(&self, who: &Principal, id: CredentialId) -> Result<Credential> {
        let mut credential = self.living_credential(who, id).await?;
        let from = credential.status;
        credential.status = Status::Revoked;
        credential.secret_fields.clear();
        credential.former = None;
        credential.updated_at = self.now();
        let detail = AuditDetail {
            from: Some(from.as_str().to_owned()),
            to: Some(Status::Revoked.as_str().to_owned()),
            ..AuditDetail::default()
        };
        let record = self.record(who, AuditAction::CredentialRevoked, id, detail);
        let revocation = self.revocation(&credential).await?;
        let destroy = vec![
            data_address(id, SecretSlot::Current),
            data_address(id, SecretSlot::Previous),
            oauth::tokens_address(&credential),
        ];
        let change = CredentialChange { credential, secrets: Vec::new(), destroy, audit: vec![record] };
        let Some(revocation) = revocation else { return self.store_change(change).await };
        let stored = self.store().revoke_with_outbox(change, revocation).await;
        self.credential_changed(id);
        self.wake_outbox();
        Ok(stored?)
    }

    /// Deletes a credential with its secret. `confirmed` is its name, typed again: needed while active workflows
    /// use it.
    ///
    /// # Errors
    /// [`Error::CredentialInUse`] with the active workflows; [`Error::NotFound`]; [`Error::Forbidden`].
    pub async fn delete_credential(
        &self,
        who: &Principal,
        id: CredentialId,
        confirmed: Option<&str>,
    ) -> Result<()> {
        let credential = self.manageable_credential(who, id).await?;
        if confirmed != Some(credential.name.as_str()) {
            let uses = self.store().credential_usage(id).await?;
            let (own, others): (Vec<_>, Vec<_>) =
                uses.into_iter().filter(|one| one.active).partition(|one| one.workspace == who.workspace);
            if !own.is_empty() || !others.is_empty() {
                // Workflows of other workspaces count, but are not named to somebody who cannot see them.
                let named = own
                    .into_iter()
                    .map(|one| WorkflowUse { workflow_id: one.workflow, name: one.workflow_name });
                return Err(Error::CredentialInUse(named.collect()));
            }
        }
        let revocation = self.revocation(&credential).await?;
        let detail = AuditDetail { name: Some(credential.name), ..AuditDetail::default() };
        let record = self.record(who, AuditAction::CredentialDeleted, id, detail);
        let done = match revocation {
            Some(revocation) => self.store().delete_with_outbox(id, vec![record], revocation).await,
            None => self.store().delete_credential(id, vec![record]).await,
        };
        self.credential_changed(id);
        self.wake_outbox();
        Ok(done?)
    }
}
