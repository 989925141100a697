//! Credentials: the metadata and the sealed secret change together.

use async_trait::async_trait;
use flero_model::{
    CredentialId, ExecutionId, OrganizationId, Timestamp, UserId, WorkflowId, WorkspaceId,
    audit::NewAudit,
    credential::{AuthType, Credential, Scope, Status},
};

use crate::{
    Page, PageRequest, Result,
    keys::{SealedSecret, SecretAddress, SecretSlot},
};

/// Which credentials are asked for. Only those that the reader may see are ever listed.
#[derive(Debug, Clone, PartialEq)]
pub struct CredentialFilter {
    /// The reader's organization: its Organization credentials are seen.
    pub organization: OrganizationId,
    /// The reader's workspace: its Workspace credentials are seen.
    pub workspace: WorkspaceId,
    /// The reader: their Personal credentials in that workspace are seen.
    pub reader: UserId,
    /// Only of this scope.
    pub scope: Option<Scope>,
    /// Only of these kinds; empty for all.
    pub auth_types: Vec<AuthType>,
    /// Only of this status, as it counts at `now`.
    pub status: Option<Status>,
    /// The present time.
    pub now: Timestamp,
    /// Only whose name, service or notes hold this text, without regard to case.
    pub text: Option<String>,
}

/// Where a credential is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialUse {
    /// The workflow.
    pub workflow: WorkflowId,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// Its name.
    pub workflow_name: String,
    /// Whether the active version refers to the credential (else only the current draft does).
    pub active: bool,
    /// Which versions do, of the current and the active one.
    pub versions: Vec<u64>,
    /// The nodes' ids.
    pub nodes: Vec<String>,
}

/// A change of the metadata, the policy, the scope or the secret of a credential, in one transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct CredentialChange {
    /// The credential as it is to be. Its `revision` is the one that was read; the store adds one.
    pub credential: Credential,
    /// Secrets to write (whole new ones, or resealed ones under a new policy or scope), current and previous.
    pub secrets: Vec<SealedSecret>,
    /// Secrets to destroy.
    pub destroy: Vec<SecretAddress>,
    /// What is recorded.
    pub audit: Vec<NewAudit>,
}

/// What a sweep found due for a credential, in one transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct LifecycleNote {
    /// The credential as it was read, with its `lifecycle` and its `former` secret as they are to be.
    pub credential: Credential,
    /// What is recorded.
    pub audit: Vec<NewAudit>,
}

/// A credential and its present secret, as a use needs them.
#[derive(Debug, Clone, PartialEq)]
pub struct CredentialWithSecret {
    /// What is known besides the secret.
    pub credential: Credential,
    /// The sealed secret; `None` when it is revoked.
    pub secret: Option<SealedSecret>,
}

/// See the module.
#[async_trait]
pub trait CredentialStore {
    /// Stores a new credential with its secret. [`crate::Error::Refused`] when a secret's key version is not
    /// `active` or `decrypt`.
    async fn create_credential(&self, change: CredentialChange) -> Result<()>;

    /// Reads one, whoever may see it; the caller asks the policy.
    async fn get_credential(&self, id: CredentialId) -> Result<Credential>;

    /// Reads one with its present secret: the look-up of a use.
    async fn get_credential_with_secret(&self, id: CredentialId) -> Result<CredentialWithSecret>;

    /// A secret of a credential by its place, for example the previous one.
    async fn get_secret(&self, id: CredentialId, slot: SecretSlot) -> Result<SealedSecret>;

    /// A page of the credentials that a reader may see, newest first.
    async fn list_credentials(&self, filter: CredentialFilter, page: PageRequest)
    -> Result<Page<Credential>>;

    /// Applies a change if the revision is still the one that was read, else [`crate::Error::Conflict`]. A
    /// secret that replaces another must have a higher revision, else [`crate::Error::Conflict`].
    async fn update_credential(&self, change: CredentialChange) -> Result<Credential>;

    /// Notes a status that a use brought to light, if the secret revision is still the one that was used.
    /// Returns whether the status changed; nothing is recorded when it did not.
    async fn note_credential_status(
        &self,
        id: CredentialId,
        secret_revision: u64,
        status: Status,
        audit: NewAudit,
    ) -> Result<bool>;

    /// Notes the last use of credentials; later times win.
    async fn touch_credentials(&self, uses: Vec<(CredentialId, Timestamp)>) -> Result<()>;

    /// Deletes a credential and every secret of it.
    async fn delete_credential(&self, id: CredentialId, audit: Vec<NewAudit>) -> Result<()>;

    /// The workflows that refer to a credential: their current version, their active version, or both.
    async fn credential_usage(&self, id: CredentialId) -> Result<Vec<CredentialUse>>;

    /// The last executions of a workspace that used a credential, newest first, at most `limit`. With `only`, those
    /// of these workflows alone (an API key that is for chosen ones).
    async fn credential_executions(
        &self,
        id: CredentialId,
        workspace: WorkspaceId,
        only: Option<Vec<WorkflowId>>,
        limit: u32,
    ) -> Result<Vec<ExecutionId>>;

    /// Credentials for which time has something due ([`Credential::due_at`]), at most `limit`.
    async fn due_credentials(&self, now: Timestamp, limit: u32) -> Result<Vec<Credential>>;

    /// Notes what a sweep found, if the revision is still the one that was read; tells whether it was. A former secret
    /// that is noted as over is destroyed; nothing else counts as a change of the credential.
    async fn note_lifecycle(&self, note: LifecycleNote) -> Result<bool>;

    /// Destroys previous secrets whose grace period has passed; returns how many.
    async fn destroy_due_secrets(&self, now: Timestamp) -> Result<u64>;
}
