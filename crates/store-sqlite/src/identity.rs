//! OpenID providers, attempts to sign in with one, identities, and what groups are given.

mod given;

use async_trait::async_trait;
use flero_model::{
    IdentityId, IdentityProviderId, OrganizationId, Timestamp, UserId,
    audit::NewAudit,
    identity::{GroupRole, IdentityProvider},
    role::OrganizationRole,
};
use flero_store::{
    Error, IdentityStore, Result,
    identity::{
        GivenRoles, Identity, NewcomerByIdentity, OpenidAttempt, ProviderChange, RoleChanges, StoredProvider,
    },
};
use rusqlite::{Connection, OptionalExtension as _, Row};

use crate::{
    convert::{count, from_json, id, id_or_none, signed, time, to_json},
    error::{OrTaken, Outcome},
    secrets,
    store::SqliteStore,
    writer::Tx,
};

pub(crate) use given::give;

const IDENTITY: &str =
    "SELECT id, user_id, provider_id, issuer, subject, email, created_at, last_used_at FROM identity";

fn provider(row: &Row<'_>) -> Outcome<IdentityProvider> {
    from_json(row, 0, "an OpenID provider")
}

fn get(connection: &Connection, id: IdentityProviderId) -> Outcome<IdentityProvider> {
    let mut statement = connection.prepare_cached("SELECT document FROM identity_provider WHERE id = ?1")?;
    let mut rows = statement.query([id.as_bytes()])?;
    provider(rows.next()?.ok_or(Error::NotFound)?)
}

fn identity(row: &Row<'_>) -> Outcome<Identity> {
    Ok(Identity {
        id: id(row, 0)?,
        user: id(row, 1)?,
        provider: id(row, 2)?,
        issuer: row.get(3)?,
        subject: row.get(4)?,
        email: row.get(5)?,
        created_at: time(row, 6)?,
        last_used_at: time(row, 7)?,
    })
}

/// Writes a provider's secret, or destroys what is left of one.
fn put_secret(tx: &Tx<'_>, change: &ProviderChange) -> Outcome<()> {
    match &change.secret {
        Some(secret) => tx.put_secret(secret),
        None if change.provider.has_secret => Ok(()),
        None => tx.destroy_secrets_of(&change.provider.id.to_string()),
    }
}

fn create(tx: &mut Tx<'_>, change: &ProviderChange) -> Outcome<()> {
    let made = &change.provider;
    tx.run(
        "INSERT INTO identity_provider (id, organization_id, is_enabled, document, revision)
         VALUES (?1, ?2, ?3, ?4, ?5)",
        (
            made.id.as_bytes(),
            made.organization_id.as_bytes(),
            made.is_enabled,
            to_json(made)?,
            signed(made.revision),
        ),
    )?;
    put_secret(tx, change)?;
    tx.record(&change.audit)
}

fn update(tx: &mut Tx<'_>, change: &ProviderChange) -> Outcome<()> {
    let to = &change.provider;
    let changed = tx.run(
        "UPDATE identity_provider SET is_enabled = ?2, document = ?3, revision = ?4
         WHERE id = ?1 AND revision = ?4 - 1",
        (to.id.as_bytes(), to.is_enabled, to_json(to)?, signed(to.revision)),
    )?;
    if changed == 0 {
        get(tx.connection, to.id)?;
        return Err(Error::Conflict.into());
    }
    put_secret(tx, change)?;
    tx.record(&change.audit)
}

fn delete(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: IdentityProviderId,
    audit: &[NewAudit],
) -> Outcome<()> {
    if get(tx.connection, id)?.organization_id != organization {
        return Err(Error::NotFound.into());
    }
    for sql in [
        "DELETE FROM openid_attempt WHERE provider_id = ?1",
        "DELETE FROM identity WHERE provider_id = ?1",
        "DELETE FROM given_membership WHERE source = ?1",
        "DELETE FROM identity_provider WHERE id = ?1",
    ] {
        tx.run(sql, [id.as_bytes()])?;
    }
    tx.destroy_secrets_of(&id.to_string())?;
    tx.record(audit)
}

pub(crate) fn group_roles(
    connection: &Connection,
    organization: OrganizationId,
) -> Outcome<(Vec<GroupRole>, u64)> {
    let mut statement =
        connection.prepare_cached("SELECT document, revision FROM group_roles WHERE organization_id = ?1")?;
    let mut rows = statement.query([organization.as_bytes()])?;
    match rows.next()? {
        Some(row) => Ok((from_json(row, 0, "the roles of groups")?, count(row, 1)?)),
        None => Ok((Vec::new(), 0)),
    }
}

