//! The OpenID providers of an organization, and what its groups are given.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use flero_app::{App, people::openid::ProviderEdit};
use flero_model::{
    IdentityProviderId, Timestamp, WorkspaceId,
    identity::{GroupRole, IdentityProvider, SignInRules, WorkspaceRole},
    role::Role,
    secret::SecretString,
    service::ClientAuthMethod,
};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::{
    error::{ApiResult, Problem},
    extract::{Body, Caller, IfMatch, Path, Submitted},
    respond::{created, tagged},
};

/// What answers have beside what is submitted.
const READ_ONLY: &[&str] = &["id", "hasSecret", "redirectUri", "createdAt", "updatedAt"];

/// A role in a workspace.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WorkspaceRoleBody {
    /// Where.
    #[schema(value_type = String)]
    pub workspace_id: WorkspaceId,
    /// `viewer`, `editor` or `admin`.
    #[schema(value_type = String)]
    pub role: Role,
}

impl From<WorkspaceRoleBody> for WorkspaceRole {
    fn from(body: WorkspaceRoleBody) -> Self {
        Self { workspace_id: body.workspace_id, role: body.role }
    }
}

/// Whom a provider signs in, and what it may vouch for.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct SignInRulesBody {
    /// Scopes that are asked for besides `openid email profile`, for example `groups`.
    #[schema(max_items = 100)]
    pub scopes: Vec<String>,
    /// The only domains of verified addresses that may become members by signing in, by a group too; empty for none.
    #[schema(max_items = 100)]
    pub domains: Vec<String>,
    /// Whether somebody of one of the domains who has no account is given one at the first sign-in.
    pub joins: bool,
    /// What somebody of one of the domains is given.
    pub default_role: Option<WorkspaceRoleBody>,
    /// The claim that lists a person's groups, for example `groups`.
    pub group_claim: Option<String>,
    /// Whether addresses count as verified where the provider does not say.
    pub vouches_for_email: bool,
    /// Methods of authentication (`amr`, RFC 8176) of which one counts as a second factor, for example `mfa`.
    #[schema(max_items = 100)]
    pub trusted_amr: Vec<String>,
    /// Contexts (`acr`) that count as a second factor.
    #[schema(max_items = 100)]
    pub trusted_acr: Vec<String>,
}

impl From<SignInRulesBody> for SignInRules {
    fn from(body: SignInRulesBody) -> Self {
        Self {
            scopes: body.scopes,
            domains: body.domains,
            joins: body.joins,
            default_role: body.default_role.map(Into::into),
            group_claim: body.group_claim,
            vouches_for_email: body.vouches_for_email,
            trusted_amr: body.trusted_amr,
            trusted_acr: body.trusted_acr,
        }
    }
}

impl From<SignInRules> for SignInRulesBody {
    fn from(rules: SignInRules) -> Self {
        let body =
            |given: WorkspaceRole| WorkspaceRoleBody { workspace_id: given.workspace_id, role: given.role };
        Self {
            scopes: rules.scopes,
            domains: rules.domains,
            joins: rules.joins,
            default_role: rules.default_role.map(body),
            group_claim: rules.group_claim,
            vouches_for_email: rules.vouches_for_email,
            trusted_amr: rules.trusted_amr,
            trusted_acr: rules.trusted_acr,
        }
    }
}

/// A provider to set up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NewIdentityProviderBody {
    /// What the button on the sign-in page says.
    pub name: String,
    /// The issuer, letter for letter, as its metadata tell it.
    pub issuer: String,
    /// The client that is registered there.
    pub client_id: String,
    /// `client_secret_basic` unless told, `client_secret_post`, `private_key_jwt` or `none`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub client_auth_method: Option<ClientAuthMethod>,
    /// What the provider calls the client's key (`kid`), for `private_key_jwt`.
    #[serde(default)]
    pub key_id: Option<String>,
    /// The client's secret, or with `private_key_jwt` its private key in PEM; left out with `none`. It is never returned.
    #[serde(default)]
    #[schema(value_type = Option<String>, write_only)]
    pub client_secret: Option<SecretString>,
    /// Whether it signs anybody in; true unless told.
    #[serde(default)]
    pub is_enabled: Option<bool>,
    /// Whom it signs in. Left out, only people who linked an identity themselves.
    #[serde(default)]
    pub rules: SignInRulesBody,
}

