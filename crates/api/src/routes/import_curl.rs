//! A cURL command as a node.

use axum::{Json, extract::State};
use flero_app::App;
use flero_model::credential::AuthType;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    error::{ApiResult, Problem},
    extract::{Body, Caller, Submitted},
};

/// A command as it would be typed into a shell.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CommandBody {
    /// The command.
    #[schema(example = "curl https://api.example.com/items")]
    pub command: String,
}

impl std::fmt::Debug for CommandBody {
    /// The command may hold a secret.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("CommandBody(..)")
    }
}

impl Submitted for CommandBody {}

/// What a command becomes.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportedBody {
    /// The node.
    pub node: ImportedNode,
    /// The credentials that fit what stood in the command. Their secrets are not carried over.
    pub credentials: Vec<SuggestedBody>,
    /// What a node does not do of it.
    pub notes: Vec<String>,
}

/// The node that a command becomes.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportedNode {
    /// `HTTPRequest`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Its parameters.
    #[schema(value_type = Object)]
    pub parameters: Map<String, Value>,
}

/// A credential to make by hand.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SuggestedBody {
    /// The service: `http`.
    pub service: &'static str,
    /// How it authenticates.
    #[schema(value_type = String)]
    pub auth_type: AuthType,
    /// Its parameters.
    #[schema(value_type = Object)]
    pub parameters: Map<String, Value>,
    /// The host that the command sent it to.
    pub allowed_hosts: Vec<String>,
}

/// Read a cURL command as a node. Secrets in it are dropped.
#[utoipa::path(post, path = "/api/workflows/import-curl", tag = "workflows", request_body = CommandBody, responses(
    (status = OK, body = ImportedBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn import_curl(
    State(app): State<App>,
    caller: Caller,
    Body(body): Body<CommandBody>,
) -> ApiResult<Json<ImportedBody>> {
    let imported = app.import_curl(&caller, &body.command)?;
    let credentials = imported.credentials.into_iter().map(|one| SuggestedBody {
        service: "http",
        auth_type: one.auth_type,
        parameters: one.parameters,
        allowed_hosts: vec![one.allowed_host],
    });
    Ok(Json(ImportedBody {
        node: ImportedNode { kind: "HTTPRequest", parameters: imported.parameters },
        credentials: credentials.collect(),
        notes: imported.notes,
    }))
}
