//! Seals, opens and rotates secrets: format FLV1. Bytes in, bytes out; no database and no clock.
//!
//! ```text
//! KEK  outside the database, one per slot: key file, passphrase, systemd credential, ...   (slot)
//!  └─ RK  root key, wrapped once per slot                                                  (RootKey)
//!      ├─ SK  scope key, versions per organization, workspace or member                    (ScopeKey)
//!      │   └─ record key and commitment, derived for every write, never stored             (seal, open)
//!      ├─ slot-set key: a slot that was added, changed or removed in the database is seen  (slot_set_mac)
//!      └─ audit key: MACs of audit checkpoints                                             (AuditKey)
//! ```
//!
//! **Invariant:** a key is only ever in memory that is locked, excluded from core dumps and wiped in child
//! processes ([`locked`]); what a slot provider cannot avoid to hold briefly on the heap is wiped at once.
//! **Invariant:** a value can be opened only with exactly the [`Context`] that it was sealed with.
//! **Invariant:** no error of this crate quotes a key, a secret or a submitted value.

mod audit;
mod context;
mod envelope;
mod error;
mod harden;
mod keys;
pub mod locked;
mod mac;
mod random;
mod record;
pub mod slot;

pub use audit::AuditKey;
pub use context::{Context, PolicyHash, ScopeRef, SlotContext};
pub use envelope::{OVERHEAD_BYTES, key_version};
pub use error::{Error, Result};
pub use harden::{Hardening, harden_process};
pub use keys::{KeyState, RootKey, ScopeKey, ScopeKeyset, WrappedScopeKey};
pub use locked::{Protection, memory_protection};
pub use mac::{SlotRecord, slot_set_mac, verify_slot_set};
pub use random::{random_u128, seed_generator};
pub use record::{MAX_PLAINTEXT_BYTES, open, seal};
