//! Groups of a directory, and who is in them.

use std::collections::BTreeSet;

use flero_model::{CredentialId, GroupId, OrganizationId, UserId};
use flero_store::{
    Error,
    scim::{GroupFilter, ScimAct, ScimGroup, ScimState, Slice},
};
use rusqlite::{Connection, Row, params};

use super::{give_to_all, users};
use crate::{
    convert::{count, id, signed, time},
    error::{OrTaken, Outcome},
    writer::Tx,
};

const COLUMNS: &str = "id, display_name, external_id, created_at, updated_at, revision";

fn group(row: &Row<'_>, organization: OrganizationId) -> rusqlite::Result<ScimGroup> {
    Ok(ScimGroup {
        id: id(row, 0)?,
        organization,
        display_name: row.get(1)?,
        external_id: row.get(2)?,
        members: Vec::new(),
        created_at: time(row, 3)?,
        updated_at: time(row, 4)?,
        revision: count(row, 5)?,
    })
}

fn condition(filter: &GroupFilter) -> (&'static str, Box<dyn rusqlite::ToSql>) {
    match filter {
        GroupFilter::All => ("?2 IS NULL", Box::new(None::<String>)),
        GroupFilter::DisplayName(name) => ("display_name = ?2", Box::new(name.clone())),
        GroupFilter::ExternalId(external) => ("external_id = ?2", Box::new(external.clone())),
        GroupFilter::Id(group) => ("id = ?2", Box::new(*group.as_bytes())),
        GroupFilter::Member(user) => {
            ("id IN (SELECT group_id FROM scim_group_member WHERE user_id = ?2)", Box::new(*user.as_bytes()))
        }
        GroupFilter::Nothing => ("?2 IS NOT NULL", Box::new(None::<String>)),
    }
}

pub(super) fn list(
    connection: &Connection,
    organization: OrganizationId,
    filter: &GroupFilter,
    slice: Slice,
) -> Outcome<(Vec<ScimGroup>, u64)> {
    let (condition, value) = condition(filter);
    let rest = format!("FROM scim_group WHERE organization_id = ?1 AND {condition}");
    let ours = organization.as_bytes();
    let total = connection
        .prepare_cached(&format!("SELECT count(*) {rest}"))?
        .query_row(params![ours, value], |row| count(row, 0))?;
    let mut found = connection
        .prepare_cached(&format!("SELECT {COLUMNS} {rest} ORDER BY id LIMIT ?3 OFFSET ?4"))?
        .query_map(params![ours, value, slice.count, signed(slice.offset)], |row| group(row, organization))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    for one in &mut found {
        one.members = members(connection, one.id)?;
    }
    Ok((found, total))
}

fn members(connection: &Connection, group: GroupId) -> Outcome<Vec<(UserId, String)>> {
    Ok(connection
        .prepare_cached(
            "SELECT g.user_id, p.name FROM scim_group_member AS g JOIN person AS p ON p.id = g.user_id
             WHERE g.group_id = ?1 ORDER BY g.user_id",
        )?
        .query_map([group.as_bytes()], |row| Ok((id(row, 0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?)
}

/// The groups of a person, by name.
pub(super) fn of_person(
    connection: &Connection,
    organization: OrganizationId,
    user: UserId,
) -> Outcome<Vec<(GroupId, String)>> {
    Ok(connection
        .prepare_cached(
            "SELECT g.id, g.display_name FROM scim_group AS g JOIN scim_group_member AS m ON m.group_id = g.id
             WHERE g.organization_id = ?1 AND m.user_id = ?2 ORDER BY g.display_name",
        )?
        .query_map((organization.as_bytes(), user.as_bytes()), |row| Ok((id(row, 0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?)
}

/// Everybody who is in a group.
pub(super) fn people(connection: &Connection, organization: OrganizationId) -> Outcome<Vec<UserId>> {
    Ok(connection
        .prepare_cached(
            "SELECT DISTINCT m.user_id FROM scim_group_member AS m JOIN scim_group AS g ON g.id = m.group_id
             WHERE g.organization_id = ?1",
        )?
        .query_map([organization.as_bytes()], |row| id(row, 0))?
        .collect::<rusqlite::Result<_>>()?)
}

/// Takes somebody out of every group.
pub(super) fn forget_person(tx: &Tx<'_>, organization: OrganizationId, user: UserId) -> Outcome<()> {
    tx.run(
        "DELETE FROM scim_group_member WHERE user_id = ?2
            AND group_id IN (SELECT id FROM scim_group WHERE organization_id = ?1)",
        (organization.as_bytes(), user.as_bytes()),
    )?;
    Ok(())
}

fn get(connection: &Connection, organization: OrganizationId, id: GroupId) -> Outcome<ScimGroup> {
    let one = Slice { offset: 0, count: 1 };
    let (found, _) = list(connection, organization, &GroupFilter::Id(id), one)?;
    found.into_iter().next().ok_or_else(|| Error::NotFound.into())
}

pub(super) fn put(tx: &mut Tx<'_>, to: &ScimGroup, act: &ScimAct) -> Outcome<Vec<CredentialId>> {
    let mut former = Vec::new();
    if to.revision > 1 {
        let stored = get(tx.connection, to.organization, to.id)?;
        if stored.revision + 1 != to.revision {
            return Err(Error::Conflict.into());
        }
        former = stored.members;
    }
    tx.connection
        .prepare_cached(
            "INSERT INTO scim_group (id, organization_id, display_name, external_id, created_at, updated_at, revision)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (id) DO UPDATE SET display_name = ?3, external_id = ?4, updated_at = ?6, revision = ?7",
        )?
        .execute(params![
            to.id.as_bytes(),
            to.organization.as_bytes(),
            to.display_name,
            to.external_id,
            to.created_at.as_millis(),
            to.updated_at.as_millis(),
            signed(to.revision),
        ])
        .or_taken("group name")?;
    tx.run("DELETE FROM scim_group_member WHERE group_id = ?1", [to.id.as_bytes()])?;
    let present: BTreeSet<UserId> = to.members.iter().map(|(user, _)| *user).collect();
    for user in &present {
        // Somebody whom the directory cannot see is in none of its groups.
        if users::get(tx.connection, to.organization, *user)?.state == ScimState::Deleted {
            return Err(Error::NotFound.into());
        }
        tx.run(
            "INSERT INTO scim_group_member (group_id, user_id) VALUES (?1, ?2)",
            (to.id.as_bytes(), user.as_bytes()),
        )?;
    }
    tx.record(&act.audit)?;
    let touched: BTreeSet<UserId> = former.into_iter().map(|(user, _)| user).chain(present).collect();
    give_to_all(tx, to.organization, touched, act)
}

pub(super) fn delete(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: GroupId,
    act: &ScimAct,
) -> Outcome<Vec<CredentialId>> {
    let former = get(tx.connection, organization, id)?;
    tx.run("DELETE FROM scim_group WHERE id = ?1", [id.as_bytes()])?;
    tx.record(&act.audit)?;
    give_to_all(tx, organization, former.members.into_iter().map(|(user, _)| user), act)
}
