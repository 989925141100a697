//! OAuth apps: the operator's client at a service, which many credentials share.

use serde::{Deserialize, Serialize};

use crate::{
    OauthAppId, OrganizationId, Timestamp, WorkspaceId,
    credential::{KeyScopeRef, Policy},
};

/// The parameter of a credential that names the app whose client it uses.
pub const OAUTH_APP: &str = "oauthApp";

/// Who shares an app. The nearest one that is set up is used: workspace before organization before installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AppLevel {
    /// Everybody.
    Installation,
    /// Every workspace of an organization.
    Organization,
    /// One workspace.
    Workspace,
}

impl AppLevel {
    /// The name as the API writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Installation => "installation",
            Self::Organization => "organization",
            Self::Workspace => "workspace",
        }
    }
}

/// Everything that is known of an app besides its secrets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OauthApp {
    /// Its identifier.
    pub id: OauthAppId,
    /// Who shares it.
    pub level: AppLevel,
    /// The organization; `None` for the installation.
    pub organization_id: Option<OrganizationId>,
    /// The workspace, for [`AppLevel::Workspace`].
    pub workspace_id: Option<WorkspaceId>,
    /// Service, client and its ways, and the only hosts that its secrets are presented to. It is bound into the
    /// ciphertext: a connector of the same name that somebody imports cannot lead the client's secret elsewhere.
    pub policy: Policy,
    /// The names of the secret fields that are set.
    pub secret_fields: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Counts changes; the `ETag`.
    pub revision: u64,
    /// Counts writes of the secrets alone; bound into the ciphertext.
    pub secret_revision: u64,
}

impl OauthApp {
    /// The keyset that its secrets are sealed under.
    #[must_use]
    pub fn key_scope(&self) -> KeyScopeRef {
        match (self.level, self.organization_id, self.workspace_id) {
            (AppLevel::Workspace, _, Some(workspace)) => KeyScopeRef::workspace(workspace),
            (AppLevel::Organization, Some(organization), _) => KeyScopeRef::organization(organization),
            _ => KeyScopeRef::installation(),
        }
    }

    /// Whether it is shared with a workspace of an organization.
    #[must_use]
    pub fn is_shared_with(&self, organization: OrganizationId, workspace: WorkspaceId) -> bool {
        match self.level {
            AppLevel::Installation => true,
            AppLevel::Organization => self.organization_id == Some(organization),
            AppLevel::Workspace => self.workspace_id == Some(workspace),
        }
    }

    /// The client ID.
    #[must_use]
    pub fn client_id(&self) -> &str {
        self.policy.parameters.get("clientId").and_then(serde_json::Value::as_str).unwrap_or_default()
    }
}
