//! Requests for a wider scope of a credential.

use axum::{Json, extract::State, http::StatusCode};
use flero_app::{
    App,
    credentials::{Gainer, scope_requests::Wanted},
};
use flero_model::{
    CredentialId, ScopeRequestId, Timestamp, UserId, policy::Principal, scope_request::RequestStatus,
};
use flero_store::scope_requests::NamedRequest;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::credential_scope::GainerBody;
use crate::{
    error::{ApiResult, Problem},
    extract::{Body, Caller, FilterId, ListQuery, Path, Query, Submitted},
    list::Listing,
};

/// Which requests are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct ScopeRequestQuery {
    /// `open`, `approved`, `rejected`, `withdrawn` or `expired`.
    #[param(value_type = Option<String>)]
    pub status: Option<RequestStatus>,
    /// Requests about this credential.
    #[param(value_type = Option<String>)]
    pub credential_id: Option<FilterId<CredentialId>>,
    /// At most this many entries, 1 to 200; 50 unless told.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
    /// The `nextCursor` of the page before.
    pub cursor: Option<String>,
}

/// A request for a wider scope. What the credential is stands here as it was when it was asked for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScopeRequestBody {
    /// Its identifier.
    #[schema(value_type = String)]
    pub id: ScopeRequestId,
    /// The credential.
    #[schema(value_type = String)]
    pub credential_id: CredentialId,
    /// The credential's present name.
    pub credential_name: String,
    /// The service.
    pub service: String,
    /// How it authenticates.
    pub auth_type: &'static str,
    /// Where the secret goes.
    pub allowed_hosts: Vec<String>,
    /// The scope that it has.
    pub from: &'static str,
    /// The scope that is asked for.
    pub to: &'static str,
    /// `open`, `approved`, `rejected`, `withdrawn` or `expired`.
    pub status: &'static str,
    /// Who asks.
    #[schema(value_type = String)]
    pub asked_by: UserId,
    /// Their name.
    pub asker_name: String,
    /// Why, in their words.
    pub note: String,
    /// Who decided; null while it is open, and for one that expired.
    #[schema(value_type = Option<String>)]
    pub decided_by: Option<UserId>,
    /// Their name.
    pub decider_name: Option<String>,
    /// Why it was refused.
    pub reason: Option<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Until when it can be decided.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    /// When it was decided, taken back or found too old.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub decided_at: Option<Timestamp>,
    /// Whether you can approve or refuse it; approving one for the organization needs a step-up besides.
    pub can_decide: bool,
}

/// A request, and who would gain the use of the credential.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScopeRequestDetailBody {
    /// The request.
    #[serde(flatten)]
    pub request: ScopeRequestBody,
    /// Who gains its use, 200 at most; empty once it is decided.
    pub gains: Vec<GainerBody>,
}

/// Why a request is refused.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RejectBody {
    /// One to 500 characters, which the asker reads.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

impl Submitted for RejectBody {}

/// A request as the caller sees it.
pub(super) fn body(app: &App, who: &Principal, named: NamedRequest) -> ScopeRequestBody {
    let can_decide = app.can_decide(who, &named.request);
    let NamedRequest { request, credential_name, asker_name, decider_name } = named;
    ScopeRequestBody {
        can_decide,
        status: request.status_at(app.now()).as_str(),
        id: request.id,
        credential_id: request.credential,
        credential_name,
        service: request.policy.service,
        auth_type: request.policy.auth_type.as_str(),
        allowed_hosts: request.policy.allowed_hosts.iter().map(ToString::to_string).collect(),
        from: request.from.as_str(),
        to: request.to.as_str(),
        asked_by: request.asker,
        asker_name,
        note: request.note,
        decided_by: request.decided_by,
        decider_name,
        reason: request.reason,
        created_at: request.created_at,
        expires_at: request.expires_at,
        decided_at: request.decided_at,
    }
}

/// List the requests for a wider scope that you made or can decide, newest first.
#[utoipa::path(get, path = "/api/scope-requests", tag = "credentials", params(ScopeRequestQuery), responses(
    (status = OK, body = Listing<ScopeRequestBody>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list_scope_requests(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<ScopeRequestQuery>,
) -> ApiResult<Json<Listing<ScopeRequestBody>>> {
    let wanted = Wanted { status: query.status, credential: query.credential_id.map(FilterId::id) };
    let page = ListQuery::page(query.limit, query.cursor)?;
    let page = app.list_scope_requests(&caller, wanted, page).await?;
    Ok(Json(Listing::of(page, |named| body(&app, &caller, named))))
}

/// Read a request for a wider scope, with who would gain the use of the credential.
#[utoipa::path(get, path = "/api/scope-requests/{id}", tag = "credentials", params(("id" = String, Path)), responses(
    (status = OK, body = ScopeRequestDetailBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get_scope_request(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ScopeRequestId>,
) -> ApiResult<Json<ScopeRequestDetailBody>> {
    let (named, gains) = app.get_scope_request(&caller, id).await?;
    let one = |one: Gainer| GainerBody { user_id: one.user, name: one.name };
    let gains = gains.into_iter().map(one).collect();
    Ok(Json(ScopeRequestDetailBody { request: body(&app, &caller, named), gains }))
}

/// Approve a request: the scope changes at once. For the organization this needs a step-up.
#[utoipa::path(post, path = "/api/scope-requests/{id}/approve", tag = "credentials", params(("id" = String, Path)), responses(
    (status = OK, body = ScopeRequestBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn approve_scope_request(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ScopeRequestId>,
) -> ApiResult<Json<ScopeRequestBody>> {
    let named = app.approve_scope_request(&caller, id).await?;
    Ok(Json(body(&app, &caller, named)))
}

/// Refuse a request, with a reason for its asker.
#[utoipa::path(post, path = "/api/scope-requests/{id}/reject", tag = "credentials", params(("id" = String, Path)), request_body = RejectBody, responses(
    (status = OK, body = ScopeRequestBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn reject_scope_request(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ScopeRequestId>,
    Body(submitted): Body<RejectBody>,
) -> ApiResult<Json<ScopeRequestBody>> {
    let named = app.reject_scope_request(&caller, id, &submitted.reason).await?;
    Ok(Json(body(&app, &caller, named)))
}

/// Take one's own request back.
#[utoipa::path(delete, path = "/api/scope-requests/{id}", tag = "credentials", params(("id" = String, Path)), responses(
    (status = NO_CONTENT), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn withdraw_scope_request(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ScopeRequestId>,
) -> ApiResult<StatusCode> {
    app.withdraw_scope_request(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
