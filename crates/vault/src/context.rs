//! What a sealed value is bound to. Every item enters the additional authenticated data with its length
//! in front, so that no two different contexts encode to the same bytes.

use aws_lc_rs::digest::{SHA256, digest};
use flero_model::credential::{KeyScopeRef, Scope};

/// A scope of one installation: the owner of a keyset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScopeRef<'a> {
    /// The installation's id, made once by the key ceremony.
    pub instance: &'a str,
    /// What kind of owner.
    pub kind: Scope,
    /// The owner's id; for a member of a workspace both ids.
    pub id: &'a str,
}

impl<'a> ScopeRef<'a> {
    /// The scope that a keyset's name names, in the given installation.
    pub fn of(instance: &'a str, scope: &'a KeyScopeRef) -> Self {
        Self { instance, kind: scope.kind, id: &scope.id }
    }
}

/// Everything that a sealed value is bound to. A value opens only with the same context.
///
/// There is no `Default` and every field is required, so that none can be forgotten.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The owner: installation, kind and id.
    pub scope: ScopeRef<'a>,
    /// The id of the credential (or other record) that the value belongs to.
    pub credential: &'a str,
    /// The type of the credential, for example `bearer`.
    pub credential_type: &'a str,
    /// Which of the record's sealed values this is, for example `data` or `tokens`.
    pub field: &'a str,
    /// Counts the writes of this secret (not of its row), so that an older value cannot be put back.
    pub revision: u64,
    /// The policy: where the secret may be sent, and how.
    pub policy: PolicyHash,
}

/// SHA-256 of a canonical policy document. The hash stands beside the blob, so that a rewrap needs no knowledge
/// of the owner; whoever uses a secret computes it from the policy that is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PolicyHash([u8; 32]);

impl PolicyHash {
    /// Hashes the canonical bytes of a policy.
    pub fn of(canonical: &[u8]) -> Self {
        let mut hash = [0_u8; 32];
        hash.copy_from_slice(digest(&SHA256, canonical).as_ref());
        Self(hash)
    }

    /// A hash as it was stored.
    ///
    /// # Errors
    /// [`crate::Error::Malformed`] when there are not 32 bytes.
    pub fn from_stored(bytes: &[u8]) -> Result<Self, crate::Error> {
        bytes.try_into().map(Self).map_err(|_| crate::Error::Malformed)
    }

    /// The hash as it is stored.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// What a wrapped root key is bound to: the installation and the slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlotContext<'a> {
    /// The installation's id.
    pub instance: &'a str,
    /// The slot's id.
    pub slot: &'a str,
}

impl SlotContext<'_> {
    /// The context as unambiguous bytes: "flero/rk", instance id, slot id, each with its length in front.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(20 + self.instance.len() + self.slot.len());
        push(&mut bytes, b"flero/rk");
        push(&mut bytes, self.instance.as_bytes());
        push(&mut bytes, self.slot.as_bytes());
        bytes
    }
}

/// Appends `item` with its length in front, as four bytes, big-endian.
///
/// An item never reaches 4 GiB: ids and labels are short, and blobs are bounded by
/// [`crate::MAX_PLAINTEXT_BYTES`]. Should one, its length saturates, and the data still differs.
pub(crate) fn push(bytes: &mut Vec<u8>, item: &[u8]) {
    let length = u32::try_from(item.len()).unwrap_or(u32::MAX);
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(item);
}
