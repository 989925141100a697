//! The audit trail.

use axum::{
    Json,
    body::Body,
    extract::State,
    http::{HeaderValue, header},
    response::Response,
};
use flero_app::{App, audit as lines};
use flero_model::{
    CredentialId, Timestamp, UserId,
    audit::{AuditAction, AuditRecord},
};
use flero_store::audit::AuditFilter;
use futures_util::stream;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::{
    error::{ApiResult, Problem},
    extract::{Caller, FilterId, ListQuery, Query, Text},
    list::Listing,
    schema,
};

/// Which records are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct AuditQuery {
    /// Records about this credential.
    #[param(value_type = Option<String>)]
    pub credential_id: Option<FilterId<CredentialId>>,
    /// Records by this person, by a key or a run of theirs too.
    #[param(value_type = Option<String>)]
    pub actor: Option<FilterId<UserId>>,
    /// Records of this action, for example `credential.used`.
    #[param(value_type = Option<String>)]
    pub action: Option<AuditAction>,
    /// Records of what was done to the object with this identifier.
    #[param(value_type = Option<String>)]
    pub target: Option<Text>,
    /// Records from this time on.
    #[param(value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
    /// Records from before this time.
    #[param(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    /// At most this many entries, 1 to 200; 50 unless told.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
    /// The `nextCursor` of the page before.
    pub cursor: Option<String>,
}

/// Which records are exported, and as what.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct ExportQuery {
    /// `jsonl` (JSON lines) or `csv`.
    #[serde(default)]
    #[param(inline)]
    pub format: ExportFormat,
    /// Records about this credential.
    #[param(value_type = Option<String>)]
    pub credential_id: Option<FilterId<CredentialId>>,
    /// Records by this person, by a key or a run of theirs too.
    #[param(value_type = Option<String>)]
    pub actor: Option<FilterId<UserId>>,
    /// Records of this action, for example `credential.used`.
    #[param(value_type = Option<String>)]
    pub action: Option<AuditAction>,
    /// Records of what was done to the object with this identifier.
    #[param(value_type = Option<String>)]
    pub target: Option<Text>,
    /// Records from this time on.
    #[param(value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
    /// Records from before this time.
    #[param(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
}

/// The form of an export.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    /// One JSON object a line, with the hash of each record: `flero audit verify FILE` checks it.
    #[default]
    Jsonl,
    /// For spreadsheets (RFC 4180).
    Csv,
}

impl ExportFormat {
    const fn name(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
        }
    }

    const fn media_type(self) -> &'static str {
        match self {
            Self::Jsonl => "application/jsonl",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }
}

/// One record.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditBody {
    /// Its place in the workspace's chain, from 1.
    pub id: u64,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Who.
    #[schema(value_type = schema::Actor)]
    pub actor: Value,
    /// What, for example `credential.created`.
    pub action: &'static str,
    /// The object that it was done to.
    pub target: String,
    /// The rest: names, identifiers, counts; never a value.
    #[schema(value_type = schema::AuditDetail)]
    pub detail: Value,
}

impl From<AuditRecord> for AuditBody {
    fn from(record: AuditRecord) -> Self {
        Self {
            id: record.sequence,
            at: record.event.at,
            actor: serde_json::to_value(record.event.actor).unwrap_or_default(),
            action: record.event.action.as_str(),
            target: record.event.target,
            detail: serde_json::to_value(record.event.detail).unwrap_or_default(),
        }
    }
}

/// List the audit trail, newest first.
#[utoipa::path(get, path = "/api/audit", tag = "audit", params(AuditQuery), responses(
    (status = OK, body = Listing<AuditBody>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list_audit(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<AuditQuery>,
) -> ApiResult<Json<Listing<AuditBody>>> {
    let filter = AuditFilter {
        credential: query.credential_id.map(FilterId::id),
        actor: query.actor.map(FilterId::id),
        action: query.action,
        target: query.target.map(|target| target.0),
        since: query.since,
        until: query.until,
    };
    let page = app.list_audit(&caller, filter, ListQuery::page(query.limit, query.cursor)?).await?;
    Ok(Json(Listing::of(page, AuditBody::from)))
}

/// Export the audit trail as a file, newest first, with the filters of the list. Needs a step-up.
#[utoipa::path(get, path = "/api/audit/export", tag = "audit", params(ExportQuery), responses(
    (status = OK, description = "The file, as it is read", content(
        (String = "application/jsonl"), (String = "text/csv"))),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn export_audit(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<ExportQuery>,
) -> ApiResult<Response> {
    let filter = AuditFilter {
        credential: query.credential_id.map(FilterId::id),
        actor: query.actor.map(FilterId::id),
        action: query.action,
        target: query.target.map(|target| target.0),
        since: query.since,
        until: query.until,
    };
    let format = query.format;
    let export = app.export_audit(&caller, filter, format.name()).await?;
    let head = if format == ExportFormat::Csv { lines::CSV_HEADER } else { "" };
    let pieces = stream::try_unfold((Some(export), head.to_owned()), move |(export, mut text)| async move {
        let Some(mut export) = export else { return Ok(None) };
        // The status has been sent: a failure can only break the answer off.
        let records = export.piece().await.map_err(|error| {
            tracing::warn!(%error, "an export of the audit trail broke off");
            std::io::Error::other("the export broke off")
        })?;
        let write = if format == ExportFormat::Csv { lines::csv_line } else { lines::json_line };
        records.iter().for_each(|record| text.push_str(&write(record)));
        let next = (!records.is_empty()).then_some(export);
        Ok::<_, std::io::Error>(Some((text, (next, String::new()))))
    });
    let mut response = Response::new(Body::from_stream(pieces));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
    let name = format!("attachment; filename=\"flero-audit.{}\"", format.name());
    if let Ok(value) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}
