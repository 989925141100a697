//! The SQLite adapter of the storage port.
//!
//! One thread owns the one connection that writes ([`writer`]): it takes what is queued, carries all of it out in
//! one transaction with a savepoint for each, commits once and answers all. Readers have their own connections
//! ([`readers`]) and never wait for it. SQL lives in this crate (and later in its PostgreSQL twin) alone.
//!
//! **Invariant:** an answer that says "done" is given only after the commit that made it durable; the database
//! runs with `synchronous=FULL`, so that a power loss takes nothing back.

mod api_keys;
mod audit;
mod backup;
mod blobs;
mod connection;
mod connectors;
mod convert;
mod credentials;
mod error;
mod events;
mod executions;
mod identity;
mod invites;
mod keys;
mod marketplace;
mod members;
mod mfa;
mod migrate;
mod notifications;
mod oauth;
mod oauth_apps;
mod only;
mod page;
mod people;
mod readers;
mod schedules;
mod scim;
mod scope_requests;
mod secrets;
mod sessions;
mod store;
mod variables;
mod workflows;
mod writer;

pub use backup::{BackupProgress, restore};
pub use blobs::FileBlobs;
pub use migrate::{Migration, SCHEMA_VERSION, migrations};
pub use store::{Options, SqliteStore};
pub use writer::{GROUP_BOUNDS, WriterCounts};
