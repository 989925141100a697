//! The matrix of permissions, as data: one rule for each act, which [`super::decide`] applies and the guide prints.

use crate::role::{KeyScope, OrganizationRole, Role};

/// What an act needs of whoever asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// At least this role in the workspace.
    Role(Role),
    /// At least this role in the organization; the role in the workspace is not asked for.
    Organization(OrganizationRole),
}

/// One act of the matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// A stable name, for example `workflows.write`.
    pub name: &'static str,
    /// What it is, for people.
    pub what: &'static str,
    /// What it needs.
    pub needs: Needs,
    /// The scope that an API key needs besides.
    pub scope: KeyScope,
    /// Whether the person must have proved who they are within five minutes. An API key never can.
    pub step_up: bool,
}

macro_rules! rules {
    ($($name:ident = $text:literal, $what:literal, $needs:expr, $scope:ident $(, $step_up:ident)?;)*) => {
        $(
            #[doc = $what]
            pub const $name: &Rule = &Rule {
                name: $text,
                what: $what,
                needs: $needs,
                scope: KeyScope::$scope,
                step_up: rules!(@step $($step_up)?),
            };
        )*

        /// Every rule there is, in the order of the guide.
        pub const ALL: &[&Rule] = &[$($name),*];
    };
    (@step) => { false };
    (@step step_up) => { true };
}

const VIEWER: Needs = Needs::Role(Role::Viewer);
const EDITOR: Needs = Needs::Role(Role::Editor);
const ADMIN: Needs = Needs::Role(Role::Admin);
const OWNER: Needs = Needs::Role(Role::Owner);
const ORGANIZATION_MEMBER: Needs = Needs::Organization(OrganizationRole::Member);
const ORGANIZATION_ADMIN: Needs = Needs::Organization(OrganizationRole::Admin);
const ORGANIZATION_OWNER: Needs = Needs::Organization(OrganizationRole::Owner);

