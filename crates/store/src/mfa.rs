//! Second factors: one-time codes, recovery codes, passkeys and their challenges; and the policies of organizations,
//! one of which requires a factor.
//!
//! Each step of a one-time code, each recovery code and each challenge is taken once, by one statement that both finds
//! and takes it. A change of factors ends the person's other sessions in the same transaction.

use async_trait::async_trait;
use flero_model::{
    OrganizationId, PasskeyId, SessionId, Timestamp, UserId, audit::NewAudit,
    organization_policies::OrganizationPolicies,
};
use serde::{Deserialize, Serialize};

use crate::{Result, keys::SealedSecret};

/// The field under which the shared secret in use is sealed.
pub const TOTP_FIELD: &str = "totp";
/// The field under which a shared secret is sealed that is not confirmed yet.
pub const PENDING_TOTP_FIELD: &str = "totpPending";

/// What a person has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Factors {
    /// Whether one-time codes are set up and confirmed.
    pub has_totp: bool,
    /// How many passkeys.
    pub passkeys: u32,
    /// How many recovery codes are left. They are no factor by themselves.
    pub recovery_codes: u32,
    /// Whether an organization of the person requires a factor.
    pub is_required: bool,
}

impl Factors {
    /// Whether there is a second factor.
    #[must_use]
    pub const fn has_any(self) -> bool {
        self.has_totp || self.passkeys > 0
    }

    /// Whether the person must set a factor up before anything else.
    #[must_use]
    pub const fn must_enrol(self) -> bool {
        self.is_required && !self.has_any()
    }
}

/// A person's one-time codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Totp {
    /// Counts the person's secrets; the latest one has this revision.
    pub counter: u64,
    /// Since when the secret in use is confirmed.
    pub confirmed_at: Option<Timestamp>,
    /// When the secret was shown that is not confirmed yet.
    pub pending_since: Option<Timestamp>,
    /// The revision of the secret in use, and the secret.
    pub current: Option<(u64, SealedSecret)>,
    /// The secret that is not confirmed yet.
    pub pending: Option<SealedSecret>,
}

/// A shared secret that is confirmed by its first code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmTotp {
    /// Whose.
    pub user: UserId,
    /// The counter that the pending secret was made with; another one by now is [`crate::Error::Conflict`].
    pub counter: u64,
    /// The step of the code, which is used up by it.
    pub step: u64,
    /// The secret as the one in use.
    pub secret: SealedSecret,
    /// When.
    pub at: Timestamp,
    /// What changes with it.
    pub change: FactorChange,
}

/// What every change of factors brings along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactorChange {
    /// The one session of the person that goes on.
    pub keep: SessionId,
    /// Hashes of recovery codes that are stored if the person has none.
    pub first_recovery_codes: Vec<[u8; 32]>,
    /// The records.
    pub audit: Vec<NewAudit>,
}

/// A passkey as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPasskey {
    /// Its identifier here.
    pub id: PasskeyId,
    /// Whose it is.
    pub user: UserId,
    /// Its identifier at the authenticator.
    pub credential_id: Vec<u8>,
    /// What the person calls it.
    pub name: String,
    /// The public key, with its counter and flags, as JSON; not secret.
    pub key: String,
    /// Counts changes of `key`.
    pub revision: u64,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it last proved somebody.
    pub last_used_at: Option<Timestamp>,
}

/// What a challenge was made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChallengePurpose {
    /// To add a passkey.
    Enrol,
    /// To prove the person of a session, as second factor or for a step-up.
    Prove,
    /// To sign in by a passkey alone.
    SignIn,
}

impl ChallengePurpose {
    /// The name as it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enrol => "enrol",
            Self::Prove => "prove",
            Self::SignIn => "sign_in",
        }
    }
}

/// The state of a ceremony with a passkey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// SHA-256 of its identifier.
    pub id_hash: [u8; 32],
    /// What for.
    pub purpose: ChallengePurpose,
    /// The session that it belongs to; `None` for a sign-in.
    pub session: Option<SessionId>,
    /// What the library keeps of it, as JSON.
    pub state: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// See the module.
