//! Changing who can use a credential: narrower at once, wider by whoever administers the wider place.

use flero_model::{
    CredentialId, UserId,
    audit::{AuditAction, AuditDetail},
    credential::{Credential, Scope, Status},
    policy::{Action, Principal},
    role::Role,
};
use flero_store::{PageRequest, credentials::CredentialChange, keys::SecretSlot};

use super::{change::data_address, find::sample};
use crate::{App, Error, Result, app::permit, error::WorkflowUse};

/// The most names that a preview lists.
const MOST_NAMES: u32 = 200;

/// Somebody who gains the use of a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gainer {
    /// Who.
    pub user: UserId,
    /// The name.
    pub name: String,
}

/// What a change of scope would bring about. Nothing is changed by asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeEffect {
    /// The present scope.
    pub from: Scope,
    /// The scope to be.
    pub to: Scope,
    /// Workflows of the caller's workspace that can no longer use it, or no longer for everybody.
    pub breaks: Vec<WorkflowUse>,
    /// How many workflows of other workspaces can no longer use it; they are not named.
    pub breaks_elsewhere: u64,
    /// Who gains its use, 200 at most.
    pub gains: Vec<Gainer>,
}

impl App {
    /// Tells what a change of scope would bring about.
    ///
    /// # Errors
    /// As [`App::change_credential_scope`].
    pub async fn preview_credential_scope(
        &self,
        who: &Principal,
        id: CredentialId,
        to: Scope,
    ) -> Result<ScopeEffect> {
        let credential = self.rescopable(who, id, to).await?;
        let from = credential.scope;
        let mut effect = ScopeEffect { from, to, breaks: Vec::new(), breaks_elsewhere: 0, gains: Vec::new() };
        if to < from {
            for one in self.store().credential_usage(id).await? {
                if one.workspace != who.workspace {
                    effect.breaks_elsewhere += 1;
                } else if to == Scope::Personal {
                    effect.breaks.push(WorkflowUse { workflow_id: one.workflow, name: one.workflow_name });
                }
            }
        } else if to > from {
            effect.gains = self.gainers(who, to).await?;
        }
        Ok(effect)
    }

    async fn gainers(&self, who: &Principal, to: Scope) -> Result<Vec<Gainer>> {
        let page = PageRequest { limit: MOST_NAMES, cursor: None };
        if to == Scope::Organization {
            let members = self.store().list_organization_members(who.organization, page).await?;
            return Ok(members
                .items
                .into_iter()
                .map(|one| Gainer { user: one.user, name: one.name })
                .collect());
        }
        let members = self.store().list_members(who.workspace, page).await?;
        let builders =
            members.items.into_iter().filter(|one| one.role >= Role::Editor && one.user != who.user);
        Ok(builders.map(|one| Gainer { user: one.user, name: one.name }).collect())
    }

    /// Changes the scope. The secret is sealed anew under the keys of the new place in the same transaction; what
    /// lies outside of a narrower scope stops at its next use. A former secret that was kept after a rotation is
    /// destroyed.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`], also without a fresh proof for the organization;
    /// [`Error::CredentialRevoked`]; [`Error::Invalid`] when the credential would leave the caller.
    pub async fn change_credential_scope(
        &self,
        who: &Principal,
        id: CredentialId,
        to: Scope,
    ) -> Result<Credential> {
        let credential = self.rescopable(who, id, to).await?;
        if credential.scope == to {
            return Ok(credential);
        }
        let stored = self.store().get_credential_with_secret(id).await?;
        let Some(sealed) = stored.secret else { return Err(Error::CredentialRevoked) };
        let revision = stored.credential.secret_revision + 1;
        let changed = Credential {
            scope: to,
            secret_revision: revision,
            updated_at: self.now(),
            former: None,
            ..stored.credential.clone()
        };
        let resealed = self.0.keyring.reseal(&sealed, &stored.credential, &changed, revision, None).await?;
        let detail = AuditDetail {
            from: Some(stored.credential.scope.as_str().to_owned()),
            to: Some(to.as_str().to_owned()),
            name: Some(changed.name.clone()),
            ..AuditDetail::default()
        };
        let record = self.record(who, AuditAction::CredentialScopeChanged, id, detail);
        let mut change = CredentialChange {
            credential: changed,
            secrets: vec![resealed],
            destroy: vec![data_address(id, SecretSlot::Previous)],
            audit: vec![record],
        };
        self.tokens_follow(&stored.credential, &mut change, false).await?;
        self.store_change(change).await
    }

    /// A credential whose scope the caller may change to this one.
    async fn rescopable(&self, who: &Principal, id: CredentialId, to: Scope) -> Result<Credential> {
        // What the caller lacks in general is said before anything is looked up.
        permit(who, Action::ChangeScope { credential: &sample(who), to })?;
        let credential =
            self.find_credential(who, id, |credential| Action::ReadCredential(credential)).await?;
        permit(who, Action::ManageCredential(&credential))?;
        permit(who, Action::ChangeScope { credential: &credential, to })?;
        if credential.status == Status::Revoked {
            return Err(Error::CredentialRevoked);
        }
        if to == Scope::Personal {
            self.may_create(who, to).await?;
        }
        let leaves = match to {
            Scope::Personal => credential.owner_id != who.user || credential.workspace_id != who.workspace,
            Scope::Workspace => credential.workspace_id != who.workspace,
            Scope::Organization => false,
        };
        if leaves && to < credential.scope {
            let message = "Only its owner makes a credential Personal, and only from the workspace that it was made in.";
            return Err(Error::field("/scope", "credential.scope_leaves", message));
        }
        Ok(credential)
    }
}
