//! Where workspaces want to be told.

use flero_model::{WebhookEndpointId, WorkspaceId};
use flero_store::{Error, keys::SealedSecret, notifications::WebhookEndpoint};
use rusqlite::{Connection, Row};

use crate::{
    convert::{from_json, id, time, to_json},
    error::Outcome,
    secrets,
    writer::Tx,
};

/// The most endpoints of a workspace.
const MOST: i64 = 10;
const SELECT: &str =
    "SELECT id, workspace_id, url, categories, creator, created_at FROM notification_endpoint";

fn read(row: &Row<'_>) -> Outcome<WebhookEndpoint> {
    Ok(WebhookEndpoint {
        id: id(row, 0)?,
        workspace: id(row, 1)?,
        url: row.get(2)?,
        categories: from_json(row, 3, "a webhook endpoint")?,
        creator: id(row, 4)?,
        created_at: time(row, 5)?,
    })
}

pub(super) fn insert(tx: &Tx<'_>, endpoint: &WebhookEndpoint) -> Outcome<()> {
    let inserted = tx.run(
        "INSERT INTO notification_endpoint (id, workspace_id, url, categories, creator, created_at)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6
         WHERE (SELECT count(*) FROM notification_endpoint WHERE workspace_id = ?2) < ?7",
        (
            endpoint.id.as_bytes(),
            endpoint.workspace.as_bytes(),
            &endpoint.url,
            to_json(&endpoint.categories)?,
            endpoint.creator.as_bytes(),
            endpoint.created_at.as_millis(),
            MOST,
        ),
    )?;
    if inserted == 1 {
        Ok(())
    } else {
        Err(Error::Refused { rule: "a workspace has at most ten endpoints" }.into())
    }
}

pub(super) fn of_workspace(connection: &Connection, workspace: WorkspaceId) -> Outcome<Vec<WebhookEndpoint>> {
    connection
        .prepare_cached(&format!("{SELECT} WHERE workspace_id = ?1 ORDER BY created_at, id"))?
        .query_and_then([workspace.as_bytes()], read)?
        .collect()
}

pub(super) fn get(
    connection: &Connection,
    id: WebhookEndpointId,
) -> Outcome<(WebhookEndpoint, SealedSecret)> {
    let mut statement = connection.prepare_cached(&format!("{SELECT} WHERE id = ?1"))?;
    let mut rows = statement.query([id.as_bytes()])?;
    let endpoint = read(rows.next()?.ok_or(Error::NotFound)?)?;
    let secret = secrets::select(connection, "WHERE s.owner = ?1", [id.to_string()])?;
    Ok((endpoint, secret.into_iter().next().ok_or(Error::Corrupt { what: "a webhook endpoint" })?))
}

pub(super) fn delete(tx: &Tx<'_>, workspace: WorkspaceId, id: WebhookEndpointId) -> Outcome<()> {
    let sql = "DELETE FROM notification_endpoint WHERE id = ?1 AND workspace_id = ?2";
    if tx.run(sql, (id.as_bytes(), workspace.as_bytes()))? == 0 {
        return Err(Error::NotFound.into());
    }
    tx.run("DELETE FROM notification_delivery WHERE endpoint_id = ?1", [id.as_bytes()])?;
    tx.destroy_secrets_of(&id.to_string())
}
