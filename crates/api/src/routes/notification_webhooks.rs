//! Where a workspace wants to be told.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use flero_app::{App, notifications::NewEndpoint};
use flero_model::{Timestamp, UserId, WebhookEndpointId, notification::Category};
use flero_store::notifications::WebhookEndpoint;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::credential_acts::EmptyBody;
use crate::{
    error::{ApiResult, Problem},
    extract::{Body, Caller, Path, Submitted},
    respond::created,
};

/// An endpoint to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEndpointBody {
    /// Where to: `https`, or `http` to a host that the operator opened.
    pub url: String,
    /// Only about these categories; all when it is left out or empty.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub categories: Vec<Category>,
}

impl Submitted for NewEndpointBody {}

/// An endpoint.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EndpointBody {
    /// Its identifier.
    #[schema(value_type = String)]
    pub id: WebhookEndpointId,
    /// Where to.
    pub url: String,
    /// Only about these categories; empty for all.
    #[schema(value_type = Vec<String>)]
    pub categories: Vec<Category>,
    /// Who made it.
    #[schema(value_type = String)]
    pub creator_id: UserId,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

/// An endpoint that was just made.
#[derive(Debug, Serialize, ToSchema)]
pub struct MadeEndpointBody {
    /// Its identifier.
    #[schema(value_type = String)]
    pub id: WebhookEndpointId,
    /// Where to.
    pub url: String,
    /// The secret of the signature (Standard Webhooks), this once.
    pub secret: String,
}

impl From<WebhookEndpoint> for EndpointBody {
    fn from(endpoint: WebhookEndpoint) -> Self {
        Self {
            id: endpoint.id,
            url: endpoint.url,
            categories: endpoint.categories,
            creator_id: endpoint.creator,
            created_at: endpoint.created_at,
        }
    }
}

/// The endpoints of a workspace.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EndpointsBody {
    /// The entries, the oldest first; at most ten.
    pub items: Vec<EndpointBody>,
    /// Always null: the list is whole.
    pub next_cursor: Option<String>,
    /// How many there are.
    pub total: u64,
}

/// What the endpoint answered.
#[derive(Debug, Serialize, ToSchema)]
pub struct EndpointTestBody {
    /// The status of its answer.
    pub status: u16,
}

/// List the webhooks that notifications of the workspace are sent to.
#[utoipa::path(get, path = "/api/notifications/webhooks", tag = "notifications", responses(
    (status = OK, body = EndpointsBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list_endpoints(State(app): State<App>, caller: Caller) -> ApiResult<Json<EndpointsBody>> {
    let found = app.list_endpoints(&caller).await?;
    let items: Vec<EndpointBody> = found.into_iter().map(EndpointBody::from).collect();
    Ok(Json(EndpointsBody { total: items.len() as u64, items, next_cursor: None }))
}

/// Send the workspace's notifications to a webhook, signed as the Standard Webhooks specification says.
#[utoipa::path(post, path = "/api/notifications/webhooks", tag = "notifications", request_body = NewEndpointBody, responses(
    (status = CREATED, body = MadeEndpointBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn create_endpoint(
    State(app): State<App>,
    caller: Caller,
    Body(body): Body<NewEndpointBody>,
) -> ApiResult<Response> {
    let new = NewEndpoint { url: body.url, categories: body.categories };
    let (endpoint, secret) = app.create_endpoint(&caller, new).await?;
    let path = format!("/api/notifications/webhooks/{}", endpoint.id);
    let made = MadeEndpointBody { id: endpoint.id, url: endpoint.url, secret: secret.expose().clone() };
    Ok(created(&path, None, made))
}

/// Stop sending notifications to a webhook.
#[utoipa::path(delete, path = "/api/notifications/webhooks/{id}", tag = "notifications", params(("id" = String, Path)), responses(
    (status = NO_CONTENT), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn delete_endpoint(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<WebhookEndpointId>,
) -> ApiResult<StatusCode> {
    app.delete_endpoint(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Call a webhook at once, to see whether it takes the signature.
#[utoipa::path(post, path = "/api/notifications/webhooks/{id}/test", tag = "notifications", request_body = EmptyBody, params(("id" = String, Path)), responses(
    (status = OK, body = EndpointTestBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn test_endpoint(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<WebhookEndpointId>,
    _: Body<EmptyBody>,
) -> ApiResult<Json<EndpointTestBody>> {
    Ok(Json(EndpointTestBody { status: app.test_endpoint(&caller, id).await? }))
}
