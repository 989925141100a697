//! Workflows.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use flero_app::{App, pasted_secrets::Warning, workflows::WorkflowView};
use flero_model::WorkflowId;
use flero_store::workflows::{Workflow, WorkflowFilter, WorkflowStatus};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
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

/// A workflow: its document, and what is known of it besides. Members that only an answer has may be sent back.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkflowBody {
    /// The document.
    #[serde(flatten)]
    #[schema(value_type = WorkflowDocumentBody)]
    pub document: Map<String, Value>,
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

/// What is known of a workflow besides its document.
pub(super) fn facts(workflow: &Workflow) -> Map<String, Value> {
    let facts = json!({
        "id": workflow.id,
        "workspaceId": workflow.workspace,
        "ownerId": workflow.owner,
        "name": workflow.name,
        "tags": workflow.tags,
        "status": workflow.status,
        "version": workflow.version,
        "activeVersion": workflow.active_version,
        "activatedBy": workflow.activated_by,
        "activatedAt": workflow.activated_at,
        "createdAt": workflow.created_at,
        "updatedAt": workflow.updated_at,
    });
    match facts {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

pub(super) fn body(view: WorkflowView) -> WorkflowBody {
    let mut document = facts(&view.workflow);
    if let Value::Object(members) = view.document {
        document.extend(members);
    }
    if let Some(url) = view.webhook_url {
        document.insert("webhookUrl".to_owned(), url.into());
    }
    if !view.next_runs.is_empty() {
        document.insert("nextRuns".to_owned(), json!(view.next_runs));
    }
    document.insert("warnings".to_owned(), warnings(&view.warnings));
    WorkflowBody { document }
}

fn warnings(found: &[Warning]) -> Value {
    serde_json::to_value(found).unwrap_or_default()
}

/// List workflows, last changed first.
#[utoipa::path(get, path = "/api/workflows", tag = "workflows", params(WorkflowQuery), responses(
    (status = OK, body = Listing<Object>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list_workflows(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<WorkflowQuery>,
) -> ApiResult<Json<Listing<Map<String, Value>>>> {
    let filter = WorkflowFilter { status: query.status, text: query.q.map(|text| text.0), only: None };
    let page = app.list_workflows(&caller, filter, ListQuery::page(query.limit, query.cursor)?).await?;
    Ok(Json(Listing::of(page, |workflow| facts(&workflow))))
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