fn take(tx: &Tx<'_>, state_hash: &[u8; 32], now: Timestamp) -> Outcome<OpenidAttempt> {
    let found = tx
        .connection
        .prepare_cached(
            "DELETE FROM openid_attempt WHERE state_hash = ?1 AND expires_at > ?2
             RETURNING state_hash, provider_id, session_id, reauthenticates, return_to, created_at, expires_at",
        )?
        .query_row((state_hash, now.as_millis()), |row| {
            Ok(OpenidAttempt {
                state_hash: row.get(0)?,
                provider: id(row, 1)?,
                links: id_or_none(row, 2)?,
                reauthenticates: row.get(3)?,
                return_to: row.get(4)?,
                created_at: time(row, 5)?,
                expires_at: time(row, 6)?,
            })
        })
        .optional()?;
    found.ok_or_else(|| Error::NotFound.into())
}

fn begin(tx: &Tx<'_>, attempt: &OpenidAttempt) -> Outcome<()> {
    tx.run("DELETE FROM openid_attempt WHERE expires_at <= ?1", [attempt.created_at.as_millis()])?;
    tx.connection
        .prepare_cached(
            "INSERT INTO openid_attempt (state_hash, provider_id, session_id, reauthenticates, return_to,
                                         created_at, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute((
            attempt.state_hash,
            attempt.provider.as_bytes(),
            attempt.links.map(|session| *session.as_bytes()),
            attempt.reauthenticates,
            &attempt.return_to,
            attempt.created_at.as_millis(),
            attempt.expires_at.as_millis(),
        ))
        .or_taken("state")?;
    Ok(())
}

fn insert(tx: &Tx<'_>, identity: &Identity) -> Outcome<()> {
    tx.connection
        .prepare_cached(
            "INSERT INTO identity (id, user_id, provider_id, issuer, subject, email, created_at, last_used_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute((
            identity.id.as_bytes(),
            identity.user.as_bytes(),
            identity.provider.as_bytes(),
            &identity.issuer,
            &identity.subject,
            &identity.email,
            identity.created_at.as_millis(),
            identity.last_used_at.as_millis(),
        ))
        .or_taken("identity")?;
    Ok(())
}

fn unlink(tx: &mut Tx<'_>, user: UserId, identity: IdentityId, audit: &[NewAudit]) -> Outcome<()> {
    let gone = tx
        .run("DELETE FROM identity WHERE id = ?1 AND user_id = ?2", (identity.as_bytes(), user.as_bytes()))?;
    if gone == 0 {
        return Err(Error::NotFound.into());
    }
    let can_sign_in: bool = tx
        .connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM person WHERE id = ?1 AND password_hash <> '')
                 OR EXISTS (SELECT 1 FROM passkey WHERE user_id = ?1)
                 OR EXISTS (SELECT 1 FROM identity WHERE user_id = ?1)",
        )?
        .query_row([user.as_bytes()], |row| row.get(0))?;
    if !can_sign_in {
        return Err(Error::Refused { rule: "somebody keeps a way to sign in" }.into());
    }
    tx.record(audit)
}

fn join(tx: &mut Tx<'_>, newcomer: &NewcomerByIdentity, audit: &[NewAudit]) -> Outcome<()> {
    let (user, given) = (newcomer.account.user, &newcomer.given);
    tx.insert_account(&newcomer.account, given.at)?;
    insert(tx, &newcomer.identity)?;
    tx.join_organization(user, given.organization, OrganizationRole::Member, given.at)?;
    tx.record(audit)?;
    give(tx, user, given)?;
    Ok(())
}

#[async_trait]
impl IdentityStore for SqliteStore {
    async fn identity_providers(&self, organization: OrganizationId) -> Result<Vec<IdentityProvider>> {
        self.look_up(|connection| {
            connection
                .prepare_cached(
                    "SELECT document FROM identity_provider WHERE organization_id = ?1 ORDER BY id",
                )?
                .query_and_then([organization.as_bytes()], provider)?
                .collect()
        })
        .await
    }

    async fn enabled_identity_providers(&self) -> Result<Vec<IdentityProvider>> {
        self.look_up(|connection| {
            connection
                .prepare_cached("SELECT document FROM identity_provider WHERE is_enabled = 1 ORDER BY id")?
                .query_and_then([], provider)?
                .collect()
        })
        .await
    }