impl Submitted for NewIdentityProviderBody {
    const READ_ONLY: &'static [&'static str] = READ_ONLY;
}

/// What is to change of a provider; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct IdentityProviderPatch {
    /// What the button on the sign-in page says.
    #[serde(default)]
    pub name: Option<String>,
    /// The client that is registered there.
    #[serde(default)]
    pub client_id: Option<String>,
    /// `client_secret_basic`, `client_secret_post`, `private_key_jwt` or `none`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub client_auth_method: Option<ClientAuthMethod>,
    /// What the provider calls the client's key (`kid`), for `private_key_jwt`; null for nothing.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub key_id: Option<Option<String>>,
    /// The client's secret or private key, given anew with another client; null removes it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, write_only)]
    pub client_secret: Option<Option<SecretString>>,
    /// Whether it signs anybody in.
    #[serde(default)]
    pub is_enabled: Option<bool>,
    /// Whom it signs in, whole.
    #[serde(default)]
    pub rules: Option<SignInRulesBody>,
}

impl Submitted for IdentityProviderPatch {
    const READ_ONLY: &'static [&'static str] =
        &["id", "hasSecret", "redirectUri", "createdAt", "updatedAt", "issuer"];
}

/// Tells `null` from nothing.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// A provider without its secret.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IdentityProviderBody {
    /// Its identifier.
    #[schema(value_type = String)]
    pub id: IdentityProviderId,
    /// What the button on the sign-in page says.
    pub name: String,
    /// Whether it signs anybody in.
    pub is_enabled: bool,
    /// The issuer.
    pub issuer: String,
    /// The client that is registered there.
    pub client_id: String,
    /// `client_secret_basic`, `client_secret_post`, `private_key_jwt` or `none`.
    #[schema(value_type = String)]
    pub client_auth_method: ClientAuthMethod,
    /// What the provider calls the client's key.
    pub key_id: Option<String>,
    /// Whether a client secret or private key is kept.
    pub has_secret: bool,
    /// What is registered at the provider as the redirect URI.
    pub redirect_uri: String,
    /// Whom it signs in.
    pub rules: SignInRulesBody,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

impl IdentityProviderBody {
    fn of(app: &App, provider: IdentityProvider) -> Self {
        Self {
            redirect_uri: app.openid_redirect_uri(provider.id),
            id: provider.id,
            name: provider.name,
            is_enabled: provider.is_enabled,
            issuer: provider.issuer,
            client_id: provider.client_id,
            client_auth_method: provider.client_auth_method,
            key_id: provider.key_id,
            has_secret: provider.has_secret,
            rules: provider.rules.into(),
            created_at: provider.created_at,
            updated_at: provider.updated_at,
        }
    }
}

/// The providers of an organization.
#[derive(Debug, Serialize, ToSchema)]
pub struct IdentityProvidersBody {
    /// The oldest first.
    pub items: Vec<IdentityProviderBody>,
}

/// What the members of a group are given.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupRoleBody {
    /// The group's name as the directory writes it, letter for letter.
    pub group: String,
    /// Where.
    #[schema(value_type = String)]
    pub workspace_id: WorkspaceId,
    /// `viewer`, `editor` or `admin`.
    #[schema(value_type = String)]
    pub role: Role,
}

/// What groups are given, by the group claims of providers and by SCIM alike.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupRolesBody {
    /// In each workspace the highest role of a person's groups counts.
    #[schema(max_items = 1_000)]
    pub items: Vec<GroupRoleBody>,
}

impl Submitted for GroupRolesBody {}

impl From<Vec<GroupRole>> for GroupRolesBody {
    fn from(roles: Vec<GroupRole>) -> Self {
        let body = |one: GroupRole| GroupRoleBody {
            group: one.group,
            workspace_id: one.workspace_id,
            role: one.role,
        };
        Self { items: roles.into_iter().map(body).collect() }
    }
}

