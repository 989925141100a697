//! Sessions, the history of sign-ins, and counted attempts.
//!
//! Only the SHA-256 of a session's token is stored: a token has 256 random bits, so a fast hash is right.

use async_trait::async_trait;
use flero_model::{SessionId, Timestamp, UserId, audit::NewAudit};
use serde::{Deserialize, Serialize};

use crate::Result;

/// How far a session has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SessionState {
    /// The person is signed in.
    Active,
    /// The password was right and a second factor is awaited; nothing else can be done with it.
    Factor,
}

impl SessionState {
    /// The name as it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Factor => "factor",
        }
    }
}

/// A session as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its identifier; it opens nothing.
    pub id: SessionId,
    /// SHA-256 of the token.
    pub token_hash: [u8; 32],
    /// Whose it is.
    pub user: UserId,
    /// How far it has come.
    pub state: SessionState,
    /// When it began.
    pub created_at: Timestamp,
    /// The last request, to the accuracy of a minute.
    pub last_seen_at: Timestamp,
    /// How long it may rest, in milliseconds.
    pub idle_ms: i64,
    /// When it ends whatever happens.
    pub ends_at: Timestamp,
    /// When the person last proved who they are: password or factor.
    pub proved_at: Timestamp,
    /// Where it began from.
    pub address: String,
    /// What the browser calls itself.
    pub user_agent: String,
    /// Whether an OpenID provider proved a second factor that the organization takes for one.
    pub has_provider_factor: bool,
}

impl Session {
    /// Whether it is over at a time.
    #[must_use]
    pub const fn is_over(&self, now: Timestamp) -> bool {
        now.as_millis() >= self.ends_at.as_millis() || now.millis_since(self.last_seen_at) >= self.idle_ms
    }
}

/// One entry of the history of sign-ins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// Who.
    pub user: UserId,
    /// When.
    pub at: Timestamp,
    /// How it ended: a word of a closed set, for example `success` or `wrong_password`.
    pub outcome: String,
    /// Where from.
    pub address: String,
    /// What the browser calls itself.
    pub user_agent: String,
}

/// Which sessions of a person are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// This one.
    One(SessionId),
    /// All but this one.
    AllBut(SessionId),
    /// All.
    All,
}

/// How often something may be tried in a row. Waits double from `first_wait_ms` to `longest_wait_ms`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttemptLimit {
    /// So many failures cost no wait.
    pub free: u32,
    /// The first wait, in milliseconds.
    pub first_wait_ms: i64,
    /// The longest wait, in milliseconds.
    pub longest_wait_ms: i64,
    /// After so long without an attempt, in milliseconds, all is forgotten; `None` for never.
    pub forget_ms: Option<i64>,
    /// After so many failures in a row there is no further attempt; `None` for no such end.
    pub most: Option<u32>,
}

impl AttemptLimit {
    /// The wait after so many failures in a row, in milliseconds.
    #[must_use]
    pub fn wait_ms(&self, failures: u32) -> i64 {
        match failures.checked_sub(self.free) {
            None | Some(0) => 0,
            Some(over) => self
                .first_wait_ms
                .saturating_mul(1_i64.checked_shl(over - 1).filter(|factor| *factor > 0).unwrap_or(i64::MAX))
                .min(self.longest_wait_ms),
        }
    }
}

/// Whether an attempt may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Yes; it counts as failed until [`SessionStore::clear_attempts`].
    Go,
    /// Not before this time.
    Wait(Timestamp),
    /// Never again, until somebody with the right to it clears the attempts.
    Locked,
}

/// See the module.
#[async_trait]
pub trait SessionStore {
    /// Stores a new session, with its entry in the history.
    async fn create_session(
        &self,
        session: Session,
        sign_in: Option<SignIn>,
        audit: Vec<NewAudit>,
    ) -> Result<()>;

    /// The session with a token's hash, over or not; the caller decides.
    async fn session_by_hash(&self, token_hash: &[u8; 32]) -> Result<Session>;

    /// Gives a session another token, state, proof and end, with an entry in the history: the former token opens
    /// nothing any more. [`crate::Error::NotFound`] when the session is gone or its token is another one by now.
    async fn renew_session(
        &self,
        former_hash: [u8; 32],
        session: Session,
        sign_in: Option<SignIn>,
        audit: Vec<NewAudit>,
    ) -> Result<()>;

    /// Notes a request; later times win.
    async fn touch_session(&self, id: SessionId, at: Timestamp) -> Result<()>;

    /// The sessions of a person that are active, newest first. Those that are over at `now` are left out.
    async fn list_sessions(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>>;

    /// Ends sessions of a person; tells how many. Records are written only when there was one.
    async fn end_sessions(&self, user: UserId, which: Which, audit: Vec<NewAudit>) -> Result<u64>;

    /// Removes sessions that were over at a time; tells how many.
    async fn prune_sessions(&self, now: Timestamp) -> Result<u64>;

    /// Adds an entry to the history.
    async fn note_sign_in(&self, sign_in: SignIn, audit: Vec<NewAudit>) -> Result<()>;

    /// The last entries of a person's history, newest first. Each person keeps the last 200.
    async fn list_sign_ins(&self, user: UserId, limit: u32) -> Result<Vec<SignIn>>;

    /// Counts one attempt in every bucket, or in none when one of them does not admit it. What is counted before
    /// the attempt cannot be exceeded by attempts at the same time.
    async fn admit_attempt(
        &self,
        buckets: Vec<([u8; 32], AttemptLimit)>,
        now: Timestamp,
    ) -> Result<Admission>;

    /// Forgets the attempts of buckets: one of them succeeded.
    async fn clear_attempts(&self, buckets: Vec<[u8; 32]>, audit: Vec<NewAudit>) -> Result<()>;
}
