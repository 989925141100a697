//! Members, workspaces, the organization.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use flero_app::App;
use flero_model::{
    OrganizationId, Timestamp, UserId, WorkspaceId,
    role::{OrganizationRole, Role},
};
use flero_store::people::{Member, OrganizationMember, Workspace};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    error::{ApiResult, Problem},
    extract::{Body, Caller, ListQuery, Path, Query, Submitted, Text},
    list::Listing,
    respond::created,
};

/// A member of the workspace or of the organization.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MemberBody {
    /// Who.
    #[schema(value_type = String)]
    pub user_id: UserId,
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// The role there.
    pub role: &'static str,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// Since when they are shut out of the organization; members of a workspace never are.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub deactivated_at: Option<Timestamp>,
}

impl From<Member> for MemberBody {
    fn from(member: Member) -> Self {
        Self {
            user_id: member.user,
            name: member.name,
            email: member.email,
            role: member.role.as_str(),
            since: member.since,
            deactivated_at: None,
        }
    }
}

impl From<OrganizationMember> for MemberBody {
    fn from(member: OrganizationMember) -> Self {
        Self {
            user_id: member.user,
            name: member.name,
            email: member.email,
            role: member.role.as_str(),
            since: member.since,
            deactivated_at: member.deactivated_at,
        }
    }
}

/// A role to give.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleBody {
    /// `viewer`, `editor`, `admin` or `owner`.
    #[schema(value_type = String)]
    pub role: Role,
}

impl Submitted for RoleBody {
    const READ_ONLY: &'static [&'static str] = &["userId", "name", "email", "since", "deactivatedAt"];
}

/// A role in the organization to give.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganizationRoleBody {
    /// `member`, `admin` or `owner`.
    #[schema(value_type = String)]
    pub role: OrganizationRole,
}

impl Submitted for OrganizationRoleBody {
    const READ_ONLY: &'static [&'static str] = &["userId", "name", "email", "since", "deactivatedAt"];
}

/// A workspace.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkspaceBody {
    /// Its identifier.
    #[schema(value_type = String)]
    pub id: WorkspaceId,
    /// Its organization.
    #[schema(value_type = String)]
    pub organization_id: OrganizationId,
    /// Its name.
    pub name: String,
    /// Since when it is archived.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub archived_at: Option<Timestamp>,
}

impl From<Workspace> for WorkspaceBody {
    fn from(workspace: Workspace) -> Self {
        Self {
            id: workspace.id,
            organization_id: workspace.organization,
            name: workspace.name,
            archived_at: workspace.archived_at,
        }
    }
}

/// A name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NameBody {
    /// 1 to 120 characters.
    pub name: String,
}

impl Submitted for NameBody {
    const READ_ONLY: &'static [&'static str] = &["id", "organizationId"];
}

/// Whom a workspace goes to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct TransferBody {
    /// A member.
    #[schema(value_type = String)]
    pub user_id: UserId,
}

impl Submitted for TransferBody {}

/// The organization.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrganizationBody {
    /// Its identifier.
    #[schema(value_type = String)]
    pub id: OrganizationId,
    /// Its name.
    pub name: String,
    /// The caller's role there.
    pub role: &'static str,
}

/// The confirmation of a deletion.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ConfirmQuery {
    /// The name of the workspace, or the address of the person, that is deleted.
    #[param(value_type = Option<String>)]
    pub confirm: Option<Text>,
}

impl ConfirmQuery {
    /// What was typed; nothing where nothing was.
    pub(crate) fn text(self) -> String {
        self.confirm.map(|text| text.0).unwrap_or_default()
    }
}

