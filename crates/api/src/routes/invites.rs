//! Invitations to a workspace.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use flero_app::{
    App,
    people::invites::{Made, Told, read_csv},
};
use flero_model::{InviteId, Timestamp, UserId, problem::FieldProblem, role::Role, secret::SecretString};
use flero_store::invites::Invite;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    error::{ApiError, ApiResult, Problem},
    extract::{Body, Caller, ListQuery, Path, Person, Query, Submitted},
    list::Listing,
};

/// Whom to invite: addresses, or a table of addresses and roles.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InviteBody {
    /// The addresses; all of them or nobody is invited.
    #[serde(default)]
    pub emails: Option<Vec<String>>,
    /// Instead of `emails`: a table with a line `email,role` each (RFC 4180); the role may be left out.
    #[serde(default)]
    pub csv: Option<String>,
    /// `viewer`, `editor` or `admin`; making an admin needs a step-up.
    #[schema(value_type = String)]
    pub role: Role,
}

impl Submitted for InviteBody {}

/// An invitation that was just made.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MadeInviteBody {
    /// Who is invited.
    pub email: String,
    /// As what.
    pub role: &'static str,
    /// The link to pass on. It is told this once.
    pub url: String,
    /// Until when it is taken.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

/// The invitations that were just made.
#[derive(Debug, Serialize, ToSchema)]
pub struct MadeInvitesBody {
    /// One for each address, in their order.
    pub items: Vec<MadeInviteBody>,
}

/// An invitation, as administrators see it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PendingInviteBody {
    /// Its identifier.
    #[schema(value_type = String)]
    pub id: InviteId,
    /// Who is invited.
    pub email: String,
    /// As what.
    pub role: &'static str,
    /// By whom.
    #[schema(value_type = String)]
    pub invited_by: UserId,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Until when it is taken.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

/// An invitation, as its holder sees it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ToldInviteBody {
    /// Who is invited.
    pub email: String,
    /// As what.
    pub role: &'static str,
    /// Where to.
    pub workspace_name: String,
    /// Until when it is taken.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    /// Whether to sign in and accept, or to make an account.
    pub has_account: bool,
}

/// The token of an invitation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenBody {
    /// What follows `/invite/` in the link.
    #[schema(value_type = String)]
    pub token: SecretString,
}

impl Submitted for TokenBody {}

impl From<Made> for MadeInviteBody {
    fn from(made: Made) -> Self {
        Self {
            email: made.email,
            role: made.role.as_str(),
            url: made.url.expose().clone(),
            expires_at: made.expires_at,
        }
    }
}

impl From<Invite> for PendingInviteBody {
    fn from(invite: Invite) -> Self {
        Self {
            id: invite.id,
            email: invite.email,
            role: invite.role.as_str(),
            invited_by: invite.invited_by,
            created_at: invite.created_at,
            expires_at: invite.expires_at,
        }
    }
}

impl From<Told> for ToldInviteBody {
    fn from(told: Told) -> Self {
        Self {
            email: told.email,
            role: told.role.as_str(),
            workspace_name: told.workspace_name,
            expires_at: told.expires_at,
            has_account: told.has_account,
        }
    }
}

/// Invite people to the workspace. The links are told this once.
#[utoipa::path(post, path = "/api/invites", tag = "people", request_body = InviteBody, responses(
    (status = CREATED, body = MadeInvitesBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn invite(
    State(app): State<App>,
    caller: Caller,
    Body(body): Body<InviteBody>,
) -> ApiResult<Response> {
    let guests = match (body.emails, body.csv) {
        (Some(emails), None) => emails.into_iter().map(|email| (email, body.role)).collect(),
        (None, Some(csv)) => read_csv(&csv, body.role)?,
        _ => {
            let problem = FieldProblem::new("/emails", "json.required", "Give either emails or csv.");
            return Err(ApiError::fields(vec![problem]));
        }
    };
    let made = app.invite(&caller, guests).await?;
    let items = made.into_iter().map(MadeInviteBody::from).collect();
    Ok((StatusCode::CREATED, Json(MadeInvitesBody { items })).into_response())
}

/// List the invitations that are neither accepted nor taken back.
#[utoipa::path(get, path = "/api/invites", tag = "people", params(ListQuery), responses(
    (status = OK, body = Listing<PendingInviteBody>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list_invites(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> ApiResult<Json<Listing<PendingInviteBody>>> {
    let page = app.list_invites(&caller, ListQuery::page(query.limit, query.cursor)?).await?;
    Ok(Json(Listing::of(page, PendingInviteBody::from)))
}

/// Make an invitation anew; the former link opens nothing any more.
#[utoipa::path(post, path = "/api/invites/{id}/resend", tag = "people", params(("id" = String, Path)), responses(
    (status = OK, body = MadeInviteBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn resend_invite(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<InviteId>,
) -> ApiResult<Json<MadeInviteBody>> {
    Ok(Json(app.resend_invite(&caller, id).await?.into()))
}

/// Take an invitation back.
#[utoipa::path(delete, path = "/api/invites/{id}", tag = "people", params(("id" = String, Path)), responses(
    (status = NO_CONTENT), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn revoke_invite(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<InviteId>,
) -> ApiResult<StatusCode> {
    app.revoke_invite(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Read what an invitation is for. The token stands in the body, so that no log sees it.
#[utoipa::path(post, path = "/api/auth/invite", tag = "sign-in", security(()), request_body = TokenBody, responses(
    (status = OK, body = ToldInviteBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn tell_invite(
    State(app): State<App>,
    Body(body): Body<TokenBody>,
) -> ApiResult<Json<ToldInviteBody>> {
    Ok(Json(app.tell_invite(body.token.expose()).await?.into()))
}

/// Accept an invitation as somebody who is signed in with its address.
#[utoipa::path(post, path = "/api/me/invites", tag = "sign-in", security(("session" = [])), request_body = TokenBody, responses(
    (status = NO_CONTENT), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn accept_invite(
    State(app): State<App>,
    person: Person,
    Body(body): Body<TokenBody>,
) -> ApiResult<StatusCode> {
    app.accept_invite(&person.session, body.token.expose()).await?;
    Ok(StatusCode::NO_CONTENT)
}
