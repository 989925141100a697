//! Claiming subscriptions, and what comes of a registration or its removal.

use flero_model::{SubscriptionId, Timestamp, audit::NewAudit};
use flero_store::{Error, events::Subscription, keys::SealedSecret};
use serde_json::Value;

use super::{arm, row};
use crate::{
    convert::{signed, to_json},
    error::Outcome,
    writer::Tx,
};

/// Nobody else takes them before the claim ends: whoever takes one and dies leaves it to the next.
pub(super) fn claim(tx: &Tx<'_>, now: Timestamp, until: Timestamp, limit: u32) -> Outcome<Vec<Subscription>> {
    let mut taken = row::select(
        tx.connection,
        "WHERE next_at <= ?1 ORDER BY next_at LIMIT ?2",
        (now.as_millis(), limit),
    )?;
    for one in &mut taken {
        tx.run(
            "UPDATE event_subscription SET fence = fence + 1, next_at = ?2 WHERE id = ?1",
            (one.id.as_bytes(), until.as_millis()),
        )?;
        one.fence += 1;
        one.next_at = Some(until);
    }
    Ok(taken)
}

/// One row was changed, or the claim is another's by now.
pub(super) fn held(changed: usize) -> Outcome<()> {
    if changed == 1 { Ok(()) } else { Err(Error::Conflict.into()) }
}

pub(super) fn begin(
    tx: &Tx<'_>,
    id: SubscriptionId,
    fence: u64,
    new_id: SubscriptionId,
    secret: Option<&SealedSecret>,
) -> Outcome<()> {
    held(tx.run(
        "UPDATE event_subscription SET id = ?3, state = 'registering', registration = NULL
         WHERE id = ?1 AND fence = ?2 AND wanted = 1 AND way = 'registered'
           AND state IN ('pending', 'registering')",
        (id.as_bytes(), signed(fence), new_id.as_bytes()),
    )?)?;
    tx.run("DELETE FROM event_delivery WHERE subscription_id = ?1", [id.as_bytes()])?;
    tx.destroy_secrets_of(&id.to_string())?;
    secret.map_or(Ok(()), |secret| tx.put_secret(secret))
}

pub(super) fn registered(
    tx: &mut Tx<'_>,
    id: SubscriptionId,
    fence: u64,
    registration: &Value,
    secret: Option<&SealedSecret>,
    audit: &[NewAudit],
) -> Outcome<()> {
    held(tx.run(
        "UPDATE event_subscription SET state = CASE wanted WHEN 1 THEN 'active' ELSE 'removing' END,
            next_at = CASE wanted WHEN 1 THEN NULL ELSE 0 END, registration = ?3, attempts = 0, error = NULL
         WHERE id = ?1 AND fence = ?2 AND state = 'registering'",
        (id.as_bytes(), signed(fence), to_json(registration)?),
    )?)?;
    if let Some(secret) = secret {
        tx.destroy_secrets_of(&id.to_string())?;
        tx.put_secret(secret)?;
    }
    tx.record(audit)
}

pub(super) fn failed(
    tx: &Tx<'_>,
    id: SubscriptionId,
    fence: u64,
    error: &str,
    next_at: Timestamp,
) -> Outcome<()> {
    held(tx.run(
        "UPDATE event_subscription SET state = CASE state WHEN 'registering' THEN 'pending' ELSE state END,
            attempts = attempts + 1, error = ?3, next_at = ?4
         WHERE id = ?1 AND fence = ?2",
        (id.as_bytes(), signed(fence), error, next_at.as_millis()),
    )?)
}

pub(super) fn delete(tx: &mut Tx<'_>, id: SubscriptionId, fence: u64, audit: &[NewAudit]) -> Outcome<()> {
    let one = row::get(tx.connection, id)?;
    held(usize::from(one.fence == fence && !one.wanted))?;
    arm::delete(tx, id)?;
    tx.record(audit)
}
