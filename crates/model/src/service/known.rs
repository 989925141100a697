//! Known services: what a file `services/<id>.yaml` says.
//!
//! A known service has no operations, only what a credential needs: hosts, ways to authenticate, and a request
//! that tells whether a credential works. Each was confirmed before it was added ([`Confirmation`]); how that is
//! done stands in `docs/connectors/known-services.md`.

use serde::{Deserialize, Serialize};

use super::{AuthKind, HostRule, Service, Template};

mod guide;
#[cfg(test)]
mod tests;

/// A known service, as its file says it: a [`Service`] with what is for people and how it was confirmed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KnownService {
    /// The identifier: the name of the file, `[a-z0-9-]`.
    pub id: String,
    /// The name as its owner writes it.
    pub name: String,
    /// What it is for, the most fitting first.
    pub categories: Vec<Category>,
    /// What it is, in one sentence.
    pub summary: String,
    /// Where requests go.
    pub base_url: Template,
    /// The hosts that its credentials may be sent to.
    pub hosts: Vec<HostRule>,
    /// The ways to authenticate; the first is offered first.
    pub auth: Vec<AuthKind>,
    /// The vendor's pages on which this stands.
    pub docs: Vec<String>,
    /// How the addresses and the authentication were confirmed.
    pub confirmed: Vec<Confirmation>,
}

impl From<KnownService> for Service {
    fn from(known: KnownService) -> Self {
        Self {
            id: known.id,
            name: known.name,
            base_url: known.base_url,
            hosts: known.hosts,
            auth: known.auth,
            docs: known.docs,
        }
    }
}

/// How an entry was confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Confirmation {
    /// A page of the vendor says the same.
    VendorPage {
        /// The page.
        url: String,
        /// The day on which it was looked up, `YYYY-MM-DD`.
        on: String,
    },
    /// Independent projects under a permissive licence use the same addresses; by their names.
    Sources(Vec<String>),
}

/// What services are for. The list is closed, so that a catalog can be filtered by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "each name is the plain word for what it says")]
pub enum Category {
    Accounting,
    Ai,
    Analytics,
    Automation,
    Banking,
    Calendar,
    Cms,
    Communication,
    Crm,
    Database,
    Design,
    Developer,
    Ecommerce,
    Education,
    Email,
    Erp,
    Events,
    Files,
    Finance,
    Forms,
    Gaming,
    Health,
    Hr,
    Identity,
    Infrastructure,
    Knowledge,
    Legal,
    Marketing,
    Media,
    Monitoring,
    Payments,
    Productivity,
    Projects,
    Recruiting,
    Sales,
    Search,
    Security,
    Shipping,
    Social,
    Support,
    Time,
    Travel,
    Video,
    Web,
}
