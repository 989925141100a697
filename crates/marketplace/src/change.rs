//! What a connector may reach, and what a newer version would add to that.

use std::collections::BTreeSet;

use flero_openapi::connector::Connector;
use serde::{Deserialize, Serialize};
use url::Url;

/// Everything that people agree to when they install a connector.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Reach {
    /// The hosts that secrets may be sent to: those of requests, and those that issue tokens.
    pub hosts: BTreeSet<String>,
    /// The permissions that are asked for.
    pub permissions: BTreeSet<String>,
    /// The ways to authenticate.
    pub authentication: BTreeSet<String>,
    /// The operations.
    pub operations: BTreeSet<String>,
    /// The events.
    pub events: BTreeSet<String>,
}

/// What differs between two versions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Change {
    /// What the newer one has and the older one has not.
    pub added: Reach,
    /// What the older one has and the newer one has not.
    pub removed: Reach,
}

impl Reach {
    /// The reach of a connector.
    #[must_use]
    pub fn of(connector: &Connector) -> Self {
        let mut hosts: BTreeSet<String> =
            connector.hosts.iter().map(|rule| rule.host.as_str().to_owned()).collect();
        let bases = connector.operations.iter().filter_map(|operation| operation.base_url.as_deref());
        hosts.extend(bases.chain([connector.base_url.as_str()]).filter_map(host));
        let mut permissions: BTreeSet<String> = connector.flero.permissions.keys().cloned().collect();
        for kind in &connector.auth {
            let requests =
                kind.login.iter().map(|step| &step.url).chain(kind.test.iter().map(|test| &test.url));
            hosts.extend(requests.filter_map(|url| host(url.as_str())));
            let Some(oauth) = &kind.oauth else { continue };
            let addresses = [
                &oauth.authorization_url,
                &oauth.token_url,
                &oauth.refresh_url,
                &oauth.revocation_url,
                &oauth.device_authorization_url,
                &oauth.pushed_authorization_url,
                &oauth.issuer,
            ];
            hosts.extend(addresses.into_iter().flatten().filter_map(|url| host(url.as_str())));
            permissions.extend(oauth.permissions.iter().map(|permission| permission.scope.clone()));
        }
        Self {
            hosts,
            permissions,
            authentication: connector.auth.iter().map(|kind| kind.id.clone()).collect(),
            operations: connector.operations.iter().map(|operation| operation.id.clone()).collect(),
            events: connector.triggers.iter().map(|trigger| trigger.id.clone()).collect(),
        }
    }

    /// What would change if `newer` took its place.
    #[must_use]
    pub fn change_to(&self, newer: &Self) -> Change {
        Change { added: newer.without(self), removed: self.without(newer) }
    }

    fn without(&self, other: &Self) -> Self {
        let rest =
            |own: &BTreeSet<String>, others: &BTreeSet<String>| own.difference(others).cloned().collect();
        Self {
            hosts: rest(&self.hosts, &other.hosts),
            permissions: rest(&self.permissions, &other.permissions),
            authentication: rest(&self.authentication, &other.authentication),
            operations: rest(&self.operations, &other.operations),
            events: rest(&self.events, &other.events),
        }
    }
}

impl Change {
    /// Whether a person has to agree: secrets could go to another host, or more would be asked for.
    #[must_use]
    pub fn needs_consent(&self) -> bool {
        !self.added.hosts.is_empty() || !self.added.permissions.is_empty()
    }
}

/// The host of an address, which may hold places in braces: `https://{shop}.example.com/api` is
/// `{shop}.example.com`.
fn host(address: &str) -> Option<String> {
    if let Ok(url) = Url::parse(address) {
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        return url.host_str().map(|host| format!("{host}{port}"));
    }
    let rest = address.split_once("://")?.1;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    (!authority.is_empty()).then(|| authority.to_owned())
}
