//! The Marketplace: registries that an organization trusts, and packages that a workspace installs from them.
//!
//! A registry is added with its root, which pins who may sign; from then on everything that it offers is checked
//! against that (crate `flero_marketplace`). Installing runs nothing. What a package may reach (hosts that secrets may
//! be sent to, permissions that are asked for) is agreed to by name: a newer version that would reach further is
//! refused until somebody agrees to exactly what it adds, and a credential that exists keeps its own hosts whatever
//! is installed.

mod fetch;
mod install;
mod offers;
mod registries;

use std::collections::BTreeSet;

use flero_marketplace::{Change, Entry, Opened, Package, Reach, Version, community};
use flero_model::{
    Timestamp,
    policy::{Action, Principal},
};
use flero_store::marketplace::{Installed, StoredRegistry};
use serde::Serialize;

use crate::{App, Error, Result, app::permit};

pub use fetch::MarketplaceFolders;
pub use install::{Consent, Install};
pub(crate) use offers::OfferCache;
pub use registries::NewRegistry;

/// The identifier of the registry that comes with the program.
pub const COMMUNITY: &str = "community";

/// A registry as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RegistryView {
    /// Its identifier.
    pub id: String,
    /// The name for people.
    pub name: String,
    /// Where its files are; null for the one that comes with the program.
    pub url: Option<String>,
    /// When it was added; null for the one that comes with the program.
    pub added_at: Option<Timestamp>,
}

/// What a workspace has of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InstalledView {
    /// The registry that it came from.
    pub registry: String,
    /// The version that is in use.
    pub version: String,
    /// The version that can be put back; null when there is none.
    pub former_version: Option<String>,
    /// When it was installed.
    pub installed_at: Timestamp,
}

/// A package as lists show it: its newest version.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PackageView {
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
    pub installed: Option<InstalledView>,
    /// What the newest version would change; null when it is installed already.
    pub change: Option<Change>,
    /// Whether somebody has to agree to what it adds.
    pub needs_consent: bool,
}

/// A registry that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RegistryProblem {
    /// Its identifier.
    pub registry: String,
    /// Why, and what to do.
    pub message: String,
}

/// What registries offer.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Offer {
    /// The packages by name.
    pub items: Vec<PackageView>,
    /// The registries that could not be read; the others' packages are there.
    pub problems: Vec<RegistryProblem>,
}

/// A registry that is open for reading.
enum Source {
    Community,
    Remote(Box<dyn Opened>),
}

impl Source {
    fn entries(&self) -> Vec<&Entry> {
        match self {
            Self::Community => community::entries().collect(),
            Self::Remote(registry) => registry.entries().iter().collect(),
        }
    }

    async fn package(&self, id: &str, version: Version) -> Result<Package> {
        match self {
            Self::Community => community::package(id).cloned().ok_or(Error::NotFound),
            Self::Remote(registry) => registry.package(id, version).await.map_err(|fault| problem(&fault)),
        }
    }
}

/// A fault of a registry or a package as a wrong field of the request.
fn problem(fault: &flero_marketplace::Error) -> Error {
    use flero_marketplace::Error as Fault;
    let code = match fault {
        Fault::NoPackage { .. } => return Error::NotFound,
        Fault::NotAPackage { .. } | Fault::Faulty { .. } => "marketplace.package",
        Fault::Untrusted { .. } => "marketplace.untrusted",
        Fault::Unreachable { .. } => "marketplace.unreachable",
        Fault::Root { .. } => "marketplace.root",
        Fault::NotLater { .. } | Fault::Publisher { .. } => "marketplace.registry",
    };
    Error::field("", code, sentence(fault))
}

/// A fault as a sentence.
fn sentence(fault: &flero_marketplace::Error) -> String {
    let mut message = fault.to_string();
    if let Some(first) = message.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    message.push('.');
    message
}

