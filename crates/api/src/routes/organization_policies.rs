//! The policies of an organization.

use axum::{extract::State, response::Response};
use flero_app::App;
use flero_model::{
    UserId,
    destination::HostPattern,
    organization_policies::{OrganizationPolicies, PersonalCredentials, SignUp},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::identity_providers::WorkspaceRoleBody;
use crate::{
    error::{ApiResult, Problem},
    extract::{Body, Caller, IfMatch, Submitted},
    respond::tagged,
};

/// What an organization asks of everybody in it. A policy that is left out restricts nothing.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PoliciesBody {
    /// Whether every member needs a second factor. Somebody without one may only set one up.
    #[serde(default)]
    pub require_mfa: bool,
    /// How old a secret may become, in days. An older one is expired until it is rotated or connected again.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 3_650)]
    pub max_credential_age_days: Option<u32>,
    /// The only domains of addresses that may be invited, for example `example.com`; empty for all.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub invite_domains: Vec<String>,
    /// Where whoever has an address of one of `inviteDomains` may sign themselves up, as viewer or editor; null for
    /// nowhere.
    #[serde(default)]
    pub sign_up: Option<WorkspaceRoleBody>,
    /// How long a session lasts at most, in hours; 24 unless told.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 24)]
    pub session_hours: Option<u32>,
    /// Whether a workflow whose fields hold what looks like a secret is not saved.
    #[serde(default)]
    pub block_pasted_secrets: bool,
    /// The only services that new credentials and saved workflows may be of; empty for all. `http` is the generic one.
    #[serde(default)]
    #[schema(max_items = 1_000)]
    pub allowed_connectors: Vec<String>,
    /// The only hosts that anything of the organization may call, in the forms of a credential's `allowedHosts`; empty for
    /// all that the operator leaves open.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 1_000)]
    pub allowed_egress_hosts: Vec<HostPattern>,
    /// Who may add Personal credentials: `everybody`, `admins` or `nobody`.
    #[serde(default)]
    #[schema(value_type = String)]
    pub personal_credentials: PersonalCredentials,
}

impl Submitted for PoliciesBody {}

impl From<OrganizationPolicies> for PoliciesBody {
    fn from(policies: OrganizationPolicies) -> Self {
        Self {
            require_mfa: policies.require_mfa,
            max_credential_age_days: policies.max_credential_age_days,
            invite_domains: policies.invite_domains,
            sign_up: policies
                .sign_up
                .map(|place| WorkspaceRoleBody { workspace_id: place.workspace_id, role: place.role }),
            session_hours: policies.session_hours,
            block_pasted_secrets: policies.block_pasted_secrets,
            allowed_connectors: policies.allowed_connectors,
            allowed_egress_hosts: policies.allowed_egress_hosts,
            personal_credentials: policies.personal_credentials,
        }
    }
}

impl PoliciesBody {
    /// The policies as `opened_by` decides them.
    fn by(self, opened_by: UserId) -> OrganizationPolicies {
        let body = self;
        OrganizationPolicies {
            require_mfa: body.require_mfa,
            max_credential_age_days: body.max_credential_age_days,
            invite_domains: body.invite_domains,
            sign_up: body.sign_up.map(|place| SignUp {
                workspace_id: place.workspace_id,
                role: place.role,
                opened_by,
            }),
            session_hours: body.session_hours,
            block_pasted_secrets: body.block_pasted_secrets,
            allowed_connectors: body.allowed_connectors,
            allowed_egress_hosts: body.allowed_egress_hosts,
            personal_credentials: body.personal_credentials,
        }
    }
}

/// Read the organization's policies.
#[utoipa::path(get, path = "/api/organization/policies", tag = "people", responses(
    (status = OK, body = PoliciesBody, headers(("ETag" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get_policies(State(app): State<App>, caller: Caller) -> ApiResult<Response> {
    let (policies, revision) = app.organization_policies(&caller).await?;
    Ok(tagged(revision, PoliciesBody::from(policies)))
}

/// Replace the organization's policies. They hold from the next request on.
#[utoipa::path(put, path = "/api/organization/policies", tag = "people", request_body = PoliciesBody,
    params(("If-Match" = Option<String>, Header, description = "The ETag of the GET")), responses(
    (status = OK, body = PoliciesBody, headers(("ETag" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn put_policies(
    State(app): State<App>,
    caller: Caller,
    IfMatch(expected): IfMatch,
    Body(body): Body<PoliciesBody>,
) -> ApiResult<Response> {
    let (policies, revision) = app.set_organization_policies(&caller, body.by(caller.user), expected).await?;
    Ok(tagged(revision, PoliciesBody::from(policies)))
}