rules! {
    WORKFLOWS_READ = "workflows.read", "View workflows and their versions.", VIEWER, WorkflowsRead;
    WORKFLOWS_CREATE = "workflows.create", "Create a workflow.", EDITOR, WorkflowsWrite;
    WORKFLOWS_WRITE = "workflows.write", "Edit a workflow, change its status.", EDITOR, WorkflowsWrite;
    WORKFLOWS_DELETE_OWN = "workflows.deleteOwn", "Delete a workflow that one made.", EDITOR, WorkflowsWrite;
    WORKFLOWS_DELETE = "workflows.delete", "Delete anybody's workflow.", ADMIN, WorkflowsWrite;
    WORKFLOWS_RUN_OPEN = "workflows.runOpen", "Run a workflow that lets viewers run it.", VIEWER, ExecutionsWrite;
    WORKFLOWS_RUN = "workflows.run", "Run any workflow.", EDITOR, ExecutionsWrite;
    EXECUTIONS_READ = "executions.read", "View executions.", VIEWER, ExecutionsRead;
    EXECUTIONS_CONTROL = "executions.control", "Cancel or replay an execution.", EDITOR, ExecutionsWrite;
    CREDENTIALS_READ = "credentials.read", "See the metadata of credentials that one may see; never a secret.", VIEWER, CredentialsRead;
    CREDENTIALS_AUDIT = "credentials.audit", "See who did what with a Workspace or Organization credential; of one's own Personal credential everybody does.", ADMIN, CredentialsRead;
    CREDENTIALS_USE = "credentials.use", "Use a credential that one may see in a node.", EDITOR, WorkflowsWrite;
    CREDENTIALS_PROXY = "credentials.proxy", "Use a credential that one may see through the proxy.", EDITOR, ProxyUse;
    CREDENTIALS_CREATE_PERSONAL = "credentials.createPersonal", "Add a Personal credential.", EDITOR, CredentialsWrite;
    CREDENTIALS_MANAGE_PERSONAL = "credentials.managePersonal", "Edit, test, rotate, revoke, delete one's own Personal credential.", EDITOR, CredentialsWrite;
    CREDENTIALS_CREATE_WORKSPACE = "credentials.createWorkspace", "Add a Workspace credential.", ADMIN, CredentialsWrite;
    CREDENTIALS_MANAGE_WORKSPACE = "credentials.manageWorkspace", "Edit, test, rotate, revoke, delete a Workspace credential.", ADMIN, CredentialsWrite;
    CREDENTIALS_CREATE_ORGANIZATION = "credentials.createOrganization", "Add an Organization credential.", ORGANIZATION_ADMIN, CredentialsWrite;
    CREDENTIALS_MANAGE_ORGANIZATION = "credentials.manageOrganization", "Edit, test, rotate, revoke, delete an Organization credential.", ORGANIZATION_ADMIN, CredentialsWrite;
    CREDENTIALS_WIDEN_WORKSPACE = "credentials.widenWorkspace", "Make one's own Personal credential one of the workspace; approve or refuse a request for it.", ADMIN, CredentialsWrite;
    CREDENTIALS_WIDEN_ORGANIZATION = "credentials.widenOrganization", "Make a credential one of the organization; approve a request for it.", ORGANIZATION_ADMIN, CredentialsWrite, step_up;
    CREDENTIALS_REJECT_ORGANIZATION = "credentials.rejectOrganization", "Refuse a request to make a credential one of the organization.", ORGANIZATION_ADMIN, CredentialsWrite;
    CREDENTIALS_ASK_SCOPE = "credentials.askScope", "Ask for a wider scope of a credential that one may use; take the request back.", EDITOR, CredentialsWrite;
    CONNECTORS_READ = "connectors.read", "See connectors and what registries offer.", VIEWER, ConnectorsRead;
    CONNECTORS_WRITE = "connectors.write", "Import a connector; remove an imported one.", EDITOR, ConnectorsWrite;
    CONNECTORS_INSTALL = "connectors.install", "Install, upgrade, put back, remove a package of the Marketplace.", ADMIN, ConnectorsWrite;
    CONNECTORS_REGISTRIES = "connectors.registries", "Change which registries the organization trusts.", ORGANIZATION_OWNER, ConnectorsWrite, step_up;
    OAUTH_APPS_READ = "oauthApps.read", "See the OAuth apps that the workspace shares; never a secret.", VIEWER, CredentialsRead;
    OAUTH_APPS_WORKSPACE = "oauthApps.manageWorkspace", "Set up, change, remove an OAuth app of the workspace.", ADMIN, CredentialsWrite;
    OAUTH_APPS_ORGANIZATION = "oauthApps.manageOrganization", "Set up, change, remove an OAuth app of the organization.", ORGANIZATION_ADMIN, CredentialsWrite;
    OAUTH_APPS_INSTALLATION = "oauthApps.manageInstallation", "Set up, change, remove an OAuth app of the installation; at the command line of its machine alone.", ORGANIZATION_OWNER, CredentialsWrite;
    API_KEYS_OWN = "apiKeys.own", "List, make, revoke one's own API keys.", EDITOR, MembersWrite;
    API_KEYS_ALL = "apiKeys.all", "List and revoke everybody's API keys.", ADMIN, MembersWrite;
    VARIABLES_READ = "variables.read", "Read the variables.", EDITOR, WorkflowsRead;
    VARIABLES_WRITE = "variables.write", "Change the variables.", ADMIN, WorkflowsWrite;
    SETTINGS_READ = "settings.read", "Read the workspace's settings.", ADMIN, MembersRead;
    SETTINGS_WRITE = "settings.write", "Change the workspace's settings.", ADMIN, MembersWrite;
    AUDIT_READ = "audit.read", "Read the audit log.", ADMIN, AuditRead;
    AUDIT_EXPORT = "audit.export", "Export the audit log as a file.", ADMIN, AuditRead, step_up;
    MEMBERS_READ = "members.read", "See the members and the invitations of the workspace.", ADMIN, MembersRead;
    MEMBERS_INVITE = "members.invite", "Invite as viewer or editor; resend and take back invitations.", ADMIN, MembersWrite;
    MEMBERS_INVITE_ADMIN = "members.inviteAdmin", "Invite as admin.", ADMIN, MembersWrite, step_up;
    MEMBERS_WRITE = "members.write", "Change a member to viewer or editor; remove a viewer or editor.", ADMIN, MembersWrite;
    MEMBERS_WRITE_ADMIN = "members.writeAdmin", "Make somebody admin; change or remove an admin.", ADMIN, MembersWrite, step_up;
    MEMBERS_WRITE_OWNER = "members.writeOwner", "Make somebody owner (transfer); change or remove an owner.", OWNER, MembersWrite, step_up;
    MEMBERS_LEAVE = "members.leave", "Leave the workspace.", VIEWER, MembersWrite;
    WORKSPACE_READ = "workspace.read", "See the workspace's name.", VIEWER, MembersRead;
    WORKSPACE_WRITE = "workspace.write", "Rename the workspace.", ADMIN, MembersWrite;
    WORKSPACE_ARCHIVE = "workspace.archive", "Archive the workspace, and restore it.", OWNER, MembersWrite, step_up;
    WORKSPACE_END = "workspace.end", "Delete the workspace.", OWNER, MembersWrite, step_up;
    WORKSPACE_CREATE = "workspace.create", "Make another workspace of the organization.", ORGANIZATION_ADMIN, MembersWrite;
    ORGANIZATION_READ = "organization.read", "See the organization's name.", ORGANIZATION_MEMBER, MembersRead;
    ORGANIZATION_MEMBERS_READ = "organization.membersRead", "See the members of the organization.", ORGANIZATION_ADMIN, MembersRead;
    ORGANIZATION_MEMBERS_WRITE = "organization.membersWrite", "Change the organization roles of others; deactivate, reactivate and remove them.", ORGANIZATION_OWNER, MembersWrite, step_up;
    ORGANIZATION_POLICIES_READ = "organization.policiesRead", "See the policies of the organization.", ORGANIZATION_ADMIN, MembersRead;
    ORGANIZATION_POLICIES_WRITE = "organization.policiesWrite", "Change the policies of the organization.", ORGANIZATION_OWNER, MembersWrite, step_up;
    IDENTITY_PROVIDERS_READ = "identityProviders.read", "See the OpenID providers of the organization and what its groups are given; never a secret.", ORGANIZATION_ADMIN, MembersRead;
    IDENTITY_PROVIDERS_WRITE = "identityProviders.write", "Change the OpenID providers of the organization and what its groups are given; make a key for SCIM.", ORGANIZATION_OWNER, MembersWrite, step_up;
    SCIM = "scim.provision", "Keep the organization's people and groups up by SCIM.", ORGANIZATION_OWNER, ScimProvision;
    VAULT_READ = "vault.read", "See the key slots and the versions of the keys; never a key.", ORGANIZATION_OWNER, AuditRead;
}

