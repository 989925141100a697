//! Connectors that a workspace imported.

use async_trait::async_trait;
use flero_model::{WorkspaceId, audit::NewAudit};
use flero_store::{
    ConnectorStore, Error, Result,
    connectors::{MAX_CONNECTORS, NewConnector},
};
use rusqlite::OptionalExtension;

use crate::{error::Outcome, store::SqliteStore, writer::Tx};

#[async_trait]
impl ConnectorStore for SqliteStore {
    async fn list_connectors(&self, workspace: WorkspaceId) -> Result<Vec<String>> {
        self.look_up(|connection| {
            connection
                .prepare_cached("SELECT summary FROM connector WHERE workspace_id = ?1 ORDER BY id")?
                .query_and_then([workspace.as_bytes()], |row| Ok(row.get(0)?))?
                .collect()
        })
        .await
    }

    async fn get_connector(&self, workspace: WorkspaceId, id: &str) -> Result<Vec<u8>> {
        self.look_up(|connection| {
            let found: Option<Vec<u8>> = connection
                .prepare_cached("SELECT pack FROM connector WHERE workspace_id = ?1 AND id = ?2")?
                .query_row((workspace.as_bytes(), id), |row| row.get(0))
                .optional()?;
            found.ok_or_else(|| Error::NotFound.into())
        })
        .await
    }

    async fn put_connector(&self, connector: NewConnector, audit: Vec<NewAudit>) -> Result<()> {
        self.write(move |tx| {
            put(tx, &connector)?;
            // What is imported by hand has no registry behind it any more.
            forget_install(tx, connector.workspace, &connector.id)?;
            tx.record(&audit)
        })
        .await
    }

    async fn delete_connector(&self, workspace: WorkspaceId, id: &str, audit: Vec<NewAudit>) -> Result<()> {
        let id = id.to_owned();
        self.write(move |tx| {
            let gone = tx.run(
                "DELETE FROM connector WHERE workspace_id = ?1 AND id = ?2",
                (workspace.as_bytes(), &id),
            )?;
            if gone == 0 {
                return Err(Error::NotFound.into());
            }
            forget_install(tx, workspace, &id)?;
            tx.record(&audit)
        })
        .await
    }
}

/// Puts a connector in place of one of the same identifier.
pub(crate) fn put(tx: &Tx<'_>, connector: &NewConnector) -> Outcome<()> {
    let workspace = connector.workspace.as_bytes();
    let others: u32 = tx
        .connection
        .prepare_cached("SELECT count(*) FROM connector WHERE workspace_id = ?1 AND id <> ?2")?
        .query_row((workspace, &connector.id), |row| row.get(0))?;
    if others >= MAX_CONNECTORS {
        return Err(Error::Refused { rule: "a workspace has at most 500 imported connectors" }.into());
    }
    tx.run(
        "INSERT INTO connector (workspace_id, id, summary, pack, imported_by, imported_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (workspace_id, id) DO UPDATE SET summary = excluded.summary, pack = excluded.pack,
             imported_by = excluded.imported_by, imported_at = excluded.imported_at",
        (
            workspace,
            &connector.id,
            &connector.summary,
            &connector.pack,
            connector.by.as_bytes(),
            connector.at.as_millis(),
        ),
    )?;
    Ok(())
}

/// Forgets where a connector came from.
fn forget_install(tx: &Tx<'_>, workspace: WorkspaceId, id: &str) -> Outcome<()> {
    tx.run(
        "DELETE FROM marketplace_install WHERE workspace_id = ?1 AND id = ?2",
        (workspace.as_bytes(), id),
    )?;
    Ok(())
}
