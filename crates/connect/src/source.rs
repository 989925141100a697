//! The ports of the door: where credentials and audit rows are kept, and who opens a sealed secret.
//!
//! They are traits so that the vault can move into a process of its own, and so that the program decides how
//! rows are cached.

use std::sync::Arc;

use async_trait::async_trait;
use flero_model::{
    CredentialId, OrganizationId, Timestamp, audit::NewAudit, organization_policies::OrganizationPolicies,
    secret::SecretBytes,
};
use flero_store::credentials::CredentialWithSecret;

use crate::outcome::UseOutcome;

mod cached;
mod vault;

pub use cached::StoreSource;
pub use vault::CREDENTIAL_FIELD;

/// The store did not answer. The caller may try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the store did not answer")]
pub struct Unavailable;

/// Where credentials and the audit trail are kept.
#[async_trait]
pub trait CredentialSource: Send + Sync + 'static {
    /// A credential by its ID, whoever it belongs to; the door decides who may use it. `None` when there is
    /// none. A cached row may be used as long as a change is seen within one second (security test 23).
    async fn credential(&self, id: CredentialId) -> Result<Option<Arc<CredentialWithSecret>>, Unavailable>;

    /// The policies of an organization. Like a row, they may be kept for less than a second.
    async fn policies(&self, organization: OrganizationId) -> Result<Arc<OrganizationPolicies>, Unavailable>;

    /// Appends a row to the audit trail. When it returns, the row is committed.
    async fn record(&self, event: NewAudit) -> Result<(), Unavailable>;

    /// Stores how a use ended: the audit row, the time of the last use, and the status that the outcome's signal
    /// asks for. Called only for uses whose intent the door recorded.
    async fn store_outcome(&self, outcome: UseOutcome, at: Timestamp) -> Result<(), Unavailable>;
}

/// Why a sealed secret was not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenFailure {
    /// The vault is sealed, or the key is not loaded or is disabled.
    #[error("the key of this credential is not available")]
    Unavailable,
    /// The key is there, but the blob does not open: it, its row or its policy was changed outside Flero.
    #[error("the stored secret does not open")]
    Tampered,
}

/// Opens sealed secrets.
#[async_trait]
pub trait OpenSecret: Send + Sync + 'static {
    /// The plain document of a credential's secret fields, as a JSON object.
    async fn open(&self, stored: &CredentialWithSecret) -> Result<SecretBytes, OpenFailure>;

    /// Whether any secret can be opened now. While none can, runs that need one wait.
    fn is_available(&self) -> bool {
        true
    }
}
