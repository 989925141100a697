//! Registries of an organization, and what a workspace installed from them.

use async_trait::async_trait;
use flero_model::{OrganizationId, WorkspaceId, audit::NewAudit};
use flero_store::{
    Error, MarketplaceStore, Result,
    marketplace::{Installed, InstalledVersion, NewInstall, StoredRegistry},
};
use rusqlite::{OptionalExtension, Row};

use crate::{
    connectors,
    convert::{id, time},
    error::{OrTaken, Outcome},
    store::SqliteStore,
    writer::Tx,
};

fn registry(row: &Row<'_>) -> Outcome<StoredRegistry> {
    Ok(StoredRegistry {
        organization: id(row, 0)?,
        id: row.get(1)?,
        name: row.get(2)?,
        url: row.get(3)?,
        root: row.get(4)?,
        by: id(row, 5)?,
        at: time(row, 6)?,
    })
}

fn installed(row: &Row<'_>) -> Outcome<Installed> {
    let former = match (row.get(7)?, row.get(8)?) {
        (Some(version), Some(reach)) => Some(InstalledVersion { version, reach }),
        _ => None,
    };
    Ok(Installed {
        workspace: id(row, 0)?,
        id: row.get(1)?,
        registry: row.get(2)?,
        current: InstalledVersion { version: row.get(3)?, reach: row.get(4)? },
        former,
        by: id(row, 5)?,
        at: time(row, 6)?,
    })
}

#[async_trait]
impl MarketplaceStore for SqliteStore {
    async fn list_registries(&self, organization: OrganizationId) -> Result<Vec<StoredRegistry>> {
        self.look_up(|connection| {
            connection
                .prepare_cached(
                    "SELECT organization_id, id, name, url, root, added_by, added_at FROM marketplace_registry
                     WHERE organization_id = ?1 ORDER BY id",
                )?
                .query_and_then([organization.as_bytes()], registry)?
                .collect()
        })
        .await
    }

    async fn add_registry(&self, registry: StoredRegistry, audit: Vec<NewAudit>) -> Result<()> {
        self.write(move |tx| {
            tx.connection
                .prepare_cached(
                    "INSERT INTO marketplace_registry (organization_id, id, name, url, root, added_by, added_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                )?
                .execute((
                    registry.organization.as_bytes(),
                    &registry.id,
                    &registry.name,
                    &registry.url,
                    &registry.root,
                    registry.by.as_bytes(),
                    registry.at.as_millis(),
                ))
                .or_taken("name of a registry")?;
            tx.record(&audit)
        })
        .await
    }

    async fn delete_registry(
        &self,
        organization: OrganizationId,
        id: &str,
        audit: Vec<NewAudit>,
    ) -> Result<()> {
        let id = id.to_owned();
        self.write(move |tx| {
            let gone = tx.run(
                "DELETE FROM marketplace_registry WHERE organization_id = ?1 AND id = ?2",
                (organization.as_bytes(), &id),
            )?;
            if gone == 0 {
                return Err(Error::NotFound.into());
            }
            tx.record(&audit)
        })
        .await
    }

    async fn list_installed(&self, workspace: WorkspaceId) -> Result<Vec<Installed>> {
        self.look_up(|connection| {
            connection
                .prepare_cached(
                    "SELECT workspace_id, id, registry, version, reach, installed_by, installed_at, former_version,
                         former_reach
                     FROM marketplace_install WHERE workspace_id = ?1 ORDER BY id",
                )?
                .query_and_then([workspace.as_bytes()], installed)?
                .collect()
        })
        .await
    }

    async fn install(&self, install: NewInstall, audit: Vec<NewAudit>) -> Result<()> {
        self.write(move |tx| {
            keep_former(tx, &install)?;
            connectors::put(tx, &install.connector)?;
            let NewInstall { connector, registry, version, .. } = &install;
            tx.run(
                "INSERT INTO marketplace_install
                     (workspace_id, id, registry, version, reach, installed_by, installed_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (workspace_id, id) DO UPDATE SET registry = excluded.registry,
                     version = excluded.version, reach = excluded.reach, installed_by = excluded.installed_by,
                     installed_at = excluded.installed_at",
                (
                    connector.workspace.as_bytes(),
                    &connector.id,
                    registry,
                    &version.version,
                    &version.reach,
                    connector.by.as_bytes(),
                    connector.at.as_millis(),
                ),
            )?;
            tx.record(&audit)
        })
        .await
    }

    async fn roll_back_install(&self, workspace: WorkspaceId, id: &str, audit: Vec<NewAudit>) -> Result<()> {
        let id = id.to_owned();
        self.write(move |tx| {
            let place = (workspace.as_bytes(), &id);
            let back = tx.run(
                "UPDATE connector SET summary = former.former_summary, pack = former.former_pack
                 FROM marketplace_install AS former
                 WHERE connector.workspace_id = ?1 AND connector.id = ?2 AND former.workspace_id = ?1
                     AND former.id = ?2 AND former.former_pack IS NOT NULL",
                place,
            )?;
            if back == 0 {
                return Err(Error::NotFound.into());
            }
            tx.run(
                "UPDATE marketplace_install SET version = former_version, reach = former_reach,
                     former_version = NULL, former_reach = NULL, former_summary = NULL, former_pack = NULL
                 WHERE workspace_id = ?1 AND id = ?2",
                place,
            )?;
            tx.record(&audit)
        })
        .await
    }
}

/// Moves what is installed to the place of the version before, if it is the one that the caller means.
fn keep_former(tx: &Tx<'_>, install: &NewInstall) -> Outcome<()> {
    let place = (install.connector.workspace.as_bytes(), &install.connector.id);
    let version: Option<String> = tx
        .connection
        .prepare_cached("SELECT version FROM marketplace_install WHERE workspace_id = ?1 AND id = ?2")?
        .query_row(place, |row| row.get(0))
        .optional()?;
    if version != install.replaces {
        return Err(Error::Conflict.into());
    }
    if version.is_some() {
        tx.run(
            "UPDATE marketplace_install SET former_version = version, former_reach = reach,
                 former_summary = now.summary, former_pack = now.pack
             FROM connector AS now
             WHERE marketplace_install.workspace_id = ?1 AND marketplace_install.id = ?2
                 AND now.workspace_id = ?1 AND now.id = ?2",
            place,
        )?;
        return Ok(());
    }
    let is_imported = tx
        .connection
        .prepare_cached("SELECT 1 FROM connector WHERE workspace_id = ?1 AND id = ?2")?
        .exists(place)?;
    if is_imported {
        return Err(Error::Taken { what: "name of a connector" }.into());
    }
    Ok(())
}
