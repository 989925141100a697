//! Organizations, workspaces, people, memberships.

use async_trait::async_trait;
use flero_model::{
    ApiKeyId, CredentialId, ExecutionId, InviteId, NodeInstanceId, OrganizationId, ScopeRequestId, Timestamp,
    UserId, WorkflowId, WorkspaceId,
    audit::{Actor, NewAudit},
    credential::Credential,
    role::{OrganizationRole, Role},
};

use crate::{
    Page, PageRequest, Result,
    api_keys::ApiKey,
    oauth::NewRevocation,
    sessions::{Session, SignIn, Which},
};

/// The first owner with everything that they own, made in one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstOwner {
    /// The organization.
    pub organization: OrganizationId,
    /// Its name.
    pub organization_name: String,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// Its name.
    pub workspace_name: String,
    /// The person.
    pub user: UserId,
    /// The address, lower case.
    pub email: String,
    /// The name.
    pub name: String,
    /// Argon2id hash of the password in PHC form; never the password.
    pub password_hash: String,
    /// An API key with all scopes, for whoever begins at the command line.
    pub api_key: Option<ApiKey>,
    /// A session, for whoever begins in a browser.
    pub session: Option<Session>,
    /// When.
    pub at: Timestamp,
}

/// A person's place in a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The person.
    pub user: UserId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// Its organization.
    pub organization: OrganizationId,
    /// The role there; in an archived workspace everybody is a viewer.
    pub role: Role,
    /// The role in the organization.
    pub organization_role: OrganizationRole,
}

/// A person's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The person.
    pub user: UserId,
    /// The address, lower case.
    pub email: String,
    /// The name.
    pub name: String,
    /// Argon2id hash of the password in PHC form; empty for somebody who has none.
    pub password_hash: String,
}

/// A workspace of a person, with the names that a page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The membership.
    pub membership: Membership,
    /// The workspace's name.
    pub workspace_name: String,
    /// The organization's name.
    pub organization_name: String,
    /// Since when the workspace is archived.
    pub archived_at: Option<Timestamp>,
}

/// A member of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub user: UserId,
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// The role there.
    pub role: Role,
    /// Since when.
    pub since: Timestamp,
}

/// A member of an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationMember {
    /// Who.
    pub user: UserId,
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// The role there.
    pub role: OrganizationRole,
    /// Since when.
    pub since: Timestamp,
    /// Since when they are shut out; they can do nothing there until they are reactivated.
    pub deactivated_at: Option<Timestamp>,
}

/// A workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// Its identifier.
    pub id: WorkspaceId,
    /// Its organization.
    pub organization: OrganizationId,
    /// Its name.
    pub name: String,
    /// How long runs are kept.
    pub retention: crate::executions::Retention,
    /// Since when it is archived.
    pub archived_at: Option<Timestamp>,
}

/// Somebody who leaves for good: an organization, or the installation.
#[derive(Debug, Clone, PartialEq)]
pub struct Departure {
    /// Who.
    pub user: UserId,
    /// What they leave; `None` for everything, which ends the account.
    pub organization: Option<OrganizationId>,
    /// All of [`PeopleStore::belongings`].
    pub belongings: Vec<Belonging>,
    /// Who ends it, for the records of the memberships.
    pub actor: Actor,
    /// When.
    pub at: Timestamp,
    /// The record of the departure itself.
    pub audit: Vec<NewAudit>,
}

/// A Personal credential of somebody who leaves, which is deleted.
#[derive(Debug, Clone, PartialEq)]
pub struct Belonging {
    /// Which.
    pub credential: CredentialId,
    /// Its record.
    pub audit: NewAudit,
    /// What is left to do at its service.
    pub revoke: Option<NewRevocation>,
}

/// What stops with a workspace that is archived.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Archived {
    /// The workflows that became inactive.
    pub workflows: Vec<WorkflowId>,
    /// The runs that are to be cancelled, and the process that carries each out.
    pub executions: Vec<(ExecutionId, NodeInstanceId)>,
}

