//! Requests for a wider scope of a credential.

use async_trait::async_trait;
use flero_model::{
    CredentialId, OrganizationId, ScopeRequestId, Timestamp, UserId, WorkspaceId,
    audit::NewAudit,
    credential::Credential,
    scope_request::{RequestStatus, ScopeRequest},
};

use crate::{Page, PageRequest, Result, credentials::CredentialChange};

/// A request with the names that a page shows.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedRequest {
    /// The request.
    pub request: ScopeRequest,
    /// The credential's present name.
    pub credential_name: String,
    /// The asker's name.
    pub asker_name: String,
    /// The name of whoever decided.
    pub decider_name: Option<String>,
}

/// Which requests are asked for. Only those that the reader may see are ever listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestFilter {
    /// The reader, whose own requests in the workspace are seen.
    pub reader: UserId,
    /// The reader's workspace.
    pub workspace: WorkspaceId,
    /// Whether every request to that workspace is seen too.
    pub of_workspace: bool,
    /// The organization whose requests are seen too.
    pub of_organization: Option<OrganizationId>,
    /// Only of this status, as it counts at `now`.
    pub status: Option<RequestStatus>,
    /// Only about this credential.
    pub credential: Option<CredentialId>,
    /// The present time.
    pub now: Timestamp,
}

/// How a request ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// Which one.
    pub id: ScopeRequestId,
    /// As what.
    pub status: RequestStatus,
    /// By whom; `None` when time did it.
    pub by: Option<UserId>,
    /// Why.
    pub reason: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// See the module.
#[async_trait]
pub trait ScopeRequestStore {
    /// Keeps a request. [`crate::Error::Taken`] when the credential has an open one for this scope.
    async fn create_scope_request(&self, request: ScopeRequest, audit: Vec<NewAudit>) -> Result<()>;

    /// One request, whoever may see it; the caller asks the policy.
    async fn scope_request(&self, id: ScopeRequestId) -> Result<NamedRequest>;

    /// A page of requests, the newest first.
    async fn list_scope_requests(
        &self,
        filter: RequestFilter,
        page: PageRequest,
    ) -> Result<Page<NamedRequest>>;

    /// Ends an open request without changing the credential. [`crate::Error::Conflict`] when it is not open any more.
    async fn close_scope_request(&self, closing: Closing, audit: Vec<NewAudit>) -> Result<()>;

    /// Ends an open request as approved and changes its credential, in one transaction. [`crate::Error::Conflict`]
    /// when the request is not open any more, or the credential was changed since it was read.
    async fn approve_scope_request(&self, closing: Closing, change: CredentialChange) -> Result<Credential>;

    /// Open requests whose time is over, at most `limit`, the oldest first.
    async fn overdue_scope_requests(&self, now: Timestamp, limit: u32) -> Result<Vec<NamedRequest>>;
}
