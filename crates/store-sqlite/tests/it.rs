//! Tests of the SQLite adapter: the suite that every adapter passes, and what only this one must hold.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

#[path = "it/backup.rs"]
mod backup;
#[path = "it/blobs.rs"]
mod blobs;
#[path = "it/contract.rs"]
mod contract;
#[path = "it/disk.rs"]
mod disk;
#[path = "it/faults.rs"]
mod faults;
#[path = "it/kill.rs"]
mod kill;
#[path = "it/opening.rs"]
mod opening;
#[path = "it/scenario.rs"]
mod scenario;
#[path = "it/schema.rs"]
mod schema;
