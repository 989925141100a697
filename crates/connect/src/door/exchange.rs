//! Trading a secret for a token before it is used, once for all who want it at the same time.
//!
//! Where the trade takes place is an entry of the credential's policy of its own: it need not stand in the allowed
//! hosts, and no token is ever sent there. The guard and the organization decide about it as about every address.

use std::{sync::Arc, time::Duration};

use flero_model::{
    CredentialId, OrganizationId, Timestamp,
    credential::Policy,
    destination::{Destination, Scheme as UrlScheme, read_url},
    secret::SecretBytes,
};
use flero_store::credentials::CredentialWithSecret;
use tokio::time::timeout;
use url::Url;

use super::{Inner, send};
use crate::{
    auth::{
        Moment, Scheme,
        exchange::{self, Asked, Exchanged, Held, Kept},
        login::{self, Login},
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

/// How long a refusal is believed, in milliseconds: somebody may be setting it right at the service.
const REFUSED_PAUSE_MS: i64 = 30_000;

/// A scheme that can be added to requests.
pub(super) struct Ready {
    pub(super) scheme: Scheme,
    pub(super) scrubber: Arc<Scrubber>,
    /// The token in it, where it came in exchange before this use: a service may have withdrawn it since.
    pub(super) kept: Option<Arc<Kept>>,
}

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
    ) -> Result<Ready, Error> {
        let (scheme, scrubber) = self.read_scheme(policy, plain, key)?;
        if !scheme.is_traded() {
            return Ok(Ready { scheme, scrubber, kept: None });
        }
        let slot = key.map(|key| self.tokens.slot(key)).unwrap_or_default();
        let mut held = slot.lock().await;
        let now = self.clock.now();
        match &*held {
            Held::Token(kept) if kept.renew_at > now => {
                let (scheme, scrubber) = (scheme.with(&kept.ready)?, Arc::clone(&kept.scrubber));
                return Ok(Ready { scheme, scrubber, kept: Some(Arc::clone(kept)) });
            }
            Held::Refused { status, until } if *until > now => {
                let error = Error::new(Kind::ExchangeRefused);
                return Err(match status {
                    Some(status) => error.with_status(*status),
                    None => error,
                });
            }
            _ => {}
        }
        let exchanged = match self.trade(organization, &scheme, policy, key, &Moment::at(now)?).await {
            Ok(exchanged) => exchanged,
            Err(error) => {
                let until = now.plus_millis(REFUSED_PAUSE_MS);
                if error.kind() == Kind::ExchangeRefused {
                    *held = Held::Refused { status: error.status(), until };
                }
                return Err(error);
            }
        };
        let secrets = exchanged.ready.secrets();
        let scrubber = Arc::new(needles::compile_with(policy, plain.expose(), &scheme, &secrets));
        let renew_at = exchanged.renew_at(now);
        let scheme = scheme.with(&exchanged.ready)?;
        *held =
            Held::Token(Arc::new(Kept { ready: exchanged.ready, scrubber: Arc::clone(&scrubber), renew_at }));
        Ok(Ready { scheme, scrubber, kept: None })
    }

    /// The same after a service refused a token that was kept: with another one, which is fetched once for all who
    /// were refused the same.
    pub(super) async fn ready_again(
        &self,
        row: &CredentialWithSecret,
        key: (CredentialId, u64),
        refused: &Arc<Kept>,
    ) -> Option<Ready> {
        let slot = self.tokens.slot(key);
        let mut held = slot.lock().await;
        if matches!(&*held, Held::Token(kept) if Arc::ptr_eq(kept, refused)) {
            *held = Held::Nothing;
        }
        drop(held);
        let plain = self.open(row).await.ok()?;
        self.ready(row.credential.organization_id, &row.credential.policy, &plain, Some(key)).await.ok()
    }

    async fn trade(
        &self,
        organization: OrganizationId,
        scheme: &Scheme,
        policy: &Policy,
        key: Option<(CredentialId, u64)>,
        moment: &Moment,
    ) -> Result<Exchanged, Error> {
        if let Scheme::Login(login) = scheme {
            return self.log_in(organization, login, policy, key, moment).await;
        }
        let Some(asked) = scheme.ask(moment).transpose()? else { return Err(Kind::ExchangeFailed.into()) };
        let (destination, status, body) = self.exchange(organization, asked, policy, key).await?;
        let read = scheme.answered(status, &body, moment);
        read.map_err(|kind| Error::new(kind).at(&destination).with_status(status))
    }

    /// One request after the other; what they give together ends with the first of it.
    async fn log_in(
        &self,
        organization: OrganizationId,
        login: &Login,
        policy: &Policy,
        key: Option<(CredentialId, u64)>,
        moment: &Moment,
    ) -> Result<Exchanged, Error> {
        let mut given = login::Values::new();
        let mut until: Option<Timestamp> = None;
        for step in &login.steps {
            let asked = login.ask(step, &given)?;
            let (destination, status, body) = self.exchange(organization, asked, policy, key).await?;
            let ends = Login::take(step, status, &body, moment, &mut given)
                .map_err(|kind| Error::new(kind).at(&destination).with_status(status))?;
            until = Some(until.map_or(ends, |until| until.min(ends)));
        }
        let until = until.ok_or(Kind::CredentialMalformed)?;
        Ok(Exchanged { ready: exchange::Ready::Values(given), until })
    }

    /// One request of a trade: where it went, the status and the body of the answer.
    async fn exchange(
        &self,
        organization: OrganizationId,
        asked: Asked,
        policy: &Policy,
        key: Option<(CredentialId, u64)>,
    ) -> Result<(Destination, u16, bytes::Bytes), Error> {
        let (url, destination) = read_url(&asked.url).map_err(|fault| Error::new(Kind::InvalidUrl(fault)))?;
        self.check_guard(&destination)?;
        self.check_reach(organization, &destination).await?;
        let at = |kind: Kind| Error::new(kind).at(&destination);
        if destination.scheme == UrlScheme::Http && !self.may_be_clear(policy, &destination) {
            return Err(at(Kind::DestinationRefused));
        }
        let (status, body) = match timeout(TIMEOUT, self.fetch(url, asked, key)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(kind @ Kind::Blocked(_))) => return Err(at(kind)),
            _ => return Err(at(Kind::ExchangeFailed)),
        };
        Ok((destination, status, body))
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
        let request = send::build(asked.method, &url, fields, Outgoing::Whole(asked.body))?;
        let (response, lease) = transport::exchange(&client, request).await?;
        let status = response.status().as_u16();
        let body = body::collect(response.into_body(), MAX_BODY_BYTES, self.idle_timeout).await?;
        lease.give_back();
        Ok((status, body))
    }
}
