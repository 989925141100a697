//! What can go wrong in the vault. No variant carries a key, a secret or a submitted value.

/// The result of a vault operation.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong, as a sentence that says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A wrong key, a wrong context or a changed blob. Deliberately one and the same answer for all three.
    #[error(
        "the sealed value cannot be opened: it was changed, moved, or sealed under another key or policy"
    )]
    Refused,
    /// The bytes are not in the format FLV1.
    #[error("the sealed value is not in a known format; it is cut short or was written by another program")]
    Malformed,
    /// The suite byte names an algorithm of a newer release.
    #[error("the sealed value uses suite {suite}, which this release does not know; upgrade flero")]
    UnknownSuite {
        /// The suite byte.
        suite: u8,
    },
    /// The key version is not in this keyset. Reload the keyset once, then fail closed.
    #[error("key version {version} of this scope is not loaded")]
    UnknownKeyVersion {
        /// The scope-key version that the blob names.
        version: u32,
    },
    /// The key version exists, but its state forbids this use. An alarm: nothing should refer to it.
    #[error("key version {version} of this scope is {state} and must not be used; run `flero vault status`")]
    KeyNotUsable {
        /// The scope-key version.
        version: u32,
        /// Its state.
        state: crate::KeyState,
    },
    /// The keyset has no active key, so nothing can be sealed.
    #[error("this scope has no active key; run `flero vault status`")]
    NoActiveKey,
    /// The plaintext is larger than one blob may be.
    #[error("the value is larger than {limit_bytes} bytes, the most that one sealed value holds")]
    TooLarge {
        /// The limit, in bytes.
        limit_bytes: usize,
    },
    /// The random number generator failed, so nothing was sealed.
    #[error("the random number generator of the system failed; nothing was sealed")]
    Random,
    /// The memory for keys could not be mapped.
    #[error("no memory could be set aside for keys: {0}")]
    Memory(String),
    /// The HMAC over all slots does not match the slots that were read.
    #[error(
        "the key slots do not match their signature: a slot was added, changed or removed outside flero; \
         restore the vault tables from a backup"
    )]
    SlotSetChanged,
    /// A slot provider refused. The text names the provider and what to do.
    #[error("{provider}: {reason}")]
    Provider {
        /// The provider's name, for example `file`.
        provider: &'static str,
        /// What is wrong and what to do; never a key or a passphrase.
        reason: String,
    },
}

impl Error {
    /// An error of a slot provider.
    pub fn provider(provider: &'static str, reason: impl Into<String>) -> Self {
        Self::Provider { provider, reason: reason.into() }
    }
}
