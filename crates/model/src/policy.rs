//! Who may do what: the one place that decides. Pure: facts in, decision out.
//!
//! The matrix is that of the roles table in the product specification. An object that the principal may not
//! see is answered with [`Decision::Hide`], which the edge turns into the same 404 as a missing one.

use crate::{
    ApiKeyId, ExecutionId, OrganizationId, SessionId, UserId, WorkflowId, WorkspaceId,
    credential::{Credential, Scope},
    role::{KeyScope, OrganizationRole, Role},
};

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
    /// Read a credential's metadata, usage or audit.
    ReadCredential(&'a Credential),
    /// Create a credential of a scope.
    CreateCredential(Scope),
    /// Edit, rotate, revoke, delete.
    ManageCredential(&'a Credential),
    /// Run a test of a stored credential.
    TestCredential(&'a Credential),
    /// Use a credential in a node or trigger.
    UseCredential(&'a Credential),
    /// Use a credential through the proxy.
    ProxyCredential(&'a Credential),
    /// List, create or revoke one's own API keys.
    OwnApiKeys,
    /// List or revoke everybody's API keys.
    AllApiKeys,
    /// Read the workspace's variables.
    ReadVariables,
    /// Change the workspace's variables.
    WriteVariables,
    /// Read the audit log.
    ReadAudit,
}

/// What a principal may do in its workspace, by name: for whoever draws a page. It decides nothing by itself.
#[must_use]
pub fn permissions(principal: &Principal) -> Vec<&'static str> {
    let workflow = WorkflowId::from_u128(0);
    let named: [(&'static str, Action<'_>); 16] = [
        ("workflows.read", Action::ReadWorkflow(None)),
        ("workflows.create", Action::CreateWorkflow),
        ("workflows.write", Action::EditWorkflow(workflow)),
        ("workflows.delete", Action::DeleteWorkflow { id: workflow, owner: UserId::from_u128(0) }),
        ("workflows.run", Action::RunWorkflow { id: workflow, viewers_may_run: false }),
        ("executions.read", Action::ReadExecution(None)),
        ("executions.control", Action::ControlExecution(workflow)),
        ("credentials.read", Action::ListCredentials),
        ("credentials.createPersonal", Action::CreateCredential(Scope::Personal)),
        ("credentials.createWorkspace", Action::CreateCredential(Scope::Workspace)),
        ("credentials.createOrganization", Action::CreateCredential(Scope::Organization)),
        ("apiKeys.own", Action::OwnApiKeys),
        ("apiKeys.all", Action::AllApiKeys),
        ("variables.read", Action::ReadVariables),
        ("variables.write", Action::WriteVariables),
        ("audit.read", Action::ReadAudit),
    ];
    named
        .into_iter()
        .filter(|(_, action)| decide(principal, *action) == Decision::Allow)
        .map(|(name, _)| name)
        .collect()
}

/// Decides. See the module.
#[must_use]
pub fn decide(principal: &Principal, action: Action<'_>) -> Decision {
    let by_key = key_decision(principal, action);
    if by_key != Decision::Allow {
        // An object that could not be seen anyway stays hidden, whatever the key lacks.
        return if role_decision(principal, action) == Decision::Hide { Decision::Hide } else { by_key };
    }
    role_decision(principal, action)
}

/// What the API key's scopes and workflow list leave; `Allow` when there is no key.
fn key_decision(principal: &Principal, action: Action<'_>) -> Decision {
    let Via::ApiKey { scopes, workflow_ids, .. } = &principal.via else { return Decision::Allow };
    let needed = match action {
        Action::ReadWorkflow(_) | Action::ReadVariables => KeyScope::WorkflowsRead,
        Action::CreateWorkflow
        | Action::EditWorkflow(_)
        | Action::DeleteWorkflow { .. }
        | Action::WriteVariables => KeyScope::WorkflowsWrite,
        Action::RunWorkflow { .. } | Action::ControlExecution(_) => KeyScope::ExecutionsWrite,
        Action::ReadExecution(_) => KeyScope::ExecutionsRead,
        Action::ListCredentials | Action::ReadCredential(_) => KeyScope::CredentialsRead,
        Action::CreateCredential(_) | Action::ManageCredential(_) | Action::TestCredential(_) => {
            KeyScope::CredentialsWrite
        }
        // Naming a credential in a workflow is part of writing the workflow.
        Action::UseCredential(_) => KeyScope::WorkflowsWrite,
        Action::ProxyCredential(_) => KeyScope::ProxyUse,
        Action::OwnApiKeys | Action::AllApiKeys => KeyScope::MembersWrite,
        Action::ReadAudit => KeyScope::AuditRead,
    };
    if !scopes.contains(&needed) {
        return Decision::DenyScope(needed);
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
        Action::CreateWorkflow => Decision::DenyScope(KeyScope::WorkflowsWrite),
        _ => Decision::Allow,
    }
}

fn role_decision(principal: &Principal, action: Action<'_>) -> Decision {
    let at_least = |role: Role| if principal.role >= role { Decision::Allow } else { Decision::DenyRole };
    match action {
        Action::ReadWorkflow(_) | Action::ReadExecution(_) | Action::ListCredentials => Decision::Allow,
        Action::RunWorkflow { viewers_may_run: true, .. } => Decision::Allow,
        Action::RunWorkflow { .. }
        | Action::CreateWorkflow
        | Action::EditWorkflow(_)
        | Action::ControlExecution(_)
        | Action::ReadVariables
        | Action::OwnApiKeys => at_least(Role::Editor),
        Action::DeleteWorkflow { owner, .. } if owner == principal.user => at_least(Role::Editor),
        Action::DeleteWorkflow { .. } | Action::AllApiKeys | Action::WriteVariables | Action::ReadAudit => {
            at_least(Role::Admin)
        }
        Action::CreateCredential(Scope::Personal) => at_least(Role::Editor),
        Action::CreateCredential(Scope::Workspace) => at_least(Role::Admin),
        Action::CreateCredential(Scope::Organization) => at_least(Role::Owner),
        Action::ReadCredential(credential) => visible(principal, credential),
        Action::ManageCredential(credential) | Action::TestCredential(credential) => {
            seen_then(principal, credential, || manage(principal, credential))
        }
        Action::UseCredential(credential) | Action::ProxyCredential(credential) => {
            seen_then(principal, credential, || at_least(Role::Editor))
        }
    }
}

fn seen_then(principal: &Principal, credential: &Credential, then: impl FnOnce() -> Decision) -> Decision {
    match visible(principal, credential) {
        Decision::Allow => then(),
        other => other,
    }
}

/// Whether the principal can see that a credential exists.
fn visible(principal: &Principal, credential: &Credential) -> Decision {
    let sees = match credential.scope {
        Scope::Organization => credential.organization_id == principal.organization,
        Scope::Workspace => credential.workspace_id == principal.workspace,
        Scope::Personal => {
            credential.workspace_id == principal.workspace && credential.owner_id == principal.user
        }
    };
    if sees { Decision::Allow } else { Decision::Hide }
}

fn manage(principal: &Principal, credential: &Credential) -> Decision {
    let needed = match credential.scope {
        Scope::Personal => Role::Editor,
        Scope::Workspace => Role::Admin,
        Scope::Organization => Role::Owner,
    };
    if principal.role >= needed { Decision::Allow } else { Decision::DenyRole }
}