#[async_trait]
pub trait MfaStore {
    /// What a person has. One read by key: asked with every request of a session.
    async fn factors(&self, user: UserId) -> Result<Factors>;

    /// A person's one-time codes; `None` for somebody who never set them up.
    async fn totp(&self, user: UserId) -> Result<Option<Totp>>;

    /// Stores a secret that is not confirmed yet, with the revision `counter + 1`, in place of a former one that was
    /// not. [`crate::Error::Conflict`] when `counter` is not the present one (0 for nobody's first).
    async fn begin_totp(
        &self,
        user: UserId,
        counter: u64,
        pending: SealedSecret,
        at: Timestamp,
    ) -> Result<()>;

    /// Takes a pending secret into use, in place of a former one. Tells whether the recovery codes were stored.
    async fn confirm_totp(&self, confirm: ConfirmTotp) -> Result<bool>;

    /// Uses a step up. [`crate::Error::Conflict`] when it, or a later one, was used before, or the secret is another
    /// one by now.
    async fn use_totp_step(&self, user: UserId, revision: u64, step: u64) -> Result<()>;

    /// Ends one-time codes and destroys their secrets. [`crate::Error::NotFound`] when there are none in use;
    /// [`crate::Error::Refused`] for the last factor of somebody who must have one.
    async fn remove_totp(&self, user: UserId, change: FactorChange) -> Result<()>;

    /// Replaces a person's recovery codes.
    async fn replace_recovery_codes(
        &self,
        user: UserId,
        hashes: Vec<[u8; 32]>,
        audit: Vec<NewAudit>,
    ) -> Result<()>;

    /// Uses a recovery code up; tells how many are left. [`crate::Error::NotFound`] when there is no such code any more.
    async fn use_recovery_code(&self, user: UserId, hash: [u8; 32], audit: Vec<NewAudit>) -> Result<u32>;

    /// A person's passkeys, the oldest first.
    async fn passkeys(&self, user: UserId) -> Result<Vec<StoredPasskey>>;

    /// Adds a passkey. [`crate::Error::Taken`] when it is somebody's already; [`crate::Error::Refused`] beyond the most
    /// that one person may have. Tells whether the recovery codes were stored.
    async fn add_passkey(&self, passkey: StoredPasskey, change: FactorChange) -> Result<bool>;

    /// Notes a use of a passkey, with its counter and flags by now. [`crate::Error::Conflict`] when it was used
    /// meanwhile or is gone.
    async fn use_passkey(&self, id: PasskeyId, revision: u64, key: String, at: Timestamp) -> Result<()>;

    /// Gives a passkey another name. [`crate::Error::NotFound`] when the person has no such one.
    async fn rename_passkey(&self, user: UserId, id: PasskeyId, name: String) -> Result<()>;

    /// Removes a passkey. [`crate::Error::NotFound`] when the person has no such one; [`crate::Error::Refused`] for the
    /// last factor of somebody who must have one.
    async fn remove_passkey(&self, user: UserId, id: PasskeyId, change: FactorChange) -> Result<()>;

    /// Stores a challenge. What is over goes with it, and the oldest of more than 10,000, so that nobody fills the disk.
    async fn put_challenge(&self, challenge: Challenge) -> Result<()>;

    /// Takes a challenge: it is gone then, whatever comes of it. [`crate::Error::NotFound`] when there is none, or it is
    /// over.
    async fn take_challenge(&self, id_hash: [u8; 32], now: Timestamp) -> Result<Challenge>;

    /// An organization's policies and their revision; the ones that restrict nothing, and 0, before the first change.
    async fn organization_policies(&self, id: OrganizationId) -> Result<(OrganizationPolicies, u64)>;

    /// Replaces an organization's policies if they still have this revision, else [`crate::Error::Conflict`]. Tells
    /// the new one.
    async fn set_organization_policies(
        &self,
        id: OrganizationId,
        policies: OrganizationPolicies,
        revision: u64,
        audit: Vec<NewAudit>,
    ) -> Result<u64>;
}

/// The most passkeys of one person.
pub const MOST_PASSKEYS: u32 = 20;
/// The most challenges that are kept at a time.
pub const MOST_CHALLENGES: u32 = 10_000;
