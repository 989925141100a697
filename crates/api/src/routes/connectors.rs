//! Connectors: what can be called, and importing descriptions.

use axum::{
    Json,
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use flero_app::{
    App,
    connectors::{ConnectorFilter, ConnectorView, ImportSource, OperationView},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::{
    error::{ApiError, ApiResult, Problem, codes},
    extract::{Caller, Path, Query, Text, collect},
    schema,
};

/// Which connectors are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ConnectorQuery {
    /// A few letters of a name; typing errors are forgiven.
    #[param(value_type = Option<String>)]
    pub q: Option<Text>,
    /// `curated`, `known`, `imported` or `marketplace`.
    pub tier: Option<String>,
    /// What kind of service it is.
    #[param(value_type = Option<String>)]
    pub category: Option<Text>,
    /// At most this many entries, 1 to 200; 50 unless told.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
    /// The `nextCursor` of the page before.
    pub cursor: Option<String>,
}

/// The connectors of a page.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConnectorListing {
    /// The entries.
    #[schema(value_type = Vec<schema::ConnectorSummary>)]
    pub items: Vec<flero_app::connectors::Summary>,
    /// What to pass as `cursor` for the next page; null on the last.
    pub next_cursor: Option<String>,
    /// How many entries there are in all.
    pub total: u64,
}

/// What came of an import.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportBody {
    /// The connector.
    #[schema(value_type = schema::ConnectorSummary)]
    pub connector: flero_app::connectors::Summary,
    /// What was taken over and what was not.
    #[schema(value_type = schema::ImportReport)]
    pub report: flero_app::connectors::Report,
}

/// List connectors.
#[utoipa::path(get, path = "/api/connectors", tag = "connectors", params(ConnectorQuery), responses(
    (status = OK, body = ConnectorListing), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list_connectors(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<ConnectorQuery>,
) -> ApiResult<Json<ConnectorListing>> {
    let invalid = |detail: &str| ApiError::new(codes::INVALID_QUERY, detail.to_owned());
    let tier = match query.tier {
        None => None,
        Some(tier) => Some(
            serde_json::from_value(Value::String(tier))
                .map_err(|_| invalid("tier is curated, known, imported or marketplace."))?,
        ),
    };
    let limit = query.limit.unwrap_or(50);
    if !(1..=200).contains(&limit) {
        return Err(invalid("limit is a number from 1 to 200."));
    }
    let filter = ConnectorFilter {
        text: query.q.map(|text| text.0),
        tier,
        category: query.category.map(|text| text.0),
    };
    let all = app.list_connectors(&caller, &filter).await?;
    // The list is short and ordered in memory: a cursor is the place in it.
    let from = match query.cursor {
        None => 0,
        Some(cursor) => cursor
            .parse::<usize>()
            .ok()
            .filter(|from| *from <= all.len())
            .ok_or_else(|| ApiError::from(flero_app::Error::InvalidCursor))?,
    };
    let total = all.len();
    let items: Vec<_> = all.into_iter().skip(from).take(limit as usize).collect();
    let next = from + items.len();
    let next_cursor = (next < total).then(|| next.to_string());
    Ok(Json(ConnectorListing { items, next_cursor, total: total as u64 }))
}

/// Read a connector: ways to authenticate with their fields, operations, events, guide.
#[utoipa::path(get, path = "/api/connectors/{connector}", tag = "connectors", params(("connector" = String, Path, description = "The connector's identifier")), responses(
    (status = OK, body = schema::Connector), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get_connector(
    State(app): State<App>,
    caller: Caller,
    Path(connector): Path<String>,
) -> ApiResult<Json<ConnectorView>> {
    Ok(Json(app.get_connector(&caller, &connector).await?))
}

/// Remove an imported connector.
#[utoipa::path(delete, path = "/api/connectors/{connector}", tag = "connectors", params(("connector" = String, Path, description = "The connector's identifier")), responses(
    (status = NO_CONTENT), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn delete_connector(
    State(app): State<App>,
    caller: Caller,
    Path(connector): Path<String>,
) -> ApiResult<StatusCode> {
    app.delete_connector(&caller, &connector).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Read an operation: its inputs and its answer as JSON Schema.
#[utoipa::path(get, path = "/api/connectors/{connector}/operations/{operation}", tag = "connectors",
    params(("connector" = String, Path), ("operation" = String, Path)), responses(
    (status = OK, body = schema::Operation), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get_operation(
    State(app): State<App>,
    caller: Caller,
    Path((connector, operation)): Path<(String, String)>,
) -> ApiResult<Json<OperationView>> {
    Ok(Json(app.get_operation(&caller, &connector, &operation).await?))
}

/// Import an OpenAPI document (3.2, 3.1, 3.0, 2.0) or a Postman collection (2.1) as a connector of the workspace. The
/// body is the document, as JSON or YAML, or `{"url"}`, from where it is fetched, or `{"curl"}`, a cURL command.
#[utoipa::path(post, path = "/api/connectors/import", tag = "connectors", request_body = Object, responses(
    (status = CREATED, body = ImportBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn import_connector(
    State(app): State<App>,
    caller: Caller,
    request: Request,
) -> ApiResult<Response> {
    let (parts, body) = request.into_parts();
    let mut types = parts.headers.get_all(header::CONTENT_TYPE).iter();
    let kind = match (types.next().and_then(|value| value.to_str().ok()), types.next()) {
        (Some(kind), None) => kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase(),
        _ => String::new(),
    };
    if !DOCUMENT_TYPES.contains(&kind.as_str()) {
        let detail = "Send the document as application/json or application/yaml.";
        return Err(ApiError::new(codes::UNSUPPORTED_MEDIA_TYPE, detail));
    }
    let bytes = collect(body, &parts.headers, flero_app::connectors::MAX_DOCUMENT_BYTES).await?;
    let source = match alone(&kind, &bytes) {
        Some((name, url)) if name == "url" => ImportSource::Url(url),
        Some((_, command)) => ImportSource::Curl(command),
        None => ImportSource::Document(bytes),
    };
    let imported = app.import_connector(&caller, source).await?;
    let body = ImportBody { connector: imported.summary, report: imported.report };
    Ok((StatusCode::CREATED, Json(body)).into_response())
}

/// The media types of descriptions (RFC 9512 for YAML).
const DOCUMENT_TYPES: &[&str] = &[
    "application/json",
    "application/yaml",
    "application/x-yaml",
    "text/yaml",
    "text/x-yaml",
    "application/vnd.oai.openapi",
    "application/vnd.oai.openapi+json",
];

/// The one member, `url` or `curl`, of a body that has no other. A command that was pasted as it is counts too.
fn alone(kind: &str, bytes: &[u8]) -> Option<(String, String)> {
    if bytes.len() > MAX_COMMAND_BYTES {
        return None;
    }
    if bytes.trim_ascii_start().starts_with(b"curl ") {
        return Some(("curl".to_owned(), String::from_utf8_lossy(bytes).into_owned()));
    }
    if kind != "application/json" {
        return None;
    }
    let body: serde_json::Map<String, Value> = serde_json::from_slice(bytes).ok()?;
    if body.len() != 1 {
        return None;
    }
    let (name, value) =
        body.into_iter().next().filter(|(name, _)| matches!(name.as_str(), "url" | "curl"))?;
    match value {
        Value::String(text) => Some((name, text)),
        _ => None,
    }
}

/// The largest body that can be a URL or a command, in bytes; commands are at most 1 MiB, and JSON escapes double some of it.
const MAX_COMMAND_BYTES: usize = 2 << 20;