/// An object that lies in one workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Object {
    /// A credential.
    Credential(CredentialId),
    /// A workflow.
    Workflow(WorkflowId),
    /// A run.
    Execution(ExecutionId),
    /// An API key.
    ApiKey(ApiKeyId),
    /// An invitation.
    Invite(InviteId),
    /// A request for a wider scope.
    ScopeRequest(ScopeRequestId),
    /// A workspace itself.
    Workspace(WorkspaceId),
}

/// See the module.
#[async_trait]
pub trait PeopleStore {
    /// Makes the first owner. [`crate::Error::Refused`] when there is a person already.
    async fn create_first_owner(&self, owner: FirstOwner, audit: Vec<NewAudit>) -> Result<()>;

    /// Whether there is any person.
    async fn has_people(&self) -> Result<bool>;

    /// The membership of a person in a workspace; [`crate::Error::NotFound`] when there is none, or the person is shut
    /// out of the organization.
    async fn membership(&self, user: UserId, workspace: WorkspaceId) -> Result<Membership>;

    /// The oldest workspace with its first owner: whom the command line acts for.
    async fn first_owner(&self) -> Result<Membership>;

    /// The workspace that an object lies in; [`crate::Error::NotFound`] when there is no such object. Whoever asks
    /// must not tell it before the caller is known to be a member there.
    async fn home_of(&self, object: Object) -> Result<WorkspaceId>;

    /// Every workspace of a person, the oldest membership first.
    async fn places(&self, user: UserId) -> Result<Vec<Place>>;

    /// The account with an address, which is compared in lower case.
    async fn account_by_email(&self, email: &str) -> Result<Account>;

    /// A person's account.
    async fn account(&self, user: UserId) -> Result<Account>;

    /// Replaces the hash of a password if it is still the former one, else [`crate::Error::Conflict`].
    /// Sessions that are named end with it; the history and the trail tell of it.
    async fn set_password(
        &self,
        user: UserId,
        former: String,
        hash: String,
        end: Option<Which>,
        sign_in: Option<SignIn>,
        audit: Vec<NewAudit>,
    ) -> Result<()>;

    /// Gives a member another role, from one to another. [`crate::Error::NotFound`] for somebody who is no member;
    /// [`crate::Error::Conflict`] for one who has another role by now; [`crate::Error::Refused`] for the last owner.
    async fn change_member(
        &self,
        workspace: WorkspaceId,
        user: UserId,
        roles: (Role, Role),
        audit: Vec<NewAudit>,
    ) -> Result<()>;

    /// Removes a member who has this role, revokes their API keys there, and ends the validity of their Personal
    /// credentials there. Tells which ones. Errors as [`Self::change_member`].
    async fn remove_member(
        &self,
        workspace: WorkspaceId,
        user: UserId,
        role: Role,
        at: Timestamp,
        audit: Vec<NewAudit>,
    ) -> Result<Vec<CredentialId>>;

    /// The Personal credentials that somebody would leave behind in an organization, or in all: those of others too where
    /// it is their only one. [`crate::Error::NotFound`] for somebody who is no member of it.
    async fn belongings(&self, user: UserId, organization: Option<OrganizationId>)
    -> Result<Vec<Credential>>;

    /// Ends every membership of somebody in an organization, or in all, and deletes their Personal credentials there.
    /// Whoever is in no organization then has no account any more: what signs them in, who they are and what they were
    /// told is deleted, their API keys are revoked, and of the person an identifier is left that the trail names.
    /// [`crate::Error::Refused`] for the last owner of an organization or a workspace; [`crate::Error::Conflict`] when
    /// there are other belongings by now.
    async fn depart(&self, departure: Departure) -> Result<()>;

    /// Makes a member the owner of a workspace and its owner an admin, in one. Errors as [`Self::change_member`].
    async fn transfer_workspace(
        &self,
        workspace: WorkspaceId,
        from: UserId,
        to: UserId,
        audit: Vec<NewAudit>,
    ) -> Result<()>;