/// The matrix as the guide shows it, in Markdown.
#[must_use]
pub fn to_markdown() -> String {
    let mut page = String::from(
        "# Permissions\n\nMade from `model::policy::matrix`, which is what the program asks; do not edit.\n\n\
         Nobody, an owner included, can read a secret.\n\
         A Personal credential exists for its owner alone; to everybody else it is like one that does not exist.\n\
         An API key can do at most what its creator can do at that time, and needs the scope besides.\n\
         Step-up: the person proved who they are within five minutes; an API key never can.\n\
         An organization's role gives no rights inside a workspace.\n\n\
         | act | Viewer | Editor | Admin | Owner | organization | scope of a key | step-up |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for rule in ALL {
        let cells: Vec<&str> = Role::ALL
            .iter()
            .map(|role| match rule.needs {
                Needs::Role(needed) if *role >= needed => "yes",
                Needs::Role(_) => "no",
                Needs::Organization(_) => "",
            })
            .collect();
        let organization = match rule.needs {
            Needs::Role(_) => "",
            Needs::Organization(needed) => needed.as_str(),
        };
        let step_up = if rule.step_up { "yes" } else { "" };
        page.push_str(&format!(
            "| {} (`{}`) | {} | {organization} | `{}` | {step_up} |\n",
            rule.what.trim_end_matches('.'),
            rule.name,
            cells.join(" | "),
            rule.scope.as_str(),
        ));
    }
    page
}
