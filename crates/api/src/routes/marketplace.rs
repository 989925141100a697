//! The Marketplace: registries, packages, installing them.

use std::collections::BTreeSet;

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use flero_app::{
    App,
    marketplace::{Consent, Install, NewRegistry, Offer, PackageView, RegistryView},
};
use flero_model::problem::FieldProblem;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::{
    error::{ApiResult, Problem},
    extract::{Body, Caller, Path, Query, Submitted, Text},
    schema,
};

/// Which packages are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PackageQuery {
    /// A part of a name or description.
    #[param(value_type = Option<String>)]
    pub q: Option<Text>,
}

/// The registries.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegistryListing {
    /// The one that comes with the program first, then those that were added, by identifier.
    #[schema(value_type = Vec<schema::Registry>)]
    pub items: Vec<RegistryView>,
}

/// A registry to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegistryBody {
    /// The name for people; the identifier is made of it.
    pub name: String,
    /// Where its files are: `metadata/` and `targets/` lie below it.
    pub url: String,
    /// Its `root.json`, as its publisher gave it to you on another way than this address.
    #[schema(value_type = Object)]
    pub root: Value,
}

impl Submitted for RegistryBody {}

/// What somebody agrees to, by name.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConsentBody {
    /// Hosts that secrets may be sent to: those of `change.added.hosts`.
    pub hosts: BTreeSet<String>,
    /// Permissions that are asked for: those of `change.added.permissions`.
    pub permissions: BTreeSet<String>,
}

/// A version to install.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct InstallBody {
    /// The version; the newest when it is left out.
    pub version: Option<String>,
    /// What is agreed to.
    pub accept: ConsentBody,
}

impl Submitted for InstallBody {
    const MAY_BE_EMPTY: bool = true;
}

/// List the registries.
#[utoipa::path(get, path = "/api/marketplace/registries", tag = "marketplace", responses(
    (status = OK, body = RegistryListing), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list_registries(State(app): State<App>, caller: Caller) -> ApiResult<Json<RegistryListing>> {
    Ok(Json(RegistryListing { items: app.list_registries(&caller).await? }))
}

/// Add a registry. It is read and checked against its root first.
#[utoipa::path(post, path = "/api/marketplace/registries", tag = "marketplace", request_body = RegistryBody, responses(
    (status = CREATED, body = schema::Registry), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn add_registry(
    State(app): State<App>,
    caller: Caller,
    Body(body): Body<RegistryBody>,
) -> ApiResult<Response> {
    let new = NewRegistry { name: body.name, url: body.url, root: body.root.to_string().into_bytes() };
    Ok((StatusCode::CREATED, Json(app.add_registry(&caller, new).await?)).into_response())
}

/// Remove a registry. What was installed from it stays.
#[utoipa::path(delete, path = "/api/marketplace/registries/{registry}", tag = "marketplace",
    params(("registry" = String, Path, description = "The registry's identifier")), responses(
    (status = NO_CONTENT), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn remove_registry(
    State(app): State<App>,
    caller: Caller,
    Path(registry): Path<String>,
) -> ApiResult<StatusCode> {
    app.remove_registry(&caller, &registry).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List what the registries offer, with what is installed. Registries that cannot be read stand in `problems`.
#[utoipa::path(get, path = "/api/marketplace/packages", tag = "marketplace", params(PackageQuery), responses(
    (status = OK, body = schema::Offer), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list_packages(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PackageQuery>,
) -> ApiResult<Json<Offer>> {
    let typed = query.q.map(|text| text.0).unwrap_or_default();
    Ok(Json(app.list_packages(&caller, &typed).await?))
}

/// Read a package: versions, what it may reach, what its newest version would change.
#[utoipa::path(get, path = "/api/marketplace/packages/{registry}/{package}", tag = "marketplace",
    params(("registry" = String, Path, description = "The registry's identifier"), ("package" = String, Path, description = "The connector's identifier")), responses(
    (status = OK, body = schema::Package), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get_package(
    State(app): State<App>,
    caller: Caller,
    Path((registry, package)): Path<(String, String)>,
) -> ApiResult<Json<PackageView>> {
    Ok(Json(app.get_package(&caller, &registry, &package).await?))
}

/// Install a package, or put a later version in place of what is installed. What it adds has to be agreed to.
#[utoipa::path(post, path = "/api/marketplace/packages/{registry}/{package}/install", tag = "marketplace", request_body = InstallBody,
    params(("registry" = String, Path, description = "The registry's identifier"), ("package" = String, Path, description = "The connector's identifier")), responses(
    (status = OK, body = schema::Package), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn install_package(
    State(app): State<App>,
    caller: Caller,
    Path((registry, id)): Path<(String, String)>,
    Body(body): Body<InstallBody>,
) -> ApiResult<Json<PackageView>> {
    let wrong = || {
        let message = "A version is three numbers, for example 1.4.0.";
        flero_app::Error::Invalid(vec![FieldProblem::new("/version", "marketplace.version", message)])
    };
    let version = body.version.map(|text| text.parse().map_err(|_| wrong())).transpose()?;
    let consent = Consent { hosts: body.accept.hosts, permissions: body.accept.permissions };
    Ok(Json(app.install_package(&caller, Install { registry, id, version, consent }).await?))
}

/// Put the version back that was installed before.
#[utoipa::path(post, path = "/api/marketplace/installed/{package}/rollback", tag = "marketplace",
    params(("package" = String, Path, description = "The connector's identifier")), responses(
    (status = NO_CONTENT), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn roll_back_package(
    State(app): State<App>,
    caller: Caller,
    Path(package): Path<String>,
) -> ApiResult<StatusCode> {
    app.roll_back_package(&caller, &package).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Remove an installed package. Credentials that were made for it stay.
#[utoipa::path(delete, path = "/api/marketplace/installed/{package}", tag = "marketplace",
    params(("package" = String, Path, description = "The connector's identifier")), responses(
    (status = NO_CONTENT), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn remove_package(
    State(app): State<App>,
    caller: Caller,
    Path(package): Path<String>,
) -> ApiResult<StatusCode> {
    app.remove_package(&caller, &package).await?;
    Ok(StatusCode::NO_CONTENT)
}
