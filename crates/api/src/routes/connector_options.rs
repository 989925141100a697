//! The choices of an input, as the service lists them.

use axum::{Json, extract::State};
use flero_app::{
    App,
    connectors::{Options, OptionsOf},
};
use flero_model::CredentialId;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    error::{ApiResult, Problem},
    extract::{Body, Caller, Path, Submitted},
    schema,
};

/// What the form has already.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OptionsBody {
    /// The credential that the list is read with.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub credential_id: Option<CredentialId>,
    /// The inputs that are given already; a choice may depend on them.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub inputs: Map<String, Value>,
}

impl Submitted for OptionsBody {
    const MAY_BE_EMPTY: bool = true;
}

/// List the choices of an input: another operation of the connector is called, and its pages are followed.
#[utoipa::path(post, path = "/api/connectors/{connector}/operations/{operation}/options/{input}", tag = "connectors",
    params(("connector" = String, Path), ("operation" = String, Path), ("input" = String, Path)), request_body = OptionsBody, responses(
    (status = OK, body = schema::Choices), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn connector_options(
    State(app): State<App>,
    caller: Caller,
    Path((connector, operation, input)): Path<(String, String, String)>,
    Body(body): Body<OptionsBody>,
) -> ApiResult<Json<Options>> {
    let asked = OptionsOf {
        connector: &connector,
        operation: &operation,
        input: &input,
        credential: body.credential_id,
        inputs: body.inputs,
    };
    Ok(Json(app.connector_options(&caller, asked).await?))
}
