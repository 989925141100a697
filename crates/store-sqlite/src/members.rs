//! Changes of memberships, each with the rule that somebody always owns.

pub(crate) mod depart;

use flero_model::{
    ApiKeyId, CredentialId, OrganizationId, Timestamp, UserId, WorkflowId, WorkspaceId,
    audit::{Actor, AuditAction, AuditDetail, NewAudit},
    credential::Status,
    role::{OrganizationRole, Role},
};
use flero_store::{Error, people::Archived, sessions::Which, workflows::WorkflowStatus};

use crate::{
    convert::{id, named},
    error::Outcome,
    executions, workflows,
    writer::Tx,
};

/// A member's role.
fn role_of(tx: &Tx<'_>, workspace: WorkspaceId, user: UserId) -> Outcome<Role> {
    let sql = "SELECT role FROM membership WHERE user_id = ?1 AND workspace_id = ?2";
    let mut statement = tx.connection.prepare_cached(sql)?;
    let mut rows = statement.query((user.as_bytes(), workspace.as_bytes()))?;
    named(rows.next()?.ok_or(Error::NotFound)?, 0, "a membership")
}

/// Refuses when a member has another role than the one that a decision was made by.
pub(crate) fn expect(tx: &Tx<'_>, workspace: WorkspaceId, user: UserId, role: Role) -> Outcome<()> {
    if role_of(tx, workspace, user)? == role { Ok(()) } else { Err(Error::Conflict.into()) }
}

/// Refuses when a workspace has no other owner than this one; whoever is shut out of the organization owns nothing.
fn keep_an_owner(tx: &Tx<'_>, workspace: WorkspaceId, user: UserId) -> Outcome<()> {
    let others: bool = tx
        .connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM membership AS m JOIN workspace AS w ON w.id = m.workspace_id
                            JOIN organization_member AS o ON o.user_id = m.user_id
                             AND o.organization_id = w.organization_id AND o.deactivated_at IS NULL
                            WHERE m.workspace_id = ?1 AND m.role = 'owner' AND m.user_id <> ?2)",
        )?
        .query_row((workspace.as_bytes(), user.as_bytes()), |row| row.get(0))?;
    if others { Ok(()) } else { Err(Error::Refused { rule: "a workspace keeps an owner" }.into()) }
}

/// Gives a member another role.
pub(crate) fn change(
    tx: &mut Tx<'_>,
    workspace: WorkspaceId,
    user: UserId,
    role: Role,
    audit: &[NewAudit],
) -> Outcome<()> {
    if role_of(tx, workspace, user)? == Role::Owner && role != Role::Owner {
        keep_an_owner(tx, workspace, user)?;
    }
    tx.run(
        "UPDATE membership SET role = ?3 WHERE user_id = ?1 AND workspace_id = ?2",
        (user.as_bytes(), workspace.as_bytes(), role.as_str()),
    )?;
    tx.record(audit)
}

/// Removes a member. Their API keys there are revoked and their Personal credentials expire: nobody else could use them,
/// and whoever comes back has to make or renew them on purpose. Each is recorded, behind what is recorded of the removal.
pub(crate) fn remove(
    tx: &mut Tx<'_>,
    workspace: WorkspaceId,
    user: UserId,
    (actor, at): (Actor, Timestamp),
    audit: &[NewAudit],
) -> Outcome<Vec<CredentialId>> {
    if role_of(tx, workspace, user)? == Role::Owner {
        keep_an_owner(tx, workspace, user)?;
    }
    tx.run(
        "DELETE FROM membership WHERE user_id = ?1 AND workspace_id = ?2",
        (user.as_bytes(), workspace.as_bytes()),
    )?;
    tx.record(audit)?;
    let record = |action, target: String, detail: AuditDetail| {
        let detail = AuditDetail { outcome: Some("member_left".to_owned()), ..detail };
        NewAudit { workspace, at, actor, action, target, detail }
    };
    let revoked = |(id, name): (ApiKeyId, String)| {
        record(AuditAction::ApiKeyRevoked, id.to_string(), AuditDetail::named(name))
    };
    let keys: Vec<NewAudit> = revoke_keys(tx, workspace, user, at)?.into_iter().map(revoked).collect();
    tx.record(&keys)?;
    let left = expire_personal(tx, workspace, user, at)?;
    let expired = left.iter().map(|(id, ..)| *id).collect();
    let changed = left.into_iter().filter(|(_, _, status)| status != Status::Expired.as_str());
    let changed = changed.map(|(id, name, status)| {
        let change = AuditDetail::change(&status, Status::Expired.as_str());
        let detail = AuditDetail { name: Some(name), ..change };
        record(AuditAction::CredentialStatusChanged, id.to_string(), detail)
    });
    tx.record(&changed.collect::<Vec<_>>())?;
    Ok(expired)
}

