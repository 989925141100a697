//! Workflows.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use flero_app::{App, pasted_secrets::Warning, workflows::WorkflowView};
use flero_model::{Timestamp, UserId, WorkflowId, WorkspaceId};
use flero_store::workflows::{Workflow, WorkflowFilter, WorkflowStatus};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use crate::{
    error::{ApiResult, Problem},
    extract::{Body, Caller, Document, IfMatch, ListQuery, Path, Query, Submitted, Text},
    list::Listing,
    respond::{created, tagged},
    schema,
};

/// Which workflows are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WorkflowQuery {
    /// Only of this status; without one, archived workflows are left out.
    #[param(value_type = Option<schema::WorkflowStatus>)]
    pub status: Option<WorkflowStatus>,
    /// Only whose name or tags hold this text.
    #[param(value_type = Option<String>)]
    pub q: Option<Text>,
    /// At most this many entries, 1 to 200; 50 unless told.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
    /// The `nextCursor` of the page before.
    pub cursor: Option<String>,
}

/// The status to set.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusBody {
    /// `draft`, `active`, `inactive` or `archived`.
    #[schema(value_type = schema::WorkflowStatus)]
    pub status: WorkflowStatus,
}

impl Submitted for StatusBody {}

/// What is known of a workflow besides its document; what lists show.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkflowItem {
    /// The workflow.
    #[schema(value_type = String)]
    pub id: WorkflowId,
    /// Its workspace.
    #[schema(value_type = String)]
    pub workspace_id: WorkspaceId,
    /// Who made it.
    #[schema(value_type = String)]
    pub owner_id: UserId,
    /// The name in the current version.
    pub name: String,
    /// The tags in the current version.
    pub tags: Vec<String>,
    /// Its status.
    #[schema(value_type = schema::WorkflowStatus)]
    pub status: WorkflowStatus,
    /// The current version, from 1.
    pub version: u64,
    /// The version that runs for its trigger; null when none does.
    #[schema(required)]
    pub active_version: Option<u64>,
    /// Who activated it: triggers use this member's Personal credentials.
    #[schema(value_type = Option<String>, required)]
    pub activated_by: Option<UserId>,
    /// When it was activated.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    pub activated_at: Option<Timestamp>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it was last saved or changed status.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

impl From<Workflow> for WorkflowItem {
    fn from(workflow: Workflow) -> Self {
        Self {
            id: workflow.id,
            workspace_id: workflow.workspace,
            owner_id: workflow.owner,
            name: workflow.name,
            tags: workflow.tags,
            status: workflow.status,
            version: workflow.version,
            active_version: workflow.active_version,
            activated_by: workflow.activated_by,
            activated_at: workflow.activated_at,
            created_at: workflow.created_at,
            updated_at: workflow.updated_at,
        }
    }
}

/// A workflow: its document, and what is known of it besides. Members that only an answer has may be sent back.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkflowBody {
    /// What is known besides the document, without the name and the tags, which the document has too.
    #[serde(flatten)]
    #[schema(value_type = WorkflowItem)]
    facts: Map<String, Value>,
    /// The document.
    #[serde(flatten)]
    #[schema(value_type = WorkflowDocumentBody)]
    document: Map<String, Value>,
    /// Where the workflow's webhook listens while it is active.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    webhook_url: Option<String>,
    /// When the schedule of this document fires next, once it is active: at most five times.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    next_runs: Vec<Timestamp>,
    /// What looks like a pasted secret; told after a save.
    #[schema(value_type = Vec<schema::Warning>)]
    warnings: Vec<Warning>,
}

/// The document of a workflow: nodes, edges and settings. `docs/guide/nodes.md` describes each node.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkflowDocumentBody {
    /// The display name.
    pub name: String,
    /// Free text for people.
    pub description: Option<String>,
    /// Words to filter by.
    pub tags: Option<Vec<String>>,
    /// The steps.
    #[schema(value_type = Vec<schema::Node>)]
    pub nodes: Vec<Value>,
    /// How they are connected.
    #[schema(value_type = Option<Vec<schema::Edge>>)]
    pub edges: Option<Vec<Value>>,
    /// What holds for the whole run.
    #[schema(value_type = Option<schema::Settings>)]
    pub settings: Option<Value>,
}

