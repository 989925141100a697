//! OAuth apps: clients of the operator that credentials share.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use flero_app::{
    App,
    credentials::{SecretFields, oauth::AppClient},
};
use flero_model::{OauthAppId, Timestamp, oauth_app::AppLevel};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    error::{ApiResult, Problem},
    extract::{Body, Caller, IfMatch, Path, Submitted},
    respond::{created, tagged},
};

/// What answers have beside what is submitted.
const READ_ONLY: &[&str] = &["id", "secretFields", "createdAt", "updatedAt"];

/// An app to set up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NewOauthAppBody {
    /// `workspace` or `organization`; one of the whole installation is set up with `flero oauth-app`.
    #[schema(value_type = String)]
    pub level: AppLevel,
    /// The connector whose service it is a client of.
    pub service: String,
    /// `clientId`, and where they are needed `clientAuthMethod`, `keyId`, `algorithm`.
    #[schema(value_type = Object)]
    pub parameters: Map<String, Value>,
    /// The only hosts that its secrets are presented at; those of the service's endpoints unless told.
    #[serde(default)]
    pub allowed_hosts: Vec<String>,
    /// `clientSecret` or `privateKey`; neither for a public client. They are never returned.
    #[schema(value_type = Object, write_only)]
    pub data: SecretFields,
}

impl Submitted for NewOauthAppBody {
    const READ_ONLY: &'static [&'static str] = READ_ONLY;
}

/// An app's client, whole.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct OauthAppClientBody {
    /// `clientId`, and where they are needed `clientAuthMethod`, `keyId`, `algorithm`.
    #[schema(value_type = Object)]
    pub parameters: Map<String, Value>,
    /// The only hosts that its secrets are presented at; those of the service's endpoints unless told.
    #[serde(default)]
    pub allowed_hosts: Vec<String>,
    /// `clientSecret` or `privateKey`; neither for a public client. They are never returned.
    #[schema(value_type = Object, write_only)]
    pub data: SecretFields,
}

impl Submitted for OauthAppClientBody {
    const READ_ONLY: &'static [&'static str] =
        &["id", "secretFields", "createdAt", "updatedAt", "level", "service"];
}

impl From<OauthAppClientBody> for AppClient {
    fn from(body: OauthAppClientBody) -> Self {
        Self { parameters: body.parameters, allowed_hosts: body.allowed_hosts, data: body.data }
    }
}

/// An app without its secrets.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OauthAppBody {
    /// Its identifier; a credential names it as the parameter `oauthApp`.
    #[schema(value_type = String)]
    pub id: OauthAppId,
    /// `workspace`, `organization` or `installation`.
    #[schema(value_type = String)]
    pub level: AppLevel,
    /// The connector whose service it is a client of.
    pub service: String,
    /// `clientId` and the client's ways.
    #[schema(value_type = Object)]
    pub parameters: Map<String, Value>,
    /// The only hosts that its secrets are presented at.
    pub allowed_hosts: Vec<String>,
    /// The names of the secrets that are set.
    pub secret_fields: Vec<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

impl From<flero_model::oauth_app::OauthApp> for OauthAppBody {
    fn from(app: flero_model::oauth_app::OauthApp) -> Self {
        Self {
            id: app.id,
            level: app.level,
            service: app.policy.service,
            parameters: app.policy.parameters,
            allowed_hosts: app.policy.allowed_hosts.iter().map(ToString::to_string).collect(),
            secret_fields: app.secret_fields,
            created_at: app.created_at,
            updated_at: app.updated_at,
        }
    }
}

/// The apps that a workspace shares.
#[derive(Debug, Serialize, ToSchema)]
pub struct OauthAppListing {
    /// By service and then the nearest first, which is the one that a new credential uses.
    pub items: Vec<OauthAppBody>,
}

/// List the OAuth apps that the workspace shares: its own, the organization's, the installation's.
#[utoipa::path(get, path = "/api/oauth-apps", tag = "oauth", responses(
    (status = OK, body = OauthAppListing), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list_oauth_apps(State(app): State<App>, caller: Caller) -> ApiResult<Json<OauthAppListing>> {
    let apps = app.list_oauth_apps(&caller).await?;
    Ok(Json(OauthAppListing { items: apps.into_iter().map(Into::into).collect() }))
}

/// Set up an OAuth app. Credentials of its service that are made without a client of their own use it from then on.
#[utoipa::path(post, path = "/api/oauth-apps", tag = "oauth", request_body = NewOauthAppBody, responses(
    (status = CREATED, body = OauthAppBody, headers(("ETag" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn create_oauth_app(
    State(app): State<App>,
    caller: Caller,
    Body(new): Body<NewOauthAppBody>,
) -> ApiResult<Response> {
    let client = AppClient { parameters: new.parameters, allowed_hosts: new.allowed_hosts, data: new.data };
    let made = app.create_oauth_app(&caller, new.level, &new.service, client).await?;
    let (place, revision) = (format!("/api/oauth-apps/{}", made.id), made.revision);
    Ok(created(&place, Some(revision), OauthAppBody::from(made)))
}

/// Read an OAuth app; never its secrets.
#[utoipa::path(get, path = "/api/oauth-apps/{id}", tag = "oauth", params(("id" = String, Path)), responses(
    (status = OK, body = OauthAppBody, headers(("ETag" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get_oauth_app(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<OauthAppId>,
) -> ApiResult<Response> {
    let found = app.get_oauth_app(&caller, id).await?;
    Ok(tagged(found.revision, OauthAppBody::from(found)))
}

/// Replace the client of an OAuth app, its secrets included. Credentials that use it go on with the new ones. The client
/// ID stays while something uses it.
#[utoipa::path(put, path = "/api/oauth-apps/{id}", tag = "oauth", request_body = OauthAppClientBody,
    params(("id" = String, Path), ("If-Match" = Option<String>, Header, description = "The ETag of the GET")), responses(
    (status = OK, body = OauthAppBody, headers(("ETag" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn replace_oauth_app(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<OauthAppId>,
    IfMatch(expected): IfMatch,
    Body(client): Body<OauthAppClientBody>,
) -> ApiResult<Response> {
    let changed = app.replace_oauth_app(&caller, id, client.into(), expected).await?;
    Ok(tagged(changed.revision, OauthAppBody::from(changed)))
}

/// Remove an OAuth app. One that something uses is refused with a list of what does.
#[utoipa::path(delete, path = "/api/oauth-apps/{id}", tag = "oauth", params(("id" = String, Path)), responses(
    (status = NO_CONTENT), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn delete_oauth_app(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<OauthAppId>,
) -> ApiResult<StatusCode> {
    app.delete_oauth_app(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
