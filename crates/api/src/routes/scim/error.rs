//! Errors and answers in the form of SCIM (RFC 7644 section 3.12).

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use flero_app::Error;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::error::{ApiError, Parts, codes};

/// The media type of everything that SCIM says (RFC 7644 section 8.1).
pub(super) const SCIM_JSON: &str = "application/scim+json";

/// An error as SCIM writes it, and no member besides: clients that hold to the RFC take none. The problem's stable code, which
/// leads to a page under `/docs/errors/`, stands in the header `Flero-Code`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ScimErrorBody {
    /// `urn:ietf:params:scim:api:messages:2.0:Error`.
    pub schemas: Vec<String>,
    /// The HTTP status, as text.
    pub status: String,
    /// One of the words of RFC 7644 table 9, with status 400 and 409.
    pub scim_type: Option<String>,
    /// What happened, and what to do.
    pub detail: String,
}

/// An answer that is an error.
#[derive(Debug)]
pub struct ScimError {
    problem: ApiError,
    scim_type: Option<&'static str>,
}

/// The result of a handler.
pub(super) type ScimResult<T> = Result<T, ScimError>;

impl ScimError {
    /// A request that cannot be followed, by a word of RFC 7644 table 9.
    pub(super) fn bad(scim_type: &'static str, detail: impl Into<String>) -> Self {
        Self { problem: ApiError::new(codes::INVALID_SCIM, detail), scim_type: Some(scim_type) }
    }

    /// Nobody and nothing with this identifier.
    pub(super) fn not_found() -> Self {
        ApiError::not_found().into()
    }
}

impl From<ApiError> for ScimError {
    fn from(problem: ApiError) -> Self {
        let scim_type = (problem.code().code == codes::INVALID_JSON.code).then_some("invalidSyntax");
        Self { problem, scim_type }
    }
}

impl From<Error> for ScimError {
    fn from(error: Error) -> Self {
        match error {
            Error::NameTaken => Self { scim_type: Some("uniqueness"), ..ApiError::from(error).into() },
            // SCIM has no list of fields: the first one is told with its place.
            Error::Invalid(problems) => {
                let told = problems.first().map(|one| format!("{}: {}", one.pointer, one.message));
                Self::bad("invalidValue", told.unwrap_or_default())
            }
            other => ApiError::from(other).into(),
        }
    }
}

impl IntoResponse for ScimError {
    fn into_response(self) -> Response {
        let scim_type = self.scim_type;
        let code = HeaderValue::from_static(self.problem.code().code);
        let Parts { status, detail, headers } = self.problem.into_parts();
        let mut members = serde_json::Map::new();
        members.insert("schemas".into(), json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
        members.insert("status".into(), Value::from(status.as_u16().to_string()));
        members.insert("detail".into(), Value::from(detail));
        if let Some(scim_type) = scim_type {
            members.insert("scimType".into(), scim_type.into());
        }
        let mut response = answer(status, &Value::Object(members));
        response.headers_mut().extend(headers);
        response.headers_mut().insert("flero-code", code);
        response
    }
}

/// An answer in SCIM's media type.
pub(super) fn answer(status: StatusCode, body: &Value) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(SCIM_JSON));
    response
}
