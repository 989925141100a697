//! Previews of expressions for people who write them.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use flero_app::{App, expressions::PreviewScope};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    error::{ApiResult, Problem},
    extract::{Body, Caller, Submitted},
};

/// A value with expressions, and what they see.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewBody {
    /// Any value; its texts may hold expressions.
    pub value: Value,
    /// `trigger`, `input`, `item`, `index`, `error`, `workflow`: what stands behind the names with a dollar sign.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub roots: Map<String, Value>,
    /// Outputs of nodes by display name.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub nodes: BTreeMap<String, Value>,
}

impl Submitted for PreviewBody {}

/// What the expressions come to.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewedBody {
    /// The value with every expression replaced by what it comes to.
    pub value: Value,
    /// What is wrong with them.
    pub errors: Vec<PreviewErrorBody>,
}

/// What is wrong with one expression.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewErrorBody {
    /// Where: a JSON pointer into the value.
    pub pointer: String,
    /// `syntax`, `unresolved`, `type` or `limit`.
    pub kind: &'static str,
    /// What is wrong and what was available.
    pub message: String,
}

/// Preview expressions with given data. `$env` is the workspace's own.
#[utoipa::path(post, path = "/api/expressions/preview", tag = "workflows", request_body = PreviewBody, responses(
    (status = OK, body = PreviewedBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn preview_expressions(
    State(app): State<App>,
    caller: Caller,
    Body(body): Body<PreviewBody>,
) -> ApiResult<Json<PreviewedBody>> {
    let scope = PreviewScope { roots: body.roots, nodes: body.nodes };
    let preview = app.preview_expressions(&caller, &body.value, scope).await?;
    let errors = preview.errors.into_iter().map(|error| PreviewErrorBody {
        pointer: error.pointer,
        kind: error.kind,
        message: error.message,
    });
    Ok(Json(PreviewedBody { value: preview.value, errors: errors.collect() }))
}
