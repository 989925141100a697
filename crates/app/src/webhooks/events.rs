//! Deliveries of events: requests by which a service tells what happened there.
//!
//! Nothing of a delivery is read before its sender is known, except where a service asks the URL for an echo. What came
//! before starts nothing: what tells deliveries apart is stored in the transaction that accepts the run.

use std::sync::Arc;

use bytes::Bytes;
use flero_connect::{Delivery, Genuine, UseOutcome, scrub::Scrubber};
use flero_engine::{CompiledWorkflow, StartRun, Trigger, params::PayloadType};
use flero_model::{ExecutionId, SubscriptionId, UserId, execution::TriggerKind};
use flero_openapi::{
    events::filled,
    extension::{EventName, Handshake},
};
use flero_store::{
    events::{Delivered, State, Subscription, Way, key},
    workflows::WorkflowStatus,
};
use http::HeaderMap;
use serde_json::{Map, Value, json};

use super::{incoming, payload, scrub};
use crate::{App, Error, Result};

/// The longest echo, in characters.
const MAX_CHALLENGE: usize = 2_000;
/// The most events of one delivery: what services send at once is a hundred, or a few.
const MAX_EVENTS: usize = 5_000;

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
    /// The query, without the question mark.
    pub query: Option<&'a str>,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// How a delivery ended.
#[derive(Debug, PartialEq, Eq)]
pub enum EventAnswer {
    /// It started runs, one for each event that it brought.
    Accepted(Vec<ExecutionId>),
    /// It came before.
    Repeated,
    /// It is of another event, or the trigger's condition is not met.
    Ignored,
    /// The service asked for this text.
    Challenge(String),
    /// The service asked for this, in JSON.
    Answer(Value),
    /// The service asked for a header field: its name and its value.
    Echo(String, String),
    /// The service told the secret of its signatures; a person confirms it.
    Told,
}

