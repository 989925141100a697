//! Subscriptions to events, and the deliveries that are known.

pub(crate) mod arm;
mod deliver;
mod row;
mod tend;

use async_trait::async_trait;
use flero_model::{SubscriptionId, Timestamp, WorkflowId, audit::NewAudit};
use flero_store::{
    EventStore, Result,
    events::{Delivered, PollCommit, Subscription},
    executions::NewExecution,
    keys::SealedSecret,
};
use serde_json::Value;

use crate::store::SqliteStore;

#[async_trait]
impl EventStore for SqliteStore {
    async fn subscription(&self, id: SubscriptionId) -> Result<Subscription> {
        self.look_up(|connection| row::get(connection, id)).await
    }

    async fn subscription_of(&self, workflow: WorkflowId) -> Result<Option<Subscription>> {
        self.look_up(|connection| row::of_workflow(connection, workflow)).await
    }

    async fn claim_subscriptions(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Subscription>> {
        // Most of the time nothing is due, and looking costs no transaction.
        if !self.look_up(|connection| row::is_due(connection, now)).await? {
            return Ok(Vec::new());
        }
        self.write(move |tx| tend::claim(tx, now, until, limit)).await
    }

    async fn begin_registration(
        &self,
        id: SubscriptionId,
        fence: u64,
        new_id: SubscriptionId,
        secret: Option<SealedSecret>,
    ) -> Result<()> {
        self.write(move |tx| tend::begin(tx, id, fence, new_id, secret.as_ref())).await
    }

    async fn registered(
        &self,
        id: SubscriptionId,
        fence: u64,
        registration: Value,
        secret: Option<SealedSecret>,
        audit: Vec<NewAudit>,
    ) -> Result<()> {
        self.write(move |tx| tend::registered(tx, id, fence, &registration, secret.as_ref(), &audit)).await
    }

    async fn subscription_failed(
        &self,
        id: SubscriptionId,
        fence: u64,
        error: String,
        next_at: Timestamp,
    ) -> Result<()> {
        self.write(move |tx| tend::failed(tx, id, fence, &error, next_at)).await
    }

    async fn delete_subscription(&self, id: SubscriptionId, fence: u64, audit: Vec<NewAudit>) -> Result<()> {
        self.write(move |tx| tend::delete(tx, id, fence, &audit)).await
    }

    async fn put_subscription_secret(
        &self,
        id: SubscriptionId,
        secret: SealedSecret,
        audit: Vec<NewAudit>,
    ) -> Result<()> {
        self.write(move |tx| {
            row::get(tx.connection, id)?;
            tx.put_secret(&secret)?;
            tx.record(&audit)
        })
        .await
    }

    async fn accept_event(
        &self,
        id: SubscriptionId,
        keys: Vec<[u8; 32]>,
        at: Timestamp,
        run: NewExecution,
    ) -> Result<Delivered> {
        self.write(move |tx| deliver::accept(tx, id, &keys, at, &run)).await
    }

    async fn known_events(&self, id: SubscriptionId, keys: Vec<[u8; 32]>) -> Result<Vec<[u8; 32]>> {
        self.look_up(|connection| deliver::known(connection, id, &keys)).await
    }

    async fn commit_poll(&self, id: SubscriptionId, fence: u64, poll: PollCommit) -> Result<()> {
        self.write(move |tx| deliver::commit_poll(tx, id, fence, &poll)).await
    }

    async fn note_event(&self, id: SubscriptionId, at: Timestamp) -> Result<()> {
        self.write(move |tx| deliver::note(tx, id, at)).await
    }

    async fn prune_events(&self) -> Result<u64> {
        self.write(|tx| deliver::prune(tx)).await
    }
}
