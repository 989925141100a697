//! The workspace's variables.

use axum::{extract::State, response::Response};
use flero_app::{App, variables::Variables};
use serde_json::Value;

use crate::{
    error::{ApiError, ApiResult, Problem},
    extract::{Caller, Document, IfMatch},
    respond::tagged,
};

/// Read the variables: what expressions see as `$env`.
#[utoipa::path(get, path = "/api/variables", tag = "variables", responses(
    (status = OK, body = BTreeMap<String, Value>, headers(("ETag" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get_variables(State(app): State<App>, caller: Caller) -> ApiResult<Response> {
    let Variables { values, revision } = app.get_variables(&caller).await?;
    Ok(tagged(revision, values))
}

/// Replace all variables.
#[utoipa::path(put, path = "/api/variables", tag = "variables", request_body = BTreeMap<String, Value>,
    params(("If-Match" = Option<String>, Header, description = "The ETag of the GET")), responses(
    (status = OK, body = BTreeMap<String, Value>, headers(("ETag" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn put_variables(
    State(app): State<App>,
    caller: Caller,
    IfMatch(expected): IfMatch,
    Document(body): Document,
) -> ApiResult<Response> {
    let Value::Object(values) = body else {
        let problem = flero_model::problem::FieldProblem::new(
            "",
            "json.type",
            "Expected an object of names and values.",
        );
        return Err(ApiError::fields(vec![problem]));
    };
    let Variables { values, revision } = app.put_variables(&caller, values, expected).await?;
    Ok(tagged(revision, values))
}
