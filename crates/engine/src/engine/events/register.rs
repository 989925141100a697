//! Registering an event at its service, and removing the registration.

use flero_connect::Registering;
use flero_model::{
    Timestamp,
    audit::{Actor, AuditAction, AuditDetail, NewAudit},
};
use flero_openapi::{events::fill, extension::Verification};
use flero_store::events::Subscription;
use serde_json::Value;

use super::{super::Engine, Trigger, ask::Refused};
use crate::Result;

/// How often the removal of a registration is tried: with an hour between two attempts, about three days. After that
/// somebody has to do it at the service; what is delivered meanwhile is answered as a URL that does not exist.
const GIVE_UP_AFTER: u32 = 75;
/// When an attempt comes that would only make the same mistake, in milliseconds: activating the workflow again tries
/// at once.
const NOT_SOON_MS: i64 = 365 * 86_400_000;

impl Engine {
    pub(super) async fn register(&self, mut subscription: Subscription, hooks: &str) -> Result<()> {
        let trigger =
            self.event(subscription.workspace, &subscription.connector, &subscription.event).await?;
        let Some(trigger) = trigger else {
            return self.postpone(&subscription, "The connector has no such event any more.").await;
        };
        let (Some(rule), Some(registration)) = (trigger.verification(), &trigger.hints.registration) else {
            return self.postpone(&subscription, "The event cannot be registered any more.").await;
        };
        if let Some(message) = self.cannot_verify(&subscription, rule).await? {
            return self.postpone(&subscription, message).await;
        }
        // Whatever became of an earlier attempt, its URL and its secret are not used again.
        let former = subscription.id;
        subscription.id = self.0.ids.subscription(self.now());
        let is_ours = registration.secret.is_none() && rule.credential_field().is_none();
        let secret = if is_ours {
            match self.0.connect.new_event_secret(&subscription, rule).await {
                Ok(secret) => Some(secret),
                Err(_) => {
                    subscription.id = former;
                    return self.postpone(&subscription, "The vault is sealed.").await;
                }
            }
        } else {
            None
        };
        let (id, fence) = (subscription.id, subscription.fence);
        self.0.store.begin_registration(former, fence, id, secret.clone()).await?;
        let mark = format!("flero{}", &id.to_string()[4..]);
        let url = format!("{hooks}/{id}");
        let inputs = fill(&registration.inputs, &|name| match name {
            "webhook.url" => Some(Value::String(url.clone())),
            "webhook.secret" => Some(Value::String(mark.clone())),
            name => subscription.inputs.get(name).cloned(),
        });
        let (ready, call) = match self.event_call(&subscription, &registration.operation, inputs).await? {
            Ok(made) => made,
            Err(refused) => return self.postpone(&subscription, refused).await,
        };
        let asked = Registering {
            call,
            mark: &mark,
            subscription: &subscription,
            secret: secret.as_ref(),
            told: registration.secret.as_deref(),
        };
        let (reply, made) = match self.0.connect.register_event(asked).await {
            Ok(answer) => answer,
            Err(error) => return self.postpone(&subscription, Refused::from(&error)).await,
        };
        let answer = match self.event_answer(&subscription, &ready, &reply) {
            Ok(answer) => answer,
            Err(refused) => return self.postpone(&subscription, refused).await,
        };
        let id_there = answer.pointer(&registration.id).filter(|id| id.is_string() || id.is_number());
        let Some(id_there) = id_there else {
            let message = "The service registered the event and did not tell its id. Remove it there, then correct the connector.";
            return self.stop_trying(&subscription, message).await;
        };
        if registration.secret.is_some() && made.is_none() {
            let message = "The service registered the event and did not tell its secret. Remove it there, then correct the connector.";
            return self.stop_trying(&subscription, message).await;
        }
        let audit = vec![record(&subscription, AuditAction::EventRegistered, None, self.now())];
        Ok(self.0.store.registered(id, fence, id_there.clone(), made, audit).await?)
    }

