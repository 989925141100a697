//! Credentials: what is known of them besides the secret.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{CredentialId, OrganizationId, Timestamp, UserId, WorkspaceId, destination::HostPattern, json};

pub mod lifecycle;

use lifecycle::{Former, Lifecycle};

/// How a credential authenticates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AuthType {
    /// OAuth 2.0 (RFC 6749).
    Oauth2,
    /// OAuth 1.0a (RFC 5849).
    Oauth1,
    /// A key in a header, query parameter or cookie.
    ApiKey,
    /// A bearer token (RFC 6750).
    Bearer,
    /// User name and password (RFC 7617).
    Basic,
    /// Digest access authentication (RFC 7616).
    Digest,
    /// A set of headers whose values are secret.
    CustomHeaders,
    /// A TLS client certificate.
    Certificate,
    /// AWS Signature Version 4.
    AwsSigV4,
    /// A signed JWT that is exchanged for a token (RFC 7523).
    ServiceAccount,
    /// A database account.
    Database,
    /// An account at a mail server.
    Mail,
    /// As a connector describes it.
    Custom,
}

impl AuthType {
    /// The name as the API writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Oauth2 => "oauth2",
            Self::Oauth1 => "oauth1",
            Self::ApiKey => "apiKey",
            Self::Bearer => "bearer",
            Self::Basic => "basic",
            Self::Digest => "digest",
            Self::CustomHeaders => "customHeaders",
            Self::Certificate => "certificate",
            Self::AwsSigV4 => "awsSigV4",
            Self::ServiceAccount => "serviceAccount",
            Self::Database => "database",
            Self::Mail => "mail",
            Self::Custom => "custom",
        }
    }
}

/// Who can use a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Its owner alone, in its workspace.
    Personal,
    /// Every member of the workspace who may run or build.
    Workspace,
    /// Every workspace of the organization.
    Organization,
}

impl Scope {
    /// The name as the API writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Personal => "personal",
            Self::Workspace => "workspace",
            Self::Organization => "organization",
        }
    }
}

/// Whether a credential can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Usable.
    Active,
    /// Its expiry has passed, or the service refused the refresh.
    Expired,
    /// The service refused it in the last use or test; the next success makes it active again.
    Failing,
    /// Made unusable by a person; the secret is destroyed.
    Revoked,
}

impl Status {
    /// The name as the API writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Failing => "failing",
            Self::Revoked => "revoked",
        }
    }

    /// Whether a run may try to use it. A failing credential may: the next success makes it active again.
    #[must_use]
    pub const fn is_usable(self) -> bool {
        matches!(self, Self::Active | Self::Failing)
    }
}

/// Where a secret may go and how: the part of a credential that is bound into its ciphertext.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Policy {
    /// The service (connector id, or `http` for the generic kind).
    pub service: String,
    /// How it authenticates.
    pub auth_type: AuthType,
    /// The only destinations that may get the secret.
    pub allowed_hosts: Vec<HostPattern>,
    /// The non-secret parameters: placement, names, URLs.
    pub parameters: Map<String, Value>,
}

impl Policy {
    /// The bytes that are bound into the ciphertext: canonical JSON, hosts sorted and without repetition, so
    /// that two policies that say the same have the same bytes.
    #[must_use]
    pub fn canonical_bytes(&self) -> Vec<u8> {
        let mut hosts: Vec<String> = self.allowed_hosts.iter().map(ToString::to_string).collect();
        hosts.sort_unstable();
        hosts.dedup();
        json::canonical(&serde_json::json!({
            "version": 1,
            "service": self.service,
            "authType": self.auth_type,
            "allowedHosts": hosts,
            "parameters": self.parameters,
        }))
    }

    /// Whether changing `current` into `self` leaves the secret at the same places or fewer: the same service,
    /// kind and parameters, and every host covered by one that was allowed before. Only such a change may
    /// keep stored secrets (VAULT: any other asks for every secret again).
    #[must_use]
    pub fn is_same_or_narrower_than(&self, current: &Self) -> bool {
        self.service == current.service
            && self.auth_type == current.auth_type
            && json::canonical(&Value::Object(self.parameters.clone()))
                == json::canonical(&Value::Object(current.parameters.clone()))
            && self.allowed_hosts.iter().all(|host| current.allowed_hosts.iter().any(|old| old.covers(host)))
    }
}

