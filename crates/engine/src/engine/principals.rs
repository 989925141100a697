//! Whom a run acts for, with the rights of that moment.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use flero_model::{
    ExecutionId, OrganizationId, Timestamp, UserId, WorkspaceId,
    execution::TriggerKind,
    policy::{Principal, Via},
    role::{OrganizationRole, Role},
};

use super::{Engine, drive::Facts};
use crate::Result;

/// How long a membership is believed, in milliseconds: a right that is taken away is gone within a second
/// (security test 23), together with the half second that credential rows are kept.
const FRESH_MS: i64 = 400;
/// How many memberships are kept.
const MOST: usize = 10_000;

/// Memberships as they were a moment ago; `None` for somebody who is no member.
#[derive(Debug, Default)]
pub(super) struct Principals(Mutex<HashMap<(UserId, WorkspaceId), Known>>);

/// A role there, if any, and when that was read.
type Known = (Option<(Role, OrganizationId)>, Timestamp);

impl Engine {
    /// The principal of a run as of now.
    ///
    /// A trigger of an active workflow acts for the workspace, and besides for the Personal credentials of the
    /// member who activated it; when that member has left, or may use none any more, for the workspace alone. Any other
    /// run acts for a person and can do what that person can do now.
    pub(super) async fn principal(&self, facts: &Facts) -> Result<Principal> {
        let by_trigger = matches!(
            facts.trigger,
            TriggerKind::Webhook | TriggerKind::Schedule | TriggerKind::Event | TriggerKind::Error { .. }
        );
        let place = (facts.workspace, facts.organization);
        self.principal_for(facts.acting_for, place, by_trigger, facts.id).await
    }

    /// The principal of what a trigger does at its service, for which there is no run.
    pub(super) async fn principal_of_trigger(
        &self,
        acting_for: UserId,
        place: (WorkspaceId, OrganizationId),
    ) -> Result<Principal> {
        self.principal_for(acting_for, place, true, ExecutionId::from_u128(0)).await
    }

    async fn principal_for(
        &self,
        acting_for: UserId,
        (workspace, organization): (WorkspaceId, OrganizationId),
        by_trigger: bool,
        execution: ExecutionId,
    ) -> Result<Principal> {
        let membership = self.membership(acting_for, workspace).await?;
        let (user, role) = match membership {
            Some((role, _)) if by_trigger && role >= Role::Editor => (acting_for, Role::Editor),
            _ if by_trigger => (UserId::from_u128(0), Role::Editor),
            Some((role, _)) => (acting_for, role),
            None => (acting_for, Role::Viewer),
        };
        Ok(Principal {
            user,
            organization: membership.map_or(organization, |(_, organization)| organization),
            organization_role: OrganizationRole::Member,
            workspace,
            role,
            via: Via::Run { execution },
        })
    }

    async fn membership(
        &self,
        user: UserId,
        workspace: WorkspaceId,
    ) -> Result<Option<(Role, OrganizationId)>> {
        let now = self.now();
        let known = &self.0.principals.0;
        let kept = known.lock().unwrap_or_else(PoisonError::into_inner).get(&(user, workspace)).copied();
        if let Some((membership, at)) = kept
            && (0..FRESH_MS).contains(&now.millis_since(at))
        {
            return Ok(membership);
        }
        let membership = match self.0.store.membership(user, workspace).await {
            Ok(member) => Some((member.role, member.organization)),
            Err(flero_store::Error::NotFound) => None,
            Err(error) => return Err(error.into()),
        };
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert((user, workspace), (membership, now));
        Ok(membership)
    }
}
