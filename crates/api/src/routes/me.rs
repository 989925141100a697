//! Who the caller is.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use flero_app::{App, people::sessions::csrf_token};
use flero_model::{
    ApiKeyId, OrganizationId, Timestamp, UserId, WorkspaceId,
    policy::{self, Principal, Via},
    role::KeyScope,
};
use flero_store::people::Place;
use serde::Serialize;
use utoipa::ToSchema;

use super::members::ConfirmQuery;
use crate::{
    cookies::Cookies,
    error::{ApiError, ApiResult, Problem},
    extract::{Person, Query, Sender},
};

/// Who, in which workspace, with which role and permissions.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MeBody {
    /// The person.
    #[schema(value_type = String)]
    pub user_id: UserId,
    /// The person's name.
    pub name: String,
    /// The person's address.
    pub email: String,
    /// The workspace's organization; null for somebody who is in no workspace.
    #[schema(value_type = Option<String>)]
    pub organization_id: Option<OrganizationId>,
    /// The workspace that the request names, else the first one; null for somebody who is in none.
    #[schema(value_type = Option<String>)]
    pub workspace_id: Option<WorkspaceId>,
    /// The workspace's name.
    pub workspace_name: Option<String>,
    /// The role there: `viewer`, `editor`, `admin` or `owner`.
    pub role: Option<&'static str>,
    /// The role in the organization: `member`, `admin` or `owner`.
    pub organization_role: Option<&'static str>,
    /// Whether a second factor must be set up before anything else: an organization requires one.
    pub mfa_enrolment_required: bool,
    /// What the caller may do there, for example `workflows.write`; nothing while a factor must be set up.
    pub permissions: Vec<&'static str>,
    /// Every workspace that the caller can ask for: all of a person's, the one of a key.
    pub workspaces: Vec<WorkspaceOfMine>,
    /// The API key that was presented.
    #[schema(value_type = Option<String>)]
    pub api_key_id: Option<ApiKeyId>,
    /// What the API key may be used for; null without one.
    #[schema(value_type = Option<Vec<String>>)]
    pub scopes: Option<Vec<KeyScope>>,
    /// What goes into `X-CSRF-Token`; null with a key, which needs none.
    pub csrf_token: Option<String>,
    /// When the session ends whatever happens; null with a key.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub session_expires_at: Option<Timestamp>,
}

/// A workspace of the caller.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkspaceOfMine {
    /// Its identifier.
    #[schema(value_type = String)]
    pub id: WorkspaceId,
    /// Its name.
    pub name: String,
    /// The role there.
    pub role: &'static str,
    /// Its organization.
    #[schema(value_type = String)]
    pub organization_id: OrganizationId,
    /// The organization's name.
    pub organization_name: String,
    /// The role in the organization.
    pub organization_role: &'static str,
    /// Since when the workspace is archived; everybody is a viewer there.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub archived_at: Option<Timestamp>,
}

impl std::convert::From<&Place> for WorkspaceOfMine {
    fn from(place: &Place) -> Self {
        Self {
            id: place.membership.workspace,
            name: place.workspace_name.clone(),
            role: place.membership.role.as_str(),
            organization_id: place.membership.organization,
            organization_name: place.organization_name.clone(),
            organization_role: place.membership.organization_role.as_str(),
            archived_at: place.archived_at,
        }
    }
}

/// Who the caller is.
#[utoipa::path(get, path = "/api/me", tag = "people", responses(
    (status = OK, body = MeBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get_me(State(app): State<App>, sender: Sender) -> ApiResult<Json<MeBody>> {
    match sender {
        Sender::Key(principal) => Ok(Json(body(&app, principal.user, Some(&principal), None).await?)),
        Sender::Session(person, Some(principal)) => {
            Ok(Json(body(&app, person.session.user, Some(&principal), Some(&person)).await?))
        }
        Sender::Session(person, None) => {
            let me = app.me(person.session.user).await?;
            let first = me.places.first().map(|place| place.membership.workspace);
            let principal = match first {
                Some(workspace) => Some(app.principal_in(&person.session, workspace).await?),
                None => None,
            };
            Ok(Json(body(&app, person.session.user, principal.as_ref(), Some(&person)).await?))
        }
    }
}

async fn body(
    app: &App,
    user: UserId,
    principal: Option<&Principal>,
    person: Option<&Person>,
) -> Result<MeBody, ApiError> {
    let me = app.me(user).await?;
    let mfa_enrolment_required = match person {
        Some(person) => app.must_enrol_in(&person.session).await?,
        None => false,
    };
    let (api_key_id, scopes) = match principal.map(|principal| &principal.via) {
        Some(Via::ApiKey { id, scopes, .. }) => (Some(*id), Some(scopes.clone())),
        _ => (None, None),
    };
    let workspaces: Vec<WorkspaceOfMine> = me
        .places
        .iter()
        .filter(|place| {
            api_key_id.is_none() || principal.is_some_and(|who| who.workspace == place.membership.workspace)
        })
        .map(WorkspaceOfMine::from)
        .collect();
    let here = principal.and_then(|who| workspaces.iter().find(|place| place.id == who.workspace));
    Ok(MeBody {
        user_id: user,
        name: me.account.name,
        email: me.account.email,
        organization_id: principal.map(|who| who.organization),
        workspace_id: principal.map(|who| who.workspace),
        workspace_name: here.map(|place| place.name.clone()),
        role: principal.map(|who| who.role.as_str()),
        organization_role: principal.map(|who| who.organization_role.as_str()),
        mfa_enrolment_required,
        permissions: principal
            .filter(|_| !mfa_enrolment_required)
            .map(policy::permissions)
            .unwrap_or_default(),
        api_key_id,
        scopes,
        csrf_token: person.map(|person| csrf_token(&person.token)),
        session_expires_at: person.map(|person| person.session.ends_at),
        workspaces,
    })
}

/// Delete your account with all that is yours alone; what you own has another owner by then. Needs a step-up.
#[utoipa::path(delete, path = "/api/me", tag = "people", security(("session" = [])), params(ConfirmQuery), responses(
    (status = NO_CONTENT), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn delete_me(
    State(app): State<App>,
    person: Person,
    Query(query): Query<ConfirmQuery>,
) -> ApiResult<Response> {
    app.delete_own_account(&person.session, &query.text()).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    Cookies::of(app.public_url()).clear(response.headers_mut());
    Ok(response)
}
