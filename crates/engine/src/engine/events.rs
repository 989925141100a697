//! Events of connectors: what activation arms, the runs that deliveries start, and whoever tends subscriptions.
//!
//! A subscription is tended under a claim with a fence, so that of several processes one does it, and another one goes
//! on after it died. What is asked of the service goes through the door like everything else.

mod ask;
mod pages;
mod poll;
mod register;

use std::time::Duration;

use flero_model::{ExecutionId, OrganizationId, SubscriptionId, Timestamp, WorkspaceId, policy::Principal};
use flero_openapi::{
    events::Way as Described,
    extension::{EventName, Handshake, TriggerHints, Verification},
};
use flero_store::events::{Armed, Delivered, Subscription, Way};

use super::Engine;
use crate::{CompiledWorkflow, Error, Result, StartRun};
pub(super) use ask::Refused;

/// How many subscriptions are taken in one go.
const BATCH: u32 = 16;
/// How long a claim lasts, in milliseconds: longer than everything that is done under it.
const CLAIM_MS: i64 = 300_000;
/// The first pause after a failure, in milliseconds; it doubles up to [`LONGEST_PAUSE_MS`].
const PAUSE_MS: i64 = 30_000;
/// The longest pause between two attempts, in milliseconds.
const LONGEST_PAUSE_MS: i64 = 3_600_000;
/// The longest pause that a service may ask for, in milliseconds.
const LONGEST_WAIT_MS: i64 = 86_400_000;
/// How often subscriptions are looked at.
const EVERY: Duration = Duration::from_secs(5);

/// An event with its description.
#[derive(Debug, Clone)]
pub struct Trigger {
    hints: TriggerHints,
    /// Its name for people.
    pub name: String,
}

impl Trigger {
    /// How the sender of a delivery is known.
    #[must_use]
    pub const fn verification(&self) -> Option<&Verification> {
        self.hints.verification.as_ref()
    }

    /// Where a delivery names its event.
    #[must_use]
    pub const fn event(&self) -> Option<&EventName> {
        self.hints.event.as_ref()
    }

    /// What the service asks the URL.
    #[must_use]
    pub const fn handshake(&self) -> Option<&Handshake> {
        self.hints.handshake.as_ref()
    }

    /// The way in which it comes.
    #[must_use]
    pub fn way(&self) -> Option<Way> {
        self.hints.way().map(|way| match way {
            Described::Registered => Way::Registered,
            Described::Manual => Way::Manual,
            Described::Polling => Way::Polling,
        })
    }
}

impl Engine {
    /// An event of a connector; `None` when there is none of that name.
    ///
    /// # Errors
    /// The store's; [`flero_store::Error::Corrupt`] when the connector cannot be read.
    pub async fn event(
        &self,
        workspace: WorkspaceId,
        connector: &str,
        event: &str,
    ) -> Result<Option<Trigger>> {
        let Some(pack) = self.connector(workspace, connector).await? else { return Ok(None) };
        let found = pack.trigger(event).map_err(|_| flero_store::Error::Corrupt { what: "a connector" })?;
        Ok(found.and_then(|found| Some(Trigger { hints: found.hints?, name: found.name })))
    }

    /// What activating a version with a ConnectorTrigger arms; `None` when it has none.
    ///
    /// # Errors
    /// [`Error::Event`] when the event is not there or cannot be waited for.
    pub async fn arm_event(
        &self,
        workflow: &CompiledWorkflow,
        (workspace, organization): (WorkspaceId, OrganizationId),
    ) -> Result<Option<Armed>> {
        let Some((options, credential)) = workflow.event() else { return Ok(None) };
        let trigger = self.event(workspace, &options.connector, &options.event).await?;
        let trigger = trigger.ok_or(Error::Event("the connector has no such event"))?;
        let way = trigger.way();
        let way = way.ok_or(Error::Event("the connector does not say how its sender is known"))?;
        Ok(Some(Armed {
            id: self.0.ids.subscription(self.now()),
            organization,
            way,
            connector: options.connector.clone(),
            event: options.event.clone(),
            credential,
            inputs: options.inputs.clone(),
            interval_ms: options.interval_ms,
        }))
    }

    /// The principal that asks the service for a subscription: as a run of its trigger.
    ///
    /// # Errors
    /// The store's.
    pub async fn principal_of(&self, subscription: &Subscription) -> Result<Principal> {
        let place = (subscription.workspace, subscription.organization);
        self.principal_of_trigger(subscription.acting_for, place).await
    }

