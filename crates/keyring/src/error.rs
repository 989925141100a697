//! What can go wrong in the keyring. No variant carries a key, a secret or a submitted value.

use flero_model::SlotId;

/// The result of a keyring operation.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong, as a sentence that says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no key tree yet.
    #[error("the vault is not initialised; run `flero vault init`")]
    NotInitialised,
    /// There is a key tree already.
    #[error("the vault is initialised already; nothing was changed")]
    AlreadyInitialised,
    /// The vault is sealed: no key can be used.
    #[error("the vault is sealed: {reason}")]
    Sealed {
        /// Why.
        reason: String,
    },
    /// No slot opened with the providers at hand.
    #[error("no key slot opens: {}", .reasons.join("; "))]
    NoSlotOpened {
        /// For each slot, why not.
        reasons: Vec<String>,
    },
    /// A stored value does not open although its key is there: it, its row or its policy was changed outside
    /// flero. An alarm.
    #[error(
        "the stored secret of {owner} does not open: it, its row or its policy was changed outside flero"
    )]
    Tampered {
        /// The id of the owner, for example of a credential.
        owner: String,
    },
    /// The new policy reaches further than the old one.
    #[error("the new policy allows more than the old one, so every secret must be entered again")]
    PolicyWidened,
    /// The secret document is not a JSON object, so fields cannot be replaced in it.
    #[error("the secret document is not a JSON object")]
    NotADocument,
    /// The last slot stays.
    #[error("this is the last key slot; add another one first")]
    LastSlot,
    /// No slot has this id.
    #[error("there is no key slot with this id; run `flero vault slots`")]
    NoSuchSlot,
    /// Processes depend on the slot that is to be removed.
    #[error(
        "{count} running processes open no other slot; give them another key source, or force the removal"
    )]
    NodesDependOnSlot {
        /// How many.
        count: usize,
    },
    /// Slots that cannot be wrapped anew would be lost by the rotation of the root key.
    #[error(
        "the rotation would drop the key slots {}, because their keys are not at hand; \
         supply them, or name these slots to be dropped",
        list(.slots)
    )]
    SlotsWouldBeDropped {
        /// Which ones.
        slots: Vec<SlotId>,
    },
    /// A slot was written but does not give the root key back, and was removed again.
    #[error("the new key slot does not open with its own key and was removed again")]
    SlotNotVerified,
    /// A provider gave other parameters while wrapping anew; they are part of the slot and may not change.
    #[error("the key source of slot {slot} changed; add a new slot for it and remove this one")]
    ProviderChanged {
        /// The slot.
        slot: SlotId,
    },
    /// The key tree kept changing while this was tried.
    #[error("the keys were changed by others at the same time; try again")]
    Busy,
    /// A secret cannot be moved to the new key, so the old one must stay.
    #[error("{count} stored secrets do not open and keep the old key alive; run `flero vault status`")]
    Unreadable {
        /// How many.
        count: u64,
    },
    /// The vault refused.
    #[error(transparent)]
    Vault(#[from] flero_vault::Error),
    /// The store refused or failed.
    #[error(transparent)]
    Store(#[from] flero_store::Error),
}

impl Error {
    /// Whether somebody changed what is stored: to be recorded and alarmed.
    pub fn is_tampering(&self) -> bool {
        matches!(self, Self::Tampered { .. } | Self::Vault(flero_vault::Error::SlotSetChanged))
    }

    /// Whether the key is not available now, while what is stored may well be sound.
    pub fn is_unavailable(&self) -> bool {
        use flero_vault::Error as Vault;
        matches!(
            self,
            Self::NotInitialised
                | Self::Sealed { .. }
                | Self::NoSlotOpened { .. }
                | Self::Busy
                | Self::Store(_)
                | Self::Vault(
                    Vault::UnknownKeyVersion { .. } | Vault::KeyNotUsable { .. } | Vault::NoActiveKey
                )
        )
    }
}

fn list(slots: &[SlotId]) -> String {
    slots.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
