//! A workspace's variables.

use async_trait::async_trait;
use flero_model::{WorkspaceId, audit::NewAudit};
use flero_store::{Error, Result, VariableStore};
use rusqlite::OptionalExtension;
use serde_json::{Map, Value};

use crate::{
    convert::{count, from_json, signed, to_json},
    store::SqliteStore,
};

#[async_trait]
impl VariableStore for SqliteStore {
    async fn get_variables(&self, workspace: WorkspaceId) -> Result<(Map<String, Value>, u64)> {
        self.look_up(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT entries, revision FROM variables WHERE workspace_id = ?1")?;
            let mut rows = statement.query([workspace.as_bytes()])?;
            match rows.next()? {
                Some(row) => Ok((from_json(row, 0, "the variables")?, count(row, 1)?)),
                None => Ok((Map::new(), 0)),
            }
        })
        .await
    }

    async fn put_variables(
        &self,
        workspace: WorkspaceId,
        values: Map<String, Value>,
        expected_revision: Option<u64>,
        audit: Vec<NewAudit>,
    ) -> Result<u64> {
        self.write(move |tx| {
            let revision = tx
                .connection
                .prepare_cached("SELECT revision FROM variables WHERE workspace_id = ?1")?
                .query_row([workspace.as_bytes()], |row| count(row, 0))
                .optional()?
                .unwrap_or(0);
            if expected_revision.is_some_and(|expected| expected != revision) {
                return Err(Error::Conflict.into());
            }
            tx.run(
                "INSERT INTO variables (workspace_id, entries, revision) VALUES (?1, ?2, ?3)
                 ON CONFLICT (workspace_id) DO UPDATE SET entries = excluded.entries, revision = excluded.revision",
                (workspace.as_bytes(), to_json(&values)?, signed(revision + 1)),
            )?;
            tx.record(&audit)?;
            Ok(revision + 1)
        })
        .await
    }
}
