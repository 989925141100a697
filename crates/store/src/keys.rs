//! The vault's keys and the sealed secrets: slots, keysets, rewrapping.
//!
//! Every sealed secret of any kind stands in one collection, so that rotation and the reference check of a key
//! version have one place to look. Which owner a secret belongs to is in its [`SecretAddress`].

use async_trait::async_trait;
use flero_model::{InstanceId, NodeInstanceId, SlotId, Timestamp, audit::NewAudit, credential::KeyScopeRef};

use crate::Result;

/// The state of the installation's key tree; one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultState {
    /// The installation.
    pub instance: InstanceId,
    /// Counts every change of slots and wrapped keys; other processes reload when it moves.
    pub generation: u64,
    /// The MAC over all slots, under a branch of the root key.
    pub slots_mac: Vec<u8>,
    /// The audit key, wrapped by the root key.
    pub wrapped_audit_key: Vec<u8>,
}

/// One way to the root key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotRow {
    /// Its identifier, bound into the wrapping.
    pub id: SlotId,
    /// The provider's name: `file`, `systemd`, `passphrase`, `env`, `recovery`, ...
    pub provider: String,
    /// The provider's own name of the key, for example a fingerprint or an age recipient.
    pub provider_key_id: String,
    /// What the provider needs besides, for example Argon2 parameters; no secrets.
    pub parameters: serde_json::Value,
    /// The root key, wrapped.
    pub blob: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last opened.
    pub last_verified_at: Option<Timestamp>,
}

/// The state of one version of a scope key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyVersionState {
    /// Made, not yet used; processes load it.
    Pre,
    /// New secrets are sealed under it.
    Active,
    /// Opens what was sealed under it; the rewrap worker empties it.
    Decrypt,
    /// Nothing refers to it; any use is an alarm.
    Disabled,
    /// Its bytes are overwritten.
    Destroyed,
}

impl KeyVersionState {
    /// The name as it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pre => "pre",
            Self::Active => "active",
            Self::Decrypt => "decrypt",
            Self::Disabled => "disabled",
            Self::Destroyed => "destroyed",
        }
    }
}

/// One version of a scope key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeKeyRow {
    /// Whose key.
    pub scope: KeyScopeRef,
    /// Which version, from 1.
    pub version: u32,
    /// Its state.
    pub state: KeyVersionState,
    /// The key, wrapped by the root key; empty once destroyed.
    pub wrapped: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it came into its state.
    pub state_since: Timestamp,
}

/// Where a sealed secret belongs.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SecretAddress {
    /// The owner's id, for example `cred_...`.
    pub owner: String,
    /// Which secret of the owner: `data`, `token`, ...
    pub field: String,
    /// `current`, or `previous` for the former version within its grace period.
    pub slot: SecretSlot,
}

/// The present secret, or the former one within its grace period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SecretSlot {
    /// In use.
    Current,
    /// Kept for a chosen time after a rotation, to be put back.
    Previous,
}

impl SecretSlot {
    /// The name as it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Previous => "previous",
        }
    }
}

/// A sealed secret as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedSecret {
    /// Where it belongs.
    pub address: SecretAddress,
    /// Counts writes of this secret; bound into the ciphertext.
    pub revision: u64,
    /// The keyset that it is sealed under.
    pub scope: KeyScopeRef,
    /// The version of that keyset.
    pub key_version: u32,
    /// The type that is bound into the ciphertext, for example `bearer`; the rewrap worker needs it.
    pub bound_type: String,
    /// SHA-256 of the canonical policy that is bound into the ciphertext: 32 bytes. A use computes it from the
    /// credential's own policy; this copy lets the rewrap worker seal anew without knowing the owner's kind.
    pub policy_hash: Vec<u8>,
    /// The FLV1 blob.
    pub blob: Vec<u8>,
    /// When it is destroyed (previous versions only).
    pub destroy_at: Option<Timestamp>,
}

/// A whole exchange of the root key, applied in one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootKeySwap {
    /// The generation that the swap was computed from; another one is [`crate::Error::Conflict`].
    pub expected_generation: u64,
    /// The new root key in every slot that stays.
    pub slots: Vec<(SlotId, Vec<u8>)>,
    /// The slots that could not be wrapped anew and are dropped.
    pub dropped: Vec<SlotId>,
    /// Every scope key that is not destroyed, wrapped by the new root key.
    pub scope_keys: Vec<(KeyScopeRef, u32, Vec<u8>)>,
    /// The new MAC over all slots.
    pub slots_mac: Vec<u8>,
    /// The audit key, wrapped by the new root key.
    pub wrapped_audit_key: Vec<u8>,
}

/// See the module.
#[async_trait]
pub trait KeyStore {
    /// The state of the key tree; `None` before the key ceremony.
    async fn vault_state(&self) -> Result<Option<VaultState>>;

    /// The key ceremony: writes the state and the first slots. [`crate::Error::Refused`] when there is a state
    /// already or no slot is given.
    async fn init_vault(&self, state: VaultState, slots: Vec<SlotRow>) -> Result<()>;

