//! The vault seen from outside: the format, published vectors, a second implementation, slots, memory.
// Helpers of tests are not test functions themselves, so the lints' own exception does not reach them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "it/bindings.rs"]
mod bindings;
#[path = "it/key_files.rs"]
mod key_files;
#[path = "it/keys.rs"]
mod keys;
#[path = "it/memory.rs"]
mod memory;
#[path = "it/second_implementation.rs"]
mod second_implementation;
#[path = "it/slots.rs"]
mod slots;
#[path = "it/support.rs"]
mod support;
#[path = "it/vectors.rs"]
mod vectors;