/// List the organization's OpenID providers.
#[utoipa::path(get, path = "/api/organization/identity-providers", tag = "people", responses(
    (status = OK, body = IdentityProvidersBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list_identity_providers(
    State(app): State<App>,
    caller: Caller,
) -> ApiResult<Json<IdentityProvidersBody>> {
    let found = app.list_identity_providers(&caller).await?;
    let items = found.into_iter().map(|one| IdentityProviderBody::of(&app, one)).collect();
    Ok(Json(IdentityProvidersBody { items }))
}

/// Set up an OpenID provider for people to sign in with. Its metadata is read, and must name the issuer.
#[utoipa::path(post, path = "/api/organization/identity-providers", tag = "people", request_body = NewIdentityProviderBody, responses(
    (status = CREATED, body = IdentityProviderBody, headers(("ETag" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn create_identity_provider(
    State(app): State<App>,
    caller: Caller,
    Body(new): Body<NewIdentityProviderBody>,
) -> ApiResult<Response> {
    let edit = ProviderEdit {
        name: Some(new.name),
        is_enabled: new.is_enabled,
        client_id: Some(new.client_id),
        client_auth_method: new.client_auth_method,
        key_id: Some(new.key_id),
        client_secret: Some(new.client_secret),
        rules: Some(new.rules.into()),
    };
    let made = app.create_identity_provider(&caller, new.issuer, edit).await?;
    let (place, revision) = (format!("/api/organization/identity-providers/{}", made.id), made.revision);
    Ok(created(&place, Some(revision), IdentityProviderBody::of(&app, made)))
}

/// Read an OpenID provider; never its secret.
#[utoipa::path(get, path = "/api/organization/identity-providers/{id}", tag = "people", params(("id" = String, Path)), responses(
    (status = OK, body = IdentityProviderBody, headers(("ETag" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get_identity_provider(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<IdentityProviderId>,
) -> ApiResult<Response> {
    let found = app.get_identity_provider(&caller, id).await?;
    Ok(tagged(found.revision, IdentityProviderBody::of(&app, found)))
}

/// Change an OpenID provider. Its issuer stays; for another one set up another provider.
#[utoipa::path(patch, path = "/api/organization/identity-providers/{id}", tag = "people", request_body = IdentityProviderPatch,
    params(("id" = String, Path), ("If-Match" = Option<String>, Header, description = "The ETag of the GET")), responses(
    (status = OK, body = IdentityProviderBody, headers(("ETag" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn update_identity_provider(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<IdentityProviderId>,
    IfMatch(expected): IfMatch,
    Body(patch): Body<IdentityProviderPatch>,
) -> ApiResult<Response> {
    let edit = ProviderEdit {
        name: patch.name,
        is_enabled: patch.is_enabled,
        client_id: patch.client_id,
        client_auth_method: patch.client_auth_method,
        key_id: patch.key_id,
        client_secret: patch.client_secret,
        rules: patch.rules.map(Into::into),
    };
    let changed = app.update_identity_provider(&caller, id, edit, expected).await?;
    Ok(tagged(changed.revision, IdentityProviderBody::of(&app, changed)))
}

/// Remove an OpenID provider, with the identities that are linked to it. Accounts and memberships stay.
#[utoipa::path(delete, path = "/api/organization/identity-providers/{id}", tag = "people", params(("id" = String, Path)), responses(
    (status = NO_CONTENT), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn delete_identity_provider(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<IdentityProviderId>,
) -> ApiResult<StatusCode> {
    app.delete_identity_provider(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Read what the groups of the organization's directory are given.
#[utoipa::path(get, path = "/api/organization/group-roles", tag = "people", responses(
    (status = OK, body = GroupRolesBody, headers(("ETag" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get_group_roles(State(app): State<App>, caller: Caller) -> ApiResult<Response> {
    let (roles, revision) = app.group_roles(&caller).await?;
    Ok(tagged(revision, GroupRolesBody::from(roles)))
}

/// Replace what the groups of the organization's directory are given.
#[utoipa::path(put, path = "/api/organization/group-roles", tag = "people", request_body = GroupRolesBody,
    params(("If-Match" = Option<String>, Header, description = "The ETag of the GET")), responses(
    (status = OK, body = GroupRolesBody, headers(("ETag" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn put_group_roles(
    State(app): State<App>,
    caller: Caller,
    IfMatch(expected): IfMatch,
    Body(body): Body<GroupRolesBody>,
) -> ApiResult<Response> {
    let given =
        |one: GroupRoleBody| GroupRole { group: one.group, workspace_id: one.workspace_id, role: one.role };
    let roles = body.items.into_iter().map(given).collect();
    let (roles, revision) = app.set_group_roles(&caller, roles, expected).await?;
    Ok(tagged(revision, GroupRolesBody::from(roles)))
}
