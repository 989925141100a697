//! Deliveries of events: requests by which a service tells what happened there.
//!
//! Nothing of a delivery is read before its sender is known, except where a service asks the URL for an echo. What came
//! before starts nothing: what tells deliveries apart is stored in the transaction that accepts the run.

use bytes::Bytes;
use flero_connect::{Delivery, Genuine};
use flero_engine::{StartRun, Trigger, params::PayloadType};
use flero_model::{ExecutionId, SubscriptionId, execution::TriggerKind};
use flero_openapi::extension::Handshake;
use flero_store::{
    events::{Delivered, State, Subscription, Way, key},
    workflows::WorkflowStatus,
};
use http::HeaderMap;
use serde_json::{Value, json};

use super::{incoming, payload, scrub};
use crate::{App, Error, Result};

/// The longest echo, in characters.
const MAX_CHALLENGE: usize = 2_000;

/// A subscription whose deliveries are taken.
#[derive(Debug)]
pub struct EventHook {
    subscription: Subscription,
    trigger: Trigger,
}

/// A request to the URL of a subscription, its body complete.
#[derive(Debug)]
pub struct EventRequest<'a> {
    /// The method.
    pub method: &'a str,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// How a delivery ended.
#[derive(Debug, PartialEq, Eq)]
pub enum EventAnswer {
    /// It started a run.
    Accepted(ExecutionId),
    /// It came before.
    Repeated,
    /// It is of another event, or the trigger's condition is not met.
    Ignored,
    /// The service asked for this text.
    Challenge(String),
}

impl App {
    /// The subscription of a webhook's URL.
    ///
    /// # Errors
    /// [`Error::NoWebhook`]; [`Error::Unavailable`] while the installation is paused.
    pub async fn find_event_hook(&self, id: SubscriptionId) -> Result<EventHook> {
        if self.store().is_paused().await? {
            return Err(Error::Unavailable("the installation is paused after a restore; run `flero resume`"));
        }
        let subscription = match self.store().subscription(id).await {
            Ok(subscription) => subscription,
            Err(flero_store::Error::NotFound) => return Err(Error::NoWebhook),
            Err(error) => return Err(error.into()),
        };
        let takes = subscription.wanted
            && subscription.way != Way::Polling
            && matches!(subscription.state, State::Registering | State::Active);
        if !takes {
            return Err(Error::NoWebhook);
        }
        let (connector, event) = (&subscription.connector, &subscription.event);
        let trigger = self.0.engine.event(subscription.workspace, connector, event).await?;
        Ok(EventHook { trigger: trigger.ok_or(Error::NoWebhook)?, subscription })
    }

    /// The text that a service asks for in the query before it sends anything.
    #[must_use]
    pub fn event_echo(&self, hook: &EventHook, query: Option<&str>) -> Option<String> {
        let Some(Handshake::Query { query: name }) = hook.trigger.handshake() else { return None };
        let mut pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        let text = pairs.find(|(found, _)| found == name)?.1.into_owned();
        (text.chars().count() <= MAX_CHALLENGE).then_some(text)
    }

    /// Takes a delivery: verifies it over its raw body, and starts a run unless it came before.
    ///
    /// # Errors
    /// [`Error::WebhookUnauthorized`] whatever is wrong with its signature or its time; [`Error::InvalidBody`];
    /// [`Error::Busy`]; [`Error::Unavailable`]; [`Error::NoWebhook`] when the workflow was paused meanwhile.
    pub async fn take_delivery(&self, hook: &EventHook, request: EventRequest<'_>) -> Result<EventAnswer> {
        let subscription = &hook.subscription;
        let genuine = self.verify(hook, &request).await?;
        let body = payload::read(PayloadType::Auto, request.headers, &request.body)?;
        if let Some(Handshake::Body { pointer, equals, challenge }) = hook.trigger.handshake()
            && body.pointer(pointer).and_then(Value::as_str) == Some(equals)
        {
            let text = body.pointer(challenge).and_then(Value::as_str).unwrap_or_default();
            self.store().note_event(subscription.id, self.now()).await?;
            return Ok(EventAnswer::Challenge(text.chars().take(MAX_CHALLENGE).collect()));
        }
        let header = |name: &str| request.headers.get(name).and_then(|value| value.to_str().ok());
        let named = hook.trigger.event();
        if named.is_some_and(|named| !named.is_of(&header, &body)) {
            self.store().note_event(subscription.id, self.now()).await?;
            return Ok(EventAnswer::Ignored);
        }
        let delivery = named.and_then(|named| named.delivery(&header, &body));
        // An id in a header field that is not signed can be changed by whoever repeats the rest.
        let in_body =
            named.and_then(|named| named.delivery_id.as_deref()).is_some_and(|id| id.starts_with('/'));
        let is_signed = in_body || genuine.headers_signed;
        let mut keys = Vec::with_capacity(2);
        if let Some(delivery) = &delivery {
            keys.push(key(&[b"delivery", delivery.as_bytes()]));
        }
        if let (Some(signature), true) = (&genuine.signature, delivery.is_none() || !is_signed) {
            keys.push(key(&[b"signature", signature]));
        }
        self.start_event(hook, &request, genuine, (delivery, body), keys).await
    }

