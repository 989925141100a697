//! Webhooks: requests from outside that start runs.
//!
//! This is the busiest way in, so what a path leads to is kept: the compiled version, the workspace, the variables.
//! Every change in this process drops it at once; one in another process is seen within half a second.

mod cache;
mod events;
mod incoming;
mod payload;
mod scrub;
#[cfg(test)]
mod tests;
mod told;

use std::{sync::Arc, time::Duration};

use flero_connect::{Presented, Verified, scrub::Scrubber};
use flero_engine::{
    CompiledWorkflow, Outcome, StartRun,
    params::{ResponseMode, WebhookOptions},
};
use flero_model::{
    CredentialId, ExecutionId, OrganizationId, Timestamp, UserId, WorkspaceId,
    audit::Actor,
    credential::AuthType,
    execution::{ExecutionStatus, TriggerKind},
    policy::{Principal, Via},
    role::{OrganizationRole, Role},
};
use http::HeaderMap;
use serde_json::{Map, Value};

pub(crate) use cache::HookCache;
pub use events::{EventAnswer, EventHook, EventRequest};
pub use incoming::Incoming;
pub(crate) use told::ToldSecrets;

use crate::{App, Error, Result, executions::MAX_WAIT};

/// What an active webhook path leads to.
#[derive(Debug)]
pub struct Hook {
    compiled: Arc<CompiledWorkflow>,
    options: Arc<WebhookOptions>,
    credential: Option<InboundCredential>,
    workspace: WorkspaceId,
    organization: OrganizationId,
    acting_for: UserId,
    /// Whom the inbound credential is used for; nobody when the activating member has left.
    user: UserId,
    variables: Arc<Map<String, Value>>,
    read_at: Timestamp,
}

/// The credential that callers must present, and where it stands in a request.
#[derive(Debug, Clone)]
pub(crate) struct InboundCredential {
    id: CredentialId,
    /// The header, query parameter or cookie that carries the secret, in lower case.
    carried_in: Option<String>,
    /// The names of its headers are not known here, so that only ordinary headers are passed on.
    hides_headers: bool,
}

/// How a request to a webhook ended.
#[derive(Debug)]
pub enum Fired {
    /// The run is accepted; the caller does not wait for its end.
    Accepted {
        /// The run.
        id: ExecutionId,
        /// The status to answer with.
        code: u16,
    },
    /// The run has ended well: what it returned.
    Output {
        /// The run.
        id: ExecutionId,
        /// What to answer.
        output: Arc<Value>,
        /// The status to answer with.
        code: u16,
    },
    /// The run has not ended well.
    Failed {
        /// The run.
        id: ExecutionId,
        /// How it ended.
        status: ExecutionStatus,
    },
    /// The trigger's condition is not met; there is no run.
    Ignored,
}

impl Hook {
    /// What the trigger says about its requests.
    #[must_use]
    pub fn options(&self) -> &WebhookOptions {
        &self.options
    }
}

impl App {
    /// What listens at a path below `/webhook/`.
    ///
    /// # Errors
    /// [`Error::NoWebhook`]; [`Error::Unavailable`] while the installation is paused.
    pub async fn find_webhook(&self, path: &str) -> Result<Arc<Hook>> {
        let path = path.trim_matches('/');
        let now = self.now();
        if let Some(hook) = self.0.hooks.get(path, now) {
            return Ok(hook);
        }
        let generation = self.0.hooks.generation();
        if self.store().is_paused().await? {
            return Err(Error::Unavailable("the installation is paused after a restore; run `flero resume`"));
        }
        let workflow = match self.store().workflow_by_webhook(path).await {
            Ok(workflow) => workflow,
            Err(flero_store::Error::NotFound) => return Err(Error::NoWebhook),
            Err(error) => return Err(error.into()),
        };
        let (Some(version), Some(acting_for)) = (workflow.active_version, workflow.activated_by) else {
            return Err(Error::NoWebhook);
        };
        let compiled = self.0.engine.workflow(workflow.id, version).await?;
        let Some((options, credential)) = compiled.webhook() else { return Err(Error::NoWebhook) };
        let options = Arc::new(options.clone());
        let organization = self.store().workspace(workflow.workspace).await?.organization;
        let user = match self.store().membership(acting_for, workflow.workspace).await {
            Ok(member) => member.user,
            Err(flero_store::Error::NotFound) => UserId::from_u128(0),
            Err(error) => return Err(error.into()),
        };
        let (variables, _) = self.store().get_variables(workflow.workspace).await?;
        let credential = match credential {
            Some(id) => Some(self.inbound(id).await?),
            None => None,
        };
        let hook = Arc::new(Hook {
            compiled,
            options,
            credential,
            workspace: workflow.workspace,
            organization,
            acting_for,
            user,
            variables: Arc::new(variables),
            read_at: now,
        });
        self.0.hooks.put(path, Arc::clone(&hook), generation);
        Ok(hook)
    }

