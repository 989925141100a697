//! Credentials. No answer of these routes has a field for a secret.

use std::fmt;

use axum::{Json, extract::State, http::StatusCode, response::Response};
use flero_app::{
    App,
    credentials::{CredentialPatch, ListFilter, NewCredential, SecretFields, oauth::SaveAttempt},
};
use flero_model::{
    CredentialId, OauthAttemptId, OrganizationId, Timestamp, UserId, WorkspaceId,
    credential::{AuthType, Credential, Scope, Status},
    problem::FieldProblem,
};
use serde::{Deserialize, Deserializer, Serialize, de::IntoDeserializer as _};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use crate::{
    error::{ApiError, ApiResult, Problem},
    extract::{Body, Caller, CredentialPath, IfMatch, ListQuery, Query, Submitted, Text},
    list::Listing,
    respond::{created, tagged},
};

/// Members that a GET gives and that may be sent back.
pub(super) const READ_ONLY: &[&str] = &[
    "id",
    "organizationId",
    "workspaceId",
    "ownerId",
    "status",
    "secretFields",
    "account",
    "lastUsedAt",
    "secretChangedAt",
    "rotationDueAt",
    "secretEndsAt",
    "formerKeptUntil",
    "createdAt",
    "updatedAt",
];

/// A credential to make or to test.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NewCredentialBody {
    /// The display name; a test needs none.
    #[serde(default)]
    #[schema(required = true)]
    pub name: String,
    /// The service; `http` for the generic kind.
    #[serde(default)]
    #[schema(example = "http")]
    pub service: Option<String>,
    /// `bearer`, `basic`, `digest`, `apiKey`, `customHeaders`, `certificate`, `awsSigV4`, `oauth1`, `oauth2`,
    /// `serviceAccount`, `database` or `mail`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub auth_type: Option<AuthType>,
    /// `personal`, `workspace` or `organization`; `workspace` unless told.
    #[serde(default = "workspace")]
    #[schema(value_type = Option<String>)]
    pub scope: Scope,
    /// What is not secret: where the secret goes and how.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub parameters: Option<Map<String, Value>>,
    /// The secrets. They are never returned.
    #[serde(default)]
    #[schema(value_type = Option<Object>, write_only)]
    pub data: Option<SecretFields>,
    /// The only destinations that may get the secret.
    #[serde(default)]
    pub allowed_hosts: Vec<String>,
    /// Free text for people.
    #[serde(default)]
    pub notes: Option<String>,
    /// When it stops being usable.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// After how many days a rotation is due.
    #[serde(default)]
    pub rotate_every_days: Option<u32>,
    /// The connected attempt that becomes a credential, or renews the one that it was begun for. Then `service`,
    /// `authType`, `parameters`, `data` and `allowedHosts` are those of the attempt and are not given.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub attempt_id: Option<OauthAttemptId>,
    /// Whether a reconnected credential may belong to another account than before.
    #[serde(default)]
    pub other_account: bool,
}

impl NewCredentialBody {
    /// The credential, if everything that one needs is given.
    pub(super) fn whole(self) -> Result<NewCredential, ApiError> {
        let missing =
            |name: &str| FieldProblem::new(format!("/{name}"), "json.required", "This field is required.");
        let (Some(service), Some(auth_type), Some(data)) = (self.service.clone(), self.auth_type, self.data)
        else {
            let mut problems = Vec::new();
            if self.service.is_none() {
                problems.push(missing("service"));
            }
            if self.auth_type.is_none() {
                problems.push(missing("authType"));
            }
            if problems.is_empty() {
                problems.push(missing("data"));
            }
            return Err(ApiError::fields(problems));
        };
        Ok(NewCredential {
            name: self.name,
            service,
            auth_type,
            scope: self.scope,
            parameters: self.parameters.unwrap_or_default(),
            data,
            allowed_hosts: self.allowed_hosts,
            notes: self.notes.unwrap_or_default(),
            expires_at: self.expires_at,
            rotate_every_days: self.rotate_every_days,
        })
    }

    /// What Save gives beside an attempt; the attempt has the rest.
    fn beside_attempt(self) -> Result<SaveAttempt, ApiError> {
        let given = [
            ("service", self.service.is_some()),
            ("authType", self.auth_type.is_some()),
            ("parameters", self.parameters.is_some()),
            ("data", self.data.is_some()),
            ("allowedHosts", !self.allowed_hosts.is_empty()),
        ];
        let message = "The attempt has this; begin another one to change it.";
        let problems: Vec<FieldProblem> = given
            .into_iter()
            .filter(|(_, is_given)| *is_given)
            .map(|(name, _)| FieldProblem::new(format!("/{name}"), "credential.attempt", message))
            .collect();
        if !problems.is_empty() {
            return Err(ApiError::fields(problems));
        }
        Ok(SaveAttempt {
            name: Some(self.name).filter(|name| !name.is_empty()),
            notes: self.notes,
            expires_at: self.expires_at,
            rotate_every_days: self.rotate_every_days,
            other_account: self.other_account,
        })
    }
}

