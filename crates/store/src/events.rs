//! Subscriptions: which workflow waits for which event of which service, and how far that has come.
//!
//! A subscription is one registration at a service (or one URL that a person enters there, or one poll). It is made in
//! the transaction that activates its workflow, and told to end in the one that pauses, changes or deletes it; whoever
//! tends it then removes the registration, for as long as it takes. A registration whose answer was lost is never taken
//! up again: the next attempt gets another id, and with it another URL and secret, so that the lost one starts nothing.

use async_trait::async_trait;
use aws_lc_rs::digest;
use flero_model::{
    CredentialId, OrganizationId, SubscriptionId, Timestamp, UserId, WorkflowId, WorkspaceId, audit::NewAudit,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Result, executions::NewExecution, keys::SealedSecret};

/// The field under which the secret of a subscription is sealed.
pub const SECRET_FIELD: &str = "secret";

/// How many deliveries of a subscription are remembered, so that a repeated one is known.
pub const REMEMBERED: u32 = 10_000;

/// The hash by which something is known again. Its parts are told apart by their lengths.
#[must_use]
pub fn key(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

/// The way in which the event comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// Registered at the service by Flero.
    Registered,
    /// Entered at the service by a person.
    Manual,
    /// Asked for from time to time.
    Polling,
}

impl Way {
    /// The name as it is stored and as the API writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Manual => "manual",
            Self::Polling => "polling",
        }
    }
}

/// How far a subscription has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It is to be registered.
    Pending,
    /// The service is being asked to register it.
    Registering,
    /// Events come.
    Active,
    /// Its workflow is paused; a person's URL and secret are kept.
    Paused,
    /// Its registration is to be removed from the service.
    Removing,
}

impl State {
    /// The name as it is stored and as the API writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Registering => "registering",
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Removing => "removing",
        }
    }
}

/// What is waited for, as activation arms it.
#[derive(Debug, Clone, PartialEq)]
pub struct Armed {
    /// The identifier, should a new subscription be made.
    pub id: SubscriptionId,
    /// The organization of the workspace.
    pub organization: OrganizationId,
    /// The way.
    pub way: Way,
    /// The connector.
    pub connector: String,
    /// The event, by its name in the connector.
    pub event: String,
    /// The credential that the service is asked with.
    pub credential: Option<CredentialId>,
    /// The inputs of the event.
    pub inputs: Map<String, Value>,
    /// How often it is polled, in milliseconds.
    pub interval_ms: u64,
}

/// See the module.
#[derive(Debug, Clone, PartialEq)]
pub struct Subscription {
    /// Its identifier; part of the webhook's URL.
    pub id: SubscriptionId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// Its organization.
    pub organization: OrganizationId,
    /// The workflow.
    pub workflow: WorkflowId,
    /// Whether the workflow still waits for it. One that is not wanted is only being removed.
    pub wanted: bool,
    /// The way.
    pub way: Way,
    /// How far it has come.
    pub state: State,
    /// The connector.
    pub connector: String,
    /// The event.
    pub event: String,
    /// The credential.
    pub credential: Option<CredentialId>,
    /// The inputs.
    pub inputs: Map<String, Value>,
    /// Who activated the workflow.
    pub acting_for: UserId,
    /// How often it is polled, in milliseconds.
    pub interval_ms: u64,
    /// The registration's id at the service: a text or a number.
    pub registration: Option<Value>,
    /// Where the last poll ended; `None` before the first one.
    pub cursor: Option<Value>,
    /// Where the next poll goes on with what the last one did not get to, as whoever polls wrote it.
    pub behind: Option<Value>,
    /// Counts claims: whoever presents an older number has lost.
    pub fence: u64,
    /// How often the present step has failed in a row.
    pub attempts: u32,
    /// When it is looked at next.
    pub next_at: Option<Timestamp>,
    /// Why the last attempt failed, for people; no secrets.
    pub error: Option<String>,
    /// When an event last came.
    pub last_event_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What came of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivered {
    /// Its run is accepted.
    New,
    /// It came before.
    Repeated,
    /// A run with the same idempotency key was accepted before.
    Existing(flero_model::ExecutionId),
}

/// A poll, to be committed with everything that it starts.
#[derive(Debug, Clone, PartialEq)]
pub struct PollCommit {
    /// The runs that it starts.
    pub runs: Vec<NewExecution>,
    /// The items that are known from now on, the first seen first: hashes of their ids.
    pub keys: Vec<[u8; 32]>,
    /// Where it ended.
    pub cursor: Option<Value>,
    /// What it did not get to; see [`Subscription::behind`].
    pub behind: Option<Value>,
    /// When the next one is due.
    pub next_at: Timestamp,
    /// The time.
    pub at: Timestamp,
}

/// See the module.
#[async_trait]
pub trait EventStore {
    /// A subscription by its id.
    async fn subscription(&self, id: SubscriptionId) -> Result<Subscription>;

