//! Who may do what: the one place that decides. Pure: facts in, decision out.
//!
//! The matrix is that of the roles table in the product specification. An object that the principal may not
//! see is answered with [`Decision::Hide`], which the edge turns into the same 404 as a missing one.

pub mod matrix;

use crate::{
    ApiKeyId, ExecutionId, OrganizationId, SessionId, UserId, WorkflowId, WorkspaceId,
    credential::{Credential, Scope},
    oauth_app::{AppLevel, OauthApp},
    role::{KeyScope, OrganizationRole, Role},
    scope_request::ScopeRequest,
};

use self::matrix::{Needs, Rule};

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The person; for a run, the person whom it acts for.
    pub user: UserId,
    /// The organization of the workspace.
    pub organization: OrganizationId,
    /// The person's role there; a run has none beyond the least.
    pub organization_role: OrganizationRole,
    /// The workspace that the request is about.
    pub workspace: WorkspaceId,
    /// The person's role there.
    pub role: Role,
    /// How the request came in.
    pub via: Via,
}

/// How a request came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Via {
    /// A person at the command line of the machine that holds the data folder.
    Local,
    /// A signed-in person.
    Session {
        /// The session.
        id: SessionId,
        /// Whether the person proved who they are within the last five minutes (step-up).
        fresh: bool,
    },
    /// One of Flero's API keys, which can only narrow what its creator may do.
    ApiKey {
        /// The key.
        id: ApiKeyId,
        /// Its scopes.
        scopes: Vec<KeyScope>,
        /// The only workflows that it is for; `None` for all.
        workflow_ids: Option<Vec<WorkflowId>>,
    },
    /// A run, acting for its workspace and, for Personal credentials, for one person.
    Run {
        /// The run.
        execution: ExecutionId,
    },
}

/// The verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Go on.
    Allow,
    /// Answer as if the object did not exist.
    Hide,
    /// Refuse, because the role does not include the act.
    DenyRole,
    /// Refuse, because the API key lacks this scope.
    DenyScope(KeyScope),
    /// Refuse, because the act needs a signed-in person (step-up).
    DenyApiKey,
    /// Refuse, because the signed-in person did not prove who they are lately enough (step-up).
    StepUp,
}

