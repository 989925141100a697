//! What is done with a credential besides reading and editing it.

use axum::{Json, extract::State, response::Response};
use flero_app::{
    App,
    credentials::{DEFAULT_GRACE_HOURS, Duplicate, Rotation, SecretFields, TestResult},
};
use flero_model::{
    ApiKeyId, ExecutionId, Timestamp, UserId, WorkflowId, audit::AuditRecord, credential::Scope,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{
    audit::AuditBody,
    credentials::{self, Change, CredentialBody, NewCredentialBody},
};
use crate::{
    error::{ApiResult, Problem},
    extract::{Body, Caller, CredentialPath, ListQuery, Query, Submitted},
    list::Listing,
    respond::{created, tagged},
    schema,
};

/// What a test brought to light.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TestBody {
    /// `accepted`, `refused`, `unverified`, `unreachable` or `not_testable`.
    pub verdict: &'static str,
    /// The account, where the service told it.
    pub account: Option<String>,
    /// Permissions that are needed and lacking.
    pub missing_scopes: Vec<String>,
    /// When what was tested ends, as far as that is known.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// From the call to the answer, in milliseconds.
    pub latency_ms: Option<u64>,
    /// One sentence for people.
    pub message: String,
}

impl From<TestResult> for TestBody {
    fn from(result: TestResult) -> Self {
        Self {
            verdict: result.verdict.as_str(),
            account: result.account,
            missing_scopes: result.missing_scopes,
            expires_at: result.expires_at,
            latency_ms: result.latency_ms,
            message: result.message,
        }
    }
}

/// A new secret.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RotateBody {
    /// The secrets, all of them.
    #[schema(value_type = Object, write_only)]
    pub data: SecretFields,
    /// The parameters, all of them, where they change with the secret: an access key ID, a certificate.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub parameters: Option<Map<String, Value>>,
    /// Whether it takes over even if the service refuses it.
    #[serde(default)]
    pub force: bool,
    /// For how many hours the former secret is kept sealed, to be put back; 24 unless told, 0 destroys it at once.
    #[serde(default = "grace_hours")]
    #[schema(required = false, minimum = 0, maximum = 720)]
    pub grace_hours: u32,
    /// When the credential stops being usable; null for never. Left out, an end that has passed is dropped and
    /// another one stays.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Change<Timestamp>,
}

const fn grace_hours() -> u32 {
    DEFAULT_GRACE_HOURS
}

impl Submitted for RotateBody {}

/// What a copy is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DuplicateBody {
    /// Its name; the original's with ` (copy)` unless told.
    pub name: Option<String>,
    /// Its scope: the original's or a narrower one.
    #[schema(value_type = Option<String>)]
    pub scope: Option<Scope>,
}

impl Submitted for DuplicateBody {
    const MAY_BE_EMPTY: bool = true;
}

/// Nothing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmptyBody {}

impl Submitted for EmptyBody {
    const MAY_BE_EMPTY: bool = true;
}

/// Where a credential is used.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UsageBody {
    /// The workflows that refer to it.
    pub items: Vec<WorkflowUseBody>,
    /// The last executions that used it, newest first.
    #[schema(value_type = Vec<String>)]
    pub executions: Vec<ExecutionId>,
    /// When it was last used, wherever that was.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Timestamp>,
    /// Its uses in the workspace, newest first.
    pub uses: Vec<UseBody>,
    /// The API keys that used it lately, the latest use first.
    pub api_keys: Vec<KeyUseBody>,
    /// What to pass as `cursor` for the next page of `uses`; null on the last. The other lists are whole.
    pub next_cursor: Option<String>,
    /// How many workflows refer to it.
    pub total: u64,
}

