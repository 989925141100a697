//! What activation, pause and deletion of a workflow mean for its subscriptions; in their transactions.

use flero_model::{SubscriptionId, Timestamp, UserId, WorkflowId, WorkspaceId};
use flero_store::events::{Armed, State, Subscription, Way};

use super::row;
use crate::{
    convert::{signed, to_json},
    error::Outcome,
    writer::Tx,
};

/// A workflow was activated: its subscription goes on, or another one begins.
pub(crate) fn activate(
    tx: &Tx<'_>,
    (workspace, workflow): (WorkspaceId, WorkflowId),
    by: UserId,
    at: Timestamp,
    armed: Option<&Armed>,
) -> Outcome<()> {
    let mut goes_on = false;
    for former in present(tx, workflow)? {
        match armed {
            Some(armed) if !goes_on && is_same(&former, armed) => {
                goes_on = true;
                carry_on(tx, &former, armed, by, at)?;
            }
            _ => release(tx, &former, at)?,
        }
    }
    match armed {
        Some(armed) if !goes_on => insert(tx, (workspace, workflow), by, at, armed),
        _ => Ok(()),
    }
}

/// A workflow was paused. What a person entered at the service is kept, because they would have to enter it anew.
pub(crate) fn pause(tx: &Tx<'_>, workflow: WorkflowId, at: Timestamp) -> Outcome<()> {
    for subscription in present(tx, workflow)? {
        if subscription.way == Way::Manual {
            let sql = "UPDATE event_subscription SET wanted = 0, state = 'paused' WHERE id = ?1";
            tx.run(sql, [subscription.id.as_bytes()])?;
        } else {
            release(tx, &subscription, at)?;
        }
    }
    Ok(())
}

/// A workflow is deleted. What is registered at a service outlives it until it is removed there.
pub(crate) fn end(tx: &Tx<'_>, workflow: WorkflowId) -> Outcome<()> {
    for subscription in present(tx, workflow)? {
        release(tx, &subscription, Timestamp::from_millis(0))?;
    }
    Ok(())
}

/// Those that are waited for or kept.
fn present(tx: &Tx<'_>, workflow: WorkflowId) -> Outcome<Vec<Subscription>> {
    let rest =
        "WHERE workflow_id = ?1 AND (wanted = 1 OR state = 'paused') ORDER BY created_at DESC, id DESC";
    row::select(tx.connection, rest, [workflow.as_bytes()])
}

fn is_same(former: &Subscription, armed: &Armed) -> bool {
    let is_same_event =
        former.way == armed.way && former.connector == armed.connector && former.event == armed.event;
    // Whoever entered the URL at the service did it for the event; nothing there depends on the rest.
    is_same_event
        && (armed.way == Way::Manual
            || (former.credential == armed.credential && former.inputs == armed.inputs))
}

fn carry_on(tx: &Tx<'_>, former: &Subscription, armed: &Armed, by: UserId, at: Timestamp) -> Outcome<()> {
    // Whoever activates again wants another attempt now.
    let next_at = match former.state {
        State::Pending => Some(at.as_millis()),
        _ => former.next_at.map(Timestamp::as_millis),
    };
    let state = if former.state == State::Paused { State::Active } else { former.state };
    tx.run(
        "UPDATE event_subscription SET wanted = 1, state = ?2, acting_for = ?3, credential_id = ?4, inputs = ?5,
            interval_ms = ?6, next_at = ?7 WHERE id = ?1",
        (
            former.id.as_bytes(),
            state.as_str(),
            by.as_bytes(),
            armed.credential.map(|id| *id.as_bytes()),
            to_json(&armed.inputs)?,
            signed(armed.interval_ms),
            next_at,
        ),
    )?;
    Ok(())
}

fn insert(
    tx: &Tx<'_>,
    (workspace, workflow): (WorkspaceId, WorkflowId),
    by: UserId,
    at: Timestamp,
    armed: &Armed,
) -> Outcome<()> {
    let (state, next_at) = match armed.way {
        Way::Registered => (State::Pending, Some(at.as_millis())),
        Way::Polling => (State::Active, Some(at.as_millis())),
        Way::Manual => (State::Active, None),
    };
    tx.run(
        "INSERT INTO event_subscription (id, workspace_id, organization_id, workflow_id, wanted, way, state,
            connector, event, credential_id, inputs, acting_for, interval_ms, fence, attempts, next_at, created_at)
         VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 0, 0, ?13, ?14)",
        rusqlite::params![
            armed.id.as_bytes(),
            workspace.as_bytes(),
            armed.organization.as_bytes(),
            workflow.as_bytes(),
            armed.way.as_str(),
            state.as_str(),
            armed.connector,
            armed.event,
            armed.credential.map(|id| *id.as_bytes()),
            to_json(&armed.inputs)?,
            by.as_bytes(),
            signed(armed.interval_ms),
            next_at,
            at.as_millis(),
        ],
    )?;
    Ok(())
}

/// Ends a subscription: at once where no service knows of it, else it is due to be removed there.
fn release(tx: &Tx<'_>, subscription: &Subscription, at: Timestamp) -> Outcome<()> {
    let sql = match (subscription.way, subscription.state) {
        // Whoever asks the service now finds it unwanted afterwards.
        (Way::Registered, State::Registering) => "UPDATE event_subscription SET wanted = 0 WHERE id = ?1 AND ?2 = ?2",
        (Way::Registered, State::Active) => {
            "UPDATE event_subscription SET wanted = 0, state = 'removing', attempts = 0, error = NULL, next_at = ?2
             WHERE id = ?1"
        }
        _ => return delete(tx, subscription.id),
    };
    tx.run(sql, (subscription.id.as_bytes(), at.as_millis()))?;
    Ok(())
}

/// Deletes a subscription with its secret and what is known of its deliveries.
pub(super) fn delete(tx: &Tx<'_>, id: SubscriptionId) -> Outcome<()> {
    tx.run("DELETE FROM event_subscription WHERE id = ?1", [id.as_bytes()])?;
    tx.run("DELETE FROM event_delivery WHERE subscription_id = ?1", [id.as_bytes()])?;
    tx.destroy_secrets_of(&id.to_string())
}
