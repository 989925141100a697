//! Workspaces, memberships and accounts as rows. The statements end where their conditions begin.

use flero_store::{
    executions::Retention,
    people::{Account, Membership, Place, Workspace},
};
use rusqlite::Row;

use crate::{
    convert::{count, id, named, time_or_none},
    error::Outcome,
};

pub(super) const WORKSPACE: &str =
    "SELECT id, organization_id, name, retention_count, retention_age_ms, archived_at FROM workspace";

/// In an archived workspace everybody is a viewer; whoever is shut out of the organization is no member.
pub(super) const MEMBERSHIP: &str = "SELECT m.user_id, m.workspace_id, w.organization_id,
     CASE WHEN w.archived_at IS NULL THEN m.role ELSE 'viewer' END, o.role
     FROM membership AS m JOIN workspace AS w ON w.id = m.workspace_id
     JOIN organization_member AS o ON o.user_id = m.user_id AND o.organization_id = w.organization_id
     AND o.deactivated_at IS NULL";

pub(super) const PLACE: &str =
    "SELECT m.user_id, m.workspace_id, w.organization_id, m.role, o.role, w.name, g.name, w.archived_at
     FROM membership AS m JOIN workspace AS w ON w.id = m.workspace_id
     JOIN organization AS g ON g.id = w.organization_id
     JOIN organization_member AS o ON o.user_id = m.user_id AND o.organization_id = w.organization_id
     AND o.deactivated_at IS NULL";

pub(super) const ACCOUNT: &str = "SELECT id, email, name, password_hash FROM person";

pub(super) fn workspace(row: &Row<'_>) -> rusqlite::Result<Workspace> {
    Ok(Workspace {
        id: id(row, 0)?,
        organization: id(row, 1)?,
        name: row.get(2)?,
        retention: Retention { max_count: count(row, 3)?, max_age_ms: row.get(4)? },
        archived_at: time_or_none(row, 5)?,
    })
}

pub(super) fn membership(row: &Row<'_>) -> Outcome<Membership> {
    Ok(Membership {
        user: id(row, 0)?,
        workspace: id(row, 1)?,
        organization: id(row, 2)?,
        role: named(row, 3, "a membership")?,
        organization_role: named(row, 4, "a membership")?,
    })
}

pub(super) fn place(row: &Row<'_>) -> Outcome<Place> {
    Ok(Place {
        membership: membership(row)?,
        workspace_name: row.get(5)?,
        organization_name: row.get(6)?,
        archived_at: time_or_none(row, 7)?,
    })
}

pub(super) fn account(row: &Row<'_>) -> Outcome<Account> {
    Ok(Account { user: id(row, 0)?, email: row.get(1)?, name: row.get(2)?, password_hash: row.get(3)? })
}