    /// Gives somebody another role in an organization. [`crate::Error::NotFound`] for somebody who is no member;
    /// [`crate::Error::Refused`] for the last owner.
    async fn change_organization_member(
        &self,
        organization: OrganizationId,
        user: UserId,
        role: OrganizationRole,
        audit: Vec<NewAudit>,
    ) -> Result<()>;

    /// Makes a workspace with its first owner.
    async fn create_workspace(
        &self,
        workspace: Workspace,
        owner: UserId,
        at: Timestamp,
        audit: Vec<NewAudit>,
    ) -> Result<()>;

    /// Archives a workspace: its triggers stop, its runs are to be cancelled, each with a record of its own, and
    /// everybody in it is a viewer until it is restored. [`crate::Error::Conflict`] for one that is archived.
    async fn archive_workspace(&self, id: WorkspaceId, archived: NewAudit) -> Result<Archived>;

    /// Takes a workspace out of the archive; its workflows stay inactive. [`crate::Error::Conflict`] for one that is not
    /// archived.
    async fn restore_workspace(&self, id: WorkspaceId, audit: Vec<NewAudit>) -> Result<()>;

    /// The role that a member was given, whether or not the workspace is archived.
    async fn standing_role(&self, user: UserId, workspace: WorkspaceId) -> Result<Role>;

    /// Shuts somebody out of an organization, which ends their sessions, or lets them in again. What they have there is
    /// kept. [`crate::Error::NotFound`] for somebody who is no member; [`crate::Error::Refused`] for the last owner who is
    /// left, of the organization or of one of its workspaces.
    async fn set_deactivated(
        &self,
        organization: OrganizationId,
        user: UserId,
        at: Option<Timestamp>,
        audit: Vec<NewAudit>,
    ) -> Result<()>;

    /// Whether somebody is shut out of every organization that they are a member of.
    async fn is_shut_out(&self, user: UserId) -> Result<bool>;

    /// Gives a workspace another name.
    async fn rename_workspace(&self, id: WorkspaceId, name: String, audit: Vec<NewAudit>) -> Result<()>;

    /// Deletes a workspace that holds no workflow and no credential any more, with its memberships, invitations and
    /// keys; [`crate::Error::Refused`] for one that holds some. Its audit trail stays.
    async fn delete_workspace(&self, id: WorkspaceId, at: Timestamp, audit: Vec<NewAudit>) -> Result<()>;

    /// An organization's name.
    async fn organization_name(&self, id: OrganizationId) -> Result<String>;

    /// A page of a workspace's members, the newest first; whoever is shut out of the organization is left out.
    async fn list_members(&self, workspace: WorkspaceId, page: PageRequest) -> Result<Page<Member>>;

    /// A page of an organization's members, the newest first.
    async fn list_organization_members(
        &self,
        organization: OrganizationId,
        page: PageRequest,
    ) -> Result<Page<OrganizationMember>>;

    /// A person's role in an organization; [`crate::Error::NotFound`] when there is none.
    async fn organization_role(&self, user: UserId, organization: OrganizationId)
    -> Result<OrganizationRole>;

    /// A person's name and address.
    async fn person(&self, user: UserId) -> Result<(String, String)>;

    /// One workspace.
    async fn workspace(&self, id: WorkspaceId) -> Result<Workspace>;

    /// Every workspace, oldest first.
    async fn workspaces(&self) -> Result<Vec<Workspace>>;

    /// Sets how long a workspace keeps its runs; [`crate::Error::NotFound`] when there is no such workspace.
    async fn set_retention(
        &self,
        id: WorkspaceId,
        retention: crate::executions::Retention,
        audit: Vec<NewAudit>,
    ) -> Result<()>;

    /// Whether the installation is paused (restored from a backup, not yet resumed).
    async fn is_paused(&self) -> Result<bool>;

    /// Pauses or resumes the installation.
    async fn set_paused(&self, paused: bool, audit: Vec<NewAudit>) -> Result<()>;
}
