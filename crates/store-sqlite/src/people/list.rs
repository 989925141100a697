//! Pages of members, last joined first.

use flero_model::{OrganizationId, WorkspaceId};
use flero_store::{
    Page, PageRequest,
    people::{Member, OrganizationMember},
};
use rusqlite::{Connection, Row};

use crate::{
    convert::{id, named, time, time_or_none},
    error::Outcome,
    page::{Key, List, Window},
};

fn member(row: &Row<'_>) -> Outcome<Member> {
    Ok(Member {
        user: id(row, 0)?,
        name: row.get(1)?,
        email: row.get(2)?,
        role: named(row, 3, "a membership")?,
        since: time(row, 4)?,
    })
}

fn organization_member(row: &Row<'_>) -> Outcome<OrganizationMember> {
    Ok(OrganizationMember {
        user: id(row, 0)?,
        name: row.get(1)?,
        email: row.get(2)?,
        role: named(row, 3, "a membership")?,
        since: time(row, 4)?,
        deactivated_at: time_or_none(row, 5)?,
    })
}

/// A page of a workspace's members; whoever is shut out of the organization is none.
pub(super) fn members(
    connection: &Connection,
    workspace: WorkspaceId,
    page: &PageRequest,
) -> Outcome<Page<Member>> {
    let window = Window::new(List::Members, page)?;
    let sql = "SELECT p.id, p.name, p.email, m.role, m.created_at FROM membership AS m
               JOIN person AS p ON p.id = m.user_id JOIN workspace AS w ON w.id = m.workspace_id
               JOIN organization_member AS o ON o.user_id = m.user_id
                AND o.organization_id = w.organization_id AND o.deactivated_at IS NULL
               WHERE m.workspace_id = ?1 AND (m.created_at, m.user_id) < (?2, ?3)
               ORDER BY m.created_at DESC, m.user_id DESC LIMIT ?4";
    let items = connection
        .prepare_cached(sql)?
        .query_and_then((workspace.as_bytes(), window.after.number, window.after.id, window.rows()), member)?
        .collect::<Outcome<Vec<_>>>()?;
    let total = connection
        .prepare_cached(
            "SELECT count(*) FROM membership AS m JOIN workspace AS w ON w.id = m.workspace_id
             JOIN organization_member AS o ON o.user_id = m.user_id
              AND o.organization_id = w.organization_id AND o.deactivated_at IS NULL
             WHERE m.workspace_id = ?1",
        )?
        .query_row([workspace.as_bytes()], |row| row.get(0))?;
    Ok(window
        .page(items, total, |member| Key { number: member.since.as_millis(), id: *member.user.as_bytes() }))
}

/// A page of an organization's members, whoever is shut out of it too.
pub(super) fn of_organization(
    connection: &Connection,
    organization: OrganizationId,
    page: &PageRequest,
) -> Outcome<Page<OrganizationMember>> {
    let window = Window::new(List::Members, page)?;
    let sql =
        "SELECT p.id, p.name, p.email, m.role, m.created_at, m.deactivated_at FROM organization_member AS m
               JOIN person AS p ON p.id = m.user_id
               WHERE m.organization_id = ?1 AND (m.created_at, m.user_id) < (?2, ?3)
               ORDER BY m.created_at DESC, m.user_id DESC LIMIT ?4";
    let items = connection
        .prepare_cached(sql)?
        .query_and_then(
            (organization.as_bytes(), window.after.number, window.after.id, window.rows()),
            organization_member,
        )?
        .collect::<Outcome<Vec<_>>>()?;
    let total = connection
        .prepare_cached("SELECT count(*) FROM organization_member WHERE organization_id = ?1")?
        .query_row([organization.as_bytes()], |row| row.get(0))?;
    Ok(window
        .page(items, total, |member| Key { number: member.since.as_millis(), id: *member.user.as_bytes() }))
}