const fn workspace() -> Scope {
    Scope::Workspace
}

impl Submitted for NewCredentialBody {
    const READ_ONLY: &'static [&'static str] = READ_ONLY;
}

/// A member of a change: left out, or set to a value or null.
#[derive(Debug, Clone, Copy)]
pub struct Change<T>(Option<Option<T>>);

impl<T> Default for Change<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Change<T> {
    /// `None` when it was left out.
    pub(super) fn given(self) -> Option<Option<T>> {
        self.0
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Change<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(|value| Self(Some(value)))
    }
}

/// A change of a credential; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CredentialPatchBody {
    /// The display name.
    pub name: Option<String>,
    /// The service.
    pub service: Option<String>,
    /// How it authenticates.
    #[schema(value_type = Option<String>)]
    pub auth_type: Option<AuthType>,
    /// Only the present one is taken.
    #[schema(value_type = Option<String>)]
    pub scope: Option<Scope>,
    /// The parameters, all of them.
    #[schema(value_type = Option<Object>)]
    pub parameters: Option<Map<String, Value>>,
    /// New secrets. A field left out keeps its value while the policy stays the same or becomes narrower; null removes
    /// an optional one.
    #[schema(value_type = Option<Object>, write_only)]
    pub data: Option<SecretFields>,
    /// The destinations, all of them.
    pub allowed_hosts: Option<Vec<String>>,
    /// Free text for people.
    pub notes: Option<String>,
    /// When it stops being usable; null for never.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Change<Timestamp>,
    /// After how many days a rotation is due; null for never.
    #[serde(default)]
    #[schema(value_type = Option<u32>)]
    pub rotate_every_days: Change<u32>,
}

impl fmt::Debug for CredentialPatchBody {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CredentialPatchBody(..)")
    }
}

impl Submitted for CredentialPatchBody {
    const READ_ONLY: &'static [&'static str] = READ_ONLY;
}

impl From<CredentialPatchBody> for CredentialPatch {
    fn from(body: CredentialPatchBody) -> Self {
        Self {
            name: body.name,
            service: body.service,
            auth_type: body.auth_type,
            scope: body.scope,
            parameters: body.parameters,
            data: body.data.unwrap_or_default(),
            allowed_hosts: body.allowed_hosts,
            notes: body.notes,
            expires_at: body.expires_at.0,
            rotate_every_days: body.rotate_every_days.0,
        }
    }
}

/// What is known of a credential besides its secret.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CredentialBody {
    /// Its identifier; stays the same over edits and rotation.
    #[schema(value_type = String)]
    pub id: CredentialId,
    /// The display name.
    pub name: String,
    /// The service.
    pub service: String,
    /// How it authenticates.
    #[schema(value_type = String)]
    pub auth_type: AuthType,
    /// Who can use it.
    #[schema(value_type = String)]
    pub scope: Scope,
    /// The parameters, which are not secret.
    #[schema(value_type = Object)]
    pub parameters: Map<String, Value>,
    /// The only destinations that may get the secret.
    pub allowed_hosts: Vec<String>,
    /// Free text for people.
    pub notes: String,
    /// `active`, `expired`, `failing` or `revoked`.
    #[schema(value_type = String)]
    pub status: Status,
    /// The names of the secret fields that are set.
    pub secret_fields: Vec<String>,
    /// The account at the service, where the service told it.
    pub account: Option<String>,
    /// When it stops being usable.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// After how many days a rotation is due.
    pub rotate_every_days: Option<u32>,
    /// When the next rotation is due.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub rotation_due_at: Option<Timestamp>,
    /// When the secret ends by itself, where it says so: a client certificate, a signed token.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub secret_ends_at: Option<Timestamp>,
    /// Until when the secret that the last rotation replaced can be put back.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub former_kept_until: Option<Timestamp>,
    /// When its secret was last written.
    #[schema(value_type = String, format = DateTime)]
    pub secret_changed_at: Timestamp,
    /// The last use.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Timestamp>,
    /// Who made it.
    #[schema(value_type = String)]
    pub owner_id: UserId,
    /// The workspace that it was made in.
    #[schema(value_type = String)]
    pub workspace_id: WorkspaceId,
    /// The organization that it belongs to.
    #[schema(value_type = String)]
    pub organization_id: OrganizationId,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

pub(super) fn body(credential: Credential, now: Timestamp) -> CredentialBody {
    let status = credential.status_at(now);
    let due = credential.rotation_due_at();
    let former_kept_until = credential.former_at(now).map(|former| former.kept_until);
    CredentialBody {
        id: credential.id,
        name: credential.name,
        service: credential.policy.service,
        auth_type: credential.policy.auth_type,
        scope: credential.scope,
        parameters: credential.policy.parameters,
        allowed_hosts: credential.policy.allowed_hosts.iter().map(ToString::to_string).collect(),
        notes: credential.notes,
        status,
        secret_fields: credential.secret_fields,
        account: credential.account,
        expires_at: credential.expires_at,
        rotate_every_days: credential.rotate_every_days,
        rotation_due_at: due,
        secret_ends_at: credential.secret_ends_at,
        former_kept_until,
        secret_changed_at: credential.secret_changed_at,
        last_used_at: credential.last_used_at,
        owner_id: credential.owner_id,
        workspace_id: credential.workspace_id,
        organization_id: credential.organization_id,
        created_at: credential.created_at,
        updated_at: credential.updated_at,
    }
}

