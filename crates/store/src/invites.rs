//! Invitations to a workspace. Only the SHA-256 of an invitation's token is stored.

use async_trait::async_trait;
use flero_model::{InviteId, Timestamp, UserId, WorkspaceId, audit::NewAudit, role::Role};

use crate::{Page, PageRequest, Result, people::Account, sessions::Session};

/// An invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invite {
    /// Its identifier; it opens nothing.
    pub id: InviteId,
    /// SHA-256 of the token.
    pub token_hash: [u8; 32],
    /// Where to.
    pub workspace: WorkspaceId,
    /// Who is invited: an address in lower case.
    pub email: String,
    /// As what.
    pub role: Role,
    /// By whom.
    pub invited_by: UserId,
    /// Whether the guest asked for it because a policy lets them; then it holds for as long as that policy does.
    pub by_sign_up: bool,
    /// When.
    pub created_at: Timestamp,
    /// Until when it is taken.
    pub expires_at: Timestamp,
    /// When it was accepted.
    pub accepted_at: Option<Timestamp>,
    /// When it was taken back, or replaced by another one.
    pub revoked_at: Option<Timestamp>,
}

impl Invite {
    /// Whether it is taken at a time.
    #[must_use]
    pub const fn is_open(&self, now: Timestamp) -> bool {
        self.accepted_at.is_none()
            && self.revoked_at.is_none()
            && now.as_millis() < self.expires_at.as_millis()
    }
}

/// Who accepts an invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guest {
    /// Somebody new, who is signed in with it.
    New {
        /// The account to make.
        account: Account,
        /// The session to begin.
        session: Box<Session>,
    },
    /// Somebody with an account.
    Known(UserId),
}

/// See the module.
#[async_trait]
pub trait InviteStore {
    /// The open invitation of an address to a workspace.
    async fn open_invite(
        &self,
        workspace: WorkspaceId,
        email: &str,
        now: Timestamp,
    ) -> Result<Option<Invite>>;

    /// Stores invitations. Open ones of the same address and workspace are revoked with it.
    async fn create_invites(&self, invites: Vec<Invite>, audit: Vec<NewAudit>) -> Result<()>;

    /// The invitation with a token's hash, open or not; the caller decides.
    async fn invite_by_hash(&self, token_hash: &[u8; 32]) -> Result<Invite>;

    /// One invitation of a workspace.
    async fn get_invite(&self, workspace: WorkspaceId, id: InviteId) -> Result<Invite>;

    /// A page of a workspace's invitations that are neither accepted nor revoked, the newest first.
    async fn list_invites(&self, workspace: WorkspaceId, page: PageRequest) -> Result<Page<Invite>>;

    /// Takes an invitation back. [`crate::Error::NotFound`] when it is accepted or revoked already.
    async fn revoke_invite(
        &self,
        workspace: WorkspaceId,
        id: InviteId,
        at: Timestamp,
        audit: Vec<NewAudit>,
    ) -> Result<()>;

    /// Accepts an invitation, with the membership of its workspace and of the organization. Somebody who is a
    /// member already keeps the greater role. [`crate::Error::Conflict`] when it is no longer open;
    /// [`crate::Error::Taken`] when a new account's address is taken.
    async fn accept_invite(
        &self,
        id: InviteId,
        guest: Guest,
        at: Timestamp,
        audit: Vec<NewAudit>,
    ) -> Result<()>;
}
