//! The storage port: one trait per aggregate, one method per meaningful transaction.
//!
//! An adapter implements [`Store`]; `contract` (a feature) is the suite that each must pass unchanged. The port speaks of
//! transactions, not of rows: whatever must be true together is one call. Plain secrets never come here.
//!
//! **Invariant:** every method that names an audit record writes it in the same transaction as the act, or
//! fails as a whole (no row, no act).

pub mod api_keys;
pub mod audit;
pub mod blobs;
pub mod chain;
pub mod connectors;
#[cfg(feature = "contract")]
pub mod contract;
pub mod credentials;
mod error;
pub mod events;
pub mod executions;
pub mod identity;
pub mod invites;
pub mod keys;
pub mod marketplace;
pub mod mfa;
pub mod notifications;
pub mod oauth;
pub mod oauth_apps;
pub mod people;
pub mod schedules;
pub mod scim;
pub mod scope_requests;
pub mod sessions;
pub mod variables;
pub mod workflows;

pub use api_keys::ApiKeyStore;
pub use audit::AuditStore;
pub use blobs::BlobStore;
pub use connectors::ConnectorStore;
pub use credentials::CredentialStore;
pub use error::{Error, Result};
pub use events::EventStore;
pub use executions::ExecutionStore;
pub use identity::IdentityStore;
pub use invites::InviteStore;
pub use keys::KeyStore;
pub use marketplace::MarketplaceStore;
pub use mfa::MfaStore;
pub use notifications::NotificationStore;
pub use oauth::OauthStore;
pub use oauth_apps::OauthAppStore;
pub use people::PeopleStore;
pub use schedules::ScheduleStore;
pub use scim::ScimStore;
pub use scope_requests::ScopeRequestStore;
pub use sessions::SessionStore;
pub use variables::VariableStore;
pub use workflows::WorkflowStore;

/// Everything that an adapter offers. `Arc<dyn Store>` is what the program passes around.
pub trait Store:
    KeyStore
    + CredentialStore
    + WorkflowStore
    + ExecutionStore
    + ScheduleStore
    + AuditStore
    + ApiKeyStore
    + OauthStore
    + OauthAppStore
    + PeopleStore
    + SessionStore
    + MfaStore
    + InviteStore
    + IdentityStore
    + ScimStore
    + VariableStore
    + ConnectorStore
    + MarketplaceStore
    + EventStore
    + NotificationStore
    + ScopeRequestStore
    + Send
    + Sync
    + 'static
{
    /// A short name for logs and `flero doctor`, for example `sqlite`.
    fn adapter_name(&self) -> &'static str;
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// The entries.
    pub items: Vec<T>,
    /// What to pass as `cursor` for the next page; `None` on the last.
    pub next_cursor: Option<String>,
    /// How many entries there are in all.
    pub total: u64,
}

/// Which part of a list is asked for. Lists are ordered newest first unless told otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// At most this many entries, 1 to 200.
    pub limit: u32,
    /// Where the former page ended.
    pub cursor: Option<String>,
}

impl Default for PageRequest {
    fn default() -> Self {
        Self { limit: 50, cursor: None }
    }
}