/// Auth types with commas between them.
#[derive(Debug)]
pub struct AuthTypes(Vec<AuthType>);

impl<'de> Deserialize<'de> for AuthTypes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let one = |name: &str| AuthType::deserialize(name.into_deserializer());
        text.split(',').map(one).collect::<Result<_, D::Error>>().map(Self)
    }
}

/// Which credentials are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CredentialQuery {
    /// `personal`, `workspace` or `organization`.
    #[param(value_type = Option<String>)]
    pub scope: Option<Scope>,
    /// An auth type, for example `bearer`, or several with commas between them.
    #[serde(rename = "type")]
    #[param(rename = "type", value_type = Option<String>)]
    pub kind: Option<AuthTypes>,
    /// `active`, `expired`, `failing` or `revoked`.
    #[param(value_type = Option<String>)]
    pub status: Option<Status>,
    /// Only whose name, service or notes hold this text.
    #[param(value_type = Option<String>)]
    pub q: Option<Text>,
    /// At most this many entries, 1 to 200; 50 unless told.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
    /// The `nextCursor` of the page before.
    pub cursor: Option<String>,
}

/// The name of the credential, typed again, where active workflows use it.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ConfirmQuery {
    /// The exact name of the credential.
    pub confirm: Option<String>,
}

/// List the credentials that you may see.
#[utoipa::path(get, path = "/api/credentials", tag = "credentials", params(CredentialQuery), responses(
    (status = OK, body = Listing<CredentialBody>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list_credentials(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<CredentialQuery>,
) -> ApiResult<Json<Listing<CredentialBody>>> {
    let filter = ListFilter {
        scope: query.scope,
        auth_types: query.kind.map(|kinds| kinds.0).unwrap_or_default(),
        status: query.status,
        text: query.q.map(|text| text.0),
    };
    let page = app.list_credentials(&caller, filter, ListQuery::page(query.limit, query.cursor)?).await?;
    let now = app.now();
    Ok(Json(Listing::of(page, |credential| body(credential, now))))
}

/// Make a credential. Its secrets are sealed and never returned.
#[utoipa::path(post, path = "/api/credentials", tag = "credentials", request_body = NewCredentialBody, responses(
    (status = CREATED, body = CredentialBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn create_credential(
    State(app): State<App>,
    caller: Caller,
    Body(new): Body<NewCredentialBody>,
) -> ApiResult<Response> {
    let credential = match new.attempt_id {
        Some(id) => {
            let (credential, is_new) = app.save_oauth_attempt(&caller, id, new.beside_attempt()?).await?;
            if !is_new {
                return Ok(tagged(credential.revision, body(credential, app.now())));
            }
            credential
        }
        None => app.create_credential(&caller, new.whole()?).await?,
    };
    Ok(created(
        &format!("/api/credentials/{}", credential.id),
        Some(credential.revision),
        body(credential, app.now()),
    ))
}

/// Read what is known of a credential besides its secret.
#[utoipa::path(get, path = "/api/credentials/{id}", tag = "credentials", params(("id" = String, Path)), responses(
    (status = OK, body = CredentialBody, headers(("ETag" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get_credential(
    State(app): State<App>,
    caller: Caller,
    CredentialPath(id): CredentialPath,
) -> ApiResult<Response> {
    let credential = app.get_credential(&caller, id).await?;
    Ok(tagged(credential.revision, body(credential, app.now())))
}

/// Edit a credential. A change that lets the secret go further asks for the secret again.
#[utoipa::path(patch, path = "/api/credentials/{id}", tag = "credentials", request_body = CredentialPatchBody,
    params(("id" = String, Path), ("If-Match" = Option<String>, Header, description = "The ETag of the GET")), responses(
    (status = OK, body = CredentialBody, headers(("ETag" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn update_credential(
    State(app): State<App>,
    caller: Caller,
    CredentialPath(id): CredentialPath,
    IfMatch(expected): IfMatch,
    Body(patch): Body<CredentialPatchBody>,
) -> ApiResult<Response> {
    let credential = app.update_credential(&caller, id, patch.into(), expected).await?;
    Ok(tagged(credential.revision, body(credential, app.now())))
}

/// Delete a credential. While active workflows use it, its name must be given as `confirm`.
#[utoipa::path(delete, path = "/api/credentials/{id}", tag = "credentials", params(("id" = String, Path), ConfirmQuery), responses(
    (status = NO_CONTENT), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn delete_credential(
    State(app): State<App>,
    caller: Caller,
    CredentialPath(id): CredentialPath,
    Query(query): Query<ConfirmQuery>,
) -> ApiResult<StatusCode> {
    app.delete_credential(&caller, id, query.confirm.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}
