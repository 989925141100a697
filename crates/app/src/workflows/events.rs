//! The event that a workflow waits for: how far its subscription has come, and the secret that a person gives.

use flero_model::{
    SubscriptionId, Timestamp, WorkflowId,
    audit::{AuditAction, AuditDetail},
    policy::{Action, Principal},
    secret::SecretString,
};
use flero_store::events::{State, Subscription, Way};
use serde::Serialize;

use crate::{App, Error, Result, app::permit};

/// The longest secret that a person gives, in bytes.
const MAX_SECRET: usize = 4_096;

/// What people see of the event that a workflow waits for.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EventView {
    /// The connector.
    pub connector: String,
    /// The event.
    pub event: String,
    /// The way in which it comes.
    pub way: Way,
    /// How far the subscription has come.
    pub state: State,
    /// Where deliveries go; none where the service is asked.
    pub webhook_url: Option<String>,
    /// Whether a person has to enter the URL at the service, and to give the secret of the signatures here.
    pub needs_secret: bool,
    /// Whether there is such a secret.
    pub has_secret: bool,
    /// The secret that somebody sent to the URL as the service's, for whoever may give it here: first it is confirmed at
    /// the service. Only within an hour, and only before it is given.
    pub told_secret: Option<String>,
    /// The registration's id at the service.
    pub registration_id: Option<String>,
    /// Why the last attempt to register, remove or ask failed.
    pub error: Option<String>,
    /// When the next attempt or poll is due.
    pub next_at: Option<Timestamp>,
    /// When something genuine last came.
    pub last_event_at: Option<Timestamp>,
}

impl App {
    /// Where the deliveries of a subscription go.
    pub(crate) fn event_url(&self, id: SubscriptionId) -> String {
        format!("{}/{id}", self.event_urls())
    }

    /// What those URLs begin with.
    #[must_use]
    pub fn event_urls(&self) -> String {
        format!("{}/webhook/events", self.0.public_url)
    }

    /// The event that a workflow waits for.
    ///
    /// # Errors
    /// [`Error::NotFound`], also where it waits for none; [`Error::Forbidden`].
    pub async fn get_workflow_event(&self, who: &Principal, id: WorkflowId) -> Result<EventView> {
        permit(who, Action::ReadWorkflow(Some(id)))?;
        self.store().get_workflow(who.workspace, id).await?;
        let subscription = self.store().subscription_of(id).await?.ok_or(Error::NotFound)?;
        let may_give = permit(who, Action::EditWorkflow(id)).is_ok();
        let told = may_give.then(|| self.0.told_secrets.get(subscription.id, self.now())).flatten();
        let mut view = self.event_view(subscription).await?;
        view.told_secret = told;
        Ok(view)
    }

    /// Seals the secret that a person was given by the service, in place of the former one.
    ///
    /// # Errors
    /// As [`App::get_workflow_event`]; [`Error::Invalid`] where the event has a secret of another origin, or the secret
    /// does not have the form that the service uses.
    pub async fn put_event_secret(
        &self,
        who: &Principal,
        id: WorkflowId,
        secret: &SecretString,
    ) -> Result<EventView> {
        permit(who, Action::EditWorkflow(id))?;
        self.store().get_workflow(who.workspace, id).await?;
        let subscription = self.store().subscription_of(id).await?.ok_or(Error::NotFound)?;
        let (connector, event) = (&subscription.connector, &subscription.event);
        let trigger = self.0.engine.event(subscription.workspace, connector, event).await?;
        let rule = trigger.as_ref().and_then(|trigger| trigger.verification());
        let rule = rule.filter(|rule| subscription.way == Way::Manual && rule.credential_field().is_none());
        let Some(rule) = rule else {
            let message = "This event takes no secret from you: it is registered, asked for, or verified by the credential.";
            return Err(Error::field("/secret", "event.secret_not_taken", message));
        };
        let former = self.store().secrets_of(subscription.id.to_string()).await?;
        let revision = former.iter().map(|sealed| sealed.revision).max().unwrap_or(0) + 1;
        let fits = secret.expose().len() <= MAX_SECRET;
        let sealed = match fits {
            true => self.0.connect.seal_event_secret(&subscription, rule, secret, revision).await,
            false => Ok(None),
        };
        let sealed =
            sealed.map_err(|_| Error::Unavailable("the vault is sealed, so nothing can be kept in it"))?;
        let Some(sealed) = sealed else {
            let message = "This is not a secret as the service shows it. Copy it there once more.";
            return Err(Error::field("/secret", "event.secret", message));
        };
        let detail = AuditDetail { workflow: Some(id), ..AuditDetail::default() };
        let record = self.record(who, AuditAction::EventSecretSet, subscription.id, detail);
        self.store().put_subscription_secret(subscription.id, sealed, vec![record]).await?;
        self.0.told_secrets.forget(subscription.id);
        self.event_view(subscription).await
    }

    async fn event_view(&self, subscription: Subscription) -> Result<EventView> {
        let (connector, event) = (&subscription.connector, &subscription.event);
        let trigger = self.0.engine.event(subscription.workspace, connector, event).await?;
        let from_credential = trigger
            .as_ref()
            .and_then(|trigger| trigger.verification())
            .is_some_and(|rule| rule.credential_field().is_some());
        let needs_secret = subscription.way == Way::Manual && !from_credential;
        let has_secret =
            from_credential || !self.store().secrets_of(subscription.id.to_string()).await?.is_empty();
        // A URL that no service knows yet would lead nowhere.
        let is_told = subscription.way == Way::Manual || subscription.state == State::Active;
        let webhook_url =
            (is_told && subscription.way != Way::Polling).then(|| self.event_url(subscription.id));
        Ok(EventView {
            webhook_url,
            needs_secret,
            has_secret,
            told_secret: None,
            registration_id: subscription.registration.as_ref().map(|id| match id {
                serde_json::Value::String(text) => text.clone(),
                other => other.to_string(),
            }),
            connector: subscription.connector,
            event: subscription.event,
            way: subscription.way,
            state: subscription.state,
            error: subscription.error,
            next_at: subscription.next_at,
            last_event_at: subscription.last_event_at,
        })
    }
}
