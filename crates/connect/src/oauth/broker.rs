//! Token sets of stored credentials: found, opened, and renewed exactly once however many want it.
//!
//! In one process the first who finds that a token set is due starts a task, and everybody waits for that task.
//! Between processes the lease in the store decides. The task goes on when whoever started it gives up: a token
//! that a service has given is not thrown away because a run was cancelled.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use flero_keyring::{Binding, Keyring};
use flero_model::{
    Clock, CredentialId, Timestamp,
    audit::{Actor, AuditAction, AuditDetail, NewAudit},
    credential::{Credential, Policy, Status},
    secret::SecretBytes,
};
use flero_store::{
    Store,
    credentials::CredentialWithSecret,
    oauth::{Grant, StoredGrant},
};
use tokio::sync::watch;

use super::{
    client::{self, Client},
    dpop::Nonces,
    fault::{Fault, OauthError},
    openid::Providers,
    settings::Settings,
    token_set::TokenSet,
    wire::Wire,
};
use crate::{
    CREDENTIAL_FIELD,
    auth::{Scheme, bound::BoundToken},
    error::Kind,
};

/// The times of token requests. Tests shorten them.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// How long a token endpoint may take. Some take half a minute.
    pub call: Duration,
    /// How long the lease of a refresh lasts: longer than everything that is done under it.
    pub lease: Duration,
    /// The pause before the second and third attempt at an endpoint that failed for a passing reason.
    pub pauses: [Duration; 2],
    /// How often the store is asked whether somebody else's refresh has ended.
    pub poll: Duration,
    /// How long somebody else's refresh is waited for.
    pub wait: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            call: Duration::from_secs(60),
            lease: Duration::from_secs(150),
            pauses: [Duration::from_millis(300), Duration::from_millis(1_500)],
            poll: Duration::from_millis(150),
            wait: Duration::from_secs(180),
        }
    }
}

/// What the broker needs of the program: where grants are kept, and the vault.
pub struct OauthPorts {
    /// Grants, attempts and the outbox.
    pub store: Arc<dyn Store>,
    /// Seals and opens token sets.
    pub keyring: Keyring,
    /// The times.
    pub timing: Timing,
}

/// An opened token set for one use.
pub(crate) struct Access {
    pub(crate) tokens: TokenSet,
    pub(crate) revision: u64,
}

/// How a renewal that is under way ended, for those who wait for it.
type Flight = watch::Receiver<Option<Result<(), Fault>>>;

/// See the module.
pub(crate) struct Broker {
    pub(super) store: Arc<dyn Store>,
    pub(super) keyring: Keyring,
    pub(super) clock: Arc<dyn Clock>,
    pub(crate) wire: Wire,
    pub(super) timing: Timing,
    flights: Mutex<HashMap<CredentialId, Flight>>,
    /// Token sets that a service refused and that were then renewed: the new one is not renewed again for the same
    /// reason, or a service that refuses everything would be asked for tokens without an end.
    renewed: Mutex<HashMap<CredentialId, u64>>,
    /// What servers want to find in the next proof (DPoP).
    pub(super) nonces: Arc<Nonces>,
    /// What is known of OpenID providers.
    pub(super) providers: Providers,
}

/// What is to be done about a grant.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Use,
    /// Ask for a new token set; `usable` says whether the present one still is.
    Ask {
        usable: bool,
    },
    Never(Fault),
}

/// Decides. Pure.
fn step(settings: &Settings, stored: Option<&StoredGrant>, newer_than: Option<u64>, now: Timestamp) -> Step {
    let Some(stored) = stored.filter(|stored| stored.tokens.is_some()) else {
        return if settings.grant.needs_person() {
            Step::Never(Fault::NotConnected)
        } else {
            Step::Ask { usable: false }
        };
    };
    if stored.failures > 0 && stored.retry_at.is_none() && settings.grant.needs_person() {
        // The service ended it, and nobody has connected it since.
        return Step::Never(Fault::Refused(OauthError::InvalidGrant));
    }
    let grant = &stored.grant;
    let renewable = grant.has_refresh_token || !settings.grant.needs_person();
    if newer_than.is_some_and(|seen| grant.revision <= seen) {
        return if renewable { Step::Ask { usable: false } } else { Step::Never(Fault::Ended) };
    }
    let is_alive = grant.expires_at.is_none_or(|end| end > now);
    match (is_alive, renewable) {
        (true, true) if grant.refresh_at.is_some_and(|at| at <= now) => Step::Ask { usable: true },
        (true, _) => Step::Use,
        (false, true) => Step::Ask { usable: false },
        (false, false) => Step::Never(Fault::Ended),
    }
}