    async fn inbound(&self, id: CredentialId) -> Result<InboundCredential> {
        let policy = match self.store().get_credential(id).await {
            Ok(credential) => Some(credential.policy),
            // The door refuses a missing credential; until then nothing but ordinary headers is passed on.
            Err(flero_store::Error::NotFound) => None,
            Err(error) => return Err(error.into()),
        };
        let name = policy.as_ref().and_then(|policy| policy.parameters.get("name")).and_then(Value::as_str);
        let hides_headers = policy.as_ref().is_none_or(|policy| policy.auth_type == AuthType::CustomHeaders);
        Ok(InboundCredential { id, carried_in: name.map(str::to_ascii_lowercase), hides_headers })
    }

    /// Checks that a request presents what the webhook's credential asks for. What it gives back goes into
    /// [`App::fire_webhook`].
    ///
    /// # Errors
    /// [`Error::WebhookUnauthorized`], whatever the reason: the caller learns nothing of the credential;
    /// [`Error::Unavailable`] while the vault is sealed.
    pub async fn admit_webhook(
        &self,
        hook: &Hook,
        headers: &HeaderMap,
        query: Option<&str>,
    ) -> Result<Admitted> {
        let Some(credential) = &hook.credential else { return Ok(Admitted::default()) };
        let now = self.now();
        let principal = Principal {
            user: hook.user,
            organization: hook.organization,
            organization_role: OrganizationRole::Member,
            workspace: hook.workspace,
            role: Role::Editor,
            via: Via::Run { execution: ExecutionId::from_u128(0) },
        };
        let presented = Presented { headers, query };
        match self.0.connect.verify_inbound(&principal, hook.compiled.id, credential.id, presented).await {
            Ok(Some(Verified { outcome, scrubber })) => {
                let mut record = outcome.record(now);
                // There is no run yet that could be named, and nobody who is signed in.
                record.actor = Actor::System;
                Ok(Admitted { audit: vec![record], scrubber: Some(scrubber) })
            }
            Ok(None) => Err(Error::WebhookUnauthorized),
            // The caller may be the right one: it is asked to come again, not told that it is refused.
            Err(_) if !self.0.connect.can_open_secrets() => {
                Err(Error::Unavailable("the vault is sealed, so no caller can be checked"))
            }
            Err(error) => {
                tracing::warn!(workflow = %hook.compiled.id, code = error.code(), "a webhook's credential cannot be used");
                Err(Error::WebhookUnauthorized)
            }
        }
    }

    /// Starts the run of a request.
    ///
    /// # Errors
    /// [`Error::InvalidBody`]; [`Error::Busy`]; [`Error::Unavailable`].
    pub async fn fire_webhook(
        &self,
        hook: &Hook,
        admitted: Admitted,
        incoming: Incoming<'_>,
    ) -> Result<Fired> {
        let input = incoming.input(hook, admitted.scrubber.as_deref(), self.now())?;
        let run = StartRun {
            workflow: Arc::clone(&hook.compiled),
            workspace: hook.workspace,
            organization: hook.organization,
            trigger: TriggerKind::Webhook,
            entry: None,
            input,
            acting_for: hook.acting_for,
            variables: Arc::clone(&hook.variables),
            idempotency_key: None,
            audit: admitted.audit,
            given: flero_engine::Given::default(),
        };
        let code = hook.options.response_code;
        let fired = match hook.options.response_mode {
            ResponseMode::Immediately => {
                self.0.engine.start(run).await.map(|started| Fired::Accepted { id: started.id, code })
            }
            ResponseMode::OnCompletion => {
                let limit = Duration::from_millis(hook.compiled.settings.timeout_ms).min(MAX_WAIT);
                self.0.engine.start_and_wait(run, limit).await.map(|outcome| match outcome {
                    Outcome::Finished(end) if end.status == ExecutionStatus::Success => {
                        Fired::Output { id: end.id, output: end.output, code }
                    }
                    Outcome::Finished(end) => Fired::Failed { id: end.id, status: end.status },
                    // 202: accepted, and not ended (RFC 9110 section 15.3.3).
                    Outcome::StillRunning(id) => Fired::Accepted { id, code: 202 },
                })
            }
        };
        match fired {
            Err(flero_engine::Error::ConditionNotMet) => Ok(Fired::Ignored),
            other => Ok(other?),
        }
    }
}

/// The proof that a request may start a run.
#[derive(Debug, Default)]
pub struct Admitted {
    /// Records for the transaction that accepts the run.
    audit: Vec<flero_model::audit::NewAudit>,
    /// Of the secret that the caller presented; none when the webhook asks for none.
    scrubber: Option<Arc<Scrubber>>,
}
