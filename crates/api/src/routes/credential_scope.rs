//! Who can use a credential.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use flero_app::{
    App,
    credentials::{ScopeChange, ScopeEffect},
};
use flero_model::{UserId, WorkflowId, credential::Scope};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    credentials::{self, CredentialBody},
    scope_requests::{self, ScopeRequestBody},
};
use crate::{
    error::{ApiResult, Problem},
    extract::{Body, Caller, CredentialPath, Query, Submitted},
    respond::tagged,
};

/// The scope to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScopeBody {
    /// `personal`, `workspace` or `organization`.
    #[schema(value_type = String)]
    pub scope: Scope,
    /// Why, for whoever decides, where the wider scope can only be asked for; at most 500 characters.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub note: String,
}

impl Submitted for ScopeBody {}

/// Whether to change anything.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PreviewQuery {
    /// `true`: tell what would happen, and change nothing.
    #[serde(default)]
    pub preview: bool,
}

/// What a change of scope would bring about.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScopeEffectBody {
    /// The present scope.
    pub from: &'static str,
    /// The scope to be.
    pub to: &'static str,
    /// Workflows of this workspace that can no longer use it, or no longer for everybody.
    pub breaks: Vec<BrokenWorkflow>,
    /// How many workflows of other workspaces can no longer use it.
    pub breaks_elsewhere: u64,
    /// Who gains its use, 200 at most.
    pub gains: Vec<GainerBody>,
}

/// A workflow that is affected.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BrokenWorkflow {
    /// The workflow.
    #[schema(value_type = String)]
    pub workflow_id: WorkflowId,
    /// Its name.
    pub name: String,
}

/// Somebody who gains the use of a credential.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GainerBody {
    /// Who.
    #[schema(value_type = String)]
    pub user_id: UserId,
    /// The name.
    pub name: String,
}

/// What a change of scope is answered with.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum ScopeAnswer {
    /// The credential as it is now.
    Changed(Box<CredentialBody>),
    /// With `preview`: what the change would bring about.
    Effect(ScopeEffectBody),
}

impl From<ScopeEffect> for ScopeEffectBody {
    fn from(effect: ScopeEffect) -> Self {
        let broken =
            |one: flero_app::WorkflowUse| BrokenWorkflow { workflow_id: one.workflow_id, name: one.name };
        Self {
            from: effect.from.as_str(),
            to: effect.to.as_str(),
            breaks: effect.breaks.into_iter().map(broken).collect(),
            breaks_elsewhere: effect.breaks_elsewhere,
            gains: effect
                .gains
                .into_iter()
                .map(|one| GainerBody { user_id: one.user, name: one.name })
                .collect(),
        }
    }
}

/// Change who can use a credential, or with `?preview=true` tell what that would bring about. Whoever may use it and not
/// widen it asks whoever may.
#[utoipa::path(post, path = "/api/credentials/{id}/scope", tag = "credentials", request_body = ScopeBody,
    params(("id" = String, Path), PreviewQuery), responses(
    (status = OK, description = "The credential; with `preview` the effect", body = ScopeAnswer),
    (status = ACCEPTED, description = "A request was made, which waits for a decision", body = ScopeRequestBody),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn change_credential_scope(
    State(app): State<App>,
    caller: Caller,
    CredentialPath(id): CredentialPath,
    Query(query): Query<PreviewQuery>,
    Body(body): Body<ScopeBody>,
) -> ApiResult<Response> {
    if query.preview {
        let effect = app.preview_credential_scope(&caller, id, body.scope).await?;
        return Ok(Json(ScopeEffectBody::from(effect)).into_response());
    }
    match app.change_credential_scope(&caller, id, body.scope, &body.note).await? {
        ScopeChange::Changed(credential) => {
            Ok(tagged(credential.revision, credentials::body(*credential, app.now())))
        }
        ScopeChange::Asked(named) => {
            let asked = scope_requests::body(&app, &caller, *named);
            Ok((StatusCode::ACCEPTED, Json(asked)).into_response())
        }
    }
}