/// Everything that is known of a credential besides the secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Credential {
    /// Its identifier; stays the same over edits, rotation and reconnecting.
    pub id: CredentialId,
    /// The organization that it belongs to.
    pub organization_id: OrganizationId,
    /// The workspace that it was made in.
    pub workspace_id: WorkspaceId,
    /// The person who made it; for [`Scope::Personal`], the only one who may use it.
    pub owner_id: UserId,
    /// The display name.
    pub name: String,
    /// Who can use it.
    pub scope: Scope,
    /// Where the secret may go and how.
    pub policy: Policy,
    /// Free text for people.
    pub notes: String,
    /// Whether it can be used.
    pub status: Status,
    /// The names of the secret fields that are set; never their values or lengths.
    pub secret_fields: Vec<String>,
    /// The account at the service, where the service told it.
    pub account: Option<String>,
    /// When it stops being usable by its owner's word.
    pub expires_at: Option<Timestamp>,
    /// After how many days a rotation is due.
    pub rotate_every_days: Option<u32>,
    /// When its secret was last written.
    pub secret_changed_at: Timestamp,
    /// When the secret ends by itself, where it says so: a certificate, a signed token.
    #[serde(default)]
    pub secret_ends_at: Option<Timestamp>,
    /// The secret that the last rotation replaced, while it is kept.
    #[serde(default)]
    pub former: Option<Former>,
    /// What the sweep has found and told of its end and its rotation.
    #[serde(default)]
    pub lifecycle: Lifecycle,
    /// The last use, to the accuracy of a few seconds.
    pub last_used_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its metadata last changed.
    pub updated_at: Timestamp,
    /// Counts changes of this row; the `ETag`.
    pub revision: u64,
    /// Counts writes of the secret alone; bound into the ciphertext.
    pub secret_revision: u64,
}

/// Whose a credential is: the fields of these names say more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Belonging {
    /// [`Credential::organization_id`].
    pub organization: OrganizationId,
    /// [`Credential::workspace_id`].
    pub workspace: WorkspaceId,
    /// [`Credential::owner_id`].
    pub owner: UserId,
}

impl Credential {
    /// One that is made at a time: active, never used, without notes, account, end or secret fields.
    #[must_use]
    pub fn new(
        id: CredentialId,
        belonging: Belonging,
        name: impl Into<String>,
        scope: Scope,
        policy: Policy,
        at: Timestamp,
    ) -> Self {
        Self {
            id,
            organization_id: belonging.organization,
            workspace_id: belonging.workspace,
            owner_id: belonging.owner,
            name: name.into(),
            scope,
            policy,
            notes: String::new(),
            status: Status::Active,
            secret_fields: Vec::new(),
            account: None,
            expires_at: None,
            rotate_every_days: None,
            secret_changed_at: at,
            secret_ends_at: None,
            former: None,
            lifecycle: Lifecycle::default(),
            last_used_at: None,
            created_at: at,
            updated_at: at,
            revision: 1,
            secret_revision: 1,
        }
    }

    /// Whether its end has passed: by its owner's word, the secret's own, or the organization's maximum age.
    #[must_use]
    pub fn is_past(&self, now: Timestamp) -> bool {
        self.end().is_some_and(|(end, _)| end <= now)
    }

    /// The status that counts at a time: an active credential whose end has passed is expired.
    #[must_use]
    pub fn status_at(&self, now: Timestamp) -> Status {
        match self.status {
            Status::Active | Status::Failing if self.is_past(now) => Status::Expired,
            status => status,
        }
    }

    /// The keyset that its secret is sealed under.
    #[must_use]
    pub fn key_scope(&self) -> KeyScopeRef {
        match self.scope {
            Scope::Personal => KeyScopeRef::personal(self.workspace_id, self.owner_id),
            Scope::Workspace => KeyScopeRef::workspace(self.workspace_id),
            Scope::Organization => KeyScopeRef::organization(self.organization_id),
        }
    }
}

/// Names a keyset: one per organization, workspace, and user within a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct KeyScopeRef {
    /// Which kind of scope.
    pub kind: Scope,
    /// The scope's identifier; for Personal `ws_.../usr_...`.
    pub id: String,
}

impl KeyScopeRef {
    /// The keyset of a person within a workspace.
    #[must_use]
    pub fn personal(workspace: WorkspaceId, user: UserId) -> Self {
        Self { kind: Scope::Personal, id: format!("{workspace}/{user}") }
    }

    /// The keyset of a person wherever they are members: for what signs them in.
    #[must_use]
    pub fn person(user: UserId) -> Self {
        Self { kind: Scope::Personal, id: user.to_string() }
    }

    /// The keyset of a workspace.
    #[must_use]
    pub fn workspace(workspace: WorkspaceId) -> Self {
        Self { kind: Scope::Workspace, id: workspace.to_string() }
    }

    /// The keyset of what the whole installation shares. No organization has this identifier.
    #[must_use]
    pub fn installation() -> Self {
        Self { kind: Scope::Organization, id: "installation".to_owned() }
    }

    /// The keyset of an organization.
    #[must_use]
    pub fn organization(organization: OrganizationId) -> Self {
        Self { kind: Scope::Organization, id: organization.to_string() }
    }
}
