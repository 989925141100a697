//! Memberships that a provider or a directory gives: brought to what it gives now, and nothing else touched.

use flero_model::{UserId, WorkspaceId, identity::WorkspaceRole, role::Role};
use flero_store::{
    Error,
    identity::{GivenRoles, RoleChanges},
};

use crate::{
    convert::{id, named},
    error::{Fault, Outcome},
    members,
    writer::Tx,
};

/// A membership in one of the organization's workspaces.
struct Held {
    workspace: WorkspaceId,
    role: Role,
    is_from_source: bool,
}

fn held(tx: &Tx<'_>, user: UserId, given: &GivenRoles) -> Outcome<Vec<Held>> {
    tx.connection
        .prepare_cached(
            "SELECT m.workspace_id, m.role, g.source IS NOT NULL AND g.source = ?3
             FROM membership AS m JOIN workspace AS w ON w.id = m.workspace_id
             LEFT JOIN given_membership AS g ON g.user_id = m.user_id AND g.workspace_id = m.workspace_id
             WHERE m.user_id = ?1 AND w.organization_id = ?2 ORDER BY m.workspace_id",
        )?
        .query_and_then((user.as_bytes(), given.organization.as_bytes(), given.source), |row| {
            Ok(Held {
                workspace: id(row, 0)?,
                role: named(row, 1, "a membership")?,
                is_from_source: row.get(2)?,
            })
        })?
        .collect()
}

/// Whether a workspace is one of the organization that somebody owns: nobody owns one that was deleted.
fn is_ours(tx: &Tx<'_>, workspace: WorkspaceId, given: &GivenRoles) -> Outcome<bool> {
    Ok(tx
        .connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM workspace AS w JOIN membership AS m ON m.workspace_id = w.id
                            WHERE w.id = ?1 AND w.organization_id = ?2 AND m.role = 'owner')",
        )?
        .query_row((workspace.as_bytes(), given.organization.as_bytes()), |row| row.get(0))?)
}

/// Brings a person's memberships to what a source gives. What people gave stays, and so does whoever is owner.
pub(crate) fn give(tx: &mut Tx<'_>, user: UserId, given: &GivenRoles) -> Outcome<RoleChanges> {
    let mut changes = RoleChanges::default();
    let held = held(tx, user, given)?;
    for one in held.iter().filter(|one| one.is_from_source && one.role != Role::Owner) {
        let wanted = given.roles.iter().find(|wanted| wanted.workspace_id == one.workspace);
        let now = WorkspaceRole { workspace_id: one.workspace, role: one.role };
        match wanted {
            Some(wanted) if wanted.role == one.role => {}
            Some(wanted) => {
                members::change(tx, one.workspace, user, wanted.role, &[])?;
                changes.changed.push(*wanted);
            }
            None => {
                changes.expired.extend(members::remove(
                    tx,
                    one.workspace,
                    user,
                    (given.actor, given.at),
                    &[],
                )?);
                changes.left.push(now);
            }
        }
    }
    for wanted in &given.roles {
        // A workspace that was deleted since, or is another organization's, is given to nobody.
        if held.iter().any(|one| one.workspace == wanted.workspace_id)
            || !is_ours(tx, wanted.workspace_id, given)?
        {
            continue;
        }
        if wanted.role == Role::Owner {
            return Err(Fault::Port(Error::Refused { rule: "a directory makes nobody owner" }));
        }
        tx.join_workspace(user, wanted.workspace_id, wanted.role, given.at)?;
        tx.run(
            "INSERT INTO given_membership (user_id, workspace_id, source) VALUES (?1, ?2, ?3)",
            (user.as_bytes(), wanted.workspace_id.as_bytes(), given.source),
        )?;
        changes.joined.push(*wanted);
    }
    tx.record(&changes.records(user, given.actor, given.at))?;
    Ok(changes)
}
