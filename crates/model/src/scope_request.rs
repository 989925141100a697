//! A request for a wider scope: somebody who may use a credential asks whoever administers the wider place.

use serde::{Deserialize, Serialize};

use crate::{
    CredentialId, OrganizationId, ScopeRequestId, Timestamp, UserId, WorkspaceId,
    credential::{Policy, Scope},
};

/// How long a request stays open, in milliseconds: two weeks.
pub const OPEN_FOR_MS: i64 = 14 * 86_400_000;

/// Where a request stands. All but the first are final.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RequestStatus {
    /// It waits for a decision.
    Open,
    /// The scope was changed.
    Approved,
    /// Somebody refused it, with a reason.
    Rejected,
    /// The asker took it back.
    Withdrawn,
    /// Nobody decided in time.
    Expired,
}

impl RequestStatus {
    /// The name as the API writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
        }
    }
}

/// A request. What is to be shared is what stood there when it was asked for: the policy is kept, so that nobody
/// approves other hosts than they were shown.
#[derive(Debug, Clone, PartialEq)]
pub struct ScopeRequest {
    /// Its identifier.
    pub id: ScopeRequestId,
    /// The credential.
    pub credential: CredentialId,
    /// The credential's workspace.
    pub workspace: WorkspaceId,
    /// Its organization.
    pub organization: OrganizationId,
    /// Who asks.
    pub asker: UserId,
    /// The scope at that time.
    pub from: Scope,
    /// The scope that is asked for, a wider one.
    pub to: Scope,
    /// Where the secret went and how, at that time.
    pub policy: Policy,
    /// Why, in the asker's words; may be empty.
    pub note: String,
    /// Where it stands.
    pub status: RequestStatus,
    /// Why it was refused, in the words of whoever refused it.
    pub reason: Option<String>,
    /// Who decided; `None` while it is open, and for one that expired.
    pub decided_by: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it can be decided.
    pub expires_at: Timestamp,
    /// When it was decided, taken back or found too old.
    pub decided_at: Option<Timestamp>,
}

impl ScopeRequest {
    /// The status that counts at a time: an open one whose time is over has expired.
    #[must_use]
    pub fn status_at(&self, now: Timestamp) -> RequestStatus {
        match self.status {
            RequestStatus::Open if self.expires_at <= now => RequestStatus::Expired,
            status => status,
        }
    }

    /// Whether it can be decided at a time.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.status_at(now) == RequestStatus::Open
    }
}