/// List the members of the workspace.
#[utoipa::path(get, path = "/api/members", tag = "people", params(ListQuery), responses(
    (status = OK, body = Listing<MemberBody>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list_members(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> ApiResult<Json<Listing<MemberBody>>> {
    let page = app.list_members(&caller, ListQuery::page(query.limit, query.cursor)?).await?;
    Ok(Json(Listing::of(page, MemberBody::from)))
}

/// Change a member's role. Making or changing an admin or owner needs a step-up.
#[utoipa::path(patch, path = "/api/members/{userId}", tag = "people", params(("userId" = String, Path)), request_body = RoleBody, responses(
    (status = NO_CONTENT), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn change_member(
    State(app): State<App>,
    caller: Caller,
    Path(user): Path<UserId>,
    Body(body): Body<RoleBody>,
) -> ApiResult<StatusCode> {
    app.change_member(&caller, user, body.role).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Remove a member, or leave. The member's Personal credentials there are no longer valid.
#[utoipa::path(delete, path = "/api/members/{userId}", tag = "people", params(("userId" = String, Path)), responses(
    (status = NO_CONTENT), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn remove_member(
    State(app): State<App>,
    caller: Caller,
    Path(user): Path<UserId>,
) -> ApiResult<StatusCode> {
    app.remove_member(&caller, user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make another workspace of the organization; the caller owns it.
#[utoipa::path(post, path = "/api/workspaces", tag = "people", request_body = NameBody, responses(
    (status = CREATED, body = WorkspaceBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn create_workspace(
    State(app): State<App>,
    caller: Caller,
    Body(body): Body<NameBody>,
) -> ApiResult<Response> {
    let made = app.create_workspace(&caller, &body.name).await?;
    Ok(created(&format!("/api/workspaces/{}", made.id), None, WorkspaceBody::from(made)))
}

/// Read a workspace.
#[utoipa::path(get, path = "/api/workspaces/{id}", tag = "people", params(("id" = String, Path)), responses(
    (status = OK, body = WorkspaceBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get_workspace(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<WorkspaceId>,
) -> ApiResult<Json<WorkspaceBody>> {
    Ok(Json(app.get_workspace(&caller, id).await?.into()))
}

/// Rename a workspace.
#[utoipa::path(patch, path = "/api/workspaces/{id}", tag = "people", params(("id" = String, Path)), request_body = NameBody, responses(
    (status = OK, body = WorkspaceBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn rename_workspace(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<WorkspaceId>,
    Body(body): Body<NameBody>,
) -> ApiResult<Json<WorkspaceBody>> {
    Ok(Json(app.rename_workspace(&caller, id, &body.name).await?.into()))
}

/// Delete a workspace that holds no workflow and no credential any more. Needs a step-up.
#[utoipa::path(delete, path = "/api/workspaces/{id}", tag = "people", params(("id" = String, Path), ConfirmQuery), responses(
    (status = NO_CONTENT), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn delete_workspace(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<WorkspaceId>,
    Query(query): Query<ConfirmQuery>,
) -> ApiResult<StatusCode> {
    app.delete_workspace(&caller, id, &query.text()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Archive a workspace: its triggers stop, and everybody in it is a viewer until it is restored. Needs a step-up.
#[utoipa::path(post, path = "/api/workspaces/{id}/archive", tag = "people", params(("id" = String, Path)), responses(
    (status = NO_CONTENT), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn archive_workspace(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<WorkspaceId>,
) -> ApiResult<StatusCode> {
    app.archive_workspace(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a workspace out of the archive. Its workflows stay inactive. Needs a step-up.
#[utoipa::path(post, path = "/api/workspaces/{id}/restore", tag = "people", params(("id" = String, Path)), responses(
    (status = NO_CONTENT), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn restore_workspace(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<WorkspaceId>,
) -> ApiResult<StatusCode> {
    app.restore_workspace(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Shut somebody out of the organization: their sessions end and their API keys are refused. Needs a step-up.
#[utoipa::path(post, path = "/api/organization/members/{userId}/deactivate", tag = "people", params(("userId" = String, Path)), responses(
    (status = NO_CONTENT), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn deactivate_member(
    State(app): State<App>,
    caller: Caller,
    Path(user): Path<UserId>,
) -> ApiResult<StatusCode> {
    app.set_member_active(&caller, user, false).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Let somebody in again who was shut out of the organization. Needs a step-up.
#[utoipa::path(post, path = "/api/organization/members/{userId}/reactivate", tag = "people", params(("userId" = String, Path)), responses(
    (status = NO_CONTENT), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn reactivate_member(
    State(app): State<App>,
    caller: Caller,
    Path(user): Path<UserId>,
) -> ApiResult<StatusCode> {
    app.set_member_active(&caller, user, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Open the account of a member again that too many failed attempts closed. Needs a step-up.
#[utoipa::path(post, path = "/api/organization/members/{userId}/unlock", tag = "people", params(("userId" = String, Path)), responses(
    (status = NO_CONTENT), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn unlock_member(
    State(app): State<App>,
    caller: Caller,
    Path(user): Path<UserId>,
) -> ApiResult<StatusCode> {
    app.unlock_member(&caller, user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Hand a workspace over: the member becomes owner, the caller admin. Needs a step-up.
#[utoipa::path(post, path = "/api/workspaces/{id}/transfer", tag = "people", params(("id" = String, Path)), request_body = TransferBody, responses(
    (status = NO_CONTENT), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn transfer_workspace(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<WorkspaceId>,
    Body(body): Body<TransferBody>,
) -> ApiResult<StatusCode> {
    app.transfer_workspace(&caller, id, body.user_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Read the organization of the workspace.
#[utoipa::path(get, path = "/api/organization", tag = "people", responses(
    (status = OK, body = OrganizationBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get_organization(State(app): State<App>, caller: Caller) -> ApiResult<Json<OrganizationBody>> {
    let name = app.organization_name(&caller).await?;
    let role = caller.organization_role.as_str();
    Ok(Json(OrganizationBody { id: caller.organization, name, role }))
}

/// List the members of the organization.
#[utoipa::path(get, path = "/api/organization/members", tag = "people", params(ListQuery), responses(
    (status = OK, body = Listing<MemberBody>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list_organization_members(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> ApiResult<Json<Listing<MemberBody>>> {
    let page = ListQuery::page(query.limit, query.cursor)?;
    Ok(Json(Listing::of(app.list_organization_members(&caller, page).await?, MemberBody::from)))
}

/// Change somebody's role in the organization. Needs a step-up.
#[utoipa::path(patch, path = "/api/organization/members/{userId}", tag = "people", params(("userId" = String, Path)), request_body = OrganizationRoleBody, responses(
    (status = NO_CONTENT), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn change_organization_member(
    State(app): State<App>,
    caller: Caller,
    Path(user): Path<UserId>,
    Body(body): Body<OrganizationRoleBody>,
) -> ApiResult<StatusCode> {
    app.change_organization_member(&caller, user, body.role).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Remove somebody from the organization; whoever is in no other one has no account then. Needs a step-up.
#[utoipa::path(delete, path = "/api/organization/members/{userId}", tag = "people", params(("userId" = String, Path), ConfirmQuery), responses(
    (status = NO_CONTENT), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn remove_organization_member(
    State(app): State<App>,
    caller: Caller,
    Path(user): Path<UserId>,
    Query(query): Query<ConfirmQuery>,
) -> ApiResult<StatusCode> {
    app.remove_organization_member(&caller, user, &query.text()).await?;
    Ok(StatusCode::NO_CONTENT)
}
