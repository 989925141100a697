//! People as a directory sees them: every member of the organization, and whom it deactivated.

use flero_model::{CredentialId, OrganizationId, UserId, role::OrganizationRole};
use flero_store::{
    Error,
    scim::{ScimAct, ScimState, ScimUser, Slice, UserFilter},
    sessions::Which,
};
use rusqlite::{Connection, Row, params};

use super::{give_by_groups, groups};
use crate::{
    convert::{count, id, signed, time},
    error::{Fault, OrTaken, Outcome},
    members::depart,
    writer::Tx,
};

const COLUMNS: &str = "p.id, coalesce(s.user_name, p.email), s.external_id, coalesce(s.given_name, ''),
     coalesce(s.family_name, ''), p.name, p.email, coalesce(s.state, 'active'), coalesce(s.is_provisioned, 0),
     coalesce(s.created_at, m.created_at), coalesce(s.updated_at, m.created_at), coalesce(s.revision, 1)";

const FROM: &str = "FROM person AS p
     LEFT JOIN organization_member AS m ON m.user_id = p.id AND m.organization_id = ?1
     LEFT JOIN scim_user AS s ON s.user_id = p.id AND s.organization_id = ?1
     WHERE (m.user_id IS NOT NULL OR s.user_id IS NOT NULL)";

fn user(row: &Row<'_>, organization: OrganizationId) -> Outcome<ScimUser> {
    let state: String = row.get(7)?;
    Ok(ScimUser {
        user: id(row, 0)?,
        organization,
        user_name: row.get(1)?,
        external_id: row.get(2)?,
        given_name: row.get(3)?,
        family_name: row.get(4)?,
        name: row.get(5)?,
        email: row.get(6)?,
        state: match state.as_str() {
            "active" => ScimState::Active,
            "inactive" => ScimState::Inactive,
            "deleted" => ScimState::Deleted,
            _ => return Err(Fault::Port(Error::Corrupt { what: "somebody of a directory" })),
        },
        is_provisioned: row.get(8)?,
        groups: Vec::new(),
        created_at: time(row, 9)?,
        updated_at: time(row, 10)?,
        revision: count(row, 11)?,
    })
}

/// The condition of a filter, and its value as the second parameter.
fn condition(filter: &UserFilter) -> (&'static str, Box<dyn rusqlite::ToSql>) {
    match filter {
        UserFilter::All => ("?2 IS NULL", Box::new(None::<String>)),
        UserFilter::UserName(name) => {
            ("coalesce(s.user_name_key, p.email) = ?2", Box::new(name.to_lowercase()))
        }
        UserFilter::ExternalId(external) => ("s.external_id = ?2", Box::new(external.clone())),
        UserFilter::Email(email) => ("p.email = ?2", Box::new(email.to_lowercase())),
        UserFilter::Id(user) => ("p.id = ?2", Box::new(*user.as_bytes())),
        UserFilter::Nobody => ("?2 IS NOT NULL", Box::new(None::<String>)),
    }
}

pub(super) fn list(
    connection: &Connection,
    organization: OrganizationId,
    filter: &UserFilter,
    slice: Slice,
) -> Outcome<(Vec<ScimUser>, u64)> {
    let (condition, value) = condition(filter);
    let rest = format!("{FROM} AND coalesce(s.state, 'active') <> 'deleted' AND {condition}");
    let ours = organization.as_bytes();
    let total = connection
        .prepare_cached(&format!("SELECT count(*) {rest}"))?
        .query_row(params![ours, value], |row| count(row, 0))?;
    let mut found: Vec<ScimUser> = connection
        .prepare_cached(&format!("SELECT {COLUMNS} {rest} ORDER BY p.id LIMIT ?3 OFFSET ?4"))?
        .query_and_then(params![ours, value, slice.count, signed(slice.offset)], |row| {
            user(row, organization)
        })?
        .collect::<Outcome<_>>()?;
    for one in &mut found {
        one.groups = groups::of_person(connection, organization, one.user)?;
    }
    Ok((found, total))
}

pub(super) fn get(connection: &Connection, organization: OrganizationId, who: UserId) -> Outcome<ScimUser> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} {FROM} AND p.id = ?2"))?;
    let mut rows = statement.query((organization.as_bytes(), who.as_bytes()))?;
    let mut found = user(rows.next()?.ok_or(Error::NotFound)?, organization)?;
    found.groups = groups::of_person(connection, organization, who)?;
    Ok(found)
}

/// Whether somebody is a member of the organization now.
pub(super) fn is_member(connection: &Connection, organization: OrganizationId, who: UserId) -> Outcome<bool> {
    Ok(connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM organization_member WHERE organization_id = ?1 AND user_id = ?2)",
        )?
        .query_row((organization.as_bytes(), who.as_bytes()), |row| row.get(0))?)
}

/// Gives an account that the directory made the name and the address that it tells.
pub(super) fn rename(tx: &Tx<'_>, to: &ScimUser) -> Outcome<()> {
    if to.is_provisioned {
        tx.connection
            .prepare_cached("UPDATE person SET name = ?2, email = ?3 WHERE id = ?1")?
            .execute((to.user.as_bytes(), &to.name, &to.email))
            .or_taken("email address")?;
    }
    Ok(())
}

/// Writes somebody, and brings their memberships up to date.
pub(super) fn put(tx: &mut Tx<'_>, to: &ScimUser, act: &ScimAct) -> Outcome<Vec<CredentialId>> {
    if to.revision > 1 && get(tx.connection, to.organization, to.user)?.revision + 1 != to.revision {
        return Err(Error::Conflict.into());
    }
    tx.connection
        .prepare_cached(
            "INSERT INTO scim_user (user_id, organization_id, user_name, user_name_key, external_id, given_name,
                                    family_name, state, is_provisioned, created_at, updated_at, revision)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
             ON CONFLICT (user_id, organization_id) DO UPDATE SET user_name = ?3, user_name_key = ?4,
                external_id = ?5, given_name = ?6, family_name = ?7, state = ?8, updated_at = ?11, revision = ?12",
        )?
        .execute(params![
            to.user.as_bytes(),
            to.organization.as_bytes(),
            to.user_name,
            to.user_name.to_lowercase(),
            to.external_id,
            to.given_name,
            to.family_name,
            to.state.as_str(),
            to.is_provisioned,
            to.created_at.as_millis(),
            to.updated_at.as_millis(),
            signed(to.revision),
        ])
        .or_taken("user name")?;
    tx.record(&act.audit)?;
    match to.state {
        ScimState::Active => {
            tx.join_organization(to.user, to.organization, OrganizationRole::Member, act.at)?;
            give_by_groups(tx, to.organization, to.user, act)
        }
        ScimState::Inactive => end_memberships(tx, to, act),
        ScimState::Deleted => {
            groups::forget_person(tx, to.organization, to.user)?;
            end_memberships(tx, to, act)
        }
    }
}

fn end_memberships(tx: &mut Tx<'_>, who: &ScimUser, act: &ScimAct) -> Outcome<Vec<CredentialId>> {
    if !is_member(tx.connection, who.organization, who.user)? {
        return Ok(Vec::new());
    }
    let expired = depart::leave(tx, who.organization, who.user, act.actor, act.at)?;
    if depart::is_nowhere(tx.connection, who.user)? {
        tx.delete_sessions(who.user, Which::All)?;
    }
    Ok(expired)
}
