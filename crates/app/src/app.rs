//! The application: its parts, put together by the binary, and what every use case needs of them.

use std::sync::{Arc, OnceLock};

use flero_connect::{Connect, StoreSource, mail::Mailer};
use flero_engine::Engine;
use flero_keyring::Keyring;
use flero_marketplace::Registries;
use flero_model::{
    Clock, CredentialId, Timestamp, UserId, WorkflowId, WorkspaceId,
    audit::{Actor, AuditAction, AuditDetail, NewAudit},
    policy::{self, Action, Principal, Via},
};
use flero_store::Store;
use tokio::sync::{Notify, broadcast};

use crate::{
    Result,
    api_keys::KeyCache,
    error::allowed,
    marketplace::{MarketplaceFolders, OfferCache},
    people::SetUpToken,
    practice::Practice,
    webhooks::{HookCache, ToldSecrets},
};

/// What the application is made of.
pub struct Parts {
    /// The storage adapter.
    pub store: Arc<dyn Store>,
    /// Where the time is read.
    pub clock: Arc<dyn Clock>,
    /// The vault's keys.
    pub keyring: Keyring,
    /// The door to services.
    pub connect: Connect,
    /// The credentials as the door reads them; told of every change.
    pub source: Arc<StoreSource>,
    /// What runs workflows.
    pub engine: Engine,
    /// What webhook URLs are built from, without a slash at its end.
    pub public_url: String,
    /// What reads registries of the Marketplace.
    pub registries: Arc<dyn Registries>,
    /// Where the Marketplace keeps and finds files.
    pub marketplace: MarketplaceFolders,
}

/// The use cases. Cloning is cheap; all clones are one application.
#[derive(Clone)]
pub struct App(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) keyring: Keyring,
    pub(crate) connect: Connect,
    source: Arc<StoreSource>,
    pub(crate) engine: Engine,
    pub(crate) public_url: String,
    pub(crate) registries: Arc<dyn Registries>,
    pub(crate) marketplace: MarketplaceFolders,
    pub(crate) offers: OfferCache,
    pub(crate) keys: KeyCache,
    pub(crate) hooks: HookCache,
    pub(crate) told_secrets: ToldSecrets,
    pub(crate) setup: SetUpToken,
    pub(crate) practice: OnceLock<Practice>,
    /// Wakes whoever works off the outbox of revocations.
    pub(crate) outbox: Notify,
    /// Who has something new, for whoever watches; a slow watcher looks by itself.
    pub(crate) told: broadcast::Sender<UserId>,
    /// Sends mails, once it is set up.
    pub(crate) mailer: OnceLock<Arc<Mailer>>,
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
            keyring: parts.keyring,
            connect: parts.connect,
            source: parts.source,
            engine: parts.engine,
            public_url: parts.public_url.trim_end_matches('/').to_owned(),
            registries: parts.registries,
            marketplace: parts.marketplace,
            offers: OfferCache::default(),
            keys: KeyCache::default(),
            hooks: HookCache::default(),
            told_secrets: ToldSecrets::default(),
            setup: SetUpToken::default(),
            practice: OnceLock::new(),
            outbox: Notify::new(),
            told: broadcast::channel(256).0,
            mailer: OnceLock::new(),
        }))
    }

    /// What the world calls this server, without a slash at its end.
    #[must_use]
    pub fn public_url(&self) -> &str {
        &self.0.public_url
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
            Ok(_) if matches!(self.0.keyring.health(), flero_keyring::Health::Sealed { .. }) => {
                Err("the vault is sealed: no key slot is open")
            }
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
        self.0.hooks.forget_workflow(id);
        // A schedule may have been armed or disarmed.
        self.0.engine.wake_scheduler();
        self.0.engine.wake_events();
    }

    /// Drops what is kept of a credential: rows, connections, compiled needles.
    pub(crate) fn credential_changed(&self, id: CredentialId) {
        self.0.source.forget(id);
        self.0.connect.forget(id);
        self.0.hooks.forget_credential(id);
    }

    /// Drops what is kept of the policies of organizations.
    pub(crate) fn policies_changed(&self) {
        self.0.source.forget_policies();
    }

    /// Drops what is kept of a workspace's variables.
    pub(crate) fn variables_changed(&self, workspace: WorkspaceId) {
        self.0.hooks.forget_workspace(workspace);
    }
}

/// Asks the policy.
pub(crate) fn permit(who: &Principal, action: Action<'_>) -> Result<()> {
    allowed(policy::decide(who, action))
}

/// Who acts, as the audit trail writes it.
pub(crate) fn actor(who: &Principal) -> Actor {
    match &who.via {
        Via::Local | Via::Session { .. } => Actor::User { user: who.user },
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
