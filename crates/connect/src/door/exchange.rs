//! Trading a secret for a token before it is used, once for all who want it at the same time.
//!
//! Where the trade takes place is an entry of the credential's policy of its own: it need not stand in the allowed
//! hosts, and no token is ever sent there. The guard and the organization decide about it as about every address.

use std::{sync::Arc, time::Duration};

use flero_model::{
    CredentialId, OrganizationId,
    credential::Policy,
    destination::{Destination, Scheme as UrlScheme, read_url},
    secret::SecretBytes,
};
use http::Method;
use tokio::time::timeout;
use url::Url;

use super::{Inner, send};
use crate::{
    auth::{
        Moment, Scheme,
        exchange::{Asked, Exchanged, Kept},
    },
    body::{self, Outgoing},
    error::{Error, Kind},
    headers, needles,
    pool::Owner,
    scrub::Scrubber,
    transport,
};

/// How long a trade may take.
const TIMEOUT: Duration = Duration::from_secs(15);
/// How much of its answer is read.
const MAX_BODY_BYTES: u64 = 256 << 10;

impl Inner {
    /// The scheme of an opened secret, ready to be added to requests.
    ///
    /// # Errors
    /// As [`Scheme::read`]; [`Kind::ExchangeRefused`], [`Kind::ExchangeFailed`], [`Kind::Blocked`] and
    /// [`Kind::DestinationRefused`] name where the secret was to be traded.
    pub(super) async fn ready(
        &self,
        organization: OrganizationId,
        policy: &Policy,
        plain: &SecretBytes,
        key: Option<(CredentialId, u64)>,
    ) -> Result<(Scheme, Arc<Scrubber>), Error> {
        let (scheme, scrubber) = self.read_scheme(policy, plain, key)?;
        if !scheme.is_traded() {
            return Ok((scheme, scrubber));
        }
        let slot = key.map(|key| self.tokens.slot(key)).unwrap_or_default();
        let mut kept = slot.lock().await;
        let now = self.clock.now();
        if let Some(kept) = kept.as_ref().filter(|kept| kept.renew_at > now) {
            return Ok((scheme.with(&kept.ready), Arc::clone(&kept.scrubber)));
        }
        let exchanged = self.trade(organization, &scheme, policy, key, &Moment::at(now)?).await?;
        let secrets = exchanged.ready.secrets();
        let scrubber = Arc::new(needles::compile_with(policy, plain.expose(), &scheme, &secrets));
        let renew_at = exchanged.renew_at(now);
        let new = Arc::new(Kept { ready: exchanged.ready, scrubber, renew_at });
        *kept = Some(Arc::clone(&new));
        Ok((scheme.with(&new.ready), Arc::clone(&new.scrubber)))
    }

    async fn trade(
        &self,
        organization: OrganizationId,
        scheme: &Scheme,
        policy: &Policy,
        key: Option<(CredentialId, u64)>,
        moment: &Moment,
    ) -> Result<Exchanged, Error> {
        let Some(asked) = scheme.ask(moment).transpose()? else { return Err(Kind::ExchangeFailed.into()) };
        let (url, destination) = read_url(&asked.url).map_err(|fault| Error::new(Kind::InvalidUrl(fault)))?;
        self.check_guard(&destination)?;
        self.check_reach(organization, &destination).await?;
        let at = |kind: Kind| Error::new(kind).at(&destination);
        if destination.scheme == UrlScheme::Http && !self.may_be_clear(policy, &destination) {
            return Err(at(Kind::DestinationRefused));
        }
        let answer = timeout(TIMEOUT, self.fetch(url, asked, key)).await;
        let (status, body) = match answer {
            Ok(Ok(answer)) => answer,
            Ok(Err(kind @ Kind::Blocked(_))) => return Err(at(kind)),
            _ => return Err(at(Kind::ExchangeFailed)),
        };
        scheme.answered(status, &body, moment).map_err(|kind| at(kind).with_status(status))
    }

    /// Clear text only where the operator lists the host, or the credential itself says `http://`.
    fn may_be_clear(&self, policy: &Policy, destination: &Destination) -> bool {
        self.dialer.guard.lists(destination)
            || policy.allowed_hosts.iter().any(|pattern| pattern.allows(destination, false))
    }

    /// Redirects are not followed: an assertion is for one address.
    async fn fetch(
        &self,
        url: Url,
        asked: Asked,
        key: Option<(CredentialId, u64)>,
    ) -> Result<(u16, bytes::Bytes), Kind> {
        let client = match key {
            Some((id, revision)) => self.pools.get(Owner::Credential(id, revision), true, None),
            None => self.pools.single_use(true, None),
        };
        let mut fields = asked.headers;
        headers::add_defaults(&mut fields);
        fields.remove(http::header::ACCEPT_ENCODING);
        let request = send::build(Method::POST, &url, fields, Outgoing::Whole(asked.body))?;
        let (response, lease) = transport::exchange(&client, request).await?;
        let status = response.status().as_u16();
        let body = body::collect(response.into_body(), MAX_BODY_BYTES, self.idle_timeout).await?;
        lease.give_back();
        Ok((status, body))
    }
}
