//! What a sealed value is bound to. Every item enters the additional authenticated data with its length
//! in front, so that no two different contexts encode to the same bytes.

/// Who owns a keyset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScopeKind {
    /// One organization.
    Organization,
    /// One workspace.
    Workspace,
    /// One member within one workspace.
    User,
}

impl ScopeKind {
    /// The name that is bound into ciphertexts and stored. It never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::Workspace => "workspace",
            Self::User => "user",
        }
    }
}

impl std::str::FromStr for ScopeKind {
    type Err = crate::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "organization" => Ok(Self::Organization),
            "workspace" => Ok(Self::Workspace),
            "user" => Ok(Self::User),
            _ => Err(crate::Error::Malformed),
        }
    }
}

/// A scope of one installation: the owner of a keyset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScopeRef<'a> {
    /// The installation's id, made once by the key ceremony.
    pub instance: &'a str,
    /// What kind of owner.
    pub kind: ScopeKind,
    /// The owner's id; for a member of a workspace both ids.
    pub id: &'a str,
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
    /// The canonical bytes of the policy: where the secret may be sent, and how. Only the hash is bound.
    pub policy: &'a [u8],
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
