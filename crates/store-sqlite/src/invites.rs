//! Invitations to a workspace.

use async_trait::async_trait;
use flero_model::{
    InviteId, OrganizationId, Timestamp, WorkspaceId,
    audit::NewAudit,
    role::{OrganizationRole, Role},
};
use flero_store::{
    Error, InviteStore, Page, PageRequest, Result,
    invites::{Guest, Invite},
};
use rusqlite::{Connection, Row};

use crate::{
    convert::{id, millis, named, time, time_or_none},
    error::{Fault, OrTaken, Outcome},
    page::{Key, List, Window},
    store::SqliteStore,
    writer::Tx,
};

const SELECT: &str = "SELECT id, token_hash, workspace_id, email, role, invited_by, by_sign_up, created_at,
     expires_at, accepted_at, revoked_at FROM invite";

fn invite(row: &Row<'_>) -> Outcome<Invite> {
    Ok(Invite {
        id: id(row, 0)?,
        token_hash: row.get(1)?,
        workspace: id(row, 2)?,
        email: row.get(3)?,
        role: named(row, 4, "an invitation")?,
        invited_by: id(row, 5)?,
        by_sign_up: row.get(6)?,
        created_at: time(row, 7)?,
        expires_at: time(row, 8)?,
        accepted_at: time_or_none(row, 9)?,
        revoked_at: time_or_none(row, 10)?,
    })
}

fn one(connection: &Connection, condition: &str, parameters: impl rusqlite::Params) -> Outcome<Invite> {
    let mut statement = connection.prepare_cached(&[SELECT, condition].concat())?;
    let mut rows = statement.query(parameters)?;
    invite(rows.next()?.ok_or(Error::NotFound)?)
}

