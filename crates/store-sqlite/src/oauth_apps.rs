//! OAuth apps.

use async_trait::async_trait;
use flero_model::{
    OauthAppId, OrganizationId, Timestamp, WorkspaceId,
    audit::NewAudit,
    oauth_app::{AppLevel, OauthApp},
};
use flero_store::{
    Error, OauthAppStore, Result,
    oauth_apps::{AppChange, AppUse, StoredApp},
};
use rusqlite::{Connection, Row};

use crate::{
    convert::{count, from_json, id, id_or_none, named, signed, time, to_json},
    error::Outcome,
    secrets,
    store::SqliteStore,
    writer::Tx,
};

const COLUMNS: &str =
    "id, level, place, policy, secret_fields, created_at, updated_at, revision, secret_revision";

/// The most uses that are named.
const MOST_USES: u32 = 100;

fn read(row: &Row<'_>) -> Outcome<OauthApp> {
    let level = named(row, 1, "the level of an app")?;
    Ok(OauthApp {
        id: id(row, 0)?,
        level,
        organization_id: if level == AppLevel::Organization { Some(id(row, 2)?) } else { None },
        workspace_id: if level == AppLevel::Workspace { Some(id(row, 2)?) } else { None },
        policy: from_json(row, 3, "the policy of an app")?,
        secret_fields: from_json(row, 4, "the secret fields of an app")?,
        created_at: time(row, 5)?,
        updated_at: time(row, 6)?,
        revision: count(row, 7)?,
        secret_revision: count(row, 8)?,
    })
}

/// The place as it is stored.
fn place(app: &OauthApp) -> Vec<u8> {
    match (app.workspace_id, app.organization_id) {
        (Some(workspace), _) => workspace.as_bytes().to_vec(),
        (None, Some(organization)) => organization.as_bytes().to_vec(),
        (None, None) => Vec::new(),
    }
}

fn get(connection: &Connection, app: OauthAppId) -> Outcome<OauthApp> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM oauth_app WHERE id = ?1"))?;
    let mut rows = statement.query([app.as_bytes()])?;
    read(rows.next()?.ok_or(Error::NotFound)?)
}

fn create(tx: &mut Tx<'_>, change: &AppChange) -> Outcome<()> {
    let app = &change.app;
    let made = tx.run(
        "INSERT INTO oauth_app (id, level, place, service, policy, secret_fields, created_at, updated_at, revision,
            secret_revision)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (place, service) DO NOTHING",
        (
            app.id.as_bytes(),
            app.level.as_str(),
            place(app),
            &app.policy.service,
            to_json(&app.policy)?,
            to_json(&app.secret_fields)?,
            app.created_at.as_millis(),
            app.updated_at.as_millis(),
            signed(app.revision),
            signed(app.secret_revision),
        ),
    )?;
    if made == 0 {
        return Err(Error::Taken { what: "the service's app at this level" }.into());
    }
    change.secret.iter().try_for_each(|secret| tx.put_secret(secret))?;
    tx.record(&change.audit)
}

fn update(tx: &mut Tx<'_>, change: &AppChange) -> Outcome<()> {
    let app = &change.app;
    let changed = tx.run(
        "UPDATE oauth_app SET policy = ?2, secret_fields = ?3, updated_at = ?4, revision = ?5, secret_revision = ?6
         WHERE id = ?1 AND revision = ?5 - 1",
        (
            app.id.as_bytes(),
            to_json(&app.policy)?,
            to_json(&app.secret_fields)?,
            app.updated_at.as_millis(),
            signed(app.revision),
            signed(app.secret_revision),
        ),
    )?;
    if changed == 0 {
        get(tx.connection, app.id)?;
        return Err(Error::Conflict.into());
    }
    change.secret.iter().try_for_each(|secret| tx.put_secret(secret))?;
    tx.record(&change.audit)
}