/// Revokes somebody's API keys in a workspace; tells which ones, with their names.
fn revoke_keys(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    user: UserId,
    at: Timestamp,
) -> Outcome<Vec<(ApiKeyId, String)>> {
    Ok(tx
        .connection
        .prepare_cached(
            "UPDATE api_key SET revoked_at = ?3 WHERE creator = ?1 AND workspace_id = ?2 AND revoked_at IS NULL
             RETURNING id, name",
        )?
        .query_map((user.as_bytes(), workspace.as_bytes(), at.as_millis()), |row| Ok((id(row, 0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?)
}

/// Lets somebody's Personal credentials in a workspace expire; tells which ones, with their names and former statuses.
fn expire_personal(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    user: UserId,
    at: Timestamp,
) -> Outcome<Vec<(CredentialId, String, String)>> {
    let theirs = "owner_id = ?1 AND workspace_id = ?2 AND scope = 'personal' AND status <> 'revoked'";
    let left = tx
        .connection
        .prepare_cached(&format!("SELECT id, name, status FROM credential WHERE {theirs} ORDER BY id"))?
        .query_map((user.as_bytes(), workspace.as_bytes()), |row| {
            Ok((id(row, 0)?, row.get(1)?, row.get(2)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    tx.run(
        &format!(
            "UPDATE credential SET status = 'expired', expires_at = min(coalesce(expires_at, ?3), ?3),
                ends_at = min(coalesce(ends_at, ?3), ?3), due_at = 0, updated_at = ?3, revision = revision + 1
             WHERE {theirs}"
        ),
        (user.as_bytes(), workspace.as_bytes(), at.as_millis()),
    )?;
    Ok(left)
}

/// Refuses when an organization has no other owner than this one.
fn keep_an_organization_owner(tx: &Tx<'_>, organization: OrganizationId, user: UserId) -> Outcome<()> {
    let others: bool = tx
        .connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM organization_member
                            WHERE organization_id = ?1 AND role = 'owner' AND user_id <> ?2
                              AND deactivated_at IS NULL)",
        )?
        .query_row((organization.as_bytes(), user.as_bytes()), |row| row.get(0))?;
    if others { Ok(()) } else { Err(Error::Refused { rule: "an organization keeps an owner" }.into()) }
}

/// Takes somebody out of an organization, whose workspaces they left before.
fn leave_organization(tx: &Tx<'_>, organization: OrganizationId, user: UserId) -> Outcome<()> {
    keep_an_organization_owner(tx, organization, user)?;
    tx.run(
        "DELETE FROM organization_member WHERE organization_id = ?1 AND user_id = ?2",
        (organization.as_bytes(), user.as_bytes()),
    )?;
    Ok(())
}

/// Gives a member of an organization another role.
pub(crate) fn change_in_organization(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    user: UserId,
    role: OrganizationRole,
    audit: &[NewAudit],
) -> Outcome<()> {
    if role != OrganizationRole::Owner {
        keep_an_organization_owner(tx, organization, user)?;
    }
    let changed = tx.run(
        "UPDATE organization_member SET role = ?3 WHERE user_id = ?1 AND organization_id = ?2",
        (user.as_bytes(), organization.as_bytes(), role.as_str()),
    )?;
    if changed == 0 {
        return Err(Error::NotFound.into());
    }
    tx.record(audit)
}

/// Archives a workspace: what is active in it becomes inactive in the same transaction, and keeps its webhook path; what
/// runs is to be cancelled.
pub(crate) fn archive_workspace(tx: &mut Tx<'_>, id: WorkspaceId, archived: &NewAudit) -> Outcome<Archived> {
    let at = archived.at;
    let sql = "UPDATE workspace SET archived_at = ?2 WHERE id = ?1 AND archived_at IS NULL";
    if tx.run(sql, (id.as_bytes(), at.as_millis()))? == 0 {
        return Err(Error::Conflict.into());
    }
    let active = tx
        .connection
        .prepare_cached("SELECT id FROM workflow WHERE workspace_id = ?1 AND status = 'active'")?
        .query_map([id.as_bytes()], |row| crate::convert::id(row, 0))?
        .collect::<rusqlite::Result<Vec<WorkflowId>>>()?;
    for workflow in &active {
        workflows::disarm(tx, *workflow, WorkflowStatus::Inactive, at, &[])?;
    }
    tx.record(std::slice::from_ref(archived))?;
    Ok(Archived { workflows: active, executions: executions::cancel_all(tx, id, archived)? })
}

/// Shuts a member out of an organization, or lets them in again. Somebody who can act always owns it, and each of its
/// workspaces.
pub(crate) fn set_deactivated(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    user: UserId,
    at: Option<Timestamp>,
    audit: &[NewAudit],
) -> Outcome<()> {
    let changed = tx.run(
        "UPDATE organization_member SET deactivated_at = ?3 WHERE user_id = ?1 AND organization_id = ?2",
        (user.as_bytes(), organization.as_bytes(), at.map(Timestamp::as_millis)),
    )?;
    if changed == 0 {
        return Err(Error::NotFound.into());
    }
    if at.is_some() {
        let is_orphaned: bool = tx
            .connection
            .prepare_cached(
                "SELECT NOT EXISTS (SELECT 1 FROM organization_member
                                    WHERE organization_id = ?1 AND role = 'owner' AND deactivated_at IS NULL)
                     OR EXISTS (SELECT 1 FROM membership AS m JOIN workspace AS w ON w.id = m.workspace_id
                                WHERE m.user_id = ?2 AND m.role = 'owner' AND w.organization_id = ?1
                                  AND NOT EXISTS (
                                      SELECT 1 FROM membership AS other JOIN organization_member AS o
                                          ON o.user_id = other.user_id AND o.organization_id = ?1
                                      WHERE other.workspace_id = w.id AND other.role = 'owner'
                                        AND o.deactivated_at IS NULL))",
            )?
            .query_row((organization.as_bytes(), user.as_bytes()), |row| row.get(0))?;
        if is_orphaned {
            return Err(Error::Refused { rule: "an organization and its workspaces keep an owner" }.into());
        }
        tx.delete_sessions(user, Which::All)?;
    }
    tx.record(audit)
}

/// Deletes an empty workspace. The row stays for its audit trail; nobody is a member any more.
pub(crate) fn delete_workspace(
    tx: &mut Tx<'_>,
    id: WorkspaceId,
    at: Timestamp,
    audit: &[NewAudit],
) -> Outcome<()> {
    let bits = id.as_bytes();
    let is_empty: bool = tx
        .connection
        .prepare_cached(
            "SELECT NOT EXISTS (SELECT 1 FROM workflow WHERE workspace_id = ?1)
                AND NOT EXISTS (SELECT 1 FROM credential WHERE workspace_id = ?1)",
        )?
        .query_row([bits], |row| row.get(0))?;
    if !is_empty {
        return Err(Error::Refused { rule: "a workspace is deleted when it is empty" }.into());
    }
    tx.run("DELETE FROM membership WHERE workspace_id = ?1", [bits])?;
    tx.run(
        "UPDATE invite SET revoked_at = ?2 WHERE workspace_id = ?1 AND accepted_at IS NULL AND revoked_at IS NULL",
        (bits, at.as_millis()),
    )?;
    tx.run(
        "UPDATE api_key SET revoked_at = ?2 WHERE workspace_id = ?1 AND revoked_at IS NULL",
        (bits, at.as_millis()),
    )?;
    crate::oauth_apps::forget_workspace(tx, id)?;
    tx.record(audit)
}
