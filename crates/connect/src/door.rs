//! The door itself: what every use goes through.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use flero_model::{Clock, CredentialId, destination::Destination, policy::Principal};
use tokio::sync::Semaphore;

use crate::{
    auth::{digest::KeptSessions, exchange::Tokens},
    call::{Call, Reply},
    client::HttpClient,
    dial::Dialer,
    error::{Error, Kind},
    guard::{AllowList, Guard},
    needles::Scrubbers,
    oauth::{Broker, Fault, OauthPorts, Wire},
    outcome::{Intent, UseOutcome},
    pool::{Owner, Pools},
    resolve::Resolve,
    source::{CredentialSource, OpenSecret, Unavailable},
    tls::{Tls, TlsRoots},
};

mod account;
mod admit;
mod counts;
mod database;
pub(crate) mod events;
mod exchange;
pub(crate) mod inbound;
mod mailbox;
pub(crate) mod proxy;
mod reach;
mod send;
mod stream;
mod webhook;

use admit::Opened;

/// What the operator decides.
#[derive(Debug)]
pub struct Config {
    /// The private destinations that are open.
    pub allow: AllowList,
    /// The addresses of Flero's own listeners, database and queue; always closed.
    pub own_addresses: Vec<SocketAddr>,
    /// Which authorities are trusted.
    pub roots: TlsRoots,
    /// How long resolving, connecting and the TLS handshake may take together.
    pub connect_timeout: Duration,
    /// How long a service may be silent in the middle of an answer.
    pub idle_timeout: Duration,
    /// How many connections may be open at once.
    pub max_connections: usize,
    /// How many pools are kept: one per credential in use, and one per workspace.
    pub max_pools: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            allow: AllowList::default(),
            own_addresses: Vec::new(),
            roots: TlsRoots::default(),
            connect_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(60),
            max_connections: 4096,
            max_pools: 1024,
        }
    }
}

/// What the door needs from the rest of the program.
pub struct Ports {
    /// Credentials and the audit trail.
    pub source: Arc<dyn CredentialSource>,
    /// The vault.
    pub opener: Arc<dyn OpenSecret>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Names to addresses.
    pub resolver: Arc<dyn Resolve>,
    /// What OAuth needs; without it, `oauth2` credentials cannot be used.
    pub oauth: Option<OauthPorts>,
}

/// The door. Cheap to clone; all clones share the pools.
#[derive(Clone)]
pub struct Connect {
    inner: Arc<Inner>,
}

struct Inner {
    dialer: Arc<Dialer>,
    pools: Pools,
    scrubbers: Scrubbers,
    digests: KeptSessions,
    tokens: Tokens,
    source: Arc<dyn CredentialSource>,
    opener: Arc<dyn OpenSecret>,
    clock: Arc<dyn Clock>,
    idle_timeout: Duration,
    counters: counts::Counters,
    oauth: Option<Arc<Broker>>,
}

impl Connect {
    /// A door. Nothing is opened or read before the first use.
    #[must_use]
    pub fn new(config: Config, ports: Ports) -> Self {
        let dialer = Arc::new(Dialer {
            guard: Guard::new(config.allow, config.own_addresses),
            resolver: ports.resolver,
            tls: Tls::new(config.roots),
            connect_timeout: config.connect_timeout,
            slots: Arc::new(Semaphore::new(config.max_connections)),
        });
        let oauth = ports.oauth.map(|oauth| {
            let wire = Wire::new(Arc::clone(&dialer), oauth.timing.call);
            Arc::new(Broker::new(oauth, Arc::clone(&ports.clock), wire))
        });
        Self {
            inner: Arc::new(Inner {
                pools: Pools::new(Arc::clone(&dialer), config.max_pools),
                dialer,
                scrubbers: Scrubbers::default(),
                digests: KeptSessions::default(),
                tokens: Tokens::default(),
                source: ports.source,
                opener: ports.opener,
                clock: ports.clock,
                idle_timeout: config.idle_timeout,
                counters: counts::Counters::default(),
                oauth,
            }),
        }
    }

    /// Sends a request and gives back the scrubbed answer. An answer with an error status is an answer, not an
    /// error.
    ///
    /// # Errors
    /// [`Error`] says what happened and what to do; its `used` is how the use of the credential ended.
    pub async fn send(&self, call: Call) -> Result<Reply, Error> {
        let result = send::send(&self.inner, call).await;
        self.inner.counters.note(result.as_ref().map(|reply| reply.status));
        result
    }

    /// The service that a credential is for; `None` where there is no such credential.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub async fn service_of(&self, credential: CredentialId) -> Result<Option<String>, Unavailable> {
        let row = self.inner.source.credential(credential).await?;
        Ok(row.map(|row| row.credential.policy.service.clone()))
    }

    pub(crate) fn broker(&self) -> Result<&Arc<Broker>, Fault> {
        self.inner.oauth.as_ref().ok_or(Fault::Settings("type"))
    }

    /// Forgets what is kept of a credential: connections and compiled needles. To be called when its secret is
    /// replaced, revoked or deleted, so that nothing of the old one stays.
    pub fn forget(&self, credential: CredentialId) {
        self.inner.pools.forget(credential);
        self.inner.scrubbers.forget(credential);
        self.inner.digests.forget(credential);
        self.inner.tokens.forget(credential);
    }

    /// Whether the vault is open. While it is sealed, no credential is used.
    #[must_use]
    pub fn can_open_secrets(&self) -> bool {
        self.inner.opener.is_available()
    }

    /// Whether a destination is open to workflows at all, for a warning when a workflow or credential is saved.
    /// Names are not resolved here, so an open answer is no promise.
    ///
    /// # Errors
    /// [`crate::Kind::Blocked`] with the reason.
    pub fn check_destination(&self, destination: &Destination) -> Result<(), Error> {
        self.inner.check_guard(destination)
    }
}

impl Inner {
    fn check_guard(&self, destination: &Destination) -> Result<(), Error> {
        self.dialer
            .guard
            .check_destination(destination)
            .map_err(|reason| Error::new(Kind::Blocked(reason)).at(destination))
    }

    /// The pool for a use.
    fn client(&self, opened: Option<&Opened>, principal: &Principal, verify: bool) -> Arc<HttpClient> {
        let identity = opened.and_then(|opened| opened.scheme.identity());
        match opened {
            Some(Opened { stored: Some((id, revision)), .. }) => {
                self.pools.get(Owner::Credential(*id, *revision), verify, identity)
            }
            Some(_) => self.pools.single_use(verify, identity),
            None => self.pools.get(Owner::Workspace(principal.workspace), verify, None),
        }
    }

    /// Hands the outcome to whoever stores it: the caller who recorded the intent, or the source.
    async fn settle(&self, intent: Intent, outcome: Option<UseOutcome>) -> Option<UseOutcome> {
        let outcome = outcome?;
        match intent {
            Intent::Recorded(_) => Some(outcome),
            Intent::Record => {
                let credential = outcome.credential;
                if self.source.store_outcome(outcome, self.clock.now()).await.is_err() {
                    // The intent row stands, so the use is not hidden; only its end is missing.
                    tracing::error!(%credential, "the outcome of a credential use could not be stored");
                }
                None
            }
        }
    }
}
