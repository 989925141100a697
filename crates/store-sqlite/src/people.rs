//! Organizations, workspaces, people, memberships, and whether the installation is paused.

mod list;
mod row;

use async_trait::async_trait;
use flero_model::{
    CredentialId, OrganizationId, Timestamp, UserId, WorkspaceId,
    audit::{Actor, NewAudit},
    credential::Credential,
    role::{OrganizationRole, Role},
};
use flero_store::{
    Error, Page, PageRequest, PeopleStore, Result,
    executions::Retention,
    people::{
        Account, Archived, Departure, FirstOwner, Member, Membership, Object, OrganizationMember, Place,
        Workspace,
    },
    sessions::{SignIn, Which},
};
use rusqlite::{Connection, Row};

use crate::{
    convert::{id, named, signed},
    error::{OrTaken, Outcome},
    members::{self, depart},
    store::SqliteStore,
    writer::Tx,
};

use row::{ACCOUNT, MEMBERSHIP, PLACE, WORKSPACE, account, membership, place, workspace};

impl Tx<'_> {
    /// Inserts a person.
    pub(crate) fn insert_account(&self, account: &Account, at: Timestamp) -> Outcome<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO person (id, email, name, password_hash, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute((
                account.user.as_bytes(),
                &account.email,
                &account.name,
                &account.password_hash,
                at.as_millis(),
            ))
            .or_taken("email address")?;
        Ok(())
    }

    /// Makes somebody a member of an organization; whoever is one keeps the role.
    pub(crate) fn join_organization(
        &self,
        user: UserId,
        organization: OrganizationId,
        role: OrganizationRole,
        at: Timestamp,
    ) -> Outcome<usize> {
        self.run(
            "INSERT INTO organization_member (user_id, organization_id, role, created_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (user_id, organization_id) DO NOTHING",
            (user.as_bytes(), organization.as_bytes(), role.as_str(), at.as_millis()),
        )
    }

    /// Makes somebody a member of a workspace who is none.
    pub(crate) fn join_workspace(
        &self,
        user: UserId,
        workspace: WorkspaceId,
        role: Role,
        at: Timestamp,
    ) -> Outcome<usize> {
        self.run(
            "INSERT INTO membership (user_id, workspace_id, role, created_at) VALUES (?1, ?2, ?3, ?4)",
            (user.as_bytes(), workspace.as_bytes(), role.as_str(), at.as_millis()),
        )
    }
}

