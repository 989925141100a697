//! Who presents a key.
//!
//! The key's SHA-256 is looked up, so that no comparison depends on the key itself. A key of 178 random bits is
//! found by its hash or not at all.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use flero_model::{
    api_key,
    policy::{Principal, Via},
};
use ipnet::IpNet;

use super::{cache::Known, hash};
use crate::{App, AuthFault, Error, Refusal, Result};

impl App {
    /// Tells who presents a key. `peer` is the address that the request came from; `None` only where there is none
    /// (the command line), and then a key that is held to networks is not taken.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] says why.
    pub async fn authenticate_api_key(
        &self,
        presented: &str,
        peer: Option<IpAddr>,
    ) -> Result<Arc<Principal>> {
        if !api_key::is_well_formed(presented) {
            return Err(Error::Unauthenticated(AuthFault::Malformed));
        }
        let hash = hash(presented);
        let now = self.now();
        let known = match self.0.keys.get(&hash, now) {
            Some(known) => known,
            None => self.read_key(hash).await?,
        };
        if known.expires_at.is_some_and(|end| end <= now) {
            return Err(Error::Unauthenticated(AuthFault::Expired));
        }
        if !known.networks.is_empty() && !peer.is_some_and(|peer| is_within(&known.networks, peer)) {
            return Err(Error::Unauthenticated(AuthFault::Network));
        }
        if self.0.keys.must_note(known.key, now) {
            let (app, key) = (self.clone(), known.key);
            // The answer does not wait for it, and a lost note of the last use harms nobody.
            tokio::spawn(async move {
                if let Err(error) = app.store().touch_api_keys(vec![(key, now)]).await {
                    tracing::warn!(%error, "the last use of an API key was not noted");
                }
            });
        }
        Ok(Arc::clone(&known.principal))
    }

    async fn read_key(&self, hash: [u8; 32]) -> Result<Arc<Known>> {
        let unknown = || Error::Unauthenticated(AuthFault::Unknown);
        let hide = |error| match Error::from(error) {
            Error::NotFound => unknown(),
            other => other,
        };
        let generation = self.0.keys.generation();
        let now = self.now();
        let key = self.store().api_key_by_hash(&hash).await.map_err(hide)?;
        if key.revoked_at.is_some() {
            return Err(unknown());
        }
        // The role is read anew with each look-up: a key can do no more than its creator can at that time.
        let member = self.store().membership(key.creator, key.workspace).await.map_err(hide)?;
        // Neither can it do more than a creator who must set up a second factor first.
        if self.must_enrol(key.creator).await? {
            return Err(Error::Forbidden(Refusal::Enrol));
        }
        let networks: Vec<IpNet> = key.allowed_networks.iter().filter_map(|text| text.parse().ok()).collect();
        if networks.len() != key.allowed_networks.len() {
            return Err(Error::Internal("a stored network of an API key cannot be read"));
        }
        let principal = Principal {
            user: member.user,
            organization: member.organization,
            organization_role: member.organization_role,
            workspace: member.workspace,
            role: member.role,
            via: Via::ApiKey { id: key.id, scopes: key.scopes, workflow_ids: key.workflow_ids },
        };
        let known = Arc::new(Known::new(principal, key.id, key.expires_at, networks, now));
        self.0.keys.put(hash, Arc::clone(&known), generation);
        Ok(known)
    }
}

/// Whether an address lies in one of the networks. An IPv4 address in IPv6 form counts as itself.
fn is_within(networks: &[IpNet], peer: IpAddr) -> bool {
    let peer: IpAddr = match peer {
        IpAddr::V6(address) => address.to_ipv4_mapped().map_or(peer, |v4: Ipv4Addr| IpAddr::V4(v4)),
        IpAddr::V4(_) => peer,
    };
    networks.iter().any(|network| network.contains(&peer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv4_address_in_ipv6_form_counts_as_itself() {
        let networks: Vec<IpNet> = vec!["203.0.113.0/24".parse().unwrap()];
        assert!(is_within(&networks, "203.0.113.9".parse().unwrap()));
        assert!(is_within(&networks, "::ffff:203.0.113.9".parse().unwrap()));
        assert!(!is_within(&networks, "203.0.114.9".parse().unwrap()));
        assert!(!is_within(&networks, "2001:db8::1".parse().unwrap()));
    }
}