impl App {
    /// What the registries of the organization offer, and the one that comes with the program.
    ///
    /// # Errors
    /// [`Error::Forbidden`]. A registry that cannot be read is no error: it is named among the problems.
    pub async fn list_packages(&self, who: &Principal, typed: &str) -> Result<Offer> {
        permit(who, Action::ReadConnectors)?;
        let installed = self.store().list_installed(who.workspace).await?;
        let mut offer =
            Offer { items: views(COMMUNITY, &Source::Community.entries(), &installed), problems: Vec::new() };
        let registries = self.store().list_registries(who.organization).await?;
        for (registry, offered) in self.offers(who, registries).await {
            match offered {
                Ok(entries) => {
                    let entries: Vec<&Entry> = entries.iter().collect();
                    offer.items.extend(views(&registry, &entries, &installed));
                }
                Err(message) => offer.problems.push(RegistryProblem { registry, message }),
            }
        }
        let typed = typed.trim().to_lowercase();
        offer.items.retain(|package| {
            [&package.name, &package.id, &package.description]
                .iter()
                .any(|text| text.to_lowercase().contains(&typed))
        });
        offer
            .items
            .sort_by(|left, right| left.name.cmp(&right.name).then(left.registry.cmp(&right.registry)));
        Ok(offer)
    }

    /// One package with all its versions.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] when the registry cannot be read or trusted; [`Error::Forbidden`].
    pub async fn get_package(&self, who: &Principal, registry: &str, id: &str) -> Result<PackageView> {
        permit(who, Action::ReadConnectors)?;
        let source = self.source(who, registry).await?;
        let installed = self.store().list_installed(who.workspace).await?;
        let found =
            views(registry, &source.entries(), &installed).into_iter().find(|package| package.id == id);
        found.ok_or(Error::NotFound)
    }

    async fn source(&self, who: &Principal, registry: &str) -> Result<Source> {
        if registry == COMMUNITY {
            return Ok(Source::Community);
        }
        let all = self.store().list_registries(who.organization).await?;
        let found = all.into_iter().find(|one| one.id == registry).ok_or(Error::NotFound)?;
        self.open_registry(who, &found).await.map_err(|fault| problem(&fault))
    }

    async fn open_registry(
        &self,
        who: &Principal,
        registry: &StoredRegistry,
    ) -> flero_marketplace::Result<Source> {
        let place = self.place_of(registry)?;
        self.0.registries.open(&place, self.fetch_for(who)).await.map(Source::Remote)
    }
}

/// The packages of a registry, each with what the workspace has of it.
fn views(registry: &str, entries: &[&Entry], installed: &[Installed]) -> Vec<PackageView> {
    let ids: BTreeSet<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
    let view = |id: &str| {
        let mut versions: Vec<&Entry> = entries.iter().copied().filter(|entry| entry.id == id).collect();
        versions.sort_by_key(|entry| std::cmp::Reverse(entry.version));
        let newest = *versions.first()?;
        let own = installed.iter().find(|one| one.id == id && one.registry == registry);
        let is_newer =
            own.is_none_or(|own| own.current.version.parse().is_ok_and(|now: Version| now < newest.version));
        let change = is_newer.then(|| reach_of(own).change_to(&newest.reach));
        Some(PackageView {
            id: id.to_owned(),
            registry: registry.to_owned(),
            name: newest.name.clone(),
            description: newest.description.clone(),
            category: newest.category.clone(),
            version: newest.version.to_string(),
            versions: versions.iter().map(|entry| entry.version.to_string()).collect(),
            reach: newest.reach.clone(),
            installed: own.map(|own| InstalledView {
                registry: own.registry.clone(),
                version: own.current.version.clone(),
                former_version: own.former.as_ref().map(|former| former.version.clone()),
                installed_at: own.at,
            }),
            needs_consent: change.as_ref().is_some_and(Change::needs_consent),
            change,
        })
    };
    ids.into_iter().filter_map(view).collect()
}

/// What an installed package may reach; nothing when there is none.
fn reach_of(installed: Option<&Installed>) -> Reach {
    installed.and_then(|one| serde_json::from_str(&one.current.reach).ok()).unwrap_or_default()
}
