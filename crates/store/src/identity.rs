//! OpenID providers of organizations, attempts to sign in with one, and the identities that are linked to accounts.
//!
//! Of an attempt only the SHA-256 of its `state` is stored; everything secret of it is derived from what the browser
//! keeps. Memberships that a directory or a provider gave are told from those that people gave: nothing here changes
//! the latter.

use async_trait::async_trait;
use flero_model::{
    CredentialId, IdentityId, IdentityProviderId, OrganizationId, SessionId, Timestamp, UserId,
    audit::{Actor, AuditAction, AuditDetail, NewAudit},
    identity::{GroupRole, IdentityProvider, WorkspaceRole},
};

use crate::{Result, keys::SealedSecret, people::Account};

/// The field under which a provider's client secret is sealed.
pub const CLIENT_SECRET_FIELD: &str = "clientSecret";

/// A provider with its sealed secret.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredProvider {
    /// What is known of it.
    pub provider: IdentityProvider,
    /// Its client secret; `None` for a public client.
    pub secret: Option<SealedSecret>,
}

/// A provider to write.
#[derive(Debug, Clone, PartialEq)]
pub struct ProviderChange {
    /// The provider as it is to be. A change has a revision one above the stored one.
    pub provider: IdentityProvider,
    /// Its secret, where it is written anew. A stored one goes when the provider says that it has none.
    pub secret: Option<SealedSecret>,
    /// What is recorded.
    pub audit: Vec<NewAudit>,
}

/// An attempt to sign in, or to link an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenidAttempt {
    /// SHA-256 of the `state`.
    pub state_hash: [u8; 32],
    /// With which provider.
    pub provider: IdentityProviderId,
    /// The session that wants to link an identity; `None` for a sign-in.
    pub links: Option<SessionId>,
    /// Whether the person must prove anew at the provider who they are.
    pub reauthenticates: bool,
    /// Where to go on: a path of this server.
    pub return_to: String,
    /// When it began.
    pub created_at: Timestamp,
    /// Until when it is taken.
    pub expires_at: Timestamp,
}

/// An identity at a provider that is linked to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Its identifier.
    pub id: IdentityId,
    /// Whose account it opens.
    pub user: UserId,
    /// At which provider.
    pub provider: IdentityProviderId,
    /// The provider's issuer.
    pub issuer: String,
    /// The subject there (`sub`): never given to somebody else by the issuer.
    pub subject: String,
    /// The address that the provider told last; for people alone, nothing is found by it.
    pub email: String,
    /// When it was linked.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_used_at: Timestamp,
}

/// The memberships that one source gives a person: those that are missing are made, the others of the same source are
/// changed or end. What people gave, and whoever is owner, stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenRoles {
    /// The organization; no workspace of another one is touched.
    pub organization: OrganizationId,
    /// Who gives: the 16 bytes of a provider, or of the organization for its directory.
    pub source: [u8; 16],
    /// What.
    pub roles: Vec<WorkspaceRole>,
    /// Who is recorded to have done it.
    pub actor: Actor,
    /// When.
    pub at: Timestamp,
}

/// Somebody who gets an account by signing in.
#[derive(Debug, Clone, PartialEq)]
pub struct NewcomerByIdentity {
    /// The account, without a password.
    pub account: Account,
    /// The identity that opens it.
    pub identity: Identity,
    /// What they are given.
    pub given: GivenRoles,
}

/// What became of a person's memberships.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleChanges {
    /// Workspaces that the person joined, each with the role.
    pub joined: Vec<WorkspaceRole>,
    /// Workspaces where the role is another one now.
    pub changed: Vec<WorkspaceRole>,
    /// Workspaces that the person left, each with the former role.
    pub left: Vec<WorkspaceRole>,
    /// Personal credentials that are no longer valid.
    pub expired: Vec<CredentialId>,
}

