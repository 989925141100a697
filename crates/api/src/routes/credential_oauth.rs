//! Attempts to connect an account by OAuth, as a dialog sees them.

use std::time::Duration;

use axum::{
    Json,
    extract::State,
    response::{Response, sse::Event},
};
use flero_app::{
    App,
    credentials::oauth::{AttemptView, Target},
};
use flero_model::{
    CredentialId, OauthAttemptId, Timestamp,
    credential::{AuthType, Scope},
};
use flero_store::oauth::AttemptStatus;
use futures_util::{StreamExt as _, stream};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::credentials::{NewCredentialBody, READ_ONLY};
use crate::{
    error::{ApiResult, Problem},
    extract::{Body, Caller, Path, Submitted},
    respond::created,
    watch::watched,
};

/// How often a watched attempt is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(400);

/// What an attempt is for: a credential to make, or one to reconnect.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct StartOauthBody {
    /// The credential to reconnect; then nothing else is given.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub credential_id: Option<CredentialId>,
    /// The display name; Save can give it too.
    #[serde(default)]
    pub name: Option<String>,
    /// The service; `http` for the generic kind.
    #[serde(default)]
    pub service: Option<String>,
    /// `oauth2`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub auth_type: Option<AuthType>,
    /// `personal`, `workspace` or `organization`; `workspace` unless told.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub scope: Option<Scope>,
    /// Addresses, client ID, scopes.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub parameters: Option<Map<String, Value>>,
    /// The client's secret. It is never returned.
    #[serde(default)]
    #[schema(value_type = Option<Object>, write_only)]
    pub data: Option<flero_app::credentials::SecretFields>,
    /// The only destinations that may get the access token.
    #[serde(default)]
    pub allowed_hosts: Vec<String>,
    /// Free text for people.
    #[serde(default)]
    pub notes: Option<String>,
    /// When it stops being usable.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// After how many days a rotation is due.
    #[serde(default)]
    pub rotate_every_days: Option<u32>,
}

impl Submitted for StartOauthBody {
    const READ_ONLY: &'static [&'static str] = READ_ONLY;
}

impl From<StartOauthBody> for NewCredentialBody {
    fn from(body: StartOauthBody) -> Self {
        Self {
            name: body.name.unwrap_or_default(),
            service: Some(body.service.unwrap_or_else(|| "http".to_owned())),
            auth_type: Some(body.auth_type.unwrap_or(AuthType::Oauth2)),
            scope: body.scope.unwrap_or(Scope::Workspace),
            parameters: body.parameters,
            data: Some(body.data.unwrap_or_default()),
            allowed_hosts: body.allowed_hosts,
            notes: body.notes,
            expires_at: body.expires_at,
            rotate_every_days: body.rotate_every_days,
            attempt_id: None,
            other_account: false,
        }
    }
}

/// An attempt that has begun.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StartedBody {
    /// Its identifier.
    #[schema(value_type = String)]
    pub attempt_id: OauthAttemptId,
    /// The identifier that the credential has or will have.
    #[schema(value_type = String)]
    pub credential_id: CredentialId,
    /// What the person opens.
    pub authorization_url: String,
    /// What has to be registered at the service; empty for a device code.
    pub redirect_uri: String,
    /// What the person types there, for a device code.
    pub user_code: Option<String>,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

/// How far an attempt has come.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AttemptBody {
    /// `pending`, `connected` or `failed`.
    pub status: &'static str,
    /// The account, where the service told it.
    pub account: Option<String>,
    /// The granted scopes.
    pub scopes: Vec<String>,
    /// Scopes that were asked for and not granted.
    pub missing_scopes: Vec<String>,
    /// Why it failed: a code.
    pub error: Option<String>,
    /// Why it failed, and what to do. Plain text.
    pub message: Option<String>,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

impl From<AttemptView> for AttemptBody {
    fn from(view: AttemptView) -> Self {
        Self {
            status: match view.status {
                AttemptStatus::Pending | AttemptStatus::Exchanging => "pending",
                AttemptStatus::Connected | AttemptStatus::Saved => "connected",
                AttemptStatus::Failed => "failed",
            },
            account: view.account,
            scopes: view.scopes,
            missing_scopes: view.missing_scopes,
            error: view.error,
            message: view.message,
            expires_at: view.expires_at,
        }
    }
}

/// Begin to connect an account: open `authorizationUrl` in a browser, watch the attempt, then save it with
/// `POST /api/credentials {"attemptId", "name"}`. An attempt that is not saved is revoked and destroyed after ten
/// minutes.
#[utoipa::path(post, path = "/api/credentials/oauth/start", tag = "credentials", request_body = StartOauthBody, responses(
    (status = CREATED, body = StartedBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn start_oauth(
    State(app): State<App>,
    caller: Caller,
    Body(new): Body<StartOauthBody>,
) -> ApiResult<Response> {
    let target = match new.credential_id {
        Some(id) => Target::Reconnect(id),
        None => Target::New(Box::new(NewCredentialBody::from(new).whole()?)),
    };
    let started = app.start_oauth(&caller, target).await?;
    let body = StartedBody {
        attempt_id: started.id,
        credential_id: started.credential,
        authorization_url: started.authorization_url,
        redirect_uri: started.redirect_uri,
        user_code: started.user_code,
        expires_at: started.expires_at,
    };
    Ok(created(&format!("/api/credentials/oauth/{}", body.attempt_id), None, body))
}

/// Read how far an attempt has come. Only who began it sees it.
#[utoipa::path(get, path = "/api/credentials/oauth/{attemptId}", tag = "credentials", params(("attemptId" = String, Path)), responses(
    (status = OK, body = AttemptBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get_oauth_attempt(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<OauthAttemptId>,
) -> ApiResult<Json<AttemptBody>> {
    Ok(Json(app.oauth_attempt(&caller, id).await?.into()))
}

/// Watch an attempt: one event now, and one when it ends.
#[utoipa::path(get, path = "/api/credentials/oauth/{attemptId}/events", tag = "credentials", params(("attemptId" = String, Path)), responses(
    (status = OK, content_type = "text/event-stream", description = "Events named `attempt`; their data is the attempt."),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn watch_oauth_attempt(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<OauthAttemptId>,
) -> ApiResult<Response> {
    let first = AttemptBody::from(app.oauth_attempt(&caller, id).await?);
    let is_over = first.status != "pending";
    let state = (!is_over).then(|| (app.clone(), caller.clone()));
    let rest = stream::unfold(state, move |state| async move {
        let (app, caller) = state?;
        // The attempt may end in another process, so its row is what is watched.
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let attempt = AttemptBody::from(app.oauth_attempt(&caller, id).await.ok()?);
            if attempt.status != "pending" {
                return Some((event(&attempt), None));
            }
        }
    });
    Ok(watched(app, caller, stream::iter([event(&first)]).chain(rest)))
}

fn event(attempt: &AttemptBody) -> Event {
    Event::default().event("attempt").data(serde_json::to_string(attempt).unwrap_or_default())
}
