//! The choices of an input of an operation or an event, as the service lists them.

use axum::{Json, extract::State};
use flero_app::{
    App,
    connectors::{Form, Options, OptionsOf},
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

impl OptionsBody {
    fn about<'o>(self, connector: &'o str, form: Form<'o>, input: &'o str) -> OptionsOf<'o> {
        OptionsOf { connector, form, input, credential: self.credential_id, inputs: self.inputs }
    }
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
    let asked = body.about(&connector, Form::Operation(&operation), &input);
    Ok(Json(app.connector_options(&caller, asked).await?))
}

/// List the choices of an input of an event, as those of an operation's.
#[utoipa::path(post, path = "/api/connectors/{connector}/events/{event}/options/{input}", tag = "connectors",
    params(("connector" = String, Path), ("event" = String, Path), ("input" = String, Path)), request_body = OptionsBody, responses(
    (status = OK, body = schema::Choices), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn event_options(
    State(app): State<App>,
    caller: Caller,
    Path((connector, event, input)): Path<(String, String, String)>,
    Body(body): Body<OptionsBody>,
) -> ApiResult<Json<Options>> {
    let asked = body.about(&connector, Form::Event(&event), &input);
    Ok(Json(app.connector_options(&caller, asked).await?))
}
