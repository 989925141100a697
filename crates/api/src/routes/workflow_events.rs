//! The event that a workflow waits for.

use axum::{Json, extract::State};
use flero_app::{App, workflows::EventView};
use flero_model::{WorkflowId, secret::SecretString};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    error::{ApiResult, Problem},
    extract::{Body, Caller, Path, Submitted},
};

/// The secret that deliveries are signed with, as the service shows it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EventSecretBody {
    /// The secret. It is sealed and never told again.
    #[schema(value_type = String, write_only)]
    pub secret: SecretString,
}

impl Submitted for EventSecretBody {}

/// The event that a workflow waits for, and how far its subscription has come.
#[derive(ToSchema)]
#[schema(as = WorkflowEvent, rename_all = "camelCase")]
#[expect(dead_code, reason = "it describes what the application writes")]
pub struct EventBody {
    /// The connector.
    connector: String,
    /// The event.
    event: String,
    /// `registered`: Flero registers the webhook at the service; `manual`: a person enters its URL there; `polling`.
    way: String,
    /// `pending`, `registering`, `active`, `paused` or `removing`.
    state: String,
    /// Where deliveries go, once the service may know it.
    webhook_url: Option<String>,
    /// Whether a person gives the secret of the signatures.
    needs_secret: bool,
    /// Whether there is a secret.
    has_secret: bool,
    /// The secret that somebody sent to the URL as the service's, for whoever may give it here. Confirm it at the service
    /// first.
    told_secret: Option<String>,
    /// The registration's id at the service.
    registration_id: Option<String>,
    /// Why the last attempt failed.
    error: Option<String>,
    /// When the next attempt or poll is due.
    next_at: Option<String>,
    /// When something genuine last came.
    last_event_at: Option<String>,
}

/// Tell the event that a workflow waits for: the webhook's URL, the state of the registration, the last delivery.
#[utoipa::path(get, path = "/api/workflows/{id}/event", tag = "workflows", params(("id" = String, Path)), responses(
    (status = OK, body = EventBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get_workflow_event(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<WorkflowId>,
) -> ApiResult<Json<EventView>> {
    Ok(Json(app.get_workflow_event(&caller, id).await?))
}

/// Give the secret that the service signs deliveries with, where a person entered the webhook's URL there.
#[utoipa::path(put, path = "/api/workflows/{id}/event/secret", tag = "workflows", request_body = EventSecretBody,
    params(("id" = String, Path)), responses(
    (status = OK, body = EventBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn put_event_secret(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<WorkflowId>,
    Body(body): Body<EventSecretBody>,
) -> ApiResult<Json<EventView>> {
    Ok(Json(app.put_event_secret(&caller, id, &body.secret).await?))
}
