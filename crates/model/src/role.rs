//! Roles in a workspace and the scopes of API keys.

use serde::{Deserialize, Serialize};

/// What a member may do in a workspace; each role includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Reads workflows and executions.
    Viewer,
    /// Builds and runs workflows, uses workspace credentials, owns Personal ones.
    Editor,
    /// Manages workspace credentials, members, variables, audit.
    Admin,
    /// Everything, including the workspace itself.
    Owner,
}

impl Role {
    /// Every role, from the one that may least.
    pub const ALL: &'static [Self] = &[Self::Viewer, Self::Editor, Self::Admin, Self::Owner];

    /// The name as the API and the store write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }
}

/// What somebody may do in an organization; each role includes those before it. It gives no rights inside a
/// workspace: those come from a [`Role`] there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrganizationRole {
    /// Belongs to it.
    Member,
    /// Manages its people, policies and Organization credentials.
    Admin,
    /// Everything, including who else is owner.
    Owner,
}

impl OrganizationRole {
    /// Every role, from the one that may least.
    pub const ALL: &'static [Self] = &[Self::Member, Self::Admin, Self::Owner];

    /// The name as the API and the store write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }
}

macro_rules! key_scopes {
    ($($(#[$doc:meta])* $name:ident = $text:literal),* $(,)?) => {
        /// What one of Flero's API keys may be used for, at most.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum KeyScope { $($(#[$doc])* #[serde(rename = $text)] $name),* }

        impl KeyScope {
            /// Every scope there is.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name as the API writes it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

key_scopes! {
    /// Read workflows.
    WorkflowsRead = "workflows:read",
    /// Create, change, run workflows.
    WorkflowsWrite = "workflows:write",
    /// Read executions.
    ExecutionsRead = "executions:read",
    /// Start, cancel, replay executions.
    ExecutionsWrite = "executions:write",
    /// Read metadata of credentials.
    CredentialsRead = "credentials:read",
    /// Create, change, delete credentials.
    CredentialsWrite = "credentials:write",
    /// Read connectors.
    ConnectorsRead = "connectors:read",
    /// Import and install connectors.
    ConnectorsWrite = "connectors:write",
    /// Read members.
    MembersRead = "members:read",
    /// Change members.
    MembersWrite = "members:write",
    /// Read the audit log.
    AuditRead = "audit:read",
    /// Call services through the authenticated proxy.
    ProxyUse = "proxy:use",
    /// Keep the organization's people up from a directory (SCIM).
    ScimProvision = "scim:provision",
}
