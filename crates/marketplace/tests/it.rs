//! The packages that come with the program.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "it/community.rs"]
mod community;
