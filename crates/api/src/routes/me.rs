//! Who the caller is.

use axum::{Json, extract::State};
use flero_app::{App, people::role_name};
use flero_model::{ApiKeyId, OrganizationId, UserId, WorkspaceId, policy::Via, role::KeyScope};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    error::{ApiResult, Problem},
    extract::Caller,
};

/// Who, in which workspace, with which role and permissions.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MeBody {
    /// The person.
    #[schema(value_type = String)]
    pub user_id: UserId,
    /// The person's name.
    pub name: String,
    /// The person's address.
    pub email: String,
    /// The workspace's organization.
    #[schema(value_type = String)]
    pub organization_id: OrganizationId,
    /// The workspace.
    #[schema(value_type = String)]
    pub workspace_id: WorkspaceId,
    /// The workspace's name.
    pub workspace_name: String,
    /// The role there.
    pub role: &'static str,
    /// The API key that was presented.
    #[schema(value_type = Option<String>)]
    pub api_key_id: Option<ApiKeyId>,
    /// What the API key may be used for; null without one.
    #[schema(value_type = Option<Vec<String>>)]
    pub scopes: Option<Vec<KeyScope>>,
}

/// Who the caller is.
#[utoipa::path(get, path = "/api/me", tag = "people", responses(
    (status = OK, body = MeBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get_me(State(app): State<App>, caller: Caller) -> ApiResult<Json<MeBody>> {
    let me = app.me(&caller).await?;
    let (api_key_id, scopes) = match &caller.via {
        Via::ApiKey { id, scopes, .. } => (Some(*id), Some(scopes.clone())),
        _ => (None, None),
    };
    Ok(Json(MeBody {
        user_id: caller.user,
        name: me.name,
        email: me.email,
        organization_id: caller.organization,
        workspace_id: caller.workspace,
        workspace_name: me.workspace_name,
        role: role_name(caller.role),
        api_key_id,
        scopes,
    }))
}
