//! Members of a workspace and of an organization, and the workspaces themselves.

use flero_model::{
    UserId, WorkspaceId,
    audit::{AuditAction, AuditDetail},
    policy::{Action, Principal},
    role::{OrganizationRole, Role},
};
use flero_store::{
    Page, PageRequest,
    people::{Member, OrganizationMember, Workspace},
};

use super::account::name_problem;
use crate::{App, Error, Result, app::permit, random};

impl App {
    /// A page of the workspace's members, the newest first.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::InvalidCursor`].
    pub async fn list_members(&self, who: &Principal, page: PageRequest) -> Result<Page<Member>> {
        permit(who, Action::ReadMembers)?;
        Ok(self.store().list_members(who.workspace, page).await?)
    }

    /// Gives a member another role. The next use of what the role no longer includes is refused within a second,
    /// also in runs that go on.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::LastOwner`]; [`Error::Changed`].
    pub async fn change_member(&self, who: &Principal, user: UserId, to: Role) -> Result<()> {
        // What the caller lacks in general is said before anybody is looked up.
        permit(who, Action::ChangeMember { from: Role::Viewer, to })?;
        let from = self.store().membership(user, who.workspace).await?.role;
        permit(who, Action::ChangeMember { from, to })?;
        let detail = AuditDetail::change(from.as_str(), to.as_str());
        let record = self.record(who, AuditAction::MemberRoleChanged, user, detail);
        self.store().change_member(who.workspace, user, (from, to), vec![record]).await.map_err(keep_owner)
    }

    /// Removes a member, or oneself. The member's API keys and Personal credentials there are no longer valid.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::LastOwner`]; [`Error::Changed`].
    pub async fn remove_member(&self, who: &Principal, user: UserId) -> Result<()> {
        permit(who, Action::RemoveMember { user, role: Role::Viewer })?;
        self.store().membership(user, who.workspace).await?;
        // In an archived workspace, too, somebody is removed as what they are there when it is not.
        let role = self.store().standing_role(user, who.workspace).await?;
        permit(who, Action::RemoveMember { user, role })?;
        let detail = AuditDetail { from: Some(role.as_str().to_owned()), ..AuditDetail::default() };
        let record = self.record(who, AuditAction::MemberRemoved, user, detail);
        let removed = self.store().remove_member(who.workspace, user, role, self.now(), vec![record]).await;
        self.0.keys.forget_all();
        for credential in removed.map_err(keep_owner)? {
            self.credential_changed(credential);
        }
        Ok(())
    }

    /// Makes another owner of the workspace, and the caller an admin.
    ///
    /// # Errors
    /// As [`App::change_member`].
    pub async fn transfer_workspace(&self, who: &Principal, id: WorkspaceId, to: UserId) -> Result<()> {
        permit(who, Action::ChangeMember { from: Role::Viewer, to: Role::Owner })?;
        own(who, id)?;
        if to == who.user {
            return Ok(());
        }
        let former = self.store().membership(to, id).await?.role;
        let record = |user: UserId, from: Role, to: Role| {
            let detail = AuditDetail::change(from.as_str(), to.as_str());
            self.record(who, AuditAction::MemberRoleChanged, user, detail)
        };
        let audit = vec![record(to, former, Role::Owner), record(who.user, Role::Owner, Role::Admin)];
        self.store().transfer_workspace(id, who.user, to, audit).await.map_err(keep_owner)
    }

