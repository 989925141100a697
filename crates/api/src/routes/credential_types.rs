//! What credentials of the generic service take: forms are built from it.

use axum::{Json, extract::State};
use flero_app::{
    App,
    credentials::{AuthShape, FieldShape},
};
use flero_model::credential::AuthType;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    error::{ApiResult, Problem},
    extract::Caller,
};

/// What credentials of the generic service take.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CredentialTypesBody {
    /// Where services send the browser back to: the name of the service follows, or the credential's ID for the
    /// generic one.
    pub callback_base: String,
    /// The auth types, the usual ones first.
    pub items: Vec<AuthTypeBody>,
}

/// What an auth type takes.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuthTypeBody {
    /// The auth type.
    #[schema(value_type = String)]
    pub auth_type: AuthType,
    /// Whether it authenticates HTTP requests: then hosts are named, and `testUrl` and `validateSsl` are taken besides.
    pub is_http: bool,
    /// What is asked of a person: parameters first, then secrets.
    pub fields: Vec<AuthFieldBody>,
}

/// One thing that is asked of a person.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuthFieldBody {
    /// Its name in `parameters`, or in `data` when it is secret.
    pub name: &'static str,
    /// Whether it is secret: sealed, never returned.
    pub secret: bool,
    /// Whether it can be left out.
    pub optional: bool,
    /// `text`, `choice`, `url`, `words`, `pem`, `flag`, `port`, `lines`, `headers` or `keyFile`.
    pub form: &'static str,
    /// The only values of a `choice`.
    pub choices: Vec<&'static str>,
    /// What belongs there; empty where the name says it.
    pub help: &'static str,
}

impl From<AuthShape> for AuthTypeBody {
    fn from(shape: AuthShape) -> Self {
        let field = |field: FieldShape| AuthFieldBody {
            name: field.name,
            secret: field.secret,
            optional: field.optional,
            form: field.form,
            choices: field.choices.to_vec(),
            help: field.help,
        };
        Self {
            auth_type: shape.auth_type,
            is_http: shape.is_http,
            fields: shape.fields.into_iter().map(field).collect(),
        }
    }
}

/// List what credentials of the generic service take, by auth type. A connector describes its own.
#[utoipa::path(get, path = "/api/credentials/types", tag = "credentials", responses(
    (status = OK, body = CredentialTypesBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list_credential_types(
    State(app): State<App>,
    caller: Caller,
) -> ApiResult<Json<CredentialTypesBody>> {
    let items = app.auth_shapes(&caller)?.into_iter().map(AuthTypeBody::from).collect();
    Ok(Json(CredentialTypesBody { callback_base: app.callback_base(), items }))
}
