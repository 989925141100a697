//! Flero's own API keys.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use flero_app::{App, api_keys::NewKey};
use flero_model::{ApiKeyId, Timestamp, UserId, WorkflowId, api_key::PREFIX, role::KeyScope};
use flero_store::api_keys::ApiKey;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    error::{ApiResult, Problem},
    extract::{Body, Caller, ListQuery, Path, Query, Submitted},
    list::Listing,
    respond::created,
};

/// A key to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NewKeyBody {
    /// The display name.
    pub name: String,
    /// What it may be used for.
    #[schema(value_type = Vec<String>, example = json!(["workflows:read", "executions:write"]))]
    pub scopes: Vec<KeyScope>,
    /// The only workflows that it is for; left out or null for all.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    pub workflow_ids: Option<Vec<WorkflowId>>,
    /// When it ends.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// The only networks that it is taken from, for example `203.0.113.0/24`; empty for all.
    #[serde(default)]
    pub allowed_networks: Option<Vec<String>>,
}

impl Submitted for NewKeyBody {
    const READ_ONLY: &'static [&'static str] =
        &["id", "creatorId", "prefix", "lastFour", "createdAt", "lastUsedAt", "revokedAt"];
}

/// A key, as everybody may see it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeyBody {
    /// Its identifier.
    #[schema(value_type = String)]
    pub id: ApiKeyId,
    /// The display name.
    pub name: String,
    /// Who made it.
    #[schema(value_type = String)]
    pub creator_id: UserId,
    /// What every key starts with.
    pub prefix: &'static str,
    /// Its last four characters.
    pub last_four: String,
    /// What it may be used for.
    #[schema(value_type = Vec<String>)]
    pub scopes: Vec<KeyScope>,
    /// The only workflows that it is for; null for all.
    #[schema(value_type = Option<Vec<String>>)]
    pub workflow_ids: Option<Vec<WorkflowId>>,
    /// The only networks that it is taken from; empty for all.
    pub allowed_networks: Vec<String>,
    /// When it ends.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// The last use, to the accuracy of a minute.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Timestamp>,
}

/// A key that was just made.
#[derive(Debug, Serialize, ToSchema)]
pub struct MadeKeyBody {
    /// The key itself. It is shown this once and cannot be read again.
    #[schema(example = "flero_...")]
    pub key: String,
    /// What is known of it.
    #[serde(flatten)]
    pub about: KeyBody,
}

impl From<ApiKey> for KeyBody {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id,
            name: key.name,
            creator_id: key.creator,
            prefix: PREFIX,
            last_four: key.last_four,
            scopes: key.scopes,
            workflow_ids: key.workflow_ids,
            allowed_networks: key.allowed_networks,
            expires_at: key.expires_at,
            created_at: key.created_at,
            last_used_at: key.last_used_at,
            revoked_at: key.revoked_at,
        }
    }
}

/// List API keys.
#[utoipa::path(get, path = "/api/api-keys", tag = "api keys", params(ListQuery), responses(
    (status = OK, body = Listing<KeyBody>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list_api_keys(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> ApiResult<Json<Listing<KeyBody>>> {
    let page = app.list_api_keys(&caller, ListQuery::page(query.limit, query.cursor)?).await?;
    Ok(Json(Listing::of(page, KeyBody::from)))
}

/// Make an API key. The answer is the only place where it ever stands.
#[utoipa::path(post, path = "/api/api-keys", tag = "api keys", request_body = NewKeyBody, responses(
    (status = CREATED, body = MadeKeyBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn create_api_key(
    State(app): State<App>,
    caller: Caller,
    Body(body): Body<NewKeyBody>,
) -> ApiResult<Response> {
    let new = NewKey {
        name: body.name,
        scopes: body.scopes,
        workflow_ids: body.workflow_ids,
        expires_at: body.expires_at,
        allowed_networks: body.allowed_networks.unwrap_or_default(),
    };
    let (key, secret) = app.create_api_key(&caller, new).await?;
    let location = format!("/api/api-keys/{}", key.id);
    Ok(created(&location, None, MadeKeyBody { key: secret.expose().clone(), about: key.into() }))
}

/// Revoke an API key.
#[utoipa::path(delete, path = "/api/api-keys/{id}", tag = "api keys", params(("id" = String, Path)), responses(
    (status = NO_CONTENT), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn revoke_api_key(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ApiKeyId>,
) -> ApiResult<StatusCode> {
    app.revoke_api_key(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
