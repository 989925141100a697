//! Versions of a workflow.

use axum::{Json, extract::State, response::Response};
use flero_app::{App, workflows::Version};
use flero_model::{Timestamp, UserId, WorkflowId};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::workflows::{self, WorkflowBody, WorkflowDocumentBody};
use crate::{
    error::{ApiResult, Problem},
    extract::{Caller, ListQuery, Path, Query},
    list::Listing,
    respond::tagged,
};

/// One saved version.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VersionBody {
    /// Which version, from 1.
    pub version: u64,
    /// The name at that time.
    pub name: String,
    /// Who saved it.
    #[schema(value_type = String)]
    pub saved_by: UserId,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub saved_at: Timestamp,
    /// The document; left out in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = WorkflowDocumentBody, required = false)]
    pub document: Option<Value>,
}

fn body(version: Version, whole: bool) -> VersionBody {
    VersionBody {
        version: version.version,
        name: version.name,
        saved_by: version.saved_by,
        saved_at: version.saved_at,
        document: whole.then_some(version.document),
    }
}

/// List versions, newest first.
#[utoipa::path(get, path = "/api/workflows/{id}/versions", tag = "workflows", params(("id" = String, Path), ListQuery), responses(
    (status = OK, body = Listing<VersionBody>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list_versions(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<WorkflowId>,
    Query(query): Query<ListQuery>,
) -> ApiResult<Json<Listing<VersionBody>>> {
    let page = app.list_versions(&caller, id, ListQuery::page(query.limit, query.cursor)?).await?;
    Ok(Json(Listing::of(page, |version| body(version, false))))
}

/// Read one version with its document.
#[utoipa::path(get, path = "/api/workflows/{id}/versions/{version}", tag = "workflows",
    params(("id" = String, Path), ("version" = u64, Path)), responses(
    (status = OK, body = VersionBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get_version(
    State(app): State<App>,
    caller: Caller,
    Path((id, number)): Path<(WorkflowId, u64)>,
) -> ApiResult<Json<VersionBody>> {
    Ok(Json(body(app.get_version(&caller, id, number).await?, true)))
}

/// Save a former version as the newest one.
#[utoipa::path(post, path = "/api/workflows/{id}/versions/{version}/rollback", tag = "workflows",
    params(("id" = String, Path), ("version" = u64, Path)), responses(
    (status = OK, body = WorkflowBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn roll_back_workflow(
    State(app): State<App>,
    caller: Caller,
    Path((id, number)): Path<(WorkflowId, u64)>,
) -> ApiResult<Response> {
    let view = app.roll_back_workflow(&caller, id, number).await?;
    Ok(tagged(view.workflow.revision, workflows::body(view)))
}
