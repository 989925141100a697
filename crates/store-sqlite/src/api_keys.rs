//! Flero's own API keys.

use async_trait::async_trait;
use flero_model::{ApiKeyId, Timestamp, UserId, WorkspaceId, audit::NewAudit};
use flero_store::{ApiKeyStore, Error, Page, PageRequest, Result, api_keys::ApiKey};
use rusqlite::{Connection, Row, named_params};

use crate::{
    convert::{from_json, id, millis, time, time_or_none, to_json},
    error::{OrTaken, Outcome},
    page::{Key, List, Window},
    store::SqliteStore,
    writer::Tx,
};

const SELECT: &str = "SELECT id, workspace_id, creator, name, hash, last_four, scopes, workflow_ids,
     allowed_networks, expires_at, created_at, last_used_at, revoked_at FROM api_key";

fn api_key(row: &Row<'_>) -> Outcome<ApiKey> {
    let has_list = !matches!(row.get_ref(7)?, rusqlite::types::ValueRef::Null);
    Ok(ApiKey {
        id: id(row, 0)?,
        workspace: id(row, 1)?,
        creator: id(row, 2)?,
        name: row.get(3)?,
        hash: row.get(4)?,
        last_four: row.get(5)?,
        scopes: from_json(row, 6, "an API key")?,
        workflow_ids: if has_list { Some(from_json(row, 7, "an API key")?) } else { None },
        allowed_networks: from_json(row, 8, "an API key")?,
        expires_at: time_or_none(row, 9)?,
        created_at: time(row, 10)?,
        last_used_at: time_or_none(row, 11)?,
        revoked_at: time_or_none(row, 12)?,
    })
}

fn one(connection: &Connection, condition: &str, parameters: impl rusqlite::Params) -> Outcome<ApiKey> {
    let mut statement = connection.prepare_cached(&[SELECT, condition].concat())?;
    let mut rows = statement.query(parameters)?;
    api_key(rows.next()?.ok_or(Error::NotFound)?)
}

impl Tx<'_> {
    /// Inserts a key.
    pub(crate) fn insert_api_key(&self, key: &ApiKey) -> Outcome<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO api_key (id, workspace_id, creator, name, hash, last_four, scopes, workflow_ids,
                                      allowed_networks, expires_at, created_at, last_used_at, revoked_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            )?
            .execute((
                key.id.as_bytes(),
                key.workspace.as_bytes(),
                key.creator.as_bytes(),
                &key.name,
                key.hash,
                &key.last_four,
                to_json(&key.scopes)?,
                key.workflow_ids.as_ref().map(to_json).transpose()?,
                to_json(&key.allowed_networks)?,
                millis(key.expires_at),
                key.created_at.as_millis(),
                millis(key.last_used_at),
                millis(key.revoked_at),
            ))
            .or_taken("API key")?;
        Ok(())
    }
}

#[async_trait]
impl ApiKeyStore for SqliteStore {
    async fn create_api_key(&self, key: ApiKey, audit: Vec<NewAudit>) -> Result<()> {
        self.write(move |tx| {
            tx.insert_api_key(&key)?;
            tx.record(&audit)
        })
        .await
    }

    async fn api_key_by_hash(&self, hash: &[u8; 32]) -> Result<ApiKey> {
        self.look_up(|connection| one(connection, " WHERE hash = ?1", [hash])).await
    }

    async fn get_api_key(&self, workspace: WorkspaceId, id: ApiKeyId) -> Result<ApiKey> {
        self.look_up(|connection| {
            one(connection, " WHERE id = ?1 AND workspace_id = ?2", (id.as_bytes(), workspace.as_bytes()))
        })
        .await
    }

    async fn list_api_keys(
        &self,
        workspace: WorkspaceId,
        creator: Option<UserId>,
        page: PageRequest,
    ) -> Result<Page<ApiKey>> {
        self.read(move |connection| {
            let window = Window::new(List::ApiKeys, &page)?;
            let creator = creator.map(|user| *user.as_bytes());
            let wanted = " WHERE workspace_id = :workspace AND (:creator IS NULL OR creator = :creator)";
            let items = connection
                .prepare_cached(&format!(
                    "{SELECT}{wanted} AND (created_at, id) < (:number, :id)
                     ORDER BY created_at DESC, id DESC LIMIT :rows"
                ))?
                .query_and_then(
                    named_params! {
                        ":workspace": workspace.as_bytes(), ":creator": creator, ":number": window.after.number,
                        ":id": window.after.id, ":rows": window.rows(),
                    },
                    api_key,
                )?
                .collect::<Outcome<Vec<_>>>()?;
            let total = connection.prepare_cached(&format!("SELECT count(*) FROM api_key{wanted}"))?.query_row(
                named_params! { ":workspace": workspace.as_bytes(), ":creator": creator },
                |row| row.get(0),
            )?;
            Ok(window.page(items, total, |key| Key {
                number: key.created_at.as_millis(),
                id: *key.id.as_bytes(),
            }))
        })
        .await
    }

    async fn revoke_api_key(
        &self,
        workspace: WorkspaceId,
        id: ApiKeyId,
        at: Timestamp,
        audit: Vec<NewAudit>,
    ) -> Result<()> {
        self.write(move |tx| {
            // The first revocation counts; a second one changes nothing and records nothing.
            let key = one(
                tx.connection,
                " WHERE id = ?1 AND workspace_id = ?2",
                (id.as_bytes(), workspace.as_bytes()),
            )?;
            if key.revoked_at.is_some() {
                return Ok(());
            }
            tx.run("UPDATE api_key SET revoked_at = ?2 WHERE id = ?1", (id.as_bytes(), at.as_millis()))?;
            tx.record(&audit)
        })
        .await
    }

    async fn touch_api_keys(&self, uses: Vec<(ApiKeyId, Timestamp)>) -> Result<()> {
        self.write(move |tx| {
            for (id, at) in &uses {
                tx.run(
                    "UPDATE api_key SET last_used_at = max(coalesce(last_used_at, ?2), ?2) WHERE id = ?1",
                    (id.as_bytes(), at.as_millis()),
                )?;
            }
            Ok(())
        })
        .await
    }
}