/// What is the same for every event of a delivery.
struct Common<'a> {
    hook: &'a EventHook,
    headers: Value,
    scrubber: Option<Arc<Scrubber>>,
    workflow: Arc<CompiledWorkflow>,
    acting_for: UserId,
    variables: Arc<Map<String, Value>>,
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

    /// What a service asks for in the query or in a header field before it sends anything.
    #[must_use]
    pub fn event_echo(
        &self,
        hook: &EventHook,
        headers: &HeaderMap,
        query: Option<&str>,
    ) -> Option<EventAnswer> {
        let (text, answer) = match hook.trigger.handshake()? {
            Handshake::Query { query: name } => {
                let mut pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
                (pairs.find(|(found, _)| found == name)?.1.into_owned(), None)
            }
            Handshake::Header { header, answer, answer_header } => {
                let text = headers.get(header)?.to_str().ok()?.to_owned();
                if let Some(name) = answer_header {
                    let fits = text.len() <= MAX_CHALLENGE && Handshake::is_echo_field(name);
                    return fits.then(|| EventAnswer::Echo(name.clone(), text));
                }
                (text, answer.as_ref())
            }
            Handshake::Body { .. } | Handshake::Secret { .. } => return None,
        };
        (text.chars().count() <= MAX_CHALLENGE).then(|| answer_to(text, answer, None))
    }

    /// Takes a delivery: verifies it over its raw body, and starts a run for each of its events that did not come
    /// before, in their order. Where one cannot be started, those before it are, and the service's next attempt goes on
    /// behind them.
    ///
    /// # Errors
    /// [`Error::WebhookUnauthorized`] whatever is wrong with its signature or its time; [`Error::InvalidBody`];
    /// [`Error::Busy`]; [`Error::Unavailable`]; [`Error::NoWebhook`] when the workflow was paused meanwhile.
    pub async fn take_delivery(&self, hook: &EventHook, request: EventRequest<'_>) -> Result<EventAnswer> {
        let subscription = &hook.subscription;
        if self.takes_told_secret(hook, &request) {
            return Ok(EventAnswer::Told);
        }
        let genuine = self.verify(hook, &request).await?;
        let body = payload::read(PayloadType::Auto, request.headers, &request.body)?;
        if let Some(handshake @ Handshake::Body { answer, .. }) = hook.trigger.handshake()
            && let Some(text) = handshake.asked_in(&body)
        {
            let text: String = text.chars().take(MAX_CHALLENGE).collect();
            let signature = match answer {
                Some(_) => self.sign_challenge(hook, &text).await?,
                None => None,
            };
            self.store().note_event(subscription.id, self.now()).await?;
            return Ok(answer_to(text, answer.as_ref(), signature));
        }
        let header = |name: &str| request.headers.get(name).and_then(|value| value.to_str().ok());
        let named = hook.trigger.event();
        let parts = named.map_or_else(|| vec![&body], |named| named.parts(&body));
        if parts.len() > MAX_EVENTS {
            return Err(Error::InvalidBody(format!("a delivery has at most {MAX_EVENTS} events")));
        }
        let is_list = named.is_some_and(|named| named.items.is_some());
        let mine = parts.into_iter().enumerate();
        let mine: Vec<(usize, &Value)> =
            mine.filter(|(_, part)| named.is_none_or(|named| named.is_of(&header, part))).collect();
        if mine.is_empty() {
            self.store().note_event(subscription.id, self.now()).await?;
            return Ok(EventAnswer::Ignored);
        }
        let common = self.common(hook, &request, &genuine).await?;
        let mut outcome = genuine.outcome.clone();
        let (mut accepted, mut repeated) = (Vec::new(), false);
        for (place, part) in mine {
            let delivery = named.and_then(|named| named.delivery(&header, part));
            let keys = keys_of(named, &genuine, delivery.as_deref(), is_list.then_some(place));
            match self.start_event(&common, delivery, part, &mut outcome, keys).await? {
                Some(Ok(id)) => accepted.push(id),
                Some(Err(Known)) => repeated = true,
                None => {}
            }
        }
        Ok(match (accepted.is_empty(), repeated) {
            (false, _) => EventAnswer::Accepted(accepted),
            (true, true) => EventAnswer::Repeated,
            (true, false) => EventAnswer::Ignored,
        })
    }

    /// Keeps the secret that a service tells before it sends anything, until a person has confirmed it. It verifies
    /// nothing before that: whoever knows the URL can send one.
    fn takes_told_secret(&self, hook: &EventHook, request: &EventRequest<'_>) -> bool {
        let Some(Handshake::Secret { secret }) = hook.trigger.handshake() else { return false };
        let subscription = &hook.subscription;
        if subscription.way != Way::Manual || subscription.last_event_at.is_some() {
            return false;
        }
        let told = if secret.starts_with('/') {
            let body: Option<Value> = serde_json::from_slice(&request.body).ok();
            body.and_then(|body| body.pointer(secret)?.as_str().map(str::to_owned))
        } else {
            request.headers.get(secret).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        let fits = |text: &String| !text.is_empty() && text.len() <= MAX_CHALLENGE;
        let Some(told) = told.filter(fits) else { return false };
        self.0.told_secrets.put(subscription.id, told, self.now());
        true
    }

    async fn sign_challenge(&self, hook: &EventHook, challenge: &str) -> Result<Option<String>> {
        let subscription = &hook.subscription;
        let rule = hook.trigger.verification().ok_or(Error::NoWebhook)?;
        let sealed = self.store().secrets_of(subscription.id.to_string()).await?;
        let principal = self.0.engine.principal_of(subscription).await?;
        let signed =
            self.0.connect.sign_challenge(&principal, subscription, rule, sealed.first(), challenge).await;
        signed.map_err(|_| Error::Unavailable("the vault is sealed, so no challenge can be signed"))
    }

    async fn verify(&self, hook: &EventHook, request: &EventRequest<'_>) -> Result<Genuine> {
        let subscription = &hook.subscription;
        let rule = hook.trigger.verification().ok_or(Error::NoWebhook)?;
        let sealed = self.store().secrets_of(subscription.id.to_string()).await?;
        let principal = self.0.engine.principal_of(subscription).await?;
        let url = self.event_url(subscription.id);
        let EventRequest { method, query, headers, body } = request;
        let delivery = Delivery { method, url: &url, query: *query, headers, body };
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

    async fn common<'a>(
        &self,
        hook: &'a EventHook,
        request: &EventRequest<'_>,
        genuine: &Genuine,
    ) -> Result<Common<'a>> {
        let subscription = &hook.subscription;
        let workflow = self.store().get_workflow_anywhere(subscription.workflow).await?;
        let (Some(version), Some(acting_for), WorkflowStatus::Active) =
            (workflow.active_version, workflow.activated_by, workflow.status)
        else {
            return Err(Error::NoWebhook);
        };
        let mut headers = request.headers.clone();
        for name in hook.trigger.verification().iter().flat_map(|rule| rule.headers()) {
            headers.remove(name);
        }
        let (variables, _) = self.store().get_variables(subscription.workspace).await?;
        Ok(Common {
            hook,
            headers: Value::Object(incoming::headers(&headers, None)),
            scrubber: genuine.scrubber.clone(),
            workflow: self.0.engine.workflow(workflow.id, version).await?,
            acting_for,
            variables: Arc::new(variables),
        })
    }

    /// Starts the run of one event; `None` when the trigger does not let it through. The use of a credential is
    /// recorded with the first run.
    async fn start_event(
        &self,
        common: &Common<'_>,
        delivery: Option<String>,
        body: &Value,
        outcome: &mut Option<UseOutcome>,
        keys: Vec<[u8; 32]>,
    ) -> Result<Option<std::result::Result<ExecutionId, Known>>> {
        let subscription = &common.hook.subscription;
        let mut input = json!({
            "connector": subscription.connector,
            "event": subscription.event,
            "deliveryId": delivery,
            "timestamp": self.now(),
            "headers": common.headers,
            "body": body,
        });
        if let Some(scrubber) = &common.scrubber {
            scrub::value(scrubber, &mut input);
        }
        let now = self.now();
        let run = StartRun {
            workflow: Arc::clone(&common.workflow),
            workspace: subscription.workspace,
            organization: subscription.organization,
            trigger: TriggerKind::Event,
            entry: None,
            input,
            acting_for: common.acting_for,
            variables: Arc::clone(&common.variables),
            idempotency_key: None,
            audit: outcome.as_ref().map(|outcome| outcome.record(now)).into_iter().collect(),
            given: flero_engine::Given::default(),
        };
        match self.0.engine.deliver(run, subscription.id, keys).await {
            Ok((id, Delivered::New)) => {
                *outcome = None;
                Ok(Some(Ok(id)))
            }
            Ok((_, Delivered::Existing(id))) => Ok(Some(Ok(id))),
            Ok((_, Delivered::Repeated)) => Ok(Some(Err(Known))),
            Err(flero_engine::Error::ConditionNotMet) => Ok(None),
            Err(flero_engine::Error::Store(flero_store::Error::NotFound)) => Err(Error::NoWebhook),
            Err(error) => Err(error.into()),
        }
    }
}

