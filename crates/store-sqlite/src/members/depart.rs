//! Leaving an organization for good, and what becomes of an account that is in none any more.

use flero_model::{
    CredentialId, OrganizationId, Timestamp, UserId, WorkspaceId,
    audit::{Actor, AuditAction, AuditDetail, NewAudit},
    credential::Credential,
};
use flero_store::{Error, people::Departure, sessions::Which};
use rusqlite::Connection;

use crate::{convert::id, credentials, error::Outcome, members, oauth, writer::Tx};

/// What is shown of a person whose account was deleted.
const NOBODY: &str = "Deleted person";

/// Ends every membership of somebody in an organization, whoever gave it; somebody always owns. Tells which Personal
/// credentials expired with it.
pub(crate) fn leave(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    user: UserId,
    actor: Actor,
    at: Timestamp,
) -> Outcome<Vec<CredentialId>> {
    let places: Vec<(WorkspaceId, String)> = tx
        .connection
        .prepare_cached(
            "SELECT m.workspace_id, m.role FROM membership AS m JOIN workspace AS w ON w.id = m.workspace_id
             WHERE m.user_id = ?1 AND w.organization_id = ?2",
        )?
        .query_and_then((user.as_bytes(), organization.as_bytes()), |row| Ok((id(row, 0)?, row.get(1)?)))?
        .collect::<Outcome<_>>()?;
    let mut expired = Vec::new();
    for (workspace, role) in places {
        let record = NewAudit {
            workspace,
            at,
            actor,
            action: AuditAction::MemberRemoved,
            target: user.to_string(),
            detail: AuditDetail { from: Some(role), ..AuditDetail::default() },
        };
        expired.extend(members::remove(tx, workspace, user, (actor, at), &[record])?);
    }
    members::leave_organization(tx, organization, user)?;
    Ok(expired)
}

/// Whether somebody is a member of no organization.
pub(crate) fn is_nowhere(connection: &Connection, user: UserId) -> Outcome<bool> {
    Ok(organizations(connection, user, None)?.is_empty())
}

/// The organizations of somebody: this one or all of them.
fn organizations(
    connection: &Connection,
    user: UserId,
    only: Option<OrganizationId>,
) -> Outcome<Vec<OrganizationId>> {
    Ok(connection
        .prepare_cached(
            "SELECT organization_id FROM organization_member
             WHERE user_id = ?1 AND (?2 IS NULL OR organization_id = ?2)",
        )?
        .query_map((user.as_bytes(), only.map(|one| *one.as_bytes())), |row| id(row, 0))?
        .collect::<rusqlite::Result<_>>()?)
}

/// The Personal credentials that somebody would leave behind.
pub(crate) fn belongings(
    connection: &Connection,
    user: UserId,
    organization: Option<OrganizationId>,
) -> Outcome<Vec<Credential>> {
    if organization.is_some() && organizations(connection, user, organization)?.is_empty() {
        return Err(Error::NotFound.into());
    }
    credentials::select(
        connection,
        "c.owner_id = ?1 AND c.scope = 'personal' AND (?2 IS NULL OR c.organization_id = ?2
             OR NOT EXISTS (SELECT 1 FROM organization_member WHERE user_id = ?1 AND organization_id <> ?2))
         ORDER BY c.id",
        (user.as_bytes(), organization.map(|one| *one.as_bytes())),
    )
}

/// Carries a departure out, whole or not at all.
pub(crate) fn depart(tx: &mut Tx<'_>, departure: &Departure) -> Outcome<()> {
    let user = departure.user;
    let left = belongings(tx.connection, user, departure.organization)?;
    if !left.iter().map(|one| one.id).eq(departure.belongings.iter().map(|one| one.credential)) {
        return Err(Error::Conflict.into());
    }
    for one in &departure.belongings {
        credentials::delete(tx, one.credential, std::slice::from_ref(&one.audit))?;
        one.revoke.iter().try_for_each(|revoke| oauth::put_revocation(tx, revoke))?;
    }
    for organization in organizations(tx.connection, user, departure.organization)? {
        leave(tx, organization, user, departure.actor, departure.at)?;
    }
    if is_nowhere(tx.connection, user)? {
        forget(tx, user, departure.at)?;
    }
    tx.record(&departure.audit)
}

/// Deletes what is known of a person. The row stays, because others refer to it, and says no more than that there was
/// somebody; no address can equal the identifier that stands in place of theirs.
fn forget(tx: &Tx<'_>, user: UserId, at: Timestamp) -> Outcome<()> {
    let (bits, text) = (user.as_bytes(), user.to_string());
    tx.delete_sessions(user, Which::All)?;
    for sql in [
        "DELETE FROM invite WHERE email = (SELECT email FROM person WHERE id = ?1)",
        "DELETE FROM sign_in WHERE user_id = ?1",
        "DELETE FROM totp WHERE user_id = ?1",
        "DELETE FROM recovery_code WHERE user_id = ?1",
        "DELETE FROM passkey WHERE user_id = ?1",
        "DELETE FROM identity WHERE user_id = ?1",
        "DELETE FROM notification WHERE user_id = ?1",
        "DELETE FROM notification_setting WHERE user_id = ?1",
        "DELETE FROM notification_delivery WHERE user_id = ?1",
        "DELETE FROM scim_group_member WHERE user_id = ?1",
        "DELETE FROM scim_user WHERE user_id = ?1",
    ] {
        tx.run(sql, [bits])?;
    }
    tx.run(
        "UPDATE api_key SET revoked_at = ?2 WHERE creator = ?1 AND revoked_at IS NULL",
        (bits, at.as_millis()),
    )?;
    // An attempt to connect an account is over: the sweep revokes what it was given.
    tx.run(
        "UPDATE oauth_attempt SET expires_at = min(expires_at, ?2) WHERE user_id = ?1",
        (bits, at.as_millis()),
    )?;
    tx.destroy_secrets_of(&text)?;
    // Without its keys nothing opens that a backup or a free page may still hold. A key under which the outbox waits to
    // revoke a grant stays.
    tx.run(
        "DELETE FROM scope_key WHERE scope_kind = 'personal' AND substr(scope_id, -length(?1)) = ?1
            AND NOT EXISTS (SELECT 1 FROM sealed_secret AS s WHERE s.scope_kind = scope_key.scope_kind
                            AND s.scope_id = scope_key.scope_id AND s.key_version = scope_key.version)",
        [&text],
    )?;
    tx.run(
        "UPDATE person SET name = ?2, email = ?3, password_hash = '' WHERE id = ?1",
        (bits, NOBODY, &text),
    )?;
    Ok(())
}