/// Credentials, attempts that may still become one, and grants that wait to be revoked.
fn uses(connection: &Connection, app: OauthAppId, now: Timestamp) -> Outcome<Vec<AppUse>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, workspace_id, name FROM credential
            WHERE auth_type = 'oauth2' AND status <> 'revoked'
              AND json_extract(policy, '$.parameters.oauthApp') = ?1
         UNION ALL
         SELECT NULL, workspace_id, coalesce(json_extract(draft, '$.name'), '')
            FROM oauth_attempt
            WHERE status IN ('pending', 'exchanging', 'connected') AND expires_at > ?2
              AND json_extract(draft, '$.policy.parameters.oauthApp') = ?1
         UNION ALL
         SELECT NULL, NULL, coalesce(json_extract(credential, '$.name'), '')
            FROM oauth_revocation WHERE json_extract(credential, '$.policy.parameters.oauthApp') = ?1
         LIMIT ?3",
    )?;
    let found = statement.query_and_then((app.to_string(), now.as_millis(), MOST_USES), |row| {
        Ok(AppUse { credential: id_or_none(row, 0)?, workspace: id_or_none(row, 1)?, name: row.get(2)? })
    })?;
    found.collect()
}

/// The apps of a workspace that is deleted.
pub(crate) fn forget_workspace(tx: &Tx<'_>, workspace: WorkspaceId) -> Outcome<()> {
    let apps: Vec<OauthAppId> = tx
        .connection
        .prepare_cached("DELETE FROM oauth_app WHERE place = ?1 RETURNING id")?
        .query_and_then([workspace.as_bytes()], |row| id(row, 0))?
        .collect::<std::result::Result<_, _>>()?;
    apps.iter().try_for_each(|app| tx.destroy_secrets_of(&app.to_string()))
}

#[async_trait]
impl OauthAppStore for SqliteStore {
    async fn list_oauth_apps(
        &self,
        organization: OrganizationId,
        workspace: WorkspaceId,
    ) -> Result<Vec<OauthApp>> {
        self.look_up(|connection| {
            connection
                .prepare_cached(&format!(
                    "SELECT {COLUMNS} FROM oauth_app WHERE place IN (?1, ?2, x'')
                     ORDER BY service, CASE level WHEN 'workspace' THEN 0 WHEN 'organization' THEN 1 ELSE 2 END"
                ))?
                .query_and_then((workspace.as_bytes(), organization.as_bytes()), read)?
                .collect()
        })
        .await
    }

    async fn get_oauth_app(&self, app: OauthAppId) -> Result<StoredApp> {
        self.look_up(|connection| {
            let found = get(connection, app)?;
            let owner = app.to_string();
            let secrets = secrets::select(connection, "WHERE s.owner = ?1 AND s.slot = 0", [&owner])?;
            Ok(StoredApp { app: found, secret: secrets.into_iter().next() })
        })
        .await
    }

    async fn create_oauth_app(&self, change: AppChange) -> Result<()> {
        self.write(move |tx| create(tx, &change)).await
    }

    async fn update_oauth_app(&self, change: AppChange) -> Result<()> {
        self.write(move |tx| update(tx, &change)).await
    }

    async fn oauth_app_uses(&self, app: OauthAppId, now: Timestamp) -> Result<Vec<AppUse>> {
        self.read(move |connection| uses(connection, app, now)).await
    }

    async fn delete_oauth_app(&self, app: OauthAppId, now: Timestamp, audit: Vec<NewAudit>) -> Result<()> {
        self.write(move |tx| {
            get(tx.connection, app)?;
            if !uses(tx.connection, app, now)?.is_empty() {
                return Err(Error::Refused { rule: "an app that something needs stays" }.into());
            }
            tx.run("DELETE FROM oauth_app WHERE id = ?1", [app.as_bytes()])?;
            tx.destroy_secrets_of(&app.to_string())?;
            tx.record(&audit)
        })
        .await
    }
}