impl RoleChanges {
    /// A record of each change, in the trail of its workspace. Adapters write them in the transaction of the changes.
    #[must_use]
    pub fn records(&self, user: UserId, actor: Actor, at: Timestamp) -> Vec<NewAudit> {
        let of = |action, ones: &[WorkspaceRole], is_former: bool| -> Vec<NewAudit> {
            let record = |one: &WorkspaceRole| {
                let role = Some(one.role.as_str().to_owned());
                let (from, to) = if is_former { (role, None) } else { (None, role) };
                let detail = AuditDetail { from, to, ..AuditDetail::default() };
                NewAudit { workspace: one.workspace_id, at, actor, action, target: user.to_string(), detail }
            };
            ones.iter().map(record).collect()
        };
        let mut records = of(AuditAction::MemberJoined, &self.joined, false);
        records.extend(of(AuditAction::MemberRoleChanged, &self.changed, false));
        records.extend(of(AuditAction::MemberRemoved, &self.left, true));
        records
    }
}

/// See the module.
#[async_trait]
pub trait IdentityStore {
    /// The providers of an organization, the oldest first.
    async fn identity_providers(&self, organization: OrganizationId) -> Result<Vec<IdentityProvider>>;

    /// Every provider that signs people in, of all organizations, the oldest first.
    async fn enabled_identity_providers(&self) -> Result<Vec<IdentityProvider>>;

    /// A provider; [`crate::Error::NotFound`].
    async fn identity_provider(&self, id: IdentityProviderId) -> Result<StoredProvider>;

    /// Makes a provider.
    async fn create_identity_provider(&self, change: ProviderChange) -> Result<()>;

    /// Changes a provider. [`crate::Error::Conflict`] when the stored revision is not the one below.
    async fn update_identity_provider(&self, change: ProviderChange) -> Result<()>;

    /// Deletes a provider of an organization with its secret, its attempts and the identities that are linked to it.
    /// Memberships that it gave stay, as given by people. [`crate::Error::NotFound`].
    async fn delete_identity_provider(
        &self,
        organization: OrganizationId,
        id: IdentityProviderId,
        audit: Vec<NewAudit>,
    ) -> Result<()>;

    /// What the groups of an organization are given, and its revision: 0 before it was ever set.
    async fn group_roles(&self, organization: OrganizationId) -> Result<(Vec<GroupRole>, u64)>;

    /// Replaces what groups are given, if the revision is still this one, else [`crate::Error::Conflict`]. Gives the
    /// new revision.
    async fn set_group_roles(
        &self,
        organization: OrganizationId,
        roles: Vec<GroupRole>,
        revision: u64,
        audit: Vec<NewAudit>,
    ) -> Result<u64>;

    /// Notes an attempt; those that are over are forgotten.
    async fn begin_openid(&self, attempt: OpenidAttempt) -> Result<()>;

    /// Takes an attempt, which is gone after that. [`crate::Error::NotFound`] when there is none with this `state`,
    /// or it is over.
    async fn take_openid(&self, state_hash: [u8; 32], now: Timestamp) -> Result<OpenidAttempt>;

    /// The identity of a subject; [`crate::Error::NotFound`].
    async fn identity(&self, provider: IdentityProviderId, issuer: &str, subject: &str) -> Result<Identity>;

    /// A person's identities, the oldest first.
    async fn identities(&self, user: UserId) -> Result<Vec<Identity>>;

    /// Links an identity to an account. [`crate::Error::Taken`] when the subject is linked already.
    async fn link_identity(&self, identity: Identity, audit: Vec<NewAudit>) -> Result<()>;

    /// Unlinks an identity of a person. [`crate::Error::NotFound`]; [`crate::Error::Refused`] when nothing would be
    /// left to sign in with.
    async fn unlink_identity(&self, user: UserId, id: IdentityId, audit: Vec<NewAudit>) -> Result<()>;

    /// Notes a use of an identity and what the provider told.
    async fn use_identity(&self, id: IdentityId, email: String, at: Timestamp) -> Result<()>;

    /// Makes an account with its identity and memberships. [`crate::Error::Taken`] when the address or the subject
    /// has one already.
    async fn join_by_identity(&self, newcomer: NewcomerByIdentity, audit: Vec<NewAudit>) -> Result<()>;

    /// Gives a person what a source gives, with a record of each change; tells what changed.
    async fn give_roles(&self, user: UserId, given: GivenRoles) -> Result<RoleChanges>;
}