fn insert(tx: &Tx<'_>, invite: &Invite) -> Outcome<()> {
    tx.run(
        "UPDATE invite SET revoked_at = ?3
         WHERE workspace_id = ?1 AND email = ?2 AND accepted_at IS NULL AND revoked_at IS NULL",
        (invite.workspace.as_bytes(), &invite.email, invite.created_at.as_millis()),
    )?;
    tx.connection
        .prepare_cached(
            "INSERT INTO invite (id, token_hash, workspace_id, email, role, invited_by, by_sign_up, created_at,
                                 expires_at, accepted_at, revoked_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?
        .execute((
            invite.id.as_bytes(),
            invite.token_hash,
            invite.workspace.as_bytes(),
            &invite.email,
            invite.role.as_str(),
            invite.invited_by.as_bytes(),
            invite.by_sign_up,
            invite.created_at.as_millis(),
            invite.expires_at.as_millis(),
            millis(invite.accepted_at),
            millis(invite.revoked_at),
        ))
        .or_taken("invitation")?;
    Ok(())
}

fn accept(tx: &mut Tx<'_>, id: InviteId, guest: &Guest, at: Timestamp, audit: &[NewAudit]) -> Outcome<()> {
    let invite = one(tx.connection, " WHERE id = ?1", [id.as_bytes()])?;
    if !invite.is_open(at) {
        return Err(Error::Conflict.into());
    }
    let user = match guest {
        Guest::Known(user) => *user,
        Guest::New { account, session } => {
            tx.insert_account(account, at)?;
            tx.insert_session(session)?;
            account.user
        }
    };
    let organization: OrganizationId = tx
        .connection
        .prepare_cached("SELECT organization_id FROM workspace WHERE id = ?1")?
        .query_row([invite.workspace.as_bytes()], |row| crate::convert::id(row, 0))?;
    tx.join_organization(user, organization, OrganizationRole::Member, at)?;
    let sql = "SELECT role FROM membership WHERE user_id = ?1 AND workspace_id = ?2";
    let mut statement = tx.connection.prepare_cached(sql)?;
    let mut rows = statement.query((user.as_bytes(), invite.workspace.as_bytes()))?;
    let former: Option<Role> = rows.next()?.map(|row| named(row, 0, "a membership")).transpose()?;
    match former {
        None => tx.join_workspace(user, invite.workspace, invite.role, at)?,
        Some(role) if role < invite.role => tx.run(
            "UPDATE membership SET role = ?3 WHERE user_id = ?1 AND workspace_id = ?2",
            (user.as_bytes(), invite.workspace.as_bytes(), invite.role.as_str()),
        )?,
        Some(_) => 0,
    };
    tx.run("UPDATE invite SET accepted_at = ?2 WHERE id = ?1", (id.as_bytes(), at.as_millis()))?;
    tx.record(audit)
}

#[async_trait]
impl InviteStore for SqliteStore {
    async fn create_invites(&self, invites: Vec<Invite>, audit: Vec<NewAudit>) -> Result<()> {
        self.write(move |tx| {
            invites.iter().try_for_each(|invite| insert(tx, invite))?;
            tx.record(&audit)
        })
        .await
    }

    async fn open_invite(
        &self,
        workspace: WorkspaceId,
        email: &str,
        now: Timestamp,
    ) -> Result<Option<Invite>> {
        self.look_up(|connection| {
            let condition =
                " WHERE workspace_id = ?1 AND email = ?2 AND accepted_at IS NULL AND revoked_at IS NULL
                 AND expires_at > ?3";
            match one(connection, condition, (workspace.as_bytes(), email, now.as_millis())) {
                Err(Fault::Port(Error::NotFound)) => Ok(None),
                found => found.map(Some),
            }
        })
        .await
    }

    async fn invite_by_hash(&self, token_hash: &[u8; 32]) -> Result<Invite> {
        self.look_up(|connection| one(connection, " WHERE token_hash = ?1", [token_hash])).await
    }

    async fn get_invite(&self, workspace: WorkspaceId, id: InviteId) -> Result<Invite> {
        self.look_up(|connection| {
            one(connection, " WHERE id = ?1 AND workspace_id = ?2", (id.as_bytes(), workspace.as_bytes()))
        })
        .await
    }

    async fn list_invites(&self, workspace: WorkspaceId, page: PageRequest) -> Result<Page<Invite>> {
        self.read(move |connection| {
            let window = Window::new(List::Invites, &page)?;
            let wanted = " WHERE workspace_id = ?1 AND accepted_at IS NULL AND revoked_at IS NULL";
            let items = connection
                .prepare_cached(&format!(
                    "{SELECT}{wanted} AND (created_at, id) < (?2, ?3) ORDER BY created_at DESC, id DESC LIMIT ?4"
                ))?
                .query_and_then(
                    (workspace.as_bytes(), window.after.number, window.after.id, window.rows()),
                    invite,
                )?
                .collect::<Outcome<Vec<_>>>()?;
            let total = connection
                .prepare_cached(&format!("SELECT count(*) FROM invite{wanted}"))?
                .query_row([workspace.as_bytes()], |row| row.get(0))?;
            Ok(window.page(items, total, |invite| Key {
                number: invite.created_at.as_millis(),
                id: *invite.id.as_bytes(),
            }))
        })
        .await
    }

    async fn revoke_invite(
        &self,
        workspace: WorkspaceId,
        id: InviteId,
        at: Timestamp,
        audit: Vec<NewAudit>,
    ) -> Result<()> {
        self.write(move |tx| {
            let changed = tx.run(
                "UPDATE invite SET revoked_at = ?3 WHERE id = ?1 AND workspace_id = ?2
                 AND accepted_at IS NULL AND revoked_at IS NULL",
                (id.as_bytes(), workspace.as_bytes(), at.as_millis()),
            )?;
            if changed == 0 {
                return Err(Error::NotFound.into());
            }
            tx.record(&audit)
        })
        .await
    }

    async fn accept_invite(
        &self,
        id: InviteId,
        guest: Guest,
        at: Timestamp,
        audit: Vec<NewAudit>,
    ) -> Result<()> {
        self.write(move |tx| accept(tx, id, &guest, at, &audit)).await
    }
}
