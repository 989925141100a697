//! What the audit trail records. Only the fields named here can be written: an allow-list by type.

use serde::{Deserialize, Serialize};

use crate::{ApiKeyId, CredentialId, ExecutionId, Timestamp, UserId, WorkflowId, WorkspaceId, json};

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Actor {
    /// A person.
    User {
        /// Who.
        user: UserId,
    },
    /// A person's API key.
    ApiKey {
        /// Whose.
        user: UserId,
        /// Which.
        key: ApiKeyId,
    },
    /// A run.
    Run {
        /// Which.
        execution: ExecutionId,
        /// The person whom it acts for.
        user: UserId,
    },
    /// Flero itself: timers, recovery, rotation.
    System,
}

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $text:literal),* $(,)?) => {
        /// What was done.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum AuditAction { $($(#[$doc])* #[serde(rename = $text)] $name),* }

        impl AuditAction {
            /// Every action there is.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name as the API writes it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

actions! {
    /// The first owner was made.
    Bootstrapped = "installation.bootstrapped",
    /// A credential was made.
    CredentialCreated = "credential.created",
    /// A credential's metadata was read by an API key.
    CredentialRead = "credential.read",
    /// A use begins; without this row there is no use.
    CredentialUseIntent = "credential.use_intent",
    /// A use ended; `outcome` tells how.
    CredentialUsed = "credential.used",
    /// A use was refused before anything was sent.
    CredentialUseRefused = "credential.use_refused",
    /// Test of a connection.
    CredentialTested = "credential.tested",
    /// Metadata or policy was edited.
    CredentialEdited = "credential.edited",
    /// Who can use it changed.
    CredentialScopeChanged = "credential.scope_changed",
    /// Somebody asked for a wider scope; `to` tells which, the target is the request.
    ScopeRequested = "scope_request.created",
    /// A request for a wider scope was approved, and the scope changed with it.
    ScopeRequestApproved = "scope_request.approved",
    /// A request for a wider scope was refused.
    ScopeRequestRejected = "scope_request.rejected",
    /// The asker took a request for a wider scope back.
    ScopeRequestWithdrawn = "scope_request.withdrawn",
    /// Nobody decided on a request for a wider scope in time.
    ScopeRequestExpired = "scope_request.expired",
    /// The secret was replaced.
    CredentialRotated = "credential.rotated",
    /// Copied to a new credential.
    CredentialDuplicated = "credential.duplicated",
    /// The status changed.
    CredentialStatusChanged = "credential.status_changed",
    /// Made unusable; the secret was destroyed.
    CredentialRevoked = "credential.revoked",
    /// Deleted.
    CredentialDeleted = "credential.deleted",
    /// Somebody asked for a credential that is not theirs to see.
    CredentialDenied = "credential.denied",
    /// A token is about to be asked for; without this row nothing is sent.
    CredentialRefreshIntent = "credential.refresh_intent",
    /// A token was asked for; `outcome` tells how it ended.
    CredentialRefreshed = "credential.refreshed",
    /// Somebody began to connect an account by OAuth.
    OauthStarted = "credential.oauth_started",
    /// The service gave a grant for an attempt; `outcome` tells how it ended.
    OauthConnected = "credential.oauth_connected",
    /// A credential got a new grant and kept its identifier.
    CredentialReconnected = "credential.reconnected",
    /// A grant was to be revoked at its service; `outcome` tells how it ended.
    GrantRevoked = "credential.grant_revoked",
    /// The end of a credential is near; `outcome` tells why it ends.
    CredentialExpiring = "credential.expiring",
    /// The former secret of a rotation was destroyed: its grace period has passed.
    CredentialFormerDestroyed = "credential.former_destroyed",
    /// A rotation of the secret is due.
    RotationDue = "credential.rotation_due",
    /// The former secret was put back within its grace period.
    CredentialRolledBack = "credential.rolled_back",
    /// An OAuth app was set up or changed.
    OauthAppChanged = "oauth_app.changed",
    /// An OAuth app was removed.
    OauthAppDeleted = "oauth_app.deleted",
    /// A workflow was made.
    WorkflowCreated = "workflow.created",
    /// A workflow was saved as a new version.
    WorkflowSaved = "workflow.saved",
    /// A workflow's status changed.
    WorkflowStatusChanged = "workflow.status_changed",
    /// A workflow was deleted.
    WorkflowDeleted = "workflow.deleted",
    /// An event was registered at its service.
    EventRegistered = "event.registered",
    /// The registration of an event was to be removed from its service; `outcome` tells how it ended.
    EventRemoved = "event.removed",
    /// Somebody gave the secret that deliveries of an event are verified by.
    EventSecretSet = "event.secret_set",
    /// A run was cancelled.
    ExecutionCancelled = "execution.cancelled",
    /// A run was replayed.
    ExecutionReplayed = "execution.replayed",
    /// An API key was made.
    ApiKeyCreated = "api_key.created",
    /// An API key was revoked.
    ApiKeyRevoked = "api_key.revoked",
    /// Somebody signed in.
    SignedIn = "session.signed_in",
    /// Signing in was refused so often that there is a wait.
    SignInLimited = "session.limited",
    /// A sign-in with an OpenID provider came to nothing; `outcome` tells why.
    OpenidRefused = "session.openid_refused",
    /// Sessions were ended.
    SessionsEnded = "session.ended",
    /// A password was changed.
    PasswordChanged = "person.password_changed",
    /// A person's second factor was added; `name` tells which kind.
    FactorAdded = "mfa.factor_added",
    /// A person's second factor was removed.
    FactorRemoved = "mfa.factor_removed",
    /// A person got new recovery codes; the former ones are void.
    RecoveryCodesMade = "mfa.recovery_codes_made",
    /// A recovery code stood in for a factor; `count` tells how many are left.
    RecoveryCodeUsed = "mfa.recovery_code_used",
    /// An OpenID provider was set up or changed.
    IdentityProviderChanged = "identity_provider.changed",
    /// An OpenID provider was removed, with the identities that were linked to it.
    IdentityProviderDeleted = "identity_provider.deleted",
    /// An identity at an OpenID provider was linked to an account; `outcome` tells how.
    IdentityLinked = "identity.linked",
    /// An identity was unlinked from its account.
    IdentityUnlinked = "identity.unlinked",
    /// What the groups of an organization's directory are given changed.
    GroupRolesChanged = "organization.group_roles_changed",
    /// A directory made or changed somebody by SCIM; `fields` names what.
    ScimUserChanged = "scim.user_changed",
    /// A directory made, changed or removed a group by SCIM.
    ScimGroupChanged = "scim.group_changed",
    /// The policies of an organization changed.
    PoliciesChanged = "organization.policies_changed",
    /// Somebody made an account.
    PersonRegistered = "person.registered",
    /// Somebody deleted their account.
    PersonDeleted = "person.deleted",
    /// Somebody was invited.
    MemberInvited = "member.invited",
    /// An invitation was taken back.
    InviteRevoked = "member.invite_revoked",
    /// Somebody became a member.
    MemberJoined = "member.joined",
    /// A member's role changed.
    MemberRoleChanged = "member.role_changed",
    /// A member was removed, or left.
    MemberRemoved = "member.removed",
    /// Somebody was shut out of the organization.
    MemberDeactivated = "organization.member_deactivated",
    /// Somebody who was shut out of the organization was let in again.
    MemberReactivated = "organization.member_reactivated",
    /// An account that too many failures had closed was opened again.
    MemberUnlocked = "organization.member_unlocked",
    /// Somebody was removed from the organization, with what was theirs alone.
    OrganizationMemberRemoved = "organization.member_removed",
    /// Somebody's role in the organization changed.
    OrganizationRoleChanged = "organization.role_changed",
    /// A workspace was made.
    WorkspaceCreated = "workspace.created",
    /// A workspace was renamed.
    WorkspaceRenamed = "workspace.renamed",
    /// A workspace was archived; its triggers stopped.
    WorkspaceArchived = "workspace.archived",
    /// A workspace was restored from the archive.
    WorkspaceRestored = "workspace.restored",
    /// A workspace was deleted.
    WorkspaceDeleted = "workspace.deleted",
    /// Variables were changed.
    VariablesChanged = "variables.changed",
    /// A setting of the workspace was changed.
    SettingsChanged = "settings.changed",
    /// A connector was imported.
    ConnectorImported = "connector.imported",
    /// An imported connector was removed.
    ConnectorRemoved = "connector.removed",
    /// The organization trusts another registry.
    RegistryAdded = "registry.added",
    /// The organization trusts a registry no longer.
    RegistryRemoved = "registry.removed",
    /// A package was installed, or a later version of it.
    PackageInstalled = "package.installed",
    /// The version of a package that was there before was put back.
    PackageRolledBack = "package.rolled_back",
    /// An installed package was removed.
    PackageRemoved = "package.removed",
    /// A key slot was added.
    SlotAdded = "vault.slot_added",
    /// A key slot was removed.
    SlotRemoved = "vault.slot_removed",
    /// The root key was rotated.
    RootKeyRotated = "vault.root_key_rotated",
    /// A scope key was rotated.
    ScopeKeyRotated = "vault.scope_key_rotated",
    /// A stored secret did not open although its key did: somebody changed the row.
    VaultTampering = "vault.tampering_detected",
    /// The leak scan ran.
    LeakScanned = "vault.leak_scanned",
    /// The audit trail was exported; `name` tells as what.
    AuditExported = "audit.exported",
    /// The installation was restored from a backup, or resumed after it.
    Restored = "installation.restored",
}

/// The details that a record may hold. Every field is a name, an id, a count or a word of a closed set; there
/// is no field for free data.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AuditDetail {
    /// The credential that it is about, where the target is something else.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub credential: Option<CredentialId>,
    /// The credential's secret revision.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub secret_revision: Option<u64>,
    /// The workflow.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub workflow: Option<WorkflowId>,
    /// The workflow's version.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<u64>,
    /// The execution.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub execution: Option<ExecutionId>,
    /// The node's id in its workflow.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub node: Option<String>,
    /// Which attempt, from 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub attempt: Option<u32>,
    /// The host, and the port where it is not the scheme's own.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub host: Option<String>,
    /// What it was used for: `node`, `test`, `proxy`, `inbound`, `trigger`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub purpose: Option<String>,
    /// How it ended: a stable word such as `success`, or an error code.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub outcome: Option<String>,
    /// The service's HTTP status.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<u16>,
    /// Former and new value of a closed set, for example a status or a scope.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub from: Option<String>,
    /// See `from`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub to: Option<String>,
    /// The names of the fields that changed.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub fields: Vec<String>,
    /// The display name at that time.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// How many objects it was about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub count: Option<u64>,
}

impl AuditDetail {
    /// What changed, from one word of a closed set to another.
    #[must_use]
    pub fn change(from: &str, to: &str) -> Self {
        Self { from: Some(from.to_owned()), to: Some(to.to_owned()), ..Self::default() }
    }

    /// What the object was called at that time.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..Self::default() }
    }
}

/// A record to append. Its place in the chain is given when it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAudit {
    /// The chain that it goes into.
    pub workspace: WorkspaceId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What.
    pub action: AuditAction,
    /// The id of the object that it was done to.
    pub target: String,
    /// The rest.
    pub detail: AuditDetail,
}

/// A stored record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// Its place in the workspace's chain, from 1, without gaps.
    pub sequence: u64,
    /// What was recorded.
    pub event: NewAudit,
    /// SHA-256 over the former record's hash and this record's canonical bytes.
    pub hash: [u8; 32],
}

impl NewAudit {
    /// The bytes that the chain covers: canonical JSON of every field. The place in the chain is not among them,
    /// so that they can be made before it is known.
    #[must_use]
    pub fn canonical_bytes(&self) -> Vec<u8> {
        json::canonical(&serde_json::json!({
            "workspace": self.workspace,
            "at": self.at.as_millis(),
            "actor": self.actor,
            "action": self.action,
            "target": self.target,
            "detail": self.detail,
        }))
    }
}