/// One use of a credential.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UseBody {
    /// When it ended.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Who.
    #[schema(value_type = schema::Actor)]
    pub actor: Value,
    /// What for: `node`, `test`, `proxy`, `inbound` or `trigger`.
    pub purpose: Option<String>,
    /// The workflow.
    #[schema(value_type = Option<String>)]
    pub workflow_id: Option<WorkflowId>,
    /// The execution.
    #[schema(value_type = Option<String>)]
    pub execution_id: Option<ExecutionId>,
    /// The node.
    pub node_id: Option<String>,
    /// Which attempt, from 1.
    pub attempt: Option<u32>,
    /// Where it went.
    pub host: Option<String>,
    /// How it ended: `success`, or an error code.
    pub outcome: Option<String>,
    /// The service's status.
    pub status: Option<u16>,
}

impl From<AuditRecord> for UseBody {
    fn from(record: AuditRecord) -> Self {
        let detail = record.event.detail;
        Self {
            at: record.event.at,
            actor: serde_json::to_value(record.event.actor).unwrap_or_default(),
            purpose: detail.purpose,
            workflow_id: detail.workflow,
            execution_id: detail.execution,
            node_id: detail.node,
            attempt: detail.attempt,
            host: detail.host,
            outcome: detail.outcome,
            status: detail.status,
        }
    }
}

/// An API key that used a credential.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeyUseBody {
    /// Which.
    #[schema(value_type = String)]
    pub api_key_id: ApiKeyId,
    /// Its name; null when it is gone.
    pub name: Option<String>,
    /// Whose.
    #[schema(value_type = String)]
    pub user_id: UserId,
    /// How often, among the last ten thousand records about the credential.
    pub count: u64,
    /// When last.
    #[schema(value_type = String, format = DateTime)]
    pub last_used_at: Timestamp,
}

/// A workflow that refers to a credential.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkflowUseBody {
    /// The workflow.
    #[schema(value_type = String)]
    pub workflow_id: WorkflowId,
    /// Its name.
    pub name: String,
    /// Whether its active version refers to it.
    pub active: bool,
    /// Which versions do, of the current and the active one.
    pub versions: Vec<u64>,
    /// The nodes' ids.
    pub nodes: Vec<String>,
}

