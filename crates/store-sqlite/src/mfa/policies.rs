//! The policies of organizations.

use flero_model::{OrganizationId, organization_policies::OrganizationPolicies};
use flero_store::Error;
use rusqlite::Connection;

use crate::{
    convert::{count, from_json, signed, to_json},
    error::Outcome,
    writer::Tx,
};

pub(super) fn get(connection: &Connection, id: OrganizationId) -> Outcome<(OrganizationPolicies, u64)> {
    let mut statement = connection
        .prepare_cached("SELECT document, revision FROM organization_policies WHERE organization_id = ?1")?;
    let mut rows = statement.query([id.as_bytes()])?;
    match rows.next()? {
        Some(row) => Ok((from_json(row, 0, "the policies of an organization")?, count(row, 1)?)),
        None => Ok((OrganizationPolicies::default(), 0)),
    }
}

pub(super) fn set(
    tx: &Tx<'_>,
    id: OrganizationId,
    policies: &OrganizationPolicies,
    revision: u64,
) -> Outcome<()> {
    let document = to_json(policies)?;
    let changed = if revision == 0 {
        tx.run(
            "INSERT INTO organization_policies (organization_id, document, requires_mfa, revision)
             VALUES (?1, ?2, ?3, 1) ON CONFLICT (organization_id) DO NOTHING",
            (id.as_bytes(), document, policies.require_mfa),
        )?
    } else {
        tx.run(
            "UPDATE organization_policies SET document = ?2, requires_mfa = ?3, revision = revision + 1
             WHERE organization_id = ?1 AND revision = ?4",
            (id.as_bytes(), document, policies.require_mfa, signed(revision)),
        )?
    };
    if changed != 1 {
        return Err(Error::Conflict.into());
    }
    // The maximum age may be another one: the sweep looks at every credential again.
    tx.run(
        "UPDATE credential SET due_at = 0 WHERE organization_id = ?1 AND status <> 'revoked'",
        [id.as_bytes()],
    )?;
    Ok(())
}
