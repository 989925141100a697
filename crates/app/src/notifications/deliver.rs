//! The outbox: mails and webhook calls, tried until they arrive or a day is over.

use std::{collections::BTreeMap, time::Duration};

use flero_connect::mail::{Mail, MailFault};
use flero_model::{DeliveryId, UserId, WebhookEndpointId, notification::Notification};
use flero_store::{
    keys::SealedSecret,
    notifications::{Delivery, Target, WebhookEndpoint},
};
use serde_json::json;

use super::words::{advice, headline, page};
use crate::{App, Result};

/// How often events and the outbox are looked at.
const EVERY: Duration = Duration::from_secs(5);
/// The first pause after an attempt that failed; it doubles up to an hour.
const PAUSE_MS: i64 = 15_000;
/// How often a delivery is tried: with the pauses, a little longer than a day.
const ATTEMPTS: u32 = 32;
/// How long notifications are kept: ninety days.
const KEPT_MS: i64 = 90 * 86_400_000;
/// How many deliveries are taken at once.
const BATCH: u32 = 50;

impl App {
    /// Tells whoever has to know what happened, and delivers what waits. Returns how many events and deliveries there
    /// were.
    ///
    /// # Errors
    /// As the store.
    pub async fn sweep_notifications(&self) -> Result<usize> {
        let mut done = self.fan_out().await?;
        loop {
            let taken = self.store().take_deliveries(self.now(), PAUSE_MS, BATCH).await?;
            let count = taken.len();
            self.deliver(taken).await?;
            done += count;
            if count < BATCH as usize {
                return Ok(done);
            }
        }
    }

    async fn deliver(&self, taken: Vec<Delivery>) -> Result<()> {
        let mut mails: BTreeMap<UserId, Vec<Delivery>> = BTreeMap::new();
        for delivery in taken {
            match delivery.target {
                Target::Mail(user) => mails.entry(user).or_default().push(delivery),
                Target::Webhook(endpoint) => self.call_endpoint(endpoint, delivery).await?,
            }
        }
        for (user, deliveries) in mails {
            self.send_mail(user, deliveries).await?;
        }
        Ok(())
    }

    async fn send_mail(&self, user: UserId, deliveries: Vec<Delivery>) -> Result<()> {
        let ids: Vec<DeliveryId> = deliveries.iter().map(|one| one.id).collect();
        let Some(mailer) = self.mailer().cloned() else { return Ok(()) };
        let (name, address) = match self.store().person(user).await {
            Ok(person) => person,
            Err(flero_store::Error::NotFound) => return Ok(self.store().finish_deliveries(ids).await?),
            Err(error) => return Err(error.into()),
        };
        let told: Vec<&Notification> = deliveries.iter().map(|one| &one.notification).collect();
        let mail = Mail {
            id: ids.first().map(ToString::to_string).unwrap_or_default(),
            to_name: name,
            to_address: address,
            subject: subject(&told),
            text: text(&told, self.public_url()),
        };
        match mailer.send(mail).await {
            Ok(()) => self.store().finish_deliveries(ids).await?,
            Err(MailFault::Refused) => {
                tracing::warn!(%user, "the mail server does not take mails for a person; they are dropped");
                self.store().finish_deliveries(ids).await?;
            }
            Err(MailFault::Passing) => {
                let over = deliveries.iter().filter(|one| one.attempts + 1 >= ATTEMPTS);
                let given_up: Vec<DeliveryId> = over.map(|one| one.id).collect();
                tracing::warn!(%user, dropped = given_up.len(), "a mail could not be sent; it is tried again");
                self.store().finish_deliveries(given_up).await?;
            }
        }
        Ok(())
    }

    /// Calls an endpoint, if the policy of its organization still lets anything call it.
    pub(super) async fn call_in_reach(
        &self,
        endpoint: &WebhookEndpoint,
        sealed: &SealedSecret,
        id: &str,
        body: String,
    ) -> std::result::Result<u16, flero_connect::Error> {
        let unknown = |_| flero_connect::Error::new(flero_connect::Kind::StoreUnavailable);
        let organization = self.store().workspace(endpoint.workspace).await.map_err(unknown)?.organization;
        if let Ok(url) = url::Url::parse(&endpoint.url) {
            self.0.connect.check_reach(organization, &url).await?;
        }
        self.0.connect.call_webhook(endpoint, sealed, id, body).await
    }

    async fn call_endpoint(&self, id: WebhookEndpointId, delivery: Delivery) -> Result<()> {
        let (endpoint, sealed) = match self.store().endpoint(id).await {
            Ok(found) => found,
            Err(flero_store::Error::NotFound) => {
                return Ok(self.store().finish_deliveries(vec![delivery.id]).await?);
            }
            Err(error) => return Err(error.into()),
        };
        let body = payload(&delivery.notification, self.public_url());
        let called = self.call_in_reach(&endpoint, &sealed, &delivery.id.to_string(), body).await;
        let is_done = match called {
            // The specification asks to take 410 for "stop", and everything else that is not 2xx for "again".
            Ok(200..=299 | 410) => true,
            answer => {
                let why = match &answer {
                    Ok(status) => format!("status {status}"),
                    Err(error) => error.code().to_owned(),
                };
                tracing::info!(endpoint = %id, why, attempts = delivery.attempts + 1, "a webhook call did not arrive");
                delivery.attempts + 1 >= ATTEMPTS
            }
        };
        if is_done {
            self.store().finish_deliveries(vec![delivery.id]).await?;
        }
        Ok(())
    }

    /// Looks for what is to be told from time to time, as long as the process lives.
    pub fn spawn_notifications(&self) {
        let app = self.clone();
        tokio::spawn(async move {
            loop {
                if let Err(error) = app.sweep_notifications().await {
                    tracing::warn!(%error, "notifications could not be sent; it is tried again");
                }
                tokio::time::sleep(EVERY).await;
            }
        });
        let app = self.clone();
        tokio::spawn(async move {
            loop {
                let before = app.now().plus_millis(-KEPT_MS);
                if let Err(error) = app.store().prune_notifications(before).await {
                    tracing::warn!(%error, "old notifications could not be deleted");
                }
                tokio::time::sleep(Duration::from_secs(3_600)).await;
            }
        });
    }
}

/// The body of a webhook call. Names and identifiers alone, as everywhere.
pub(super) fn payload(notification: &Notification, public_url: &str) -> String {
    json!({
        "type": notification.category,
        "timestamp": notification.last_at,
        "data": {
            "workspaceId": notification.workspace,
            "subject": notification.subject,
            "name": notification.name,
            "reason": notification.reason,
            "message": headline(notification),
            "url": format!("{public_url}{}", page(notification)),
        },
    })
    .to_string()
}

fn subject(told: &[&Notification]) -> String {
    match told {
        [only] => headline(only),
        many => format!("Flero: {} notifications", many.len()),
    }
}

fn text(told: &[&Notification], public_url: &str) -> String {
    let mut text = String::new();
    for one in told {
        text.push_str(&format!("{}.\n", headline(one)));
        if let Some(reason) = &one.reason {
            text.push_str(&format!("Reason: {reason}\n"));
        }
        text.push_str(&format!(
            "{}\nWhen: {}\n{public_url}{}\n\n",
            advice(one.category),
            one.last_at,
            page(one)
        ));
    }
    text.push_str("-- \nFlero sends this because of your role or your account.\n");
    text
}