/// Test a credential that is not stored.
#[utoipa::path(post, path = "/api/credentials/test", tag = "credentials", request_body = NewCredentialBody, responses(
    (status = OK, body = TestBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn test_new_credential(
    State(app): State<App>,
    caller: Caller,
    Body(new): Body<NewCredentialBody>,
) -> ApiResult<Json<TestBody>> {
    Ok(Json(app.test_new_credential(&caller, new.whole()?).await?.into()))
}

/// Test a stored credential.
#[utoipa::path(post, path = "/api/credentials/{id}/test", tag = "credentials", request_body = EmptyBody, params(("id" = String, Path)), responses(
    (status = OK, body = TestBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn test_credential(
    State(app): State<App>,
    caller: Caller,
    CredentialPath(id): CredentialPath,
    _: Body<EmptyBody>,
) -> ApiResult<Json<TestBody>> {
    Ok(Json(app.test_credential(&caller, id).await?.into()))
}

/// Replace the secret. It is tested first; a refused one changes nothing.
#[utoipa::path(post, path = "/api/credentials/{id}/rotate", tag = "credentials", request_body = RotateBody, params(("id" = String, Path)), responses(
    (status = OK, body = CredentialBody, headers(("ETag" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn rotate_credential(
    State(app): State<App>,
    caller: Caller,
    CredentialPath(id): CredentialPath,
    Body(body): Body<RotateBody>,
) -> ApiResult<Response> {
    let rotation = Rotation {
        data: body.data,
        parameters: body.parameters,
        force: body.force,
        grace_hours: body.grace_hours,
        expires_at: body.expires_at.given(),
    };
    let credential = app.rotate_credential(&caller, id, rotation).await?;
    Ok(tagged(credential.revision, credentials::body(credential, app.now())))
}

/// Put the secret back that the last rotation replaced, within its grace period. The one that replaced it is destroyed.
#[utoipa::path(post, path = "/api/credentials/{id}/rollback", tag = "credentials", request_body = EmptyBody, params(("id" = String, Path)), responses(
    (status = OK, body = CredentialBody, headers(("ETag" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn roll_back_credential(
    State(app): State<App>,
    caller: Caller,
    CredentialPath(id): CredentialPath,
    _: Body<EmptyBody>,
) -> ApiResult<Response> {
    let credential = app.roll_back_credential(&caller, id).await?;
    Ok(tagged(credential.revision, credentials::body(credential, app.now())))
}

/// Copy a credential with its secret to the same or a narrower scope.
#[utoipa::path(post, path = "/api/credentials/{id}/duplicate", tag = "credentials", request_body = DuplicateBody, params(("id" = String, Path)), responses(
    (status = CREATED, body = CredentialBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn duplicate_credential(
    State(app): State<App>,
    caller: Caller,
    CredentialPath(id): CredentialPath,
    Body(body): Body<DuplicateBody>,
) -> ApiResult<Response> {
    let copy =
        app.duplicate_credential(&caller, id, Duplicate { name: body.name, scope: body.scope }).await?;
    Ok(created(
        &format!("/api/credentials/{}", copy.id),
        Some(copy.revision),
        credentials::body(copy, app.now()),
    ))
}

/// Make a credential unusable and destroy its secret.
#[utoipa::path(post, path = "/api/credentials/{id}/revoke", tag = "credentials", request_body = EmptyBody, params(("id" = String, Path)), responses(
    (status = OK, body = CredentialBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn revoke_credential(
    State(app): State<App>,
    caller: Caller,
    CredentialPath(id): CredentialPath,
    _: Body<EmptyBody>,
) -> ApiResult<Response> {
    let credential = app.revoke_credential(&caller, id).await?;
    Ok(tagged(credential.revision, credentials::body(credential, app.now())))
}

/// List the workflows that refer to a credential, its uses, the last executions and the API keys that used it.
#[utoipa::path(get, path = "/api/credentials/{id}/usage", tag = "credentials", params(("id" = String, Path), ListQuery), responses(
    (status = OK, body = UsageBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get_credential_usage(
    State(app): State<App>,
    caller: Caller,
    CredentialPath(id): CredentialPath,
    Query(query): Query<ListQuery>,
) -> ApiResult<Json<UsageBody>> {
    let page = ListQuery::page(query.limit, query.cursor)?;
    let uses = app.credential_usage(&caller, id).await?;
    let items: Vec<WorkflowUseBody> = uses
        .into_iter()
        .map(|one| WorkflowUseBody {
            workflow_id: one.workflow,
            name: one.workflow_name,
            active: one.active,
            versions: one.versions,
            nodes: one.nodes,
        })
        .collect();
    let executions = app.credential_executions(&caller, id).await?;
    let (uses, next_cursor) = app.credential_uses(&caller, id, page).await?;
    let keys = app.credential_keys(&caller, id).await?.into_iter().map(|(used, name)| KeyUseBody {
        api_key_id: used.key,
        name,
        user_id: used.user,
        count: used.count,
        last_used_at: used.last_at,
    });
    Ok(Json(UsageBody {
        total: items.len() as u64,
        items,
        executions,
        last_used_at: app.credential_last_used(&caller, id).await?,
        uses: uses.into_iter().map(UseBody::from).collect(),
        api_keys: keys.collect(),
        next_cursor,
    }))
}

/// List what was done with a credential, newest first.
#[utoipa::path(get, path = "/api/credentials/{id}/audit", tag = "credentials", params(("id" = String, Path), ListQuery), responses(
    (status = OK, body = Listing<AuditBody>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list_credential_audit(
    State(app): State<App>,
    caller: Caller,
    CredentialPath(id): CredentialPath,
    Query(query): Query<ListQuery>,
) -> ApiResult<Json<Listing<AuditBody>>> {
    let page = app.credential_audit(&caller, id, ListQuery::page(query.limit, query.cursor)?).await?;
    Ok(Json(Listing::of(page, AuditBody::from)))
}
