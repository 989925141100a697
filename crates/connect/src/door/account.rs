//! An account through the door: who may, where to, opened, asked, scrubbed, recorded.

use std::{sync::Arc, time::Duration};

use flero_model::{
    CredentialId,
    credential::Policy,
    destination::{Destination, Scheme},
    secret::SecretBytes,
};
use tokio::time::timeout;
use url::Host;

use super::{Inner, admit::Use};
use crate::{
    account::{Account, Fault},
    auth::Document,
    call::Credential,
    error::{Error, Kind},
    needles,
    outcome::{CredentialSignal, UseOutcome},
    scrub::Scrubber,
};

/// An account that may be used, and what must not come back.
struct Admitted<A> {
    account: A,
    scrubber: Scrubber,
    revision: Option<u64>,
}

/// What a server answered, scrubbed, and how the use ended.
pub(super) type Asked<A> = (Result<<A as Account>::Answer, <A as Account>::Refusal>, Option<UseOutcome>);

impl Inner {
    /// Asks with an account. What the server says of the work is an answer; that it could not be asked is an error.
    ///
    /// # Errors
    /// As [`crate::Connect::send`].
    pub(super) async fn ask<A: Account>(
        &self,
        use_: &Use<'_>,
        credential: Credential,
        work: &A::Work,
        limit: Duration,
    ) -> Result<Asked<A>, Error> {
        let stored = match &credential {
            Credential::Stored(id) => Some(*id),
            _ => None,
        };
        let destination = self.server_of::<A>(&credential).await?;
        let admitted: Admitted<A> = self.admit_account(use_, credential, &destination).await?;
        let scrubber = &admitted.scrubber;
        let result = match timeout(limit, self.connected(&admitted.account, &destination, work)).await {
            Ok(Ok(answer)) => A::clean(scrubber, answer).map(Ok),
            Ok(Err(Fault::Server(refusal))) => Ok(Err(A::clean_refusal(scrubber, refusal))),
            Ok(Err(Fault::Kind(kind))) => Err(kind),
            Err(_) => Err(Kind::Timeout),
        };
        let result = result.map_err(|kind| Error::new(kind).at(&destination));
        let signal = match &result {
            Ok(Err(refusal)) if A::is_refused(refusal) => Some(CredentialSignal::Refused),
            Ok(_) => Some(CredentialSignal::Accepted),
            Err(_) => None,
        };
        let outcome = stored.map(|id| {
            let said = result.as_ref().map(|_| 0);
            let mut outcome = use_.outcome(id, admitted.revision, Some(&destination), said, signal);
            outcome.detail.status = None;
            outcome
        });
        let used = self.settle(use_.intent, outcome).await;
        match result {
            Ok(answer) => Ok((answer, used)),
            Err(mut error) => {
                error.used = used.map(Box::new);
                Err(error)
            }
        }
    }

    /// Where the server is. A credential that is missing, or of another type, is judged by [`Inner::admit_account`];
    /// until then a name stands for it that leads nowhere (RFC 6761).
    async fn server_of<A: Account>(&self, credential: &Credential) -> Result<Destination, Error> {
        let found = match credential {
            Credential::None => None,
            Credential::Unsaved { policy, .. } => server::<A>(policy),
            Credential::Stored(id) => {
                let row =
                    self.source.credential(*id).await.map_err(|_| Error::new(Kind::StoreUnavailable))?;
                row.and_then(|row| server::<A>(&row.credential.policy))
            }
        };
        Ok(found.unwrap_or_else(|| Destination {
            scheme: Scheme::Https,
            host: Host::Domain("unknown.invalid".to_owned()),
            port: 443,
        }))
    }

    /// Decides and opens, as [`Inner::admit`] does for requests.
    async fn admit_account<A: Account>(
        &self,
        use_: &Use<'_>,
        credential: Credential,
        destination: &Destination,
    ) -> Result<Admitted<A>, Error> {
        let id = match credential {
            Credential::None => return Err(Error::new(A::NEEDED)),
            Credential::Unsaved { policy, data } => {
                self.check_reach(use_.principal.organization, destination).await?;
                self.check_account::<A>(&policy, destination)?;
                return read(&policy, &data, None).map_err(|kind| Error::new(kind).at(destination));
            }
            Credential::Stored(id) => id,
        };
        let found = self.find(use_, id).await;
        let revision = found.as_ref().ok().map(|row| row.credential.secret_revision);
        let opened = async {
            let row = found.map_err(|kind| Error::new(kind).at(destination))?;
            self.check_reach(use_.principal.organization, destination).await?;
            self.check_account::<A>(&row.credential.policy, destination)?;
            self.record_intent(use_, id, destination).await?;
            let plain = self.open(&row).await.map_err(|kind| Error::new(kind).at(destination))?;
            read(&row.credential.policy, &plain, revision).map_err(|kind| Error::new(kind).at(destination))
        };
        match opened.await {
            Ok(admitted) => Ok(admitted),
            Err(error) => Err(self.refused(use_, id, revision, destination, error).await),
        }
    }

    /// Notes that a use was refused before anything was sent.
    async fn refused(
        &self,
        use_: &Use<'_>,
        id: CredentialId,
        revision: Option<u64>,
        destination: &Destination,
        mut error: Error,
    ) -> Error {
        let outcome = use_.outcome(id, revision, Some(destination), Err(&error), None);
        error.used = self.settle(use_.intent, Some(outcome)).await.map(Box::new);
        error
    }

    /// Whether this policy is one of a server there, and the guard lets connections go there.
    fn check_account<A: Account>(&self, policy: &Policy, destination: &Destination) -> Result<(), Error> {
        if policy.auth_type != A::AUTH_TYPE {
            return Err(Error::new(A::NEEDED));
        }
        if !self.allows(policy, destination) {
            return Err(Error::new(Kind::DestinationRefused).at(destination));
        }
        self.check_guard(destination)
    }

    async fn connected<A: Account>(
        &self,
        account: &A,
        destination: &Destination,
        work: &A::Work,
    ) -> Result<A::Answer, Fault<A::Refusal>> {
        let slots = Arc::clone(&self.dialer.slots);
        let _slot = slots.try_acquire_owned().map_err(|_| Kind::TooManyConnections)?;
        account.ask(&self.dialer, destination, work).await
    }
}

fn server<A: Account>(policy: &Policy) -> Option<Destination> {
    (policy.auth_type == A::AUTH_TYPE).then(|| A::destination(policy))?
}

fn read<A: Account>(
    policy: &Policy,
    plain: &SecretBytes,
    revision: Option<u64>,
) -> Result<Admitted<A>, Kind> {
    let account = A::read(policy, &Document::read(plain.expose())?)?;
    Ok(Admitted { account, scrubber: needles::of_plain(plain.expose()), revision })
}
