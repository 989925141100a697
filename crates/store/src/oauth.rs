//! OAuth grants: which token set a credential has, who is asking for a new one, and what waits to be revoked.
//!
//! A token set is asked for once, however many want it: whoever wins the lease of a grant writes the intent in
//! the same transaction, asks the service, and commits what came as the very next transaction. The lease has a
//! fence, so that a process that lost it cannot commit any more.

use std::collections::BTreeMap;

use async_trait::async_trait;
use flero_model::{
    CredentialId, OauthAttemptId, RevocationId, Timestamp, UserId, WorkspaceId,
    audit::NewAudit,
    credential::{Credential, Status},
};

use crate::{Result, credentials::CredentialChange, keys::SealedSecret};

/// The field under which a token set is sealed, beside the credential's own `data`.
pub const TOKENS_FIELD: &str = "tokens";

/// What is known of a grant besides its tokens.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Grant {
    /// Counts token sets; 0 before the first one. Bound into the sealed token set.
    pub revision: u64,
    /// When the access token was given.
    pub issued_at: Option<Timestamp>,
    /// When the access token ends, where the service told it.
    pub expires_at: Option<Timestamp>,
    /// From when on a new one is asked for.
    pub refresh_at: Option<Timestamp>,
    /// Whether the service gave a refresh token.
    pub has_refresh_token: bool,
    /// Whether the service gives a new refresh token with each refresh; `None` before the first one.
    pub rotates: Option<bool>,
    /// The granted scopes.
    pub scopes: Vec<String>,
    /// Values that the service told beside the tokens, for example its address for this account; no secrets.
    pub values: BTreeMap<String, String>,
    /// What tells the account apart at its service, for example issuer and subject.
    pub account_key: Option<String>,
}

/// A grant as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredGrant {
    /// What is known.
    pub grant: Grant,
    /// Until when somebody has the lease to ask for a new token set.
    pub leased_until: Option<Timestamp>,
    /// Before which no new attempt is made, after one that failed for a passing reason.
    pub retry_at: Option<Timestamp>,
    /// How many attempts have failed in a row.
    pub failures: u32,
    /// The sealed token set; `None` before the first one.
    pub tokens: Option<SealedSecret>,
}

/// Who wants to ask for a new token set.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimRefresh {
    /// The credential.
    pub credential: CredentialId,
    /// The revision of the token set that is to be replaced.
    pub revision: u64,
    /// The present time.
    pub now: Timestamp,
    /// Until when the lease lasts: longer than the call can take.
    pub until: Timestamp,
    /// Whether the pause after a failure is not waited for: a person asked.
    pub at_once: bool,
    /// The intent, recorded in the transaction that gives the lease.
    pub audit: Vec<NewAudit>,
}

/// What came of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// The caller asks, and nobody else does.
    Won {
        /// To be presented with the result.
        fence: u64,
        /// Whether the present refresh token may be spent: an earlier lease ended without a result, so that its holder
        /// died and may have asked, or whoever asked last lost the answer.
        may_be_spent: bool,
    },
    /// Somebody else is asking.
    Held {
        /// Until when at most.
        until: Timestamp,
    },
    /// There is another token set by now.
    Moved,
    /// The last attempt failed for a passing reason; the next one has to wait.
    Resting {
        /// Until when.
        until: Timestamp,
    },
}

/// A new token set, to be committed.
#[derive(Debug, Clone, PartialEq)]
pub struct CommitTokens {
    /// The credential.
    pub credential: CredentialId,
    /// The fence of the lease; another one is [`crate::Error::Conflict`].
    pub fence: u64,
    /// What is known of it; its revision is one above the former.
    pub grant: Grant,
    /// The sealed token set.
    pub tokens: SealedSecret,
    /// What is recorded.
    pub audit: Vec<NewAudit>,
}

/// An attempt that gave no token set.
#[derive(Debug, Clone, PartialEq)]
pub struct EndRefresh {
    /// The credential.
    pub credential: CredentialId,
    /// The fence of the lease; another one is [`crate::Error::Conflict`].
    pub fence: u64,
    /// Before which nobody asks again; `None` when it makes no sense to ask again.
    pub retry_at: Option<Timestamp>,
    /// Whether the service may have replaced the refresh token in an answer that was lost. It is remembered until there
    /// is another token set.
    pub may_be_spent: bool,
    /// What it means for the credential; a revoked one stays revoked.
    pub status: Option<(Status, NewAudit)>,
    /// What is recorded besides.
    pub audit: Vec<NewAudit>,
}

/// How far an attempt to connect an account has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AttemptStatus {
    /// The person has not come back from the service.
    Pending,
    /// The code is being exchanged.
    Exchanging,
    /// The tokens are there, sealed, and wait for Save.
    Connected,
    /// It ended without a grant.
    Failed,
    /// It was saved.
    Saved,
}

impl AttemptStatus {
    /// The name as it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Exchanging => "exchanging",
            Self::Connected => "connected",
            Self::Failed => "failed",
            Self::Saved => "saved",
        }
    }
}