    /// The subscription that a workflow waits for, or the last one of a paused workflow.
    async fn subscription_of(&self, workflow: WorkflowId) -> Result<Option<Subscription>>;

    /// Takes subscriptions that are due, for one caller alone until `until`.
    async fn claim_subscriptions(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Subscription>>;

    /// Begins an attempt to register: the subscription goes on under another id with another secret, and is
    /// `registering`. [`crate::Error::Conflict`] when the claim is another's by now or the subscription is not wanted.
    async fn begin_registration(
        &self,
        id: SubscriptionId,
        fence: u64,
        new_id: SubscriptionId,
        secret: Option<SealedSecret>,
    ) -> Result<()>;

    /// Ends an attempt to register: events come. A subscription that is not wanted any more is due to be removed.
    /// A secret that the service made replaces the other one. [`crate::Error::Conflict`] as above.
    async fn registered(
        &self,
        id: SubscriptionId,
        fence: u64,
        registration: Value,
        secret: Option<SealedSecret>,
        audit: Vec<NewAudit>,
    ) -> Result<()>;

    /// Ends an attempt that failed. [`crate::Error::Conflict`] when the claim is another's by now.
    async fn subscription_failed(
        &self,
        id: SubscriptionId,
        fence: u64,
        error: String,
        next_at: Timestamp,
    ) -> Result<()>;

    /// Deletes a subscription that is not wanted, with its secret.
    async fn delete_subscription(&self, id: SubscriptionId, fence: u64, audit: Vec<NewAudit>) -> Result<()>;

    /// Replaces the secret of a subscription that a person entered at the service.
    async fn put_subscription_secret(
        &self,
        id: SubscriptionId,
        secret: SealedSecret,
        audit: Vec<NewAudit>,
    ) -> Result<()>;

    /// Accepts the run of a delivery unless any of its keys is known; the keys are known then.
    /// [`crate::Error::NotFound`] when events do not come any more.
    async fn accept_event(
        &self,
        id: SubscriptionId,
        keys: Vec<[u8; 32]>,
        at: Timestamp,
        run: NewExecution,
    ) -> Result<Delivered>;

    /// Which of these keys are known.
    async fn known_events(&self, id: SubscriptionId, keys: Vec<[u8; 32]>) -> Result<Vec<[u8; 32]>>;

    /// Commits a poll: its runs, its items, where it ended and the time of the next one are one transaction.
    /// [`crate::Error::Conflict`] when the claim is another's by now or the subscription is not wanted.
    async fn commit_poll(&self, id: SubscriptionId, fence: u64, poll: PollCommit) -> Result<()>;

    /// Notes that something genuine came that starts no run, at most once a minute.
    async fn note_event(&self, id: SubscriptionId, at: Timestamp) -> Result<()>;

    /// Forgets deliveries beyond the last [`REMEMBERED`] of each subscription; returns how many.
    async fn prune_events(&self) -> Result<u64>;
}
