//! The keyring on the SQLite adapter: ceremony, sealing, slots, rotations with crashes at every step, leak scan.
// Helpers of tests are not test functions themselves, so the lints' own exception does not reach them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "it/crash_model.rs"]
mod crash_model;
#[path = "it/credentials.rs"]
mod credentials;
#[path = "it/faulty_store.rs"]
mod faulty_store;
#[path = "it/leak_scan.rs"]
mod leak_scan;
#[path = "it/root_rotation.rs"]
mod root_rotation;
#[path = "it/scope_rotation.rs"]
mod scope_rotation;
#[path = "it/slots.rs"]
mod slots;
#[path = "it/support.rs"]
mod support;
