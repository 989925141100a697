//! Trying a workflow while it is built: checks of a document, and runs with outputs that are taken as given.

use std::collections::BTreeMap;

use axum::{Json, extract::State, response::Response};
use flero_app::{App, executions::MAX_WAIT, pasted_secrets::Warning};
use flero_engine::{Given, GivenOutput};
use flero_model::{Timestamp, WorkflowId, problem::FieldProblem};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{
    executions::{AcceptedBody, ExecutionBody, WaitQuery, answer},
    workflows::WorkflowDocumentBody,
};
use crate::{
    error::{ApiResult, Problem},
    extract::{Body, Caller, Document, Path, Query, Submitted},
    schema,
};

/// What is known of a document that is not saved.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FindingsBody {
    /// What keeps it from being saved.
    #[schema(value_type = Vec<crate::error::FieldError>)]
    pub errors: Vec<FieldProblem>,
    /// What looks like a pasted secret.
    #[schema(value_type = Vec<schema::Warning>)]
    pub warnings: Vec<Warning>,
    /// The next times at which its schedule would fire, at most five.
    #[schema(value_type = Vec<String>)]
    pub next_runs: Vec<Timestamp>,
}

/// What a test takes as given.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestWorkflowBody {
    /// The `$trigger` of its expressions.
    #[schema(value_type = Option<Object>)]
    pub input: Option<Value>,
    /// The id of the only node to carry out; without it, the whole workflow runs.
    pub node: Option<String>,
    /// Outputs of nodes that are not carried out, by the node's id.
    #[serde(default)]
    pub given: BTreeMap<String, GivenBody>,
}

impl Submitted for TestWorkflowBody {}

/// The output that a node is taken to have.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GivenBody {
    /// What it produced.
    pub output: Value,
    /// The port that it leaves by; `output` unless told.
    pub port: Option<String>,
}

/// Check a document as a save would, without saving it.
#[utoipa::path(post, path = "/api/workflows/check", tag = "workflows", request_body = WorkflowDocumentBody, responses(
    (status = OK, body = FindingsBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn check_workflow(
    State(app): State<App>,
    caller: Caller,
    Document(document): Document,
) -> ApiResult<Json<FindingsBody>> {
    let found = app.check_workflow(&caller, &document)?;
    Ok(Json(FindingsBody { errors: found.problems, warnings: found.warnings, next_runs: found.next_runs }))
}

/// Test a workflow or one node of it: outputs of other nodes are taken as given.
#[utoipa::path(post, path = "/api/workflows/{id}/test", tag = "executions", request_body = TestWorkflowBody, params(("id" = String, Path), WaitQuery), responses(
    (status = OK, description = "With `wait`: the finished execution, a failed one too", body = ExecutionBody),
    (status = ACCEPTED, body = AcceptedBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn test_workflow(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<WorkflowId>,
    Query(query): Query<WaitQuery>,
    Body(body): Body<TestWorkflowBody>,
) -> ApiResult<Response> {
    let outputs = body.given.into_iter().map(|(id, given)| {
        let port = given.port.unwrap_or_else(|| "output".to_owned());
        (id, GivenOutput { port, output: given.output })
    });
    let given = Given { only: body.node, outputs: outputs.collect() };
    let input = body.input.unwrap_or_else(|| json!({}));
    let run = app.test_workflow(&caller, id, input, given, query.wait.then_some(MAX_WAIT)).await?;
    Ok(answer(run, query.wait))
}
