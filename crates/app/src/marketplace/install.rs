//! Installing, upgrading, putting back and removing packages.

use std::collections::BTreeSet;

use flero_marketplace::{Change, Version};
use flero_model::{
    audit::{AuditAction, AuditDetail},
    policy::{Action, Principal},
};
use flero_store::{
    connectors::NewConnector,
    marketplace::{Installed, InstalledVersion, NewInstall},
};

use super::{PackageView, problem, reach_of};
use crate::{App, Error, Result, app::permit};

/// What somebody agreed to, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Consent {
    /// Hosts that secrets may be sent to.
    pub hosts: BTreeSet<String>,
    /// Permissions that are asked for.
    pub permissions: BTreeSet<String>,
}

/// A package to install.
#[derive(Debug)]
pub struct Install {
    /// The registry.
    pub registry: String,
    /// The connector's identifier.
    pub id: String,
    /// The version; the newest when it is not said.
    pub version: Option<Version>,
    /// What was agreed to.
    pub consent: Consent,
}

impl App {
    /// Installs a package, or puts a later version in place of what is installed.
    ///
    /// # Errors
    /// [`Error::Invalid`] with what has to be agreed to, for a version that is no later, for a connector that is built
    /// in or came from elsewhere, and for a package or registry that cannot be trusted; [`Error::NotFound`];
    /// [`Error::Changed`] when somebody else was faster; [`Error::Forbidden`].
    pub async fn install_package(&self, who: &Principal, wanted: Install) -> Result<PackageView> {
        permit(who, Action::InstallPackages)?;
        let Install { registry, id, version, consent } = wanted;
        let source = self.source(who, &registry).await?;
        let newest =
            source.entries().into_iter().filter(|entry| entry.id == id).map(|entry| entry.version).max();
        let version = version.or(newest).ok_or(Error::NotFound)?;
        let installed = self.installed(who, &id).await?;
        refuse_unfit(&registry, &id, version, installed.as_ref())?;
        let package = source.package(&id, version).await?;
        let built = tokio::task::spawn_blocking(move || package.build());
        let built = built.await.map_err(|_| Error::Internal("the package could not be read"))?;
        let built = built.map_err(|fault| problem(&fault))?;
        let change = reach_of(installed.as_ref()).change_to(&built.reach);
        agreed(&change, &consent)?;
        let json = |_| Error::Internal("a package has no JSON form");
        let install = NewInstall {
            connector: NewConnector {
                workspace: who.workspace,
                id: id.clone(),
                summary: serde_json::to_string(&built.summary).map_err(json)?,
                pack: built.pack,
                by: who.user,
                at: self.now(),
            },
            registry: registry.clone(),
            version: InstalledVersion {
                version: version.to_string(),
                reach: serde_json::to_string(&built.reach).map_err(json)?,
            },
            replaces: installed.map(|installed| installed.current.version),
        };
        let detail = AuditDetail {
            name: Some(format!("{registry}/{id}")),
            from: install.replaces.clone(),
            to: Some(version.to_string()),
            ..AuditDetail::default()
        };
        let record = self.record(who, AuditAction::PackageInstalled, who.workspace, detail);
        match self.store().install(install, vec![record]).await {
            Err(flero_store::Error::Taken { .. }) => {
                let message = "The workspace imported a connector of this name; remove that one first.";
                return Err(Error::field("", "marketplace.taken", message));
            }
            other => other?,
        }
        self.0.engine.connector_changed(who.workspace, &id);
        self.get_package(who, &registry, &id).await
    }

    /// Puts the version back that was installed before.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none; [`Error::Forbidden`].
    pub async fn roll_back_package(&self, who: &Principal, id: &str) -> Result<()> {
        permit(who, Action::InstallPackages)?;
        let installed = self.installed(who, id).await?.ok_or(Error::NotFound)?;
        let former = installed.former.ok_or(Error::NotFound)?;
        let detail = AuditDetail {
            name: Some(format!("{}/{id}", installed.registry)),
            from: Some(installed.current.version),
            to: Some(former.version),
            ..AuditDetail::default()
        };
        let record = self.record(who, AuditAction::PackageRolledBack, who.workspace, detail);
        self.store().roll_back_install(who.workspace, id, vec![record]).await?;
        self.0.engine.connector_changed(who.workspace, id);
        Ok(())
    }

    /// Removes an installed package. Credentials that were made for it stay.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`].
    pub async fn remove_package(&self, who: &Principal, id: &str) -> Result<()> {
        permit(who, Action::InstallPackages)?;
        let installed = self.installed(who, id).await?.ok_or(Error::NotFound)?;
        let detail = AuditDetail {
            name: Some(format!("{}/{id}", installed.registry)),
            from: Some(installed.current.version),
            ..AuditDetail::default()
        };
        let record = self.record(who, AuditAction::PackageRemoved, who.workspace, detail);
        self.store().delete_connector(who.workspace, id, vec![record]).await?;
        self.0.engine.connector_changed(who.workspace, id);
        Ok(())
    }

    async fn installed(&self, who: &Principal, id: &str) -> Result<Option<Installed>> {
        let all = self.store().list_installed(who.workspace).await?;
        Ok(all.into_iter().find(|installed| installed.id == id))
    }
}

/// Refuses what would hide a built-in connector, change the publisher, or go back.
fn refuse_unfit(registry: &str, id: &str, version: Version, installed: Option<&Installed>) -> Result<()> {
    let no = |code: &'static str, message: &str| Err(Error::field("", code, message));
    if flero_catalog::get(id).is_some() || id == "http" {
        return no("marketplace.built_in", "A connector of this name is built in, and is not replaced.");
    }
    let Some(installed) = installed else { return Ok(()) };
    if installed.registry != registry {
        let message = "The connector is installed from another registry; remove it first.";
        return no("marketplace.other_registry", message);
    }
    let is_later = installed.current.version.parse().is_ok_and(|now: Version| now < version);
    if !is_later {
        let message =
            "This version, or a later one, is installed. The version before is put back by rolling back.";
        return no("marketplace.not_later", message);
    }
    Ok(())
}

/// Refuses what nobody agreed to.
fn agreed(change: &Change, consent: &Consent) -> Result<()> {
    let list = |added: &BTreeSet<String>, given: &BTreeSet<String>| {
        added.difference(given).cloned().collect::<Vec<_>>().join(", ")
    };
    let hosts = list(&change.added.hosts, &consent.hosts);
    let permissions = list(&change.added.permissions, &consent.permissions);
    let mut problems = Vec::new();
    let mut add = |member: &str, what: &str, list: &str| {
        if !list.is_empty() {
            let message = format!("Agree to these {what} first: {list}.");
            let pointer = format!("/accept/{member}");
            problems.push(flero_model::problem::FieldProblem::new(pointer, "marketplace.consent", message));
        }
    };
    add("hosts", "hosts, which secrets may be sent to", &hosts);
    add("permissions", "permissions", &permissions);
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}