/// An event that came before.
struct Known;

/// By what an event is known again: its id, or the signature. `place` is its place in the list of a delivery.
fn keys_of(
    named: Option<&EventName>,
    genuine: &Genuine,
    delivery: Option<&str>,
    place: Option<usize>,
) -> Vec<[u8; 32]> {
    let in_body = named.and_then(|named| named.delivery_id.as_deref()).is_some_and(|id| id.starts_with('/'));
    let place = place.map(|place| (place as u64).to_be_bytes());
    // An id in a header field is that of the whole delivery.
    let place_of_id = place.as_ref().filter(|_| !in_body).map(|place| &place[..]);
    let of = |parts: [&[u8]; 2], place: Option<&[u8]>| {
        let mut all = parts.to_vec();
        all.extend(place);
        key(&all)
    };
    let mut keys = Vec::with_capacity(2);
    keys.extend(delivery.map(|id| of([b"delivery", id.as_bytes()], place_of_id)));
    // What is not signed can be changed by whoever repeats the rest.
    let is_signed = if in_body { genuine.body_signed } else { genuine.headers_signed };
    if let (Some(signature), true) = (&genuine.signature, delivery.is_none() || !is_signed) {
        keys.push(of([b"signature", signature], place.as_ref().map(|place| &place[..])));
    }
    keys
}

/// What is answered to a challenge.
fn answer_to(challenge: String, answer: Option<&Value>, signature: Option<String>) -> EventAnswer {
    let Some(answer) = answer else { return EventAnswer::Challenge(challenge) };
    let value_of = |name: &str| match name {
        "challenge" => Some(Value::String(challenge.clone())),
        "signature" => signature.clone().map(Value::String),
        _ => None,
    };
    EventAnswer::Answer(filled(answer, &value_of).unwrap_or_default())
}
