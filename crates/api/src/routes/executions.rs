//! Executions.

mod live;
mod moved;

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use flero_app::{
    App,
    executions::{MAX_WAIT, Run},
};
use flero_engine::ReplayVersion;
use flero_model::{
    ExecutionId, Timestamp, WorkflowId,
    execution::{ErrorInfo, ExecutionStatus, TriggerName},
};
use flero_store::executions::{Execution, ExecutionFilter};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use crate::{
    error::{ApiResult, Problem},
    extract::{Body, Caller, FilterId, ListQuery, Path, Query, Submitted},
    list::Listing,
    schema,
    watch::watched,
};

/// What a run is given.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunBody {
    /// The `$trigger` of its expressions.
    #[schema(value_type = Option<Object>)]
    pub input: Option<Value>,
}

impl Submitted for RunBody {
    const MAY_BE_EMPTY: bool = true;
}

/// Whether the answer waits for the end.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WaitQuery {
    /// Whether to answer with the finished execution: `true` or `false`; `wait` alone and `wait=1` mean `true`.
    #[serde(default, deserialize_with = "flag")]
    pub wait: bool,
}

/// Reads a flag of a query as people write it.
fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    match String::deserialize(deserializer)?.as_str() {
        "" | "1" | "true" => Ok(true),
        "0" | "false" => Ok(false),
        _ => Err(serde::de::Error::custom("use true or false")),
    }
}

/// A run that was accepted.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AcceptedBody {
    /// The run.
    #[schema(value_type = String)]
    pub execution_id: ExecutionId,
    /// `pending`; the state it had when a wait ended before the run did; `cancelled` for a cancelled one.
    #[schema(value_type = schema::ExecutionStatus)]
    pub status: ExecutionStatus,
}

/// Which version a replay runs.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayBody {
    /// `same` (the one that ran then) or `current`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub version: WhichVersion,
}

impl Submitted for ReplayBody {
    const MAY_BE_EMPTY: bool = true;
}

/// Which version a replay runs.
#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WhichVersion {
    /// The one that ran then.
    #[default]
    Same,
    /// The current one.
    Current,
}

/// A run in a list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExecutionItem {
    /// The run.
    #[schema(value_type = String)]
    pub id: ExecutionId,
    /// Its workflow.
    #[schema(value_type = String)]
    pub workflow_id: WorkflowId,
    /// The version that ran.
    pub workflow_version: u64,
    /// Its state.
    #[schema(value_type = schema::ExecutionStatus)]
    pub status: ExecutionStatus,
    /// What set it off.
    #[schema(value_type = schema::RunTrigger)]
    pub trigger: Value,
    /// Why it failed.
    #[schema(value_type = Option<schema::ErrorInfo>)]
    pub error: Option<ErrorInfo>,
    /// When it was accepted.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When its first node began.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Timestamp>,
}

impl From<Execution> for ExecutionItem {
    fn from(execution: Execution) -> Self {
        Self {
            id: execution.id,
            workflow_id: execution.workflow,
            workflow_version: execution.version,
            status: execution.status,
            trigger: serde_json::to_value(execution.trigger).unwrap_or_default(),
            error: execution.error,
            created_at: execution.created_at,
            started_at: execution.started_at,
            finished_at: execution.finished_at,
        }
    }
}

/// A run with its nodes.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExecutionBody {
    /// The run.
    pub id: String,
    /// Its workflow.
    pub workflow_id: String,
    /// The version that ran.
    pub workflow_version: u64,
    /// Its state.
    #[schema(value_type = schema::ExecutionStatus)]
    pub status: String,
    /// What set it off.
    #[schema(value_type = schema::RunTrigger)]
    pub trigger: Value,
    /// What it was given.
    pub input: Value,
    /// Its nodes in the order in which they began.
    #[schema(value_type = Vec<schema::NodeReport>)]
    pub nodes: Vec<Value>,
    /// What it returned.
    pub output: Value,
    /// Why it failed.
    #[schema(value_type = Option<schema::ErrorInfo>)]
    pub error: Option<Value>,
    /// When it was accepted.
    pub created_at: String,
    /// When its first node began.
    pub started_at: Option<String>,
    /// When it ended.
    pub finished_at: Option<String>,
}

/// Which executions are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct ExecutionQuery {
    /// Only in this state.
    #[param(value_type = Option<schema::ExecutionStatus>)]
    pub status: Option<ExecutionStatus>,
    /// Only of this workflow.
    #[param(value_type = Option<String>)]
    pub workflow_id: Option<FilterId<WorkflowId>>,
    /// Only those that this set off, for example `webhook`.
    #[param(value_type = Option<String>)]
    pub trigger: Option<TriggerName>,
    /// Only those that were accepted from this time on.
    #[param(value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
    /// Only those that were accepted before this time.
    #[param(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    /// At most this many entries, 1 to 200; 50 unless told.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
    /// The `nextCursor` of the page before.
    pub cursor: Option<String>,
}