    /// Why what the service would send could not be verified: the credential does not hold the secret of its signatures.
    async fn cannot_verify(
        &self,
        subscription: &Subscription,
        rule: &Verification,
    ) -> Result<Option<String>> {
        let Some(field) = rule.credential_field() else { return Ok(None) };
        let principal = self.principal_of(subscription).await?;
        let found = self.0.connect.can_verify_by_credential(&principal, subscription, rule).await;
        Ok(match found {
            Ok(true) => None,
            Ok(false) => Some(format!(
                "The credential has no `{field}`, by which events are verified. Enter it there."
            )),
            Err(error) => Some(Refused::from(&error).message),
        })
    }

    async fn stop_trying(&self, subscription: &Subscription, message: &str) -> Result<()> {
        let next = self.now().plus_millis(NOT_SOON_MS);
        let (id, fence) = (subscription.id, subscription.fence);
        Ok(self.0.store.subscription_failed(id, fence, message.to_owned(), next).await?)
    }

    /// Removes what is registered. What is not there any more is removed too.
    pub(super) async fn unregister(&self, subscription: Subscription) -> Result<()> {
        let Some(registration) = subscription.registration.clone() else {
            // Whoever asked for it died on the way, and what came of it is not known.
            return self.removed(&subscription, "unknown").await;
        };
        let trigger =
            self.event(subscription.workspace, &subscription.connector, &subscription.event).await?;
        match self.ask_removal(&subscription, trigger, &registration).await? {
            Ok(()) => self.removed(&subscription, "success").await,
            Err(Refused { status: Some(404 | 410), .. }) => self.removed(&subscription, "success").await,
            Err(refused) => {
                if subscription.attempts >= GIVE_UP_AFTER {
                    return self.removed(&subscription, "given_up").await;
                }
                self.postpone(&subscription, refused).await
            }
        }
    }

    async fn ask_removal(
        &self,
        subscription: &Subscription,
        trigger: Option<Trigger>,
        registration: &Value,
    ) -> Result<std::result::Result<(), Refused>> {
        let described = trigger.and_then(|trigger| trigger.hints.registration);
        let Some(described) = described else {
            return Ok(Err(Refused::of("The connector does not say any more how the event is removed.")));
        };
        let inputs = fill(&described.remove_inputs, &|name| match name {
            "registration.id" => Some(registration.clone()),
            name => subscription.inputs.get(name).cloned(),
        });
        let (ready, call) = match self.event_call(subscription, &described.remove, inputs).await? {
            Ok(made) => made,
            Err(refused) => return Ok(Err(refused)),
        };
        let reply = match self.0.connect.send(call).await {
            Ok(reply) => reply,
            Err(error) => return Ok(Err(Refused::from(&error))),
        };
        Ok(self.event_answer(subscription, &ready, &reply).map(|_| ()))
    }

    async fn removed(&self, subscription: &Subscription, outcome: &str) -> Result<()> {
        if outcome != "success" {
            tracing::warn!(
                subscription = %subscription.id,
                workflow = %subscription.workflow,
                connector = subscription.connector,
                outcome,
                "the registration of an event may still be at its service; remove it there"
            );
        }
        let audit = vec![record(subscription, AuditAction::EventRemoved, Some(outcome), self.now())];
        Ok(self.0.store.delete_subscription(subscription.id, subscription.fence, audit).await?)
    }
}

fn record(
    subscription: &Subscription,
    action: AuditAction,
    outcome: Option<&str>,
    at: Timestamp,
) -> NewAudit {
    NewAudit {
        workspace: subscription.workspace,
        at,
        actor: Actor::System,
        action,
        target: subscription.id.to_string(),
        detail: AuditDetail {
            workflow: Some(subscription.workflow),
            outcome: outcome.map(str::to_owned),
            attempt: Some(subscription.attempts + 1),
            ..AuditDetail::default()
        },
    }
}