fn set_password(
    tx: &mut Tx<'_>,
    user: UserId,
    (former, hash): (&str, &str),
    end: Option<Which>,
    sign_in: Option<&SignIn>,
    audit: &[NewAudit],
) -> Outcome<()> {
    let sql = "UPDATE person SET password_hash = ?3 WHERE id = ?1 AND password_hash = ?2";
    if tx.run(sql, (user.as_bytes(), former, hash))? == 0 {
        return Err(Error::Conflict.into());
    }
    if let Some(which) = end {
        tx.delete_sessions(user, which)?;
    }
    if let Some(entry) = sign_in {
        tx.insert_sign_in(entry)?;
    }
    tx.record(audit)
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
    let account = Account {
        user: owner.user,
        email: owner.email.clone(),
        name: owner.name.clone(),
        password_hash: owner.password_hash.clone(),
    };
    tx.insert_account(&account, owner.at)?;
    tx.join_organization(owner.user, owner.organization, OrganizationRole::Owner, owner.at)?;
    tx.join_workspace(owner.user, owner.workspace, Role::Owner, owner.at)?;
    owner.api_key.iter().try_for_each(|key| tx.insert_api_key(key))?;
    owner.session.iter().try_for_each(|session| tx.insert_session(session))?;
    tx.record(audit)
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

    async fn home_of(&self, object: Object) -> Result<WorkspaceId> {
        let (sql, bits) = match object {
            Object::Credential(id) => ("SELECT workspace_id FROM credential WHERE id = ?1", *id.as_bytes()),
            Object::Workflow(id) => ("SELECT workspace_id FROM workflow WHERE id = ?1", *id.as_bytes()),
            Object::Execution(id) => ("SELECT workspace_id FROM execution WHERE id = ?1", *id.as_bytes()),
            Object::ApiKey(id) => ("SELECT workspace_id FROM api_key WHERE id = ?1", *id.as_bytes()),
            Object::Invite(id) => ("SELECT workspace_id FROM invite WHERE id = ?1", *id.as_bytes()),
            Object::ScopeRequest(id) => {
                ("SELECT workspace_id FROM scope_request WHERE id = ?1", *id.as_bytes())
            }
            Object::Workspace(id) => ("SELECT id FROM workspace WHERE id = ?1", *id.as_bytes()),
        };
        self.look_up(|connection| one(connection, sql, [bits], |row| Ok(id(row, 0)?))).await
    }

    async fn places(&self, user: UserId) -> Result<Vec<Place>> {
        self.look_up(|connection| {
            let sql = joined(PLACE, " WHERE m.user_id = ?1 ORDER BY m.created_at, m.workspace_id");
            connection.prepare_cached(&sql)?.query_and_then([user.as_bytes()], place)?.collect()
        })
        .await
    }

    async fn account_by_email(&self, email: &str) -> Result<Account> {
        self.look_up(|connection| one(connection, &joined(ACCOUNT, " WHERE email = ?1"), [email], account))
            .await
    }

    async fn account(&self, user: UserId) -> Result<Account> {
        self.look_up(|connection| {
            one(connection, &joined(ACCOUNT, " WHERE id = ?1"), [user.as_bytes()], account)
        })
        .await
    }

    async fn set_password(
        &self,
        user: UserId,
        former: String,
        hash: String,
        end: Option<Which>,
        sign_in: Option<SignIn>,
        audit: Vec<NewAudit>,
    ) -> Result<()> {
        self.write(move |tx| set_password(tx, user, (&former, &hash), end, sign_in.as_ref(), &audit)).await
    }

    async fn change_member(
        &self,
        workspace: WorkspaceId,
        user: UserId,
        (from, to): (Role, Role),
        audit: Vec<NewAudit>,
    ) -> Result<()> {
        self.write(move |tx| {
            members::expect(tx, workspace, user, from)?;
            members::change(tx, workspace, user, to, &audit)
        })
        .await
    }

    async fn remove_member(
        &self,
        workspace: WorkspaceId,
        user: UserId,
        role: Role,
        at: Timestamp,
        audit: Vec<NewAudit>,
    ) -> Result<Vec<CredentialId>> {
        self.write(move |tx| {
            members::expect(tx, workspace, user, role)?;
            {
                // Whoever removes somebody does what comes with it.
                let actor = audit.first().map_or(Actor::System, |record| record.actor);
                members::remove(tx, workspace, user, (actor, at), &audit)
            }
        })
        .await
    }

    async fn belongings(
        &self,
        user: UserId,
        organization: Option<OrganizationId>,
    ) -> Result<Vec<Credential>> {
        self.look_up(move |connection| depart::belongings(connection, user, organization)).await
    }

    async fn depart(&self, departure: Departure) -> Result<()> {
        self.write(move |tx| depart::depart(tx, &departure)).await
    }

    async fn transfer_workspace(
        &self,
        workspace: WorkspaceId,
        from: UserId,
        to: UserId,
        audit: Vec<NewAudit>,
    ) -> Result<()> {
        self.write(move |tx| {
            members::change(tx, workspace, to, Role::Owner, &[])?;
            members::change(tx, workspace, from, Role::Admin, &audit)
        })
        .await
    }

    async fn change_organization_member(
        &self,
        organization: OrganizationId,
        user: UserId,
        role: OrganizationRole,
        audit: Vec<NewAudit>,
    ) -> Result<()> {
        self.write(move |tx| members::change_in_organization(tx, organization, user, role, &audit)).await
    }

    async fn create_workspace(
        &self,
        workspace: Workspace,
        owner: UserId,
        at: Timestamp,
        audit: Vec<NewAudit>,
    ) -> Result<()> {
        self.write(move |tx| {
            tx.run(
                "INSERT INTO workspace (id, organization_id, name, retention_count, retention_age_ms, created_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                (
                    workspace.id.as_bytes(),
                    workspace.organization.as_bytes(),
                    &workspace.name,
                    signed(workspace.retention.max_count),
                    workspace.retention.max_age_ms,
                    at.as_millis(),
                ),
            )?;
            tx.join_workspace(owner, workspace.id, Role::Owner, at)?;
            tx.record(&audit)
        })
        .await
    }

    async fn archive_workspace(&self, id: WorkspaceId, archived: NewAudit) -> Result<Archived> {
        self.write(move |tx| members::archive_workspace(tx, id, &archived)).await
    }

    async fn restore_workspace(&self, id: WorkspaceId, audit: Vec<NewAudit>) -> Result<()> {
        self.write(move |tx| {
            let sql = "UPDATE workspace SET archived_at = NULL WHERE id = ?1 AND archived_at IS NOT NULL";
            if tx.run(sql, [id.as_bytes()])? == 0 {
                return Err(Error::Conflict.into());
            }
            tx.record(&audit)
        })
        .await
    }

    async fn standing_role(&self, user: UserId, workspace: WorkspaceId) -> Result<Role> {
        self.look_up(|connection| {
            let sql = "SELECT role FROM membership WHERE user_id = ?1 AND workspace_id = ?2";
            one(connection, sql, (user.as_bytes(), workspace.as_bytes()), |row| named(row, 0, "a membership"))
        })
        .await
    }

    async fn set_deactivated(
        &self,
        organization: OrganizationId,
        user: UserId,
        at: Option<Timestamp>,
        audit: Vec<NewAudit>,
    ) -> Result<()> {
        self.write(move |tx| members::set_deactivated(tx, organization, user, at, &audit)).await
    }

    async fn is_shut_out(&self, user: UserId) -> Result<bool> {
        self.look_up(|connection| {
            Ok(connection
                .prepare_cached(
                    "SELECT count(*) > 0 AND count(*) = count(deactivated_at) FROM organization_member
                     WHERE user_id = ?1",
                )?
                .query_row([user.as_bytes()], |row| row.get(0))?)
        })
        .await
    }

    async fn rename_workspace(&self, id: WorkspaceId, name: String, audit: Vec<NewAudit>) -> Result<()> {
        self.write(move |tx| {
            if tx.run("UPDATE workspace SET name = ?2 WHERE id = ?1", (id.as_bytes(), &name))? == 0 {
                return Err(Error::NotFound.into());
            }
            tx.record(&audit)
        })
        .await
    }

    async fn delete_workspace(&self, id: WorkspaceId, at: Timestamp, audit: Vec<NewAudit>) -> Result<()> {
        self.write(move |tx| members::delete_workspace(tx, id, at, &audit)).await
    }

    async fn organization_name(&self, id: OrganizationId) -> Result<String> {
        self.look_up(|connection| {
            one(connection, "SELECT name FROM organization WHERE id = ?1", [id.as_bytes()], |row| {
                Ok(row.get(0)?)
            })
        })
        .await
    }

    async fn list_members(&self, workspace: WorkspaceId, page: PageRequest) -> Result<Page<Member>> {
        self.read(move |connection| list::members(connection, workspace, &page)).await
    }

    async fn list_organization_members(
        &self,
        organization: OrganizationId,
        page: PageRequest,
    ) -> Result<Page<OrganizationMember>> {
        self.read(move |connection| list::of_organization(connection, organization, &page)).await
    }

    async fn organization_role(
        &self,
        user: UserId,
        organization: OrganizationId,
    ) -> Result<OrganizationRole> {
        self.look_up(|connection| {
            let sql = "SELECT role FROM organization_member
                       WHERE user_id = ?1 AND organization_id = ?2 AND deactivated_at IS NULL";
            one(connection, sql, (user.as_bytes(), organization.as_bytes()), |row| {
                named(row, 0, "a membership")
            })
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

    async fn set_retention(&self, id: WorkspaceId, retention: Retention, audit: Vec<NewAudit>) -> Result<()> {
        self.write(move |tx| {
            let changed = tx.run(
                "UPDATE workspace SET retention_count = ?2, retention_age_ms = ?3 WHERE id = ?1",
                (id.as_bytes(), signed(retention.max_count), retention.max_age_ms),
            )?;
            if changed == 0 {
                return Err(Error::NotFound.into());
            }
            tx.record(&audit)
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
