//! Connectors that a workspace imported.

use async_trait::async_trait;
use flero_model::{Timestamp, UserId, WorkspaceId, audit::NewAudit};

use crate::Result;

/// A connector to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewConnector {
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// Its identifier, unique in the workspace.
    pub id: String,
    /// What lists show: JSON.
    pub summary: String,
    /// The compiled connector.
    pub pack: Vec<u8>,
    /// Who imported it.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

/// See the module.
#[async_trait]
pub trait ConnectorStore {
    /// The summaries of a workspace's connectors, by identifier.
    async fn list_connectors(&self, workspace: WorkspaceId) -> Result<Vec<String>>;

    /// The compiled connector, or [`crate::Error::NotFound`].
    async fn get_connector(&self, workspace: WorkspaceId, id: &str) -> Result<Vec<u8>>;

    /// Keeps a connector in place of one of the same identifier. A workspace has at most
    /// [`MAX_CONNECTORS`]: [`crate::Error::Refused`] beyond that.
    async fn put_connector(&self, connector: NewConnector, audit: Vec<NewAudit>) -> Result<()>;

    /// Removes a connector, or [`crate::Error::NotFound`].
    async fn delete_connector(&self, workspace: WorkspaceId, id: &str, audit: Vec<NewAudit>) -> Result<()>;
}

/// The most connectors that a workspace may import.
pub const MAX_CONNECTORS: u32 = 500;