    /// Starts the run of a delivery unless it came before: that any of its keys is known is decided in the transaction
    /// that accepts the run.
    ///
    /// # Errors
    /// As [`Engine::start`]; [`flero_store::Error::NotFound`] when the subscription has ended.
    pub async fn deliver(
        &self,
        start: StartRun,
        id: SubscriptionId,
        keys: Vec<[u8; 32]>,
    ) -> Result<(ExecutionId, Delivered)> {
        // A repeated one uses up nothing of what the trigger allows; the transaction below decides.
        if !self.0.store.known_events(id, keys.clone()).await?.is_empty() {
            return Ok((ExecutionId::from_u128(0), Delivered::Repeated));
        }
        let prepared = self.prepare(start, Vec::new()).await?;
        let super::start::Prepared { facts, run, step, new, pass } = prepared;
        let run_id = facts.id;
        let delivered = self.0.store.accept_event(id, keys, self.now(), new).await?;
        if delivered == Delivered::New {
            if run.status().is_final() {
                self.run_error_workflow(&facts, &run).await;
            }
            self.go_on_with(facts, run, step, pass, false);
        }
        Ok((run_id, delivered))
    }

    /// Tends every subscription that is due: registers, removes, polls. `hooks` is what the webhooks' URLs begin with.
    /// Returns how many there were.
    ///
    /// # Errors
    /// The store's. What a service answers is no error here: it is noted with the subscription.
    pub async fn tend_events(&self, hooks: &str) -> Result<usize> {
        if !self.0.connect.can_open_secrets() || self.0.store.is_paused().await? {
            return Ok(0);
        }
        let now = self.now();
        let claimed = self.0.store.claim_subscriptions(now, now.plus_millis(CLAIM_MS), BATCH).await?;
        let count = claimed.len();
        let tended = claimed.into_iter().map(|subscription| async move {
            let id = subscription.id;
            match self.tend(subscription, hooks).await {
                // The workflow was changed meanwhile; what is right now is decided by the next one.
                Ok(()) | Err(Error::Store(flero_store::Error::Conflict | flero_store::Error::NotFound)) => {}
                Err(error) => tracing::warn!(subscription = %id, %error, "an event could not be tended yet"),
            }
        });
        futures_util::future::join_all(tended).await;
        Ok(count)
    }

    async fn tend(&self, subscription: Subscription, hooks: &str) -> Result<()> {
        match (subscription.way, subscription.wanted) {
            (Way::Registered, true) => self.register(subscription, hooks).await,
            (Way::Registered, false) => self.unregister(subscription).await,
            (Way::Polling, true) => self.poll(subscription).await,
            _ => Ok(()),
        }
    }

    /// Notes a failed attempt; the next one comes after a pause that doubles, or when the service wants it.
    async fn postpone(&self, subscription: &Subscription, why: impl Into<Refused>) -> Result<()> {
        let Refused { message: error, wait_ms, .. } = why.into();
        let pause = PAUSE_MS.saturating_mul(1 << subscription.attempts.min(20)).min(LONGEST_PAUSE_MS);
        let pause =
            pause.max(wait_ms.and_then(|wait| i64::try_from(wait).ok()).unwrap_or(0)).min(LONGEST_WAIT_MS);
        tracing::info!(
            subscription = %subscription.id,
            workflow = %subscription.workflow,
            connector = subscription.connector,
            attempts = subscription.attempts + 1,
            "an event could not be asked for at its service; it is tried again"
        );
        let next = self.now().plus_millis(pause);
        Ok(self.0.store.subscription_failed(subscription.id, subscription.fence, error, next).await?)
    }

    /// Tends subscriptions as long as the process lives.
    pub fn spawn_events(&self, hooks: String) {
        let engine = self.clone();
        tokio::spawn(async move {
            while !engine.is_shutting_down() {
                match engine.tend_events(&hooks).await {
                    // More may be due.
                    Ok(count) if count == BATCH as usize => continue,
                    Ok(_) => {}
                    Err(error) => {
                        tracing::warn!(%error, "subscriptions could not be looked at; it is tried again")
                    }
                }
                tokio::select! {
                    () = engine.0.stop.notified() => {}
                    () = engine.0.subscriptions.notified() => {}
                    () = tokio::time::sleep(EVERY) => {}
                }
            }
        });
    }

    /// Looks at the subscriptions again: to be called after a workflow was activated, paused or deleted.
    pub fn wake_events(&self) {
        self.0.subscriptions.notify_one();
    }
}

/// A time so many milliseconds later.
fn after(time: Timestamp, millis: u64) -> Timestamp {
    time.plus_millis(i64::try_from(millis).unwrap_or(i64::MAX / 2))
}
