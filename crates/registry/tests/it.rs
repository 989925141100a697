//! Registries as publishers make them and readers have them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "it/registry.rs"]
mod registry;
#[path = "it/rotation.rs"]
mod rotation;