    async fn verify(&self, hook: &EventHook, request: &EventRequest<'_>) -> Result<Genuine> {
        let subscription = &hook.subscription;
        let rule = hook.trigger.verification().ok_or(Error::NoWebhook)?;
        let sealed = self.store().secrets_of(subscription.id.to_string()).await?;
        let principal = self.0.engine.principal_of(subscription).await?;
        let url = self.event_url(subscription.id);
        let delivery =
            Delivery { method: request.method, url: &url, headers: request.headers, body: &request.body };
        let verified =
            self.0.connect.verify_delivery(&principal, subscription, rule, sealed.first(), delivery).await;
        match verified {
            Ok(Some(genuine)) => Ok(genuine),
            Ok(None) => Err(Error::WebhookUnauthorized),
            Err(_) if !self.0.connect.can_open_secrets() => {
                Err(Error::Unavailable("the vault is sealed, so no caller can be checked"))
            }
            Err(error) => {
                tracing::warn!(subscription = %subscription.id, code = error.code(), "an event's secret cannot be used");
                Err(Error::WebhookUnauthorized)
            }
        }
    }

    async fn start_event(
        &self,
        hook: &EventHook,
        request: &EventRequest<'_>,
        genuine: Genuine,
        (delivery, body): (Option<String>, Value),
        keys: Vec<[u8; 32]>,
    ) -> Result<EventAnswer> {
        let subscription = &hook.subscription;
        let workflow = self.store().get_workflow_anywhere(subscription.workflow).await?;
        let (Some(version), Some(acting_for), WorkflowStatus::Active) =
            (workflow.active_version, workflow.activated_by, workflow.status)
        else {
            return Err(Error::NoWebhook);
        };
        let mut headers = request.headers.clone();
        if let Some(rule) = hook.trigger.verification() {
            headers.remove(rule.header());
        }
        let mut input = json!({
            "connector": subscription.connector,
            "event": subscription.event,
            "deliveryId": delivery,
            "timestamp": self.now(),
            "headers": incoming::headers(&headers, None),
            "body": body,
        });
        if let Some(scrubber) = &genuine.scrubber {
            scrub::value(scrubber, &mut input);
        }
        let (variables, _) = self.store().get_variables(subscription.workspace).await?;
        let now = self.now();
        let run = StartRun {
            workflow: self.0.engine.workflow(workflow.id, version).await?,
            workspace: subscription.workspace,
            organization: subscription.organization,
            trigger: TriggerKind::Event,
            entry: None,
            input,
            acting_for,
            variables: std::sync::Arc::new(variables),
            idempotency_key: None,
            audit: genuine.outcome.map(|outcome| outcome.record(now)).into_iter().collect(),
            given: flero_engine::Given::default(),
        };
        match self.0.engine.deliver(run, subscription.id, keys).await {
            Ok((id, Delivered::New)) => Ok(EventAnswer::Accepted(id)),
            Ok((_, Delivered::Existing(id))) => Ok(EventAnswer::Accepted(id)),
            Ok((_, Delivered::Repeated)) => Ok(EventAnswer::Repeated),
            Err(flero_engine::Error::ConditionNotMet) => Ok(EventAnswer::Ignored),
            Err(flero_engine::Error::Store(flero_store::Error::NotFound)) => Err(Error::NoWebhook),
            Err(error) => Err(error.into()),
        }
    }
}