impl Broker {
    /// The vault.
    pub(crate) const fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    pub(crate) fn new(ports: OauthPorts, clock: Arc<dyn Clock>, wire: Wire) -> Self {
        Self {
            store: ports.store,
            keyring: ports.keyring,
            clock,
            wire,
            timing: ports.timing,
            flights: Mutex::default(),
            renewed: Mutex::default(),
            nonces: Arc::default(),
            providers: Providers::default(),
        }
    }

    /// The token set for a use; renewed first where it is due, or where it is not newer than `newer_than`.
    pub(crate) async fn access(
        self: &Arc<Self>,
        row: &CredentialWithSecret,
        newer_than: Option<u64>,
    ) -> Result<Access, Fault> {
        let settings = Settings::read(&row.credential.policy)?;
        let id = row.credential.id;
        let mut was_renewed = false;
        loop {
            let stored = self.store.get_grant(id).await.map_err(|_| store_down())?;
            let decided = step(&settings, stored.as_ref(), newer_than, self.clock.now());
            match (decided, stored) {
                (Step::Use, Some(stored)) => return self.open(&row.credential, &stored).await,
                // What was just given is used even if it lives for a moment only.
                (Step::Ask { .. }, Some(stored)) if was_renewed && stored.tokens.is_some() => {
                    return self.open(&row.credential, &stored).await;
                }
                (Step::Never(fault), stored) => {
                    if fault == Fault::Ended {
                        self.note_ended(&row.credential, stored.as_ref()).await;
                    }
                    return Err(fault);
                }
                (Step::Use | Step::Ask { usable: false }, stored) => {
                    self.renew(row, stored.map_or(0, |stored| stored.grant.revision)).await?;
                    was_renewed = true;
                }
                (Step::Ask { usable: true }, stored) => {
                    let revision = stored.as_ref().map_or(0, |stored| stored.grant.revision);
                    match (self.renew(row, revision).await, stored) {
                        (Ok(()), _) => was_renewed = true,
                        (Err(fault), Some(stored)) if fault.is_transient() => {
                            return self.open(&row.credential, &stored).await;
                        }
                        (Err(fault), _) => return Err(fault),
                    }
                }
            }
        }
    }

    /// After a service refused an access token: a newer one, unless that was tried with this one already.
    pub(crate) async fn after_refusal(
        self: &Arc<Self>,
        row: &CredentialWithSecret,
        revision: u64,
    ) -> Option<Access> {
        let id = row.credential.id;
        let renewed = || self.renewed.lock().unwrap_or_else(PoisonError::into_inner);
        if renewed().get(&id) == Some(&revision) {
            return None;
        }
        let access = self.access(row, Some(revision)).await.ok()?;
        renewed().insert(id, access.revision);
        Some(access)
    }

    /// A service took an access token: should it be refused later, it may be renewed again.
    pub(crate) fn accepted(&self, id: CredentialId, revision: u64) {
        let mut renewed = self.renewed.lock().unwrap_or_else(PoisonError::into_inner);
        if renewed.get(&id) == Some(&revision) {
            renewed.remove(&id);
        }
    }

    /// How an access token authenticates a request: plain, or bound to a key or a certificate.
    pub(crate) fn scheme(
        &self,
        policy: &Policy,
        plain: &SecretBytes,
        access: &Access,
    ) -> Result<Scheme, Kind> {
        let identity = client::identity(policy, plain)?;
        let TokenSet { access: token, proof_key, .. } = &access.tokens;
        if identity.is_none() && proof_key.is_none() {
            return Scheme::bearer(token.expose());
        }
        let bound = BoundToken::new(token, proof_key.as_ref(), &self.nonces, identity)?;
        Ok(Scheme::Bound(Box::new(bound)))
    }

    /// Waits for the one refresh of a token set in this process, and starts it where there is none.
    async fn renew(self: &Arc<Self>, row: &CredentialWithSecret, revision: u64) -> Result<(), Fault> {
        let id = row.credential.id;
        let mut flight = {
            let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
            match flights.get(&id) {
                Some(flight) => flight.clone(),
                None => {
                    let (sender, receiver) = watch::channel(None);
                    flights.insert(id, receiver.clone());
                    let (broker, row) = (Arc::clone(self), row.clone());
                    tokio::spawn(async move {
                        // Leaves the map however the task ends; whoever waits then sees the sender gone.
                        let _landing = Landing { broker: &broker, id };
                        let result = broker.refresh(&row, revision).await;
                        drop(_landing);
                        let _ = sender.send(Some(result));
                    });
                    receiver
                }
            }
        };
        let landed = flight.wait_for(Option::is_some).await.map_err(|_| Fault::Lost)?;
        landed.unwrap_or(Err(Fault::Lost))
    }

