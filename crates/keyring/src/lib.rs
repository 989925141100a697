//! The vault on a store: slots, keysets, rotation, resealing, the leak scan.
//!
//! **Invariant:** plaintext leaves this crate through [`Keyring::open_for_connect`] alone; every other act on a
//! sealed secret (scope change, narrowing, rewrap, scan, comparison of a one-time code) opens and wipes it inside.
//! **Invariant:** every change of the key tree is one transaction of the store, guarded by the generation that it
//! was computed from. Nothing depends on a process staying alive: each rotation goes on from what is stored.
//! **Invariant:** whatever cannot be verified is not used. A sealed keyring opens and seals nothing.

mod binding;
mod ceremony;
mod credentials;
mod document;
mod error;
mod keyring;
mod keysets;
pub mod leak_scan;
pub mod needles;
mod open_slots;
mod root_rotation;
mod rows;
mod scope_rotation;
mod slots;
mod status;
pub mod totp;

pub use binding::Binding;
pub use ceremony::InitOptions;
pub use error::{Error, Result};
pub use keyring::{Health, Keyring, Options, Provider, SharedKeyStore};
pub use root_rotation::RootRotationPlan;
pub use scope_rotation::{ScopeRotation, ScopeRotationOptions};
pub use slots::RemoveSlot;
pub use status::{ScopeStatus, SlotStatus, Status, VersionStatus};