pub(super) fn body(view: WorkflowView) -> WorkflowBody {
    let members = |value| match value {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    let document = members(view.document);
    let facts = serde_json::to_value(WorkflowItem::from(view.workflow)).unwrap_or_default();
    let mut facts = members(facts);
    facts.retain(|name, _| !document.contains_key(name));
    let (webhook_url, next_runs, warnings) = (view.webhook_url, view.next_runs, view.warnings);
    WorkflowBody { facts, document, webhook_url, next_runs, warnings }
}

/// List workflows, last changed first.
#[utoipa::path(get, path = "/api/workflows", tag = "workflows", params(WorkflowQuery), responses(
    (status = OK, body = Listing<WorkflowItem>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list_workflows(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<WorkflowQuery>,
) -> ApiResult<Json<Listing<WorkflowItem>>> {
    let filter = WorkflowFilter { status: query.status, text: query.q.map(|text| text.0), only: None };
    let page = app.list_workflows(&caller, filter, ListQuery::page(query.limit, query.cursor)?).await?;
    Ok(Json(Listing::of(page, WorkflowItem::from)))
}

/// Make a workflow. `warnings` names fields that look like a pasted secret.
#[utoipa::path(post, path = "/api/workflows", tag = "workflows", request_body = WorkflowDocumentBody, responses(
    (status = CREATED, body = WorkflowBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn create_workflow(
    State(app): State<App>,
    caller: Caller,
    Document(document): Document,
) -> ApiResult<Response> {
    let view = app.create_workflow(&caller, &document).await?;
    Ok(created(&format!("/api/workflows/{}", view.workflow.id), Some(view.workflow.revision), body(view)))
}

/// Read a workflow with its current document.
#[utoipa::path(get, path = "/api/workflows/{id}", tag = "workflows", params(("id" = String, Path)), responses(
    (status = OK, body = WorkflowBody, headers(("ETag" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get_workflow(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<WorkflowId>,
) -> ApiResult<Response> {
    let view = app.get_workflow(&caller, id).await?;
    Ok(tagged(view.workflow.revision, body(view)))
}

/// Save a new version. The version that is active goes on until the workflow is activated again.
#[utoipa::path(put, path = "/api/workflows/{id}", tag = "workflows", request_body = WorkflowDocumentBody,
    params(("id" = String, Path), ("If-Match" = Option<String>, Header, description = "The ETag of the GET")), responses(
    (status = OK, body = WorkflowBody, headers(("ETag" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn update_workflow(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<WorkflowId>,
    IfMatch(expected): IfMatch,
    Document(document): Document,
) -> ApiResult<Response> {
    let view = app.update_workflow(&caller, id, &document, expected).await?;
    Ok(tagged(view.workflow.revision, body(view)))
}

/// Delete a workflow with its versions and executions.
#[utoipa::path(delete, path = "/api/workflows/{id}", tag = "workflows", params(("id" = String, Path)), responses(
    (status = NO_CONTENT), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn delete_workflow(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<WorkflowId>,
) -> ApiResult<StatusCode> {
    app.delete_workflow(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Set the status. `active` makes the current version the one that runs.
#[utoipa::path(post, path = "/api/workflows/{id}/status", tag = "workflows", request_body = StatusBody, params(("id" = String, Path)), responses(
    (status = OK, body = WorkflowBody, headers(("ETag" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn set_workflow_status(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<WorkflowId>,
    Body(to): Body<StatusBody>,
) -> ApiResult<Response> {
    let view = app.set_workflow_status(&caller, id, to.status).await?;
    Ok(tagged(view.workflow.revision, body(view)))
}
