//! The application: its parts, put together by the binary, and what every use case needs of them.

use std::sync::Arc;

use flero_model::{
    Clock, Timestamp, WorkflowId, WorkspaceId,
    audit::{Actor, AuditAction, AuditDetail, NewAudit},
    policy::{self, Action, Principal, Via},
};
use flero_store::Store;

use crate::{Result, api_keys::KeyCache, error::allowed};

/// What the application is made of.
pub struct Parts {
    /// The storage adapter.
    pub store: Arc<dyn Store>,
    /// Where the time is read.
    pub clock: Arc<dyn Clock>,
    /// What webhook URLs are built from, without a slash at its end.
    pub public_url: String,
}

/// The use cases. Cloning is cheap; all clones are one application.
#[derive(Clone)]
pub struct App(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) public_url: String,
    pub(crate) keys: KeyCache,
}

impl std::fmt::Debug for App {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("App").finish_non_exhaustive()
    }
}

impl App {
    /// Puts an application together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Inner {
            store: parts.store,
            clock: parts.clock,
            public_url: parts.public_url.trim_end_matches('/').to_owned(),
            keys: KeyCache::default(),
        }))
    }

    /// The present time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Whether this process can serve: the reason when it cannot.
    ///
    /// # Errors
    /// One sentence for people.
    pub async fn health(&self) -> std::result::Result<(), &'static str> {
        match self.store().is_paused().await {
            Ok(_) => Ok(()),
            Err(flero_store::Error::Full) => Err("the disk is full"),
            Err(_) => Err("the database does not answer"),
        }
    }

    pub(crate) fn store(&self) -> &dyn Store {
        self.0.store.as_ref()
    }

    /// Makes a record of the audit trail for an act of a principal.
    pub(crate) fn record(
        &self,
        who: &Principal,
        action: AuditAction,
        target: impl ToString,
        detail: AuditDetail,
    ) -> NewAudit {
        self.record_in(who.workspace, actor(who), action, target, detail)
    }

    pub(crate) fn record_in(
        &self,
        workspace: WorkspaceId,
        actor: Actor,
        action: AuditAction,
        target: impl ToString,
        detail: AuditDetail,
    ) -> NewAudit {
        NewAudit { workspace, at: self.now(), actor, action, target: target.to_string(), detail }
    }
}

impl App {
    /// Drops what is kept of a workflow: it was saved, deleted or changed its status.
    pub(crate) fn workflow_changed(&self, id: WorkflowId) {
        let _ = id;
    }

    /// Drops what is kept of a workspace's variables.
    pub(crate) fn variables_changed(&self, workspace: WorkspaceId) {
        let _ = workspace;
    }
}

/// Asks the policy.
pub(crate) fn permit(who: &Principal, action: Action<'_>) -> Result<()> {
    allowed(policy::decide(who, action))
}

/// Who acts, as the audit trail writes it.
pub(crate) fn actor(who: &Principal) -> Actor {
    match &who.via {
        Via::Local | Via::Session => Actor::User { user: who.user },
        Via::ApiKey { id, .. } => Actor::ApiKey { user: who.user, key: *id },
        Via::Run { execution } => Actor::Run { execution: *execution, user: who.user },
    }
}

/// The workflows that a key is for; `None` when the caller is not held to chosen ones.
pub(crate) fn only_workflows(who: &Principal) -> Option<Vec<WorkflowId>> {
    match &who.via {
        Via::ApiKey { workflow_ids, .. } => workflow_ids.clone(),
        _ => None,
    }
}
