//! Registries and what they offer.

use serde::Serialize;
use utoipa::ToSchema;

/// A registry.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Registry {
    /// Its identifier.
    pub id: String,
    /// The name for people.
    pub name: String,
    /// Where its files are; null for the one that comes with the program.
    #[schema(required)]
    pub url: Option<String>,
    /// When it was added; null for the one that comes with the program.
    #[schema(required, format = DateTime)]
    pub added_at: Option<String>,
}

/// What registries offer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Offer {
    /// The packages by name.
    pub items: Vec<Package>,
    /// The registries that could not be read; the others' packages are there.
    pub problems: Vec<RegistryProblem>,
}

/// A package with its newest version.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Package {
    /// The connector's identifier.
    pub id: String,
    /// The registry that offers it.
    pub registry: String,
    /// The connector's name for people.
    pub name: String,
    /// What it is.
    pub description: String,
    /// What kind of service it is.
    pub category: String,
    /// The newest version.
    pub version: String,
    /// Every version, the newest first.
    pub versions: Vec<String>,
    /// What the newest version may reach.
    pub reach: Reach,
    /// What the workspace has of it; null when nothing.
    #[schema(required)]
    pub installed: Option<InstalledPackage>,
    /// What the newest version would change; null when it is installed already.
    #[schema(required)]
    pub change: Option<ReachChange>,
    /// Whether somebody has to agree to what it adds.
    pub needs_consent: bool,
}

/// What a workspace has of a package.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InstalledPackage {
    /// The registry that it came from.
    pub registry: String,
    /// The version that is in use.
    pub version: String,
    /// The version that can be put back; null when there is none.
    #[schema(required)]
    pub former_version: Option<String>,
    /// When it was installed.
    #[schema(format = DateTime)]
    pub installed_at: String,
}

/// Everything that people agree to when they install a connector.
#[derive(Debug, Serialize, ToSchema)]
pub struct Reach {
    /// The hosts that secrets may be sent to.
    pub hosts: Vec<String>,
    /// The permissions that are asked for.
    pub permissions: Vec<String>,
    /// The ways to authenticate, by identifier.
    pub authentication: Vec<String>,
    /// The operations, by identifier.
    pub operations: Vec<String>,
    /// The events, by identifier.
    pub events: Vec<String>,
}

/// What differs between two versions.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReachChange {
    /// What the newer one has and the older one has not.
    pub added: Reach,
    /// What the older one has and the newer one has not.
    pub removed: Reach,
}

/// A registry that could not be read.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegistryProblem {
    /// Its identifier.
    pub registry: String,
    /// Why, and what to do.
    pub message: String,
}
