//! A workspace's variables: the `$env` of expressions. Not secrets, and never the process's environment.

use async_trait::async_trait;
use flero_model::{WorkspaceId, audit::NewAudit};
use serde_json::{Map, Value};

use crate::Result;

/// See the module.
#[async_trait]
pub trait VariableStore {
    /// All variables of a workspace and the revision of the set (0 before the first write).
    async fn get_variables(&self, workspace: WorkspaceId) -> Result<(Map<String, Value>, u64)>;

    /// Replaces all variables if the revision is still the expected one (any, when `None`), else
    /// [`crate::Error::Conflict`]. Returns the new revision.
    async fn put_variables(
        &self,
        workspace: WorkspaceId,
        values: Map<String, Value>,
        expected_revision: Option<u64>,
        audit: Vec<NewAudit>,
    ) -> Result<u64>;
}