    async fn identity_provider(&self, id: IdentityProviderId) -> Result<StoredProvider> {
        self.look_up(|connection| {
            let found = get(connection, id)?;
            let owner = id.to_string();
            let secrets = secrets::select(connection, "WHERE s.owner = ?1 AND s.slot = 0", [&owner])?;
            Ok(StoredProvider { provider: found, secret: secrets.into_iter().next() })
        })
        .await
    }

    async fn create_identity_provider(&self, change: ProviderChange) -> Result<()> {
        self.write(move |tx| create(tx, &change)).await
    }

    async fn update_identity_provider(&self, change: ProviderChange) -> Result<()> {
        self.write(move |tx| update(tx, &change)).await
    }

    async fn delete_identity_provider(
        &self,
        organization: OrganizationId,
        id: IdentityProviderId,
        audit: Vec<NewAudit>,
    ) -> Result<()> {
        self.write(move |tx| delete(tx, organization, id, &audit)).await
    }

    async fn group_roles(&self, organization: OrganizationId) -> Result<(Vec<GroupRole>, u64)> {
        self.look_up(|connection| group_roles(connection, organization)).await
    }

    async fn set_group_roles(
        &self,
        organization: OrganizationId,
        roles: Vec<GroupRole>,
        revision: u64,
        audit: Vec<NewAudit>,
    ) -> Result<u64> {
        self.write(move |tx| {
            if group_roles(tx.connection, organization)?.1 != revision {
                return Err(Error::Conflict.into());
            }
            tx.run(
                "INSERT INTO group_roles (organization_id, document, revision) VALUES (?1, ?2, ?3)
                 ON CONFLICT (organization_id) DO UPDATE SET document = ?2, revision = ?3",
                (organization.as_bytes(), to_json(&roles)?, signed(revision + 1)),
            )?;
            tx.record(&audit)?;
            Ok(revision + 1)
        })
        .await
    }

    async fn begin_openid(&self, attempt: OpenidAttempt) -> Result<()> {
        self.write(move |tx| begin(tx, &attempt)).await
    }

    async fn take_openid(&self, state_hash: [u8; 32], now: Timestamp) -> Result<OpenidAttempt> {
        self.write(move |tx| take(tx, &state_hash, now)).await
    }

    async fn identity(&self, provider: IdentityProviderId, issuer: &str, subject: &str) -> Result<Identity> {
        self.look_up(|connection| {
            let mut statement = connection.prepare_cached(&format!(
                "{IDENTITY} WHERE provider_id = ?1 AND issuer = ?2 AND subject = ?3"
            ))?;
            let mut rows = statement.query((provider.as_bytes(), issuer, subject))?;
            identity(rows.next()?.ok_or(Error::NotFound)?)
        })
        .await
    }

    async fn identities(&self, user: UserId) -> Result<Vec<Identity>> {
        self.look_up(|connection| {
            connection
                .prepare_cached(&format!("{IDENTITY} WHERE user_id = ?1 ORDER BY created_at, id"))?
                .query_and_then([user.as_bytes()], identity)?
                .collect()
        })
        .await
    }

    async fn link_identity(&self, identity: Identity, audit: Vec<NewAudit>) -> Result<()> {
        self.write(move |tx| {
            insert(tx, &identity)?;
            tx.record(&audit)
        })
        .await
    }

    async fn unlink_identity(&self, user: UserId, id: IdentityId, audit: Vec<NewAudit>) -> Result<()> {
        self.write(move |tx| unlink(tx, user, id, &audit)).await
    }

    async fn use_identity(&self, id: IdentityId, email: String, at: Timestamp) -> Result<()> {
        self.write(move |tx| {
            tx.run(
                "UPDATE identity SET email = ?2, last_used_at = max(last_used_at, ?3) WHERE id = ?1",
                (id.as_bytes(), &email, at.as_millis()),
            )?;
            Ok(())
        })
        .await
    }

    async fn join_by_identity(&self, newcomer: NewcomerByIdentity, audit: Vec<NewAudit>) -> Result<()> {
        self.write(move |tx| join(tx, &newcomer, &audit)).await
    }

    async fn give_roles(&self, user: UserId, given: GivenRoles) -> Result<RoleChanges> {
        self.write(move |tx| give(tx, user, &given)).await
    }
}