pub(super) fn answer(run: Run, waited: bool) -> Response {
    match run {
        // How far a run came by now is chance: who did not wait is told `pending` every time, and nothing else.
        Run::Accepted { id, status } => {
            let status = if waited { status } else { ExecutionStatus::Pending };
            (StatusCode::ACCEPTED, Json(AcceptedBody { execution_id: id, status })).into_response()
        }
        Run::Ended(report) => Json(report).into_response(),
    }
}

/// Run a workflow.
#[utoipa::path(post, path = "/api/workflows/{id}/run", tag = "executions", request_body = RunBody, params(("id" = String, Path), WaitQuery), responses(
    (status = OK, description = "With `wait`: the finished execution, a failed one too", body = ExecutionBody),
    (status = ACCEPTED, body = AcceptedBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn run_workflow(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<WorkflowId>,
    Query(query): Query<WaitQuery>,
    Body(body): Body<RunBody>,
) -> ApiResult<Response> {
    let input = body.input.unwrap_or_else(|| json!({}));
    let run = app.run_workflow(&caller, id, input, query.wait.then_some(MAX_WAIT)).await?;
    Ok(answer(run, query.wait))
}

/// List executions, newest first.
#[utoipa::path(get, path = "/api/executions", tag = "executions", params(ExecutionQuery), responses(
    (status = OK, body = Listing<ExecutionItem>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list_executions(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<ExecutionQuery>,
) -> ApiResult<Json<Listing<ExecutionItem>>> {
    let filter = ExecutionFilter {
        status: query.status,
        workflow: query.workflow_id.map(FilterId::id),
        trigger: query.trigger,
        since: query.since,
        until: query.until,
        only: None,
    };
    let page = app.list_executions(&caller, filter, ListQuery::page(query.limit, query.cursor)?).await?;
    Ok(Json(Listing::of(page, ExecutionItem::from)))
}

/// Read an execution with its nodes.
#[utoipa::path(get, path = "/api/executions/{id}", tag = "executions", params(("id" = String, Path)), responses(
    (status = OK, body = ExecutionBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get_execution(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ExecutionId>,
) -> ApiResult<Response> {
    Ok(Json(app.get_execution(&caller, id).await?).into_response())
}

/// Run a former execution's input once more.
#[utoipa::path(post, path = "/api/executions/{id}/replay", tag = "executions", request_body = ReplayBody, params(("id" = String, Path)), responses(
    (status = ACCEPTED, body = AcceptedBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn replay_execution(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ExecutionId>,
    Body(body): Body<ReplayBody>,
) -> ApiResult<Response> {
    let version = match body.version {
        WhichVersion::Same => ReplayVersion::Same,
        WhichVersion::Current => ReplayVersion::Current,
    };
    Ok(answer(app.replay_execution(&caller, id, version).await?, false))
}

/// Stop an execution: what runs may finish, nothing new begins.
#[utoipa::path(post, path = "/api/executions/{id}/cancel", tag = "executions", params(("id" = String, Path)), responses(
    (status = ACCEPTED, body = AcceptedBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn cancel_execution(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ExecutionId>,
) -> ApiResult<Response> {
    app.cancel_execution(&caller, id).await?;
    let body = AcceptedBody { execution_id: id, status: ExecutionStatus::Cancelled };
    Ok((StatusCode::ACCEPTED, Json(body)).into_response())
}

/// Watch an execution: server-sent events. First a `snapshot` of how it stands, then `nodeStarted`, `attemptFailed`,
/// `nodeFinished`, `statusChanged`, and `finished` at its end. The stream of a run that waits stays open; one that is
/// older than ten minutes ends, and a client that comes again gets a new snapshot. It ends within a second when the right
/// to watch does.
#[utoipa::path(get, path = "/api/executions/{id}/events", tag = "executions", params(("id" = String, Path)), responses(
    (status = OK, description = "Events whose data is this, as JSON", body = schema::ExecutionEvent, content_type = "text/event-stream"), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn watch_execution(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ExecutionId>,
) -> ApiResult<Response> {
    let watch = app.watch_execution(&caller, id).await?;
    let events = live::events(app.clone(), caller.clone(), id, watch);
    Ok(watched(app, caller, events))
}

/// Watch the executions of the workspace: server-sent events named `executions`, at most two a second however many runs
/// there are. The first one, and every one with `more`, asks to read the list again. The stream ends after two minutes, and
/// within a second when the right to watch does.
#[utoipa::path(get, path = "/api/executions/events", tag = "executions", responses(
    (status = OK, description = "Events whose data is this, as JSON", body = moved::ExecutionsMovedBody, content_type = "text/event-stream"), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn watch_executions(State(app): State<App>, caller: Caller) -> ApiResult<Response> {
    // In this order a run that changes in between is looked at once too often rather than not at all.
    let changes = app.watch_executions();
    let newest = moved::newest(&app, &caller).await?;
    let events = moved::events(app.clone(), caller.clone(), changes, newest);
    Ok(watched(app, caller, events))
}