/// What is asked for. Acts on an object carry the facts that the decision needs.
#[derive(Debug, Clone, Copy)]
pub enum Action<'a> {
    /// List or read a workflow, its versions.
    ReadWorkflow(Option<WorkflowId>),
    /// Create a workflow.
    CreateWorkflow,
    /// Change a workflow or its status.
    EditWorkflow(WorkflowId),
    /// Delete a workflow.
    DeleteWorkflow {
        /// Which.
        id: WorkflowId,
        /// Who made it.
        owner: UserId,
    },
    /// Start a run.
    RunWorkflow {
        /// Which.
        id: WorkflowId,
        /// Whether the workflow lets viewers run it.
        viewers_may_run: bool,
    },
    /// List or read executions.
    ReadExecution(Option<WorkflowId>),
    /// Cancel or replay a run.
    ControlExecution(WorkflowId),
    /// List credentials (each is then asked for with [`Action::ReadCredential`]).
    ListCredentials,
    /// Read a credential's metadata, or which workflows use it.
    ReadCredential(&'a Credential),
    /// Read who did what with a credential.
    ReadCredentialAudit(&'a Credential),
    /// Create a credential of a scope.
    CreateCredential(Scope),
    /// Edit, rotate, revoke, delete.
    ManageCredential(&'a Credential),
    /// Change who can use a credential.
    ChangeScope {
        /// As it is.
        credential: &'a Credential,
        /// The scope to be.
        to: Scope,
    },
    /// Ask whoever administers the wider place to widen a scope.
    AskScope {
        /// As it is.
        credential: &'a Credential,
        /// The scope to be.
        to: Scope,
    },
    /// Read a request for a wider scope.
    ReadScopeRequest(&'a ScopeRequest),
    /// Carry out what a request asks for.
    ApproveScopeRequest(&'a ScopeRequest),
    /// Refuse what a request asks for.
    RejectScopeRequest(&'a ScopeRequest),
    /// Refuse some request for this scope, whichever it is.
    RejectScopeRequests(Scope),
    /// Take a request back.
    WithdrawScopeRequest(&'a ScopeRequest),
    /// Run a test of a stored credential.
    TestCredential(&'a Credential),
    /// Use a credential in a node or trigger.
    UseCredential(&'a Credential),
    /// Use a credential through the proxy.
    ProxyCredential(&'a Credential),
    /// List or read connectors and what registries offer.
    ReadConnectors,
    /// Import a connector, or remove one that was imported.
    WriteConnectors,
    /// Install, upgrade, put back or remove a package of the Marketplace.
    InstallPackages,
    /// Change which registries the organization trusts.
    WriteRegistries,
    /// List OAuth apps.
    ListOauthApps,
    /// Read an OAuth app.
    ReadOauthApp(&'a OauthApp),
    /// Set an OAuth app up.
    CreateOauthApp(AppLevel),
    /// Change or remove an OAuth app.
    ManageOauthApp(&'a OauthApp),
    /// List, create or revoke one's own API keys.
    OwnApiKeys,
    /// List or revoke everybody's API keys.
    AllApiKeys,
    /// Read the workspace's variables.
    ReadVariables,
    /// Change the workspace's variables.
    WriteVariables,
    /// Read the workspace's settings.
    ReadSettings,
    /// Change the workspace's settings.
    WriteSettings,
    /// Read the audit log.
    ReadAudit,
    /// Export the audit log.
    ExportAudit,
    /// See the members and invitations of the workspace.
    ReadMembers,
    /// Invite somebody as this.
    Invite(Role),
    /// Change a member's role.
    ChangeMember {
        /// The member's present role.
        from: Role,
        /// The role to be.
        to: Role,
    },
    /// Remove a member.
    RemoveMember {
        /// Whom.
        user: UserId,
        /// The member's role.
        role: Role,
    },
    /// See the workspace's name.
    ReadWorkspace,
    /// Rename the workspace.
    RenameWorkspace,
    /// Archive or restore the workspace.
    ArchiveWorkspace,
    /// Delete the workspace.
    EndWorkspace,
    /// Make another workspace of the organization.
    CreateWorkspace,
    /// See the organization's name.
    ReadOrganization,
    /// See the organization's members.
    ReadOrganizationMembers,
    /// Change somebody's role in the organization, shut them out, or remove them.
    ChangeOrganizationMember,
    /// Read the organization's policies.
    ReadPolicies,
    /// Change the organization's policies.
    WritePolicies,
    /// See the organization's OpenID providers and what its groups are given.
    ReadIdentityProviders,
    /// Change them, or make a key for SCIM.
    WriteIdentityProviders,
    /// Keep the organization's people up by SCIM.
    Provision,
    /// See the state of the vault.
    ReadVault,
}

impl Action<'_> {
    /// The rule of the matrix that the act falls under, for this principal.
    #[must_use]
    pub fn rule(self, principal: &Principal) -> &'static Rule {
        match self {
            Self::ReadWorkflow(_) => matrix::WORKFLOWS_READ,
            Self::CreateWorkflow => matrix::WORKFLOWS_CREATE,
            Self::EditWorkflow(_) => matrix::WORKFLOWS_WRITE,
            Self::DeleteWorkflow { owner, .. } if owner == principal.user => matrix::WORKFLOWS_DELETE_OWN,
            Self::DeleteWorkflow { .. } => matrix::WORKFLOWS_DELETE,
            Self::RunWorkflow { viewers_may_run: true, .. } => matrix::WORKFLOWS_RUN_OPEN,
            Self::RunWorkflow { .. } => matrix::WORKFLOWS_RUN,
            Self::ReadExecution(_) => matrix::EXECUTIONS_READ,
            Self::ControlExecution(_) => matrix::EXECUTIONS_CONTROL,
            Self::ListCredentials | Self::ReadCredential(_) => matrix::CREDENTIALS_READ,
            // Of a Personal credential it is its owner's own doing; of every other one it is what everybody did.
            Self::ReadCredentialAudit(credential) if credential.scope == Scope::Personal => {
                matrix::CREDENTIALS_READ
            }
            Self::ReadCredentialAudit(_) => matrix::CREDENTIALS_AUDIT,
            Self::CreateCredential(Scope::Personal) => matrix::CREDENTIALS_CREATE_PERSONAL,
            Self::CreateCredential(Scope::Workspace) => matrix::CREDENTIALS_CREATE_WORKSPACE,
            Self::CreateCredential(Scope::Organization) => matrix::CREDENTIALS_CREATE_ORGANIZATION,
            Self::ManageCredential(credential) | Self::TestCredential(credential) => match credential.scope {
                Scope::Personal => matrix::CREDENTIALS_MANAGE_PERSONAL,
                Scope::Workspace => matrix::CREDENTIALS_MANAGE_WORKSPACE,
                Scope::Organization => matrix::CREDENTIALS_MANAGE_ORGANIZATION,
            },
            Self::ChangeScope { credential, to } if to <= credential.scope => {
                Self::ManageCredential(credential).rule(principal)
            }
            Self::ChangeScope { to: Scope::Organization, .. } => matrix::CREDENTIALS_WIDEN_ORGANIZATION,
            Self::ChangeScope { .. } => matrix::CREDENTIALS_WIDEN_WORKSPACE,
            Self::ReadScopeRequest(_) => matrix::CREDENTIALS_READ,
            Self::AskScope { .. } | Self::WithdrawScopeRequest(_) => matrix::CREDENTIALS_ASK_SCOPE,
            Self::ApproveScopeRequest(request) => rule_of_widening(request.to, true),
            Self::RejectScopeRequest(request) => rule_of_widening(request.to, false),
            Self::RejectScopeRequests(to) => rule_of_widening(to, false),
            Self::UseCredential(_) => matrix::CREDENTIALS_USE,
            Self::ProxyCredential(_) => matrix::CREDENTIALS_PROXY,
            Self::ReadConnectors => matrix::CONNECTORS_READ,
            Self::WriteConnectors => matrix::CONNECTORS_WRITE,
            Self::InstallPackages => matrix::CONNECTORS_INSTALL,
            Self::WriteRegistries => matrix::CONNECTORS_REGISTRIES,
            Self::ListOauthApps | Self::ReadOauthApp(_) => matrix::OAUTH_APPS_READ,
            Self::CreateOauthApp(level) => rule_of_app(level),
            Self::ManageOauthApp(app) => rule_of_app(app.level),
            Self::OwnApiKeys => matrix::API_KEYS_OWN,
            Self::AllApiKeys => matrix::API_KEYS_ALL,
            Self::ReadVariables => matrix::VARIABLES_READ,
            Self::WriteVariables => matrix::VARIABLES_WRITE,
            Self::ReadSettings => matrix::SETTINGS_READ,
            Self::WriteSettings => matrix::SETTINGS_WRITE,
            Self::ReadAudit => matrix::AUDIT_READ,
            Self::ExportAudit => matrix::AUDIT_EXPORT,
            other => other.rule_of_people(principal),
        }
    }

    /// The rules about people and workspaces.
    fn rule_of_people(self, principal: &Principal) -> &'static Rule {
        let change = |role: Role| match role {
            Role::Viewer | Role::Editor => matrix::MEMBERS_WRITE,
            Role::Admin => matrix::MEMBERS_WRITE_ADMIN,
            Role::Owner => matrix::MEMBERS_WRITE_OWNER,
        };
        match self {
            Self::ReadMembers => matrix::MEMBERS_READ,
            Self::Invite(Role::Viewer | Role::Editor) => matrix::MEMBERS_INVITE,
            Self::Invite(Role::Admin) => matrix::MEMBERS_INVITE_ADMIN,
            Self::Invite(Role::Owner) => matrix::MEMBERS_WRITE_OWNER,
            Self::ChangeMember { from, to } => change(from.max(to)),
            Self::RemoveMember { user, .. } if user == principal.user => matrix::MEMBERS_LEAVE,
            Self::RemoveMember { role, .. } => change(role),
            Self::ReadWorkspace => matrix::WORKSPACE_READ,
            Self::RenameWorkspace => matrix::WORKSPACE_WRITE,
            Self::ArchiveWorkspace => matrix::WORKSPACE_ARCHIVE,
            Self::CreateWorkspace => matrix::WORKSPACE_CREATE,
            Self::ReadOrganization => matrix::ORGANIZATION_READ,
            Self::ReadOrganizationMembers => matrix::ORGANIZATION_MEMBERS_READ,
            Self::ChangeOrganizationMember => matrix::ORGANIZATION_MEMBERS_WRITE,
            Self::ReadPolicies => matrix::ORGANIZATION_POLICIES_READ,
            Self::WritePolicies => matrix::ORGANIZATION_POLICIES_WRITE,
            Self::ReadIdentityProviders => matrix::IDENTITY_PROVIDERS_READ,
            Self::WriteIdentityProviders => matrix::IDENTITY_PROVIDERS_WRITE,
            Self::Provision => matrix::SCIM,
            Self::ReadVault => matrix::VAULT_READ,
            // What is left is the strictest there is.
            _ => matrix::WORKSPACE_END,
        }
    }
}

/// What a principal may do in its workspace, by the names of the matrix: for whoever draws a page. A step-up is not
/// asked for here; the act itself asks. It decides nothing by itself.
#[must_use]
pub fn permissions(principal: &Principal) -> Vec<&'static str> {
    matrix::ALL
        .iter()
        .filter(|rule| meets(principal, rule.needs) && is_local_enough(principal, rule))
        .filter(|rule| match &principal.via {
            Via::ApiKey { scopes, .. } => scopes.contains(&rule.scope) && !rule.step_up,
            _ => true,
        })
        .map(|rule| rule.name)
        .collect()
}

/// What every organization of an installation shares is for whoever runs its machine.
fn is_local_enough(principal: &Principal, rule: &Rule) -> bool {
    rule.name != matrix::OAUTH_APPS_INSTALLATION.name || principal.via == Via::Local
}

/// The rule about deciding on a request for a scope.
const fn rule_of_widening(to: Scope, is_approved: bool) -> &'static Rule {
    match to {
        Scope::Organization if is_approved => matrix::CREDENTIALS_WIDEN_ORGANIZATION,
        Scope::Organization => matrix::CREDENTIALS_REJECT_ORGANIZATION,
        Scope::Personal | Scope::Workspace => matrix::CREDENTIALS_WIDEN_WORKSPACE,
    }
}

/// The rule about OAuth apps of a level.
const fn rule_of_app(level: AppLevel) -> &'static Rule {
    match level {
        AppLevel::Workspace => matrix::OAUTH_APPS_WORKSPACE,
        AppLevel::Organization => matrix::OAUTH_APPS_ORGANIZATION,
        AppLevel::Installation => matrix::OAUTH_APPS_INSTALLATION,
    }
}

/// Whether the principal's roles are enough.
fn meets(principal: &Principal, needs: Needs) -> bool {
    match needs {
        Needs::Role(role) => principal.role >= role,
        Needs::Organization(role) => principal.organization_role >= role,
    }
}

/// Decides. See the module.
#[must_use]
pub fn decide(principal: &Principal, action: Action<'_>) -> Decision {
    // An object that could not be seen anyway stays hidden, whatever else is lacking.
    if let Some(credential) = action.credential()
        && !is_visible(principal, credential)
    {
        return Decision::Hide;
    }
    if let Action::ReadOauthApp(app) | Action::ManageOauthApp(app) = action
        && !app.is_shared_with(principal.organization, principal.workspace)
    {
        return Decision::Hide;
    }
    if let Some(request) = action.scope_request()
        && !is_request_visible(principal, request)
    {
        return Decision::Hide;
    }
    let rule = action.rule(principal);
    let by_key = key_decision(principal, action, rule);
    if by_key != Decision::Allow {
        return by_key;
    }
    if !meets(principal, rule.needs) || !is_local_enough(principal, rule) {
        return Decision::DenyRole;
    }
    // A request is its asker's own to take back, and somebody else's to decide.
    match action {
        Action::WithdrawScopeRequest(request) if request.asker != principal.user => {
            return Decision::DenyRole;
        }
        Action::ApproveScopeRequest(request) | Action::RejectScopeRequest(request)
            if request.asker == principal.user =>
        {
            return Decision::DenyRole;
        }
        _ => {}
    }
    match principal.via {
        Via::ApiKey { .. } if rule.step_up => Decision::DenyApiKey,
        Via::Session { fresh: false, .. } if rule.step_up => Decision::StepUp,
        _ => Decision::Allow,
    }
}

impl<'a> Action<'a> {
    /// The credential that the act is on.
    const fn credential(self) -> Option<&'a Credential> {
        match self {
            Self::ReadCredential(credential)
            | Self::ReadCredentialAudit(credential)
            | Self::ManageCredential(credential)
            | Self::TestCredential(credential)
            | Self::UseCredential(credential)
            | Self::ProxyCredential(credential)
            | Self::ChangeScope { credential, .. }
            | Self::AskScope { credential, .. } => Some(credential),
            _ => None,
        }
    }

    /// The request for a wider scope that the act is on.
    const fn scope_request(self) -> Option<&'a ScopeRequest> {
        match self {
            Self::ReadScopeRequest(request)
            | Self::ApproveScopeRequest(request)
            | Self::RejectScopeRequest(request)
            | Self::WithdrawScopeRequest(request) => Some(request),
            _ => None,
        }
    }
}

/// What the API key's scopes and workflow list leave; `Allow` when there is no key.
fn key_decision(principal: &Principal, action: Action<'_>, rule: &Rule) -> Decision {
    let Via::ApiKey { scopes, workflow_ids, .. } = &principal.via else { return Decision::Allow };
    if !scopes.contains(&rule.scope) {
        return Decision::DenyScope(rule.scope);
    }
    let Some(chosen) = workflow_ids else { return Decision::Allow };
    match action {
        Action::ReadWorkflow(Some(id))
        | Action::EditWorkflow(id)
        | Action::DeleteWorkflow { id, .. }
        | Action::RunWorkflow { id, .. }
        | Action::ReadExecution(Some(id))
        | Action::ControlExecution(id)
            if !chosen.contains(&id) =>
        {
            Decision::Hide
        }
        // A new workflow would be outside of those chosen, and what all of them share belongs to the others too.
        Action::CreateWorkflow
        | Action::WriteVariables
        | Action::WriteConnectors
        | Action::InstallPackages => Decision::DenyScope(rule.scope),
        _ => Decision::Allow,
    }
}

/// Whether the principal can see that a request exists: its asker, and whoever administers the place that it asks for.
/// The asker shows the credential to them by asking, a Personal one too.
fn is_request_visible(principal: &Principal, request: &ScopeRequest) -> bool {
    if request.asker == principal.user && request.workspace == principal.workspace {
        return true;
    }
    match request.to {
        Scope::Organization => {
            request.organization == principal.organization
                && principal.organization_role >= OrganizationRole::Admin
        }
        Scope::Personal | Scope::Workspace => {
            request.workspace == principal.workspace && principal.role >= Role::Admin
        }
    }
}

/// Whether the principal can see that a credential exists.
fn is_visible(principal: &Principal, credential: &Credential) -> bool {
    match credential.scope {
        Scope::Organization => credential.organization_id == principal.organization,
        Scope::Workspace => credential.workspace_id == principal.workspace,
        Scope::Personal => {
            credential.workspace_id == principal.workspace && credential.owner_id == principal.user
        }
    }
}

#[cfg(test)]
mod tests;
