//! Changing who can use a credential: narrower at once, wider by whoever administers the wider place; anybody else who
//! may use it asks them ([`super::scope_requests`]).

use flero_model::{
    CredentialId, OrganizationId, UserId, WorkspaceId,
    audit::{Actor, AuditAction, AuditDetail, NewAudit},
    credential::{Credential, Scope, Status},
    policy::{Action, Principal},
    role::Role,
};
use flero_store::{
    PageRequest,
    credentials::{CredentialChange, CredentialWithSecret},
    keys::SecretSlot,
    scope_requests::NamedRequest,
};

use super::{change::data_address, find::sample};
use crate::{
    App, Error, Refusal, Result,
    app::{actor, permit},
    error::WorkflowUse,
};

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

/// What became of the wish for another scope.
#[derive(Debug)]
pub enum ScopeChange {
    /// It was carried out.
    Changed(Box<Credential>),
    /// Whoever administers the wider place was asked.
    Asked(Box<NamedRequest>),
}

/// How a caller comes to another scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// By themselves.
    Change,
    /// By asking.
    Ask,
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
        let (credential, _) = self.rescopable(who, id, to).await?;
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
            effect.gains = self.gainers(who.workspace, who.organization, to, who.user).await?;
        }
        Ok(effect)
    }

    /// Who gains the use of a credential that becomes wider, but for whoever asks.
    pub(super) async fn gainers(
        &self,
        workspace: WorkspaceId,
        organization: OrganizationId,
        to: Scope,
        asker: UserId,
    ) -> Result<Vec<Gainer>> {
        let page = PageRequest { limit: MOST_NAMES, cursor: None };
        if to == Scope::Organization {
            let members = self.store().list_organization_members(organization, page).await?;
            return Ok(members
                .items
                .into_iter()
                .filter(|one| one.deactivated_at.is_none())
                .map(|one| Gainer { user: one.user, name: one.name })
                .collect());
        }
        let members = self.store().list_members(workspace, page).await?;
        let builders = members.items.into_iter().filter(|one| one.role >= Role::Editor && one.user != asker);
        Ok(builders.map(|one| Gainer { user: one.user, name: one.name }).collect())
    }

    /// Changes the scope. The secret is sealed anew under the keys of the new place in the same transaction; what
    /// lies outside of a narrower scope stops at its next use. A former secret that was kept after a rotation is
    /// destroyed. A wider scope that the caller may only ask for becomes a request, with this note.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`], also without a fresh proof for the organization;
    /// [`Error::CredentialRevoked`]; [`Error::ScopeRequestOpen`]; [`Error::Invalid`] when the credential would leave the caller.
    pub async fn change_credential_scope(
        &self,
        who: &Principal,
        id: CredentialId,
        to: Scope,
        note: &str,
    ) -> Result<ScopeChange> {
        let (credential, way) = self.rescopable(who, id, to).await?;
        if way == Way::Ask {
            let asked = self.ask_for_scope(who, credential, to, note).await?;
            return Ok(ScopeChange::Asked(Box::new(asked)));
        }
        if credential.scope == to {
            return Ok(ScopeChange::Changed(Box::new(credential)));
        }
        let stored = self.store().get_credential_with_secret(id).await?;
        let change = self.rescoped((who.workspace, actor(who)), stored, to, Vec::new()).await?;
        Ok(ScopeChange::Changed(Box::new(self.store_change(change).await?)))
    }

    /// A credential under another scope, sealed anew, to be stored; the record goes into this chain.
    pub(super) async fn rescoped(
        &self,
        (chain, actor): (WorkspaceId, Actor),
        stored: CredentialWithSecret,
        to: Scope,
        mut audit: Vec<NewAudit>,
    ) -> Result<CredentialChange> {
        let id = stored.credential.id;
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
        audit.push(self.record_in(chain, actor, AuditAction::CredentialScopeChanged, id, detail));
        let mut change = CredentialChange {
            credential: changed,
            secrets: vec![resealed],
            destroy: vec![data_address(id, SecretSlot::Previous)],
            audit,
        };
        self.tokens_follow(&stored.credential, &mut change, false).await?;
        Ok(change)
    }

    /// A credential whose scope the caller may change to this one, or ask for it.
    async fn rescopable(&self, who: &Principal, id: CredentialId, to: Scope) -> Result<(Credential, Way)> {
        // What the caller lacks in general is said before anything is looked up.
        way_to(who, &sample(who), to)?;
        let credential =
            self.find_credential(who, id, |credential| Action::ReadCredential(credential)).await?;
        let way = way_to(who, &credential, to)?;
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
        Ok((credential, way))
    }
}

/// Whether the caller may change the scope, or only ask for a wider one.
fn way_to(who: &Principal, credential: &Credential, to: Scope) -> Result<Way> {
    let own = permit(who, Action::ManageCredential(credential))
        .and_then(|()| permit(who, Action::ChangeScope { credential, to }));
    match own {
        Err(Error::Forbidden(Refusal::Role)) if to > credential.scope => {
            permit(who, Action::AskScope { credential, to }).map(|()| Way::Ask)
        }
        own => own.map(|()| Way::Change),
    }
}