    /// The caller's workspace, if it is this one.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn get_workspace(&self, who: &Principal, id: WorkspaceId) -> Result<Workspace> {
        permit(who, Action::ReadWorkspace)?;
        own(who, id)?;
        Ok(self.store().workspace(id).await?)
    }

    /// Makes another workspace of the caller's organization, with the caller as owner.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Invalid`].
    pub async fn create_workspace(&self, who: &Principal, name: &str) -> Result<Workspace> {
        permit(who, Action::CreateWorkspace)?;
        check_name(name)?;
        let retention = self.store().workspace(who.workspace).await?.retention;
        let workspace = Workspace {
            id: WorkspaceId::new(self.now(), random::for_id()?),
            organization: who.organization,
            name: name.trim().to_owned(),
            retention,
            archived_at: None,
        };
        let detail = AuditDetail::named(&workspace.name);
        let actor = crate::app::actor(who);
        let audit = [who.workspace, workspace.id]
            .map(|chain| {
                self.record_in(chain, actor, AuditAction::WorkspaceCreated, workspace.id, detail.clone())
            })
            .to_vec();
        self.store().create_workspace(workspace.clone(), who.user, self.now(), audit).await?;
        Ok(workspace)
    }

    /// Gives the caller's workspace another name.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Invalid`].
    pub async fn rename_workspace(&self, who: &Principal, id: WorkspaceId, name: &str) -> Result<Workspace> {
        permit(who, Action::RenameWorkspace)?;
        own(who, id)?;
        check_name(name)?;
        let detail = AuditDetail::named(name.trim());
        let record = self.record(who, AuditAction::WorkspaceRenamed, id, detail);
        self.store().rename_workspace(id, name.trim().to_owned(), vec![record]).await?;
        Ok(self.store().workspace(id).await?)
    }

    /// Permits an act on the caller's whole workspace with the role that they were given: in an archived workspace
    /// everybody acts as a viewer, and its owner can end that. Gives the workspace's name.
    async fn permit_whole(&self, who: &Principal, id: WorkspaceId, action: Action<'_>) -> Result<String> {
        let role = self.store().standing_role(who.user, who.workspace).await?;
        permit(&Principal { role, ..who.clone() }, action)?;
        own(who, id)?;
        Ok(self.store().workspace(id).await?.name)
    }

    /// Archives the caller's workspace: its triggers stop, its runs are cancelled, and everybody in it is a viewer until
    /// it is restored.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::WorkspaceArchived`].
    pub async fn archive_workspace(&self, who: &Principal, id: WorkspaceId) -> Result<()> {
        let name = self.permit_whole(who, id, Action::ArchiveWorkspace).await?;
        let record = self.record(who, AuditAction::WorkspaceArchived, id, AuditDetail::named(name));
        let stopped = match self.store().archive_workspace(id, record).await {
            Err(flero_store::Error::Conflict) => return Err(Error::WorkspaceArchived),
            stopped => stopped?,
        };
        stopped.workflows.into_iter().for_each(|workflow| self.workflow_changed(workflow));
        self.0.keys.forget_all();
        for (execution, owner) in stopped.executions {
            // The workspace is archived by now, and the store knows what is to be cancelled.
            if let Err(error) = self.0.engine.cancel_requested(execution, owner).await {
                tracing::warn!(%execution, %error, "a run of an archived workspace could not be cancelled yet");
            }
        }
        Ok(())
    }

    /// Takes the caller's workspace out of the archive. Its workflows stay inactive: activation checks anew what they
    /// may use, as the person who activates them.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Changed`] when it is not archived.
    pub async fn restore_workspace(&self, who: &Principal, id: WorkspaceId) -> Result<()> {
        let name = self.permit_whole(who, id, Action::ArchiveWorkspace).await?;
        let record = self.record(who, AuditAction::WorkspaceRestored, id, AuditDetail::named(name));
        self.store().restore_workspace(id, vec![record]).await?;
        self.0.keys.forget_all();
        Ok(())
    }

    /// Shuts somebody out of the organization, or lets them in again. Their sessions end, their API keys are refused, and
    /// runs that act for them use nothing of theirs; what they have is kept.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::LastOwner`].
    pub async fn set_member_active(&self, who: &Principal, user: UserId, is_active: bool) -> Result<()> {
        permit(who, Action::ChangeOrganizationMember)?;
        let (action, at) = if is_active {
            (AuditAction::MemberReactivated, None)
        } else {
            (AuditAction::MemberDeactivated, Some(self.now()))
        };
        let record = self.record(who, action, user, AuditDetail::default());
        let set = self.store().set_deactivated(who.organization, user, at, vec![record]).await;
        self.0.keys.forget_all();
        set.map_err(keep_owner)
    }

    /// Deletes the caller's workspace, which must hold no workflow and no credential any more. Its audit trail stays.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Invalid`] when `confirm` is not its name;
    /// [`Error::WorkspaceNotEmpty`].
    pub async fn delete_workspace(&self, who: &Principal, id: WorkspaceId, confirm: &str) -> Result<()> {
        let name = self.permit_whole(who, id, Action::EndWorkspace).await?;
        if confirm != name {
            let message = "Confirm with the workspace's name: ?confirm=<name>.";
            return Err(Error::field("/confirm", "workspace.confirm", message));
        }
        let record = self.record(who, AuditAction::WorkspaceDeleted, id, AuditDetail::named(name));
        match self.store().delete_workspace(id, self.now(), vec![record]).await {
            Err(flero_store::Error::Refused { .. }) => Err(Error::WorkspaceNotEmpty),
            other => Ok(other?),
        }
    }

    /// The name of the caller's organization.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn organization_name(&self, who: &Principal) -> Result<String> {
        permit(who, Action::ReadOrganization)?;
        Ok(self.store().organization_name(who.organization).await?)
    }

    /// A page of the organization's members, the newest first.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::InvalidCursor`].
    pub async fn list_organization_members(
        &self,
        who: &Principal,
        page: PageRequest,
    ) -> Result<Page<OrganizationMember>> {
        permit(who, Action::ReadOrganizationMembers)?;
        Ok(self.store().list_organization_members(who.organization, page).await?)
    }

    /// Gives somebody another role in the organization.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::LastOwner`].
    pub async fn change_organization_member(
        &self,
        who: &Principal,
        user: UserId,
        to: OrganizationRole,
    ) -> Result<()> {
        permit(who, Action::ChangeOrganizationMember)?;
        let from = self.store().organization_role(user, who.organization).await?;
        let detail = AuditDetail::change(from.as_str(), to.as_str());
        let record = self.record(who, AuditAction::OrganizationRoleChanged, user, detail);
        let changed = self.store().change_organization_member(who.organization, user, to, vec![record]).await;
        changed.map_err(keep_owner)
    }
}

/// A workspace that is not the caller's is not there.
fn own(who: &Principal, id: WorkspaceId) -> Result<()> {
    if who.workspace == id { Ok(()) } else { Err(Error::NotFound) }
}

fn check_name(name: &str) -> Result<()> {
    name_problem("/name", name).map_or(Ok(()), |problem| Err(Error::Invalid(vec![problem])))
}

/// What the store refuses because somebody always owns.
pub(super) fn keep_owner(error: flero_store::Error) -> Error {
    match error {
        flero_store::Error::Refused { .. } => Error::LastOwner,
        other => other.into(),
    }
}
