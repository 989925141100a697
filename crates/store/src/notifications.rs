//! Notifications: what is to be told, what was told to whom, and what waits to be delivered.
//!
//! An event is noted by the adapter in the transaction of the act itself, so that none is lost and none is told of an
//! act that was undone. Whoever fans an event out files everything that follows from it in one transaction, which
//! takes the event away.

use std::collections::BTreeMap;

use async_trait::async_trait;
use flero_model::{
    DeliveryId, ExecutionId, NotificationId, Timestamp, UserId, WebhookEndpointId, WorkspaceId,
    audit::{AuditRecord, NewAudit},
    notification::{Category, Frequency, Notification},
};

use crate::{Page, PageRequest, Result, keys::SealedSecret};

/// The field under which the secret of an endpoint is sealed.
pub const ENDPOINT_FIELD: &str = "secret";

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// What a record of the audit trail says.
    Recorded(Box<AuditRecord>),
    /// A run failed, or took too long.
    Failed {
        /// Its workspace.
        workspace: WorkspaceId,
        /// Which.
        execution: ExecutionId,
    },
}

/// An event that was not fanned out yet.
#[derive(Debug, Clone, PartialEq)]
pub struct PendingEvent {
    /// Its place in the queue.
    pub place: i64,
    /// What it is about.
    pub category: Category,
    /// What happened.
    pub event: Event,
}

/// Where a delivery goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A person's address.
    Mail(UserId),
    /// A workspace's webhook.
    Webhook(WebhookEndpointId),
}

/// Something that is to be delivered, tried until it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// Its identifier, the same at every attempt.
    pub id: DeliveryId,
    /// Where to.
    pub target: Target,
    /// What.
    pub notification: Notification,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next.
    pub next_at: Timestamp,
    /// When it was put here.
    pub created_at: Timestamp,
}

/// A notification for somebody, and the mail that goes with it.
#[derive(Debug, Clone, PartialEq)]
pub struct NewNotification {
    /// The notification.
    pub notification: Notification,
    /// Its mail. It is left out where the notification joins one that was not read yet.
    pub mail: Option<Delivery>,
}

/// Where a workspace wants to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookEndpoint {
    /// Its identifier; owner of the sealed secret.
    pub id: WebhookEndpointId,
    /// Whose.
    pub workspace: WorkspaceId,
    /// Where to.
    pub url: String,
    /// Only about these; empty for all.
    pub categories: Vec<Category>,
    /// Who made it.
    pub creator: UserId,
    /// When.
    pub created_at: Timestamp,
}

/// See the module.
#[async_trait]
pub trait NotificationStore {
    /// Events that were not fanned out yet, the oldest first.
    async fn pending_events(&self, limit: u32) -> Result<Vec<PendingEvent>>;

    /// Files what follows from an event, and takes the event away; [`crate::Error::NotFound`] when somebody else did.
    /// A notification joins the person's unread one of the same category and subject that happened last at or after
    /// `joins_since`, and then there is no mail. Returns who has something new.
    async fn file_event(
        &self,
        place: i64,
        notifications: Vec<NewNotification>,
        webhooks: Vec<Delivery>,
        joins_since: Timestamp,
    ) -> Result<Vec<UserId>>;

    /// A page of a person's notifications, what happened last first.
    async fn list_notifications(
        &self,
        user: UserId,
        only_unread: bool,
        page: PageRequest,
    ) -> Result<Page<Notification>>;

    /// How many a person has not read, and when the last one of all happened.
    async fn unread_notifications(&self, user: UserId) -> Result<(u64, Option<Timestamp>)>;

    /// Marks a person's notifications as read: these, or all that happened until now. Returns how many.
    async fn read_notifications(
        &self,
        user: UserId,
        only: Option<Vec<NotificationId>>,
        now: Timestamp,
    ) -> Result<u64>;

    /// Deletes notifications that happened last before a time; returns how many.
    async fn prune_notifications(&self, before: Timestamp) -> Result<u64>;

    /// What a person chose of the frequencies of mails.
    async fn notification_settings(&self, user: UserId) -> Result<BTreeMap<Category, Frequency>>;

    /// Replaces what a person chose.
    async fn set_notification_settings(
        &self,
        user: UserId,
        chosen: BTreeMap<Category, Frequency>,
    ) -> Result<()>;

    /// Takes up to `limit` deliveries that are due. Each is due again after a pause that doubles with its attempts,
    /// from `pause_ms` to an hour, unless it is finished.
    async fn take_deliveries(&self, now: Timestamp, pause_ms: i64, limit: u32) -> Result<Vec<Delivery>>;

    /// Ends deliveries: they arrived, or were given up.
    async fn finish_deliveries(&self, ids: Vec<DeliveryId>) -> Result<()>;

    /// Whether a person has signed in before a time from this address, and whether with this browser; and whether they
    /// have signed in before at all.
    async fn signed_in_before(
        &self,
        user: UserId,
        before: Timestamp,
        address: String,
        user_agent: String,
    ) -> Result<Seen>;

    /// Makes an endpoint with its sealed secret. [`crate::Error::Refused`] beyond ten of a workspace.
    async fn create_endpoint(
        &self,
        endpoint: WebhookEndpoint,
        secret: SealedSecret,
        audit: Vec<NewAudit>,
    ) -> Result<()>;

    /// Every endpoint of a workspace, the oldest first.
    async fn endpoints(&self, workspace: WorkspaceId) -> Result<Vec<WebhookEndpoint>>;

    /// An endpoint with its sealed secret.
    async fn endpoint(&self, id: WebhookEndpointId) -> Result<(WebhookEndpoint, SealedSecret)>;

    /// Deletes an endpoint of a workspace with its secret and everything that waits for it.
    async fn delete_endpoint(
        &self,
        workspace: WorkspaceId,
        id: WebhookEndpointId,
        audit: Vec<NewAudit>,
    ) -> Result<()>;
}

/// What the history of sign-ins knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Whether there is any earlier sign-in.
    pub any: bool,
    /// Whether one was from this address.
    pub address: bool,
    /// Whether one was with this browser.
    pub browser: bool,
}
