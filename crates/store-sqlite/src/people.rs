//! Organizations, workspaces, people, memberships, and whether the installation is paused.

use async_trait::async_trait;
use flero_model::{UserId, WorkspaceId, audit::NewAudit, role::Role};
use flero_store::{
    Error, PeopleStore, Result,
    executions::Retention,
    people::{FirstOwner, Membership, Workspace},
};
use rusqlite::{Connection, Row};

use crate::{
    convert::{count, id, named},
    error::{OrTaken, Outcome},
    store::SqliteStore,
    writer::Tx,
};

const WORKSPACE: &str = "SELECT id, organization_id, name, retention_count, retention_age_ms FROM workspace";

const MEMBERSHIP: &str = "SELECT m.user_id, m.workspace_id, w.organization_id, m.role
     FROM membership AS m JOIN workspace AS w ON w.id = m.workspace_id";

fn workspace(row: &Row<'_>) -> rusqlite::Result<Workspace> {
    Ok(Workspace {
        id: id(row, 0)?,
        organization: id(row, 1)?,
        name: row.get(2)?,
        retention: Retention { max_count: count(row, 3)?, max_age_ms: row.get(4)? },
    })
}

fn membership(row: &Row<'_>) -> Outcome<Membership> {
    Ok(Membership {
        user: id(row, 0)?,
        workspace: id(row, 1)?,
        organization: id(row, 2)?,
        role: named(row, 3, "a membership")?,
    })
}

fn has_people(connection: &Connection) -> Outcome<bool> {
    Ok(connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM person)")?.query_row([], |row| row.get(0))?)
}

fn create_first_owner(tx: &mut Tx<'_>, owner: &FirstOwner, audit: &[NewAudit]) -> Outcome<()> {
    if has_people(tx.connection)? {
        return Err(Error::Refused { rule: "there is an owner already" }.into());
    }
    let at = owner.at.as_millis();
    let (organization, space) = (owner.organization.as_bytes(), owner.workspace.as_bytes());
    tx.run(
        "INSERT INTO organization (id, name, created_at) VALUES (?1, ?2, ?3)",
        (organization, &owner.organization_name, at),
    )?;
    tx.run(
        "INSERT INTO workspace (id, organization_id, name, created_at) VALUES (?1, ?2, ?3, ?4)",
        (space, organization, &owner.workspace_name, at),
    )?;
    tx.connection
        .prepare_cached(
            "INSERT INTO person (id, email, name, password_hash, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((owner.user.as_bytes(), &owner.email, &owner.name, &owner.password_hash, at))
        .or_taken("email address")?;
    tx.run(
        "INSERT INTO membership (user_id, workspace_id, role, created_at) VALUES (?1, ?2, ?3, ?4)",
        (owner.user.as_bytes(), space, role_name(Role::Owner), at),
    )?;
    tx.insert_api_key(&owner.api_key)?;
    tx.record(audit)
}

/// The name of a role as serde writes it.
const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Viewer => "viewer",
        Role::Editor => "editor",
        Role::Admin => "admin",
        Role::Owner => "owner",
    }
}

/// The only row of a statement, or [`Error::NotFound`].
fn one<T>(
    connection: &Connection,
    sql: &str,
    parameters: impl rusqlite::Params,
    read: impl FnOnce(&Row<'_>) -> Outcome<T>,
) -> Outcome<T> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    read(rows.next()?.ok_or(Error::NotFound)?)
}

#[async_trait]
impl PeopleStore for SqliteStore {
    async fn create_first_owner(&self, owner: FirstOwner, audit: Vec<NewAudit>) -> Result<()> {
        self.write(move |tx| create_first_owner(tx, &owner, &audit)).await
    }

    async fn has_people(&self) -> Result<bool> {
        self.look_up(has_people).await
    }

    async fn membership(&self, user: UserId, workspace: WorkspaceId) -> Result<Membership> {
        self.look_up(|connection| {
            let sql = joined(MEMBERSHIP, " WHERE m.user_id = ?1 AND m.workspace_id = ?2");
            one(connection, &sql, (user.as_bytes(), workspace.as_bytes()), membership)
        })
        .await
    }

    async fn first_owner(&self) -> Result<Membership> {
        self.look_up(|connection| {
            let sql = joined(
                MEMBERSHIP,
                " WHERE m.role = 'owner' ORDER BY w.created_at, w.id, m.created_at, m.user_id LIMIT 1",
            );
            one(connection, &sql, [], membership)
        })
        .await
    }

    async fn person(&self, user: UserId) -> Result<(String, String)> {
        self.look_up(|connection| {
            one(connection, "SELECT name, email FROM person WHERE id = ?1", [user.as_bytes()], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
        })
        .await
    }

    async fn workspace(&self, id: WorkspaceId) -> Result<Workspace> {
        self.look_up(|connection| {
            let sql = joined(WORKSPACE, " WHERE id = ?1");
            one(connection, &sql, [id.as_bytes()], |row| Ok(workspace(row)?))
        })
        .await
    }

    async fn workspaces(&self) -> Result<Vec<Workspace>> {
        self.read(|connection| {
            let sql = joined(WORKSPACE, " ORDER BY created_at, id");
            connection.prepare_cached(&sql)?.query_and_then([], |row| Ok(workspace(row)?))?.collect()
        })
        .await
    }

    async fn is_paused(&self) -> Result<bool> {
        self.look_up(|connection| {
            one(connection, "SELECT paused FROM installation", [], |row| Ok(row.get(0)?))
        })
        .await
    }

    async fn set_paused(&self, paused: bool, audit: Vec<NewAudit>) -> Result<()> {
        self.write(move |tx| {
            tx.run("UPDATE installation SET paused = ?1", [paused])?;
            tx.record(&audit)
        })
        .await
    }
}

/// A statement of two parts; the statement cache knows it by its text.
fn joined(first: &str, second: &str) -> String {
    [first, second].concat()
}