    /// Opens a stored token set.
    pub(super) async fn open(&self, credential: &Credential, stored: &StoredGrant) -> Result<Access, Fault> {
        let sealed = stored.tokens.as_ref().ok_or(Fault::NotConnected)?;
        let revision = stored.grant.revision;
        let plain = self.unseal(&Binding::of_tokens(credential, revision), &sealed.blob).await?;
        let tokens = TokenSet::read(&plain).ok_or(Fault::Inside(Kind::CredentialMalformed))?;
        Ok(Access { tokens, revision })
    }

    /// The settings of a stored credential, and what its client presents.
    pub(super) async fn client(&self, row: &CredentialWithSecret) -> Result<(Settings, Client), Fault> {
        let Some(sealed) = &row.secret else { return Err(Fault::Inside(Kind::VaultUnavailable)) };
        let binding = Binding::of_credential(&row.credential, CREDENTIAL_FIELD);
        let data = self.unseal(&binding, &sealed.blob).await?;
        self.resolve(&row.credential.policy, &data).await
    }

    pub(super) async fn unseal(&self, binding: &Binding, blob: &[u8]) -> Result<SecretBytes, Fault> {
        self.keyring.open_bound_for_connect(binding, blob).await.map_err(|error| {
            Fault::Inside(if error.is_tampering() { Kind::VaultTampered } else { Kind::VaultUnavailable })
        })
    }

    /// A token for a credential that is not stored: asked for once and kept nowhere.
    pub(crate) async fn for_unsaved(&self, policy: &Policy, data: &SecretBytes) -> Result<Access, Fault> {
        let (settings, client) = self.resolve(policy, data).await?;
        let answer = self.ask_next(&settings, &client, None, &mut false).await?;
        Ok(Access { tokens: answer.tokens, revision: 0 })
    }

    /// A record of Flero's own acts on a credential.
    pub(super) fn record(
        &self,
        credential: &Credential,
        action: AuditAction,
        detail: AuditDetail,
    ) -> NewAudit {
        NewAudit {
            workspace: credential.workspace_id,
            at: self.clock.now(),
            actor: Actor::System,
            action,
            target: credential.id.to_string(),
            detail,
        }
    }

    /// The row of a status that changes.
    pub(super) fn status_record(&self, credential: &Credential, to: Status, why: Fault) -> NewAudit {
        let detail = AuditDetail {
            from: Some(credential.status.as_str().to_owned()),
            to: Some(to.as_str().to_owned()),
            outcome: Some(why.word().to_owned()),
            ..AuditDetail::default()
        };
        self.record(credential, AuditAction::CredentialStatusChanged, detail)
    }

    /// An access token has ended and there is nothing to renew it with.
    async fn note_ended(&self, credential: &Credential, stored: Option<&StoredGrant>) {
        let Some(_) = stored else { return };
        let audit = self.status_record(credential, Status::Expired, Fault::Ended);
        let noted = self.store.note_credential_status(
            credential.id,
            credential.secret_revision,
            Status::Expired,
            audit,
        );
        if let Err(error) = noted.await {
            tracing::warn!(credential = %credential.id, %error, "the end of a grant could not be noted");
        }
    }

    /// When a token set with this life ends, and from when on the next one is asked for.
    pub(super) fn times(&self, grant: &mut Grant, life_seconds: Option<i64>, jitter: u16) {
        let now = self.clock.now();
        grant.issued_at = Some(now);
        grant.expires_at = life_seconds.map(|seconds| now.plus_millis(seconds.saturating_mul(1_000)));
        grant.refresh_at =
            life_seconds.map(|seconds| now.plus_millis(due_ms(seconds.saturating_mul(1_000), jitter)));
    }
}

/// After how many milliseconds of its life a token set is due: ahead of its end by a minute, or a fifth of its life where
/// that is less, and up to a tenth of that earlier, so that credentials that were connected together are not renewed
/// together.
fn due_ms(life: i64, jitter: u16) -> i64 {
    let lead = (life / 5).min(60_000);
    let early = lead / 10 * i64::from(jitter) / i64::from(u16::MAX);
    life - lead - early
}

/// Takes a flight off the map.
struct Landing<'b> {
    broker: &'b Broker,
    id: CredentialId,
}

impl Drop for Landing<'_> {
    fn drop(&mut self) {
        self.broker.flights.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

pub(super) const fn store_down() -> Fault {
    Fault::Inside(Kind::StoreUnavailable)
}

#[cfg(test)]
mod tests;