/// One attempt to connect an account: one use, ten minutes, bound to who began it.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// Its identifier.
    pub id: OauthAttemptId,
    /// The workspace that it was begun in.
    pub workspace: WorkspaceId,
    /// Who began it.
    pub user: UserId,
    /// What else it is bound to: the API key or the browser session, as a word and a hash.
    pub bound_to: String,
    /// SHA-256 of the `state` that the service sends back (or of the device code).
    pub state_hash: [u8; 32],
    /// How far it has come.
    pub status: AttemptStatus,
    /// The credential as it is to be; its identifier is reserved.
    pub draft: Credential,
    /// Whether the credential is there already and gets a new grant.
    pub reconnects: bool,
    /// The redirect URI that was sent.
    pub redirect_uri: String,
    /// The issuer that the answer has to name, where it names one (RFC 9207).
    pub issuer: Option<String>,
    /// Whether the answer has to name it.
    pub requires_issuer: bool,
    /// What is known of the grant, once there is one.
    pub grant: Grant,
    /// The account, in words for people.
    pub account: Option<String>,
    /// Why it failed: a code.
    pub error: Option<String>,
    /// Why it failed, in words for people; never a secret.
    pub message: Option<String>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// A grant that is to be revoked at its service, because its credential is gone.
#[derive(Debug, Clone, PartialEq)]
pub struct Revocation {
    /// Its identifier; owner of the sealed secrets that it needs.
    pub id: RevocationId,
    /// The credential as it was.
    pub credential: Credential,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next.
    pub next_at: Timestamp,
    /// When it was put here.
    pub created_at: Timestamp,
}

/// A revocation with what it needs, to be put into the outbox.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRevocation {
    /// The entry.
    pub revocation: Revocation,
    /// Its secrets: the token set, and the client's secret.
    pub secrets: Vec<SealedSecret>,
}

/// See the module.
#[async_trait]
pub trait OauthStore {
    /// The grant of a credential with its sealed token set; `None` when none was ever asked for.
    async fn get_grant(&self, credential: CredentialId) -> Result<Option<StoredGrant>>;

    /// Gives the lease to ask for a new token set to one caller, and records the intent with it.
    async fn claim_refresh(&self, claim: ClaimRefresh) -> Result<Claim>;

    /// Commits a new token set and ends the lease; a failing credential is active again. [`crate::Error::Conflict`]
    /// when the lease is another's by now, or the credential is revoked or gone.
    async fn commit_tokens(&self, commit: CommitTokens) -> Result<()>;

    /// Ends a lease without a token set. [`crate::Error::Conflict`] as above.
    async fn end_refresh(&self, end: EndRefresh) -> Result<()>;

    /// Stores an attempt and its sealed secrets.
    async fn create_attempt(
        &self,
        attempt: Attempt,
        secrets: Vec<SealedSecret>,
        audit: Vec<NewAudit>,
    ) -> Result<()>;

    /// Reads an attempt, whoever began it; the caller decides who may see it.
    async fn get_attempt(&self, id: OauthAttemptId) -> Result<Attempt>;

    /// Takes the one pending attempt with this `state`, so that no other callback can: it is `exchanging` then.
    /// [`crate::Error::NotFound`] when there is none, when it was taken, and when it has ended.
    async fn take_attempt(&self, state_hash: [u8; 32], now: Timestamp) -> Result<Attempt>;

    /// The sealed secrets of an owner: an attempt or a revocation.
    async fn secrets_of(&self, owner: String) -> Result<Vec<SealedSecret>>;

    /// Notes how far an attempt has come: status, grant, account, error. `secrets` are added. An attempt that is
    /// not in the status `from` any more is [`crate::Error::Conflict`].
    async fn update_attempt(
        &self,
        from: AttemptStatus,
        attempt: Attempt,
        secrets: Vec<SealedSecret>,
        audit: Vec<NewAudit>,
    ) -> Result<()>;

    /// Makes the credential of an attempt, or gives the credential its new grant, and ends the attempt, in one
    /// transaction. [`crate::Error::Conflict`] when the attempt is not `connected`; else as
    /// [`crate::CredentialStore::create_credential`] and [`crate::CredentialStore::update_credential`].
    async fn save_attempt(
        &self,
        id: OauthAttemptId,
        change: CredentialChange,
        grant: Grant,
        revoke: Option<NewRevocation>,
    ) -> Result<Credential>;

    /// Attempts that ended without being saved, at most `limit`.
    async fn expired_attempts(&self, now: Timestamp, limit: u32) -> Result<Vec<Attempt>>;

    /// Deletes an attempt with its secrets; what it was given goes into the outbox.
    async fn delete_attempt(&self, id: OauthAttemptId, revoke: Option<NewRevocation>) -> Result<()>;

    /// Revokes a credential as [`crate::CredentialStore::update_credential`] does, and puts its grant into the
    /// outbox in the same transaction.
    async fn revoke_with_outbox(&self, change: CredentialChange, revoke: NewRevocation)
    -> Result<Credential>;

    /// Deletes a credential and puts its grant into the outbox in the same transaction.
    async fn delete_with_outbox(
        &self,
        id: CredentialId,
        audit: Vec<NewAudit>,
        revoke: NewRevocation,
    ) -> Result<()>;

    /// Takes up to `limit` revocations that are due. Each is due again after a pause that doubles with its attempts,
    /// from `pause_ms` to an hour, unless it is finished.
    async fn take_revocations(&self, now: Timestamp, pause_ms: i64, limit: u32) -> Result<Vec<Revocation>>;

    /// Ends a revocation: its secrets are destroyed.
    async fn finish_revocation(&self, id: RevocationId, audit: Vec<NewAudit>) -> Result<()>;
}