    /// Every slot, oldest first.
    async fn slots(&self) -> Result<Vec<SlotRow>>;

    /// Adds a slot and sets the new MAC; moves the generation. [`crate::Error::Conflict`] when the generation
    /// is another one; [`crate::Error::Refused`] above eight slots.
    async fn add_slot(
        &self,
        expected_generation: u64,
        slot: SlotRow,
        slots_mac: Vec<u8>,
        audit: Vec<NewAudit>,
    ) -> Result<()>;

    /// Removes a slot and sets the new MAC; moves the generation. The last slot is [`crate::Error::Refused`].
    async fn remove_slot(
        &self,
        expected_generation: u64,
        slot: SlotId,
        slots_mac: Vec<u8>,
        audit: Vec<NewAudit>,
    ) -> Result<()>;

    /// Notes that a slot opened.
    async fn touch_slot(&self, slot: SlotId, at: Timestamp) -> Result<()>;

    /// Exchanges the root key; moves the generation.
    async fn swap_root_key(&self, swap: RootKeySwap, audit: Vec<NewAudit>) -> Result<()>;

    /// Every version of a scope's key, oldest first.
    async fn scope_keys(&self, scope: &KeyScopeRef) -> Result<Vec<ScopeKeyRow>>;

    /// Every scope's keys, for rotation of the root key and for checks.
    async fn all_scope_keys(&self) -> Result<Vec<ScopeKeyRow>>;

    /// Adds a version. The first one of a scope may be `active` at once, a later one must be `pre`. Moves the
    /// generation. [`crate::Error::Taken`] when the version is there already; [`crate::Error::Conflict`] when
    /// the generation is another one: the key may be wrapped by a root key that was exchanged meanwhile.
    async fn add_scope_key(
        &self,
        expected_generation: u64,
        row: ScopeKeyRow,
        audit: Vec<NewAudit>,
    ) -> Result<()>;

    /// Makes the `pre` version active and the active one `decrypt`, in one transaction; moves the generation.
    /// [`crate::Error::Conflict`] when the states are others.
    async fn activate_scope_key(
        &self,
        scope: &KeyScopeRef,
        version: u32,
        at: Timestamp,
        audit: Vec<NewAudit>,
    ) -> Result<()>;

    /// `decrypt` to `disabled`; moves the generation. [`crate::Error::Refused`] while any secret refers to the
    /// version.
    async fn disable_scope_key(&self, scope: &KeyScopeRef, version: u32, at: Timestamp) -> Result<()>;

    /// `disabled` to `destroyed`, the wrapped bytes overwritten; moves the generation.
    /// [`crate::Error::Refused`] while any secret refers to the version.
    async fn destroy_scope_key(
        &self,
        scope: &KeyScopeRef,
        version: u32,
        at: Timestamp,
        audit: Vec<NewAudit>,
    ) -> Result<()>;

    /// Secrets sealed under a version, ordered by address, behind a cursor, at most `limit`.
    async fn sealed_under(
        &self,
        scope: &KeyScopeRef,
        version: u32,
        after: Option<SecretAddress>,
        limit: u32,
    ) -> Result<Vec<SealedSecret>>;

    /// How many secrets are sealed under a version.
    async fn count_sealed_under(&self, scope: &KeyScopeRef, version: u32) -> Result<u64>;

    /// Every secret, ordered by address, behind a cursor, at most `limit`: for the leak scan.
    async fn all_sealed(&self, after: Option<SecretAddress>, limit: u32) -> Result<Vec<SealedSecret>>;

    /// Replaces blobs by compare-and-swap, all in one transaction: a row is replaced only where its revision
    /// and key version are still the expected ones. Returns how many were replaced.
    async fn rewrap(&self, rows: Vec<Rewrapped>) -> Result<u64>;

    /// Reports that a process lives, which generation of the key tree it has loaded, and which slots it can
    /// open by itself (so that a slot is removed only when no process depends on it alone).
    async fn heartbeat(
        &self,
        node: NodeInstanceId,
        kind: &str,
        generation: u64,
        opens: Vec<SlotId>,
        at: Timestamp,
    ) -> Result<()>;

    /// Processes whose last report is not older than `since`.
    async fn live_nodes(&self, since: Timestamp) -> Result<Vec<LiveNode>>;

    /// Forgets a process that ends, or (with `kind`) every process of a kind but `node` itself.
    async fn retire_nodes(&self, node: NodeInstanceId, others_of_kind: Option<&str>) -> Result<()>;
}

/// The last report of a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveNode {
    /// Which process.
    pub node: NodeInstanceId,
    /// The generation of the key tree that it has loaded.
    pub generation: u64,
    /// The slots that it can open by itself.
    pub opens: Vec<SlotId>,
}

/// One replacement of [`KeyStore::rewrap`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewrapped {
    /// Which secret.
    pub address: SecretAddress,
    /// The revision that it had when it was read.
    pub revision: u64,
    /// The key version that it had when it was read.
    pub from_version: u32,
    /// The key version that it has now.
    pub to_version: u32,
    /// The new blob.
    pub blob: Vec<u8>,
}
