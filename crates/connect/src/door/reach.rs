//! Which hosts an organization lets anything of it call: its policy, asked before the credential's own.
//!
//! It holds for every call, with and without a credential, and for the addresses where a secret is traded or tokens come
//! from: what the organization forbids is not called for any reason. The operator's guard decides besides; neither opens
//! what the other closes.

use flero_model::{
    OrganizationId,
    credential::{AuthType, Credential, Policy},
    destination::{Destination, read_url},
};
use url::Url;

use super::{Connect, Inner};
use crate::{
    error::{Error, Kind},
    oauth::{Fault, Settings},
};

impl Connect {
    /// Whether an organization lets anything of it call an address.
    ///
    /// # Errors
    /// [`Kind::EgressPolicy`]; [`Kind::InvalidUrl`]; [`Kind::StoreUnavailable`].
    pub async fn check_reach(&self, organization: OrganizationId, url: &Url) -> Result<(), Error> {
        let destination = Destination::of(url).map_err(|fault| Error::new(Kind::InvalidUrl(fault)))?;
        self.inner.check_reach(organization, &destination).await
    }

    /// Whether the addresses that tokens of a credential come from may be called.
    pub(crate) async fn check_token_reach(&self, credential: &Credential) -> Result<(), Fault> {
        let checked = self.inner.check_token_reach(credential.organization_id, &credential.policy).await;
        checked.map_err(|error| Fault::Call(error.kind()))
    }
}

impl Inner {
    /// Whether an organization lets anything of it call a destination.
    pub(crate) async fn check_reach(
        &self,
        organization: OrganizationId,
        destination: &Destination,
    ) -> Result<(), Error> {
        let at = |kind: Kind| Error::new(kind).at(destination);
        let policies = self.source.policies(organization).await.map_err(|_| at(Kind::StoreUnavailable))?;
        if policies.allows_destination(destination) { Ok(()) } else { Err(at(Kind::EgressPolicy)) }
    }

    /// The same for the addresses of the authorization server that a policy names. What is wrong with them otherwise is
    /// for whoever calls them to say.
    pub(super) async fn check_token_reach(
        &self,
        organization: OrganizationId,
        policy: &Policy,
    ) -> Result<(), Error> {
        if policy.auth_type != AuthType::Oauth2 {
            return Ok(());
        }
        let policies = self.source.policies(organization).await.map_err(|_| Kind::StoreUnavailable)?;
        if policies.allowed_egress_hosts.is_empty() {
            return Ok(());
        }
        let Ok(settings) = Settings::read(policy) else { return Ok(()) };
        let ways = &settings.ways;
        let called = [
            &ways.token_url,
            &ways.refresh_url,
            &ways.revocation_url,
            &ways.device_authorization_url,
            &ways.pushed_authorization_url,
        ];
        for template in called.into_iter().flatten() {
            if let Ok((_, destination)) = read_url(&template.to_string()) {
                self.check_reach(organization, &destination).await?;
            }
        }
        Ok(())
    }
}
