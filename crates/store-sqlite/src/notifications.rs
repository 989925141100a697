//! Notifications.

mod endpoint;
mod event;
mod inbox;
mod outbox;

use std::collections::BTreeMap;

use async_trait::async_trait;
use flero_model::{
    DeliveryId, NotificationId, Timestamp, UserId, WebhookEndpointId, WorkspaceId,
    audit::NewAudit,
    notification::{Category, Frequency, Notification},
};
use flero_store::{
    Error, NotificationStore, Page, PageRequest, Result,
    keys::SealedSecret,
    notifications::{Delivery, NewNotification, PendingEvent, Seen, WebhookEndpoint},
};
use rusqlite::OptionalExtension as _;

use crate::{
    convert::{from_json, to_json},
    store::SqliteStore,
};

pub(crate) use event::{note_failure, note_record};

#[async_trait]
impl NotificationStore for SqliteStore {
    async fn pending_events(&self, limit: u32) -> Result<Vec<PendingEvent>> {
        self.look_up(move |connection| event::pending(connection, limit)).await
    }

    async fn file_event(
        &self,
        place: i64,
        notifications: Vec<NewNotification>,
        webhooks: Vec<Delivery>,
        joins_since: Timestamp,
    ) -> Result<Vec<UserId>> {
        self.write(move |tx| {
            if tx.run("DELETE FROM notification_event WHERE place = ?1", [place])? == 0 {
                return Err(Error::NotFound.into());
            }
            let mut told = Vec::new();
            for new in &notifications {
                let joined = inbox::file(tx, &new.notification, joins_since)?;
                if let (Some(mail), false) = (&new.mail, joined) {
                    outbox::put(tx, mail)?;
                }
                told.push(new.notification.user);
            }
            webhooks.iter().try_for_each(|delivery| outbox::put(tx, delivery))?;
            Ok(told)
        })
        .await
    }

    async fn list_notifications(
        &self,
        user: UserId,
        only_unread: bool,
        page: PageRequest,
    ) -> Result<Page<Notification>> {
        self.read(move |connection| inbox::list(connection, user, only_unread, &page)).await
    }

    async fn unread_notifications(&self, user: UserId) -> Result<(u64, Option<Timestamp>)> {
        self.look_up(move |connection| inbox::unread(connection, user)).await
    }

    async fn read_notifications(
        &self,
        user: UserId,
        only: Option<Vec<NotificationId>>,
        now: Timestamp,
    ) -> Result<u64> {
        self.write(move |tx| inbox::mark_read(tx, user, only.as_deref(), now)).await
    }

    async fn prune_notifications(&self, before: Timestamp) -> Result<u64> {
        let sql = "DELETE FROM notification WHERE last_at < ?1";
        self.write(move |tx| Ok(tx.run(sql, [before.as_millis()])? as u64)).await
    }

    async fn notification_settings(&self, user: UserId) -> Result<BTreeMap<Category, Frequency>> {
        self.look_up(move |connection| {
            let mut statement =
                connection.prepare_cached("SELECT chosen FROM notification_setting WHERE user_id = ?1")?;
            let mut rows = statement.query([user.as_bytes()])?;
            match rows.next()? {
                Some(row) => from_json(row, 0, "the settings of notifications"),
                None => Ok(BTreeMap::new()),
            }
        })
        .await
    }

    async fn set_notification_settings(
        &self,
        user: UserId,
        chosen: BTreeMap<Category, Frequency>,
    ) -> Result<()> {
        self.write(move |tx| {
            tx.run(
                "INSERT INTO notification_setting (user_id, chosen) VALUES (?1, ?2)
                 ON CONFLICT (user_id) DO UPDATE SET chosen = excluded.chosen",
                (user.as_bytes(), to_json(&chosen)?),
            )?;
            Ok(())
        })
        .await
    }

    async fn take_deliveries(&self, now: Timestamp, pause_ms: i64, limit: u32) -> Result<Vec<Delivery>> {
        // Looked up first: the answer is nearly always "none", and then nothing needs to be written.
        if self.look_up(move |connection| outbox::due(connection, now, 1)).await?.is_empty() {
            return Ok(Vec::new());
        }
        self.write(move |tx| outbox::take(tx, now, pause_ms, limit)).await
    }

    async fn finish_deliveries(&self, ids: Vec<DeliveryId>) -> Result<()> {
        self.write(move |tx| {
            for id in &ids {
                tx.run("DELETE FROM notification_delivery WHERE id = ?1", [id.as_bytes()])?;
            }
            Ok(())
        })
        .await
    }

    async fn signed_in_before(
        &self,
        user: UserId,
        before: Timestamp,
        address: String,
        user_agent: String,
    ) -> Result<Seen> {
        self.look_up(move |connection| {
            Ok(connection
                .prepare_cached(
                    "SELECT count(*) > 0, coalesce(max(address = ?3), 0), coalesce(max(user_agent = ?4), 0)
                     FROM sign_in WHERE user_id = ?1 AND at < ?2 AND outcome = 'success'",
                )?
                .query_row((user.as_bytes(), before.as_millis(), address, user_agent), |row| {
                    Ok(Seen { any: row.get(0)?, address: row.get(1)?, browser: row.get(2)? })
                })
                .optional()?
                .unwrap_or(Seen { any: false, address: false, browser: false }))
        })
        .await
    }

    async fn create_endpoint(
        &self,
        endpoint: WebhookEndpoint,
        secret: SealedSecret,
        audit: Vec<NewAudit>,
    ) -> Result<()> {
        self.write(move |tx| {
            endpoint::insert(tx, &endpoint)?;
            tx.put_secret(&secret)?;
            tx.record(&audit)
        })
        .await
    }

    async fn endpoints(&self, workspace: WorkspaceId) -> Result<Vec<WebhookEndpoint>> {
        self.look_up(move |connection| endpoint::of_workspace(connection, workspace)).await
    }

    async fn endpoint(&self, id: WebhookEndpointId) -> Result<(WebhookEndpoint, SealedSecret)> {
        self.look_up(move |connection| endpoint::get(connection, id)).await
    }

    async fn delete_endpoint(
        &self,
        workspace: WorkspaceId,
        id: WebhookEndpointId,
        audit: Vec<NewAudit>,
    ) -> Result<()> {
        self.write(move |tx| {
            endpoint::delete(tx, workspace, id)?;
            tx.record(&audit)
        })
        .await
    }
}
