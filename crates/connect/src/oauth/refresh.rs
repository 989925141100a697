//! One refresh: the lease with its intent, the call, and the commit as the very next transaction.

use std::{sync::Arc, time::Duration};

use aws_lc_rs::rand;
use flero_keyring::Binding;
use flero_model::{
    Timestamp,
    audit::{AuditAction, AuditDetail},
    credential::{Credential, Status},
    secret::SecretString,
    service::ClientAuthMethod,
};
use flero_store::{
    credentials::CredentialWithSecret,
    oauth::{Claim, ClaimRefresh, CommitTokens, EndRefresh, Grant},
};
use http::Method;
use tokio::time::{Instant, sleep};
use url::Url;

use super::{
    answer::{self, TokenAnswer},
    broker::{Broker, store_down},
    client::Client,
    dpop::{self, About, ProofKey},
    fault::{Fault, OauthError},
    grants, pkce,
    request::{self, Parameters},
    settings::{GrantType, Settings},
    token_set::TokenSet,
    wire,
};

/// The longest pause that a service's `Retry-After` is obeyed for, in seconds.
const MAX_RETRY_AFTER: u32 = 900;
/// How long attempts may go on in one flight; what failed quickly may be tried again, what took long may not.
const PATIENCE: Duration = Duration::from_secs(20);
/// The pause after a service refused the client, in milliseconds: somebody may be setting it right.
const REFUSED_PAUSE_MS: i64 = 30_000;
/// How often a commit is tried: what a service gave must not be lost to a moment of a full queue.
const COMMIT_ATTEMPTS: u32 = 8;

impl Broker {
    /// Takes the lease and asks, or waits for whoever has it.
    pub(super) async fn refresh(
        self: &Arc<Self>,
        row: &CredentialWithSecret,
        revision: u64,
    ) -> Result<(), Fault> {
        // The installation that the backup was taken of may still use the same grants: where refresh tokens rotate, a
        // renewal here would end them there.
        if self.store.is_paused().await.map_err(|_| store_down())? {
            return Err(Fault::Paused);
        }
        let give_up = Instant::now() + self.timing.wait;
        loop {
            let now = self.clock.now();
            let lease = i64::try_from(self.timing.lease.as_millis()).unwrap_or(i64::MAX);
            let detail = AuditDetail { purpose: Some("refresh".to_owned()), ..AuditDetail::default() };
            let claim = ClaimRefresh {
                credential: row.credential.id,
                revision,
                now,
                until: now.plus_millis(lease),
                at_once: false,
                audit: vec![self.record(&row.credential, AuditAction::CredentialRefreshIntent, detail)],
            };
            match self.store.claim_refresh(claim).await.map_err(|_| store_down())? {
                Claim::Moved => return Ok(()),
                Claim::Resting { .. } => return Err(Fault::Busy(None)),
                Claim::Held { .. } if Instant::now() >= give_up => return Err(Fault::Busy(None)),
                Claim::Held { .. } => sleep(self.timing.poll).await,
                Claim::Won { fence, may_be_spent } => return self.ask(row, fence, may_be_spent).await,
            }
        }
    }

    /// Under the lease: asks, and writes down what came of it.
    async fn ask(&self, row: &CredentialWithSecret, fence: u64, mut may_be_spent: bool) -> Result<(), Fault> {
        let credential = &row.credential;
        let mut former = Grant::default();
        let answered = self.ask_under_lease(row, &mut may_be_spent, &mut former).await;
        match answered {
            Ok(answer) => self.commit(credential, fence, former, answer).await,
            Err(fault) => {
                self.note_failure(credential, fence, fault, may_be_spent).await;
                Err(fault)
            }
        }
    }

    async fn ask_under_lease(
        &self,
        row: &CredentialWithSecret,
        may_be_spent: &mut bool,
        former: &mut Grant,
    ) -> Result<(TokenAnswer, Option<TokenSet>), Fault> {
        let stored = self.store.get_grant(row.credential.id).await.map_err(|_| store_down())?;
        let mut present = None;
        if let Some(stored) = stored {
            if stored.tokens.is_some() {
                present = Some(self.open(&row.credential, &stored).await?.tokens);
            }
            *former = stored.grant;
        }
        let (settings, client) = self.client(row).await?;
        if *may_be_spent && present.as_ref().is_some_and(|tokens| tokens.refresh.is_some()) {
            tracing::warn!(credential = %row.credential.id, "the last refresh has no answer; the same refresh token is shown once more");
        }
        let keeps = settings.ways.rotates_refresh_tokens.or(former.rotates) == Some(false);
        let answered = match self.ask_next(&settings, &client, present.as_ref(), may_be_spent).await {
            // A new refresh token may have been given that never came here. What a service without a grace period
            // says to the old one then (RFC 9700 section 4.14.2) is not that somebody ended the connection.
            Err(Fault::Refused(OauthError::InvalidGrant)) if *may_be_spent && !keeps => Err(Fault::Uncertain),
            answered => answered,
        };
        match answered {
            // A grant that needs nobody does not end with its refresh token.
            Err(fault)
                if fault.ends_grant() && !settings.grant.needs_person() && former.has_refresh_token =>
            {
                Ok((self.ask_next(&settings, &client, None, &mut false).await?, None))
            }
            answered => Ok((answered?, present)),
        }
    }

    /// Asks for the next token set; what fails for a passing reason is tried again a little later. `may_be_spent` becomes
    /// true when an answer is lost that may have held a new refresh token: showing the old one again can only win, as the
    /// one good token was in that answer.
    pub(super) async fn ask_next(
        &self,
        settings: &Settings,
        client: &Client,
        present: Option<&TokenSet>,
        may_be_spent: &mut bool,
    ) -> Result<TokenAnswer, Fault> {
        let started = Instant::now();
        let mut pauses = self.timing.pauses.iter();
        let key = proof_key(settings, present)?;
        loop {
            let parameters = grants::next(settings, client, present, self.clock.now())?;
            let is_refresh = present.is_some_and(|tokens| tokens.refresh.is_some());
            let fault = match self.call_token(settings, client, parameters, is_refresh, key.as_ref()).await {
                Ok(answer) => return Ok(answer),
                Err(fault) => fault,
            };
            *may_be_spent |= is_refresh && fault.may_have_been_served();
            let again = fault.is_transient() && !matches!(fault, Fault::Busy(Some(2..)) | Fault::Inside(_));
            match pauses.next() {
                Some(pause) if again && started.elapsed() < PATIENCE => sleep(*pause).await,
                _ => return Err(fault),
            }
        }
    }

    /// One token request; with a key, its tokens are bound to that. A client that is refused with the usual method
    /// presents its secret the other way once, because descriptions often do not know which one a service wants.
    pub(super) async fn call_token(
        &self,
        settings: &Settings,
        client: &Client,
        parameters: Parameters,
        is_refresh: bool,
        key: Option<&SecretString>,
    ) -> Result<TokenAnswer, Fault> {
        let proof = key.map(ProofKey::read).transpose()?;
        let mut answer = self.present(settings, client, parameters, is_refresh, proof.as_ref()).await?;
        answer.tokens.proof_key = key.map(again);
        Ok(answer)
    }

    /// The same by the usual method of authentication, and by the other one where that is refused.
    async fn present(
        &self,
        settings: &Settings,
        client: &Client,
        parameters: Parameters,
        is_refresh: bool,
        proof: Option<&ProofKey>,
    ) -> Result<TokenAnswer, Fault> {
        let (url, _) = if is_refresh { settings.refresh_url()? } else { settings.token_url()? };
        let method = settings.ways.client_auth_method;
        let send = async |method, parameters: &Parameters| {
            self.send_token(settings, client, method, &url, parameters, proof).await
        };
        let answer = send(method, &parameters).await;
        let other = match method {
            ClientAuthMethod::ClientSecretBasic => ClientAuthMethod::ClientSecretPost,
            ClientAuthMethod::ClientSecretPost => ClientAuthMethod::ClientSecretBasic,
            _ => return answer,
        };
        match answer {
            Err(Fault::Refused(OauthError::InvalidClient)) if !settings.is_method_given => {
                send(other, &parameters).await
            }
            answer => answer,
        }
    }

    /// One request, and with a proof a second one when the server wants its nonce in it (RFC 9449 section 8). An
    /// assertion is made anew for each, as its `jti` is good once.
    async fn send_token(
        &self,
        settings: &Settings,
        client: &Client,
        method: ClientAuthMethod,
        url: &Url,
        parameters: &Parameters,
        proof: Option<&ProofKey>,
    ) -> Result<TokenAnswer, Fault> {
        let origin = url.origin().ascii_serialization();
        let mut may_repeat = true;
        loop {
            let now = self.clock.now();
            let mut prepared =
                request::prepare(settings, client, method, url.clone(), parameters.again(), now)?;
            if let Some(key) = proof {
                let nonce = self.nonces.get(key, &origin);
                let about =
                    About { method: &Method::POST, url: &prepared.url, token: None, nonce: nonce.as_deref() };
                let proof = key.proof(&about, pkce::random_text()?.expose(), now)?;
                prepared.headers.insert(dpop::PROOF, proof);
            }
            let answer = self.wire.post(prepared).await?;
            let is_news = proof.is_some_and(|key| self.nonces.take(key, &origin, &answer.headers));
            let content_type = answer.header("content-type");
            let read =
                answer::read(settings, answer.status, content_type, wire::retry_after(&answer), &answer.body);
            match read {
                Err(Fault::Refused(OauthError::UseDpopNonce)) if is_news && may_repeat => may_repeat = false,
                Err(Fault::Refused(error)) if is_of_signature(error, settings, client) => {
                    let off = answer.header("date").and_then(|date| minutes_off(date, now));
                    return Err(off.map_or(Fault::Refused(error), Fault::Clock));
                }
                read => return read,
            }
        }
    }

    /// Seals a new token set and commits it.
    async fn commit(
        &self,
        credential: &Credential,
        fence: u64,
        former: Grant,
        (answer, present): (TokenAnswer, Option<TokenSet>),
    ) -> Result<(), Fault> {
        let revision = former.revision + 1;
        let (tokens, grant) = self.next_grant(former, answer, present);
        let document = tokens.document();
        let detail = AuditDetail {
            purpose: Some("refresh".to_owned()),
            outcome: Some("success".to_owned()),
            secret_revision: Some(revision),
            ..AuditDetail::default()
        };
        let audit = vec![self.record(credential, AuditAction::CredentialRefreshed, detail)];
        let mut pause = Duration::from_millis(20);
        for attempt in 1..=COMMIT_ATTEMPTS {
            let sealed = self.keyring.seal(&Binding::of_tokens(credential, revision), &document).await;
            let committed = match sealed {
                Ok(tokens) => {
                    let commit = CommitTokens {
                        credential: credential.id,
                        fence,
                        grant: grant.clone(),
                        tokens,
                        audit: audit.clone(),
                    };
                    self.store.commit_tokens(commit).await.map_err(|error| match error {
                        flero_store::Error::Conflict => Fault::Lost,
                        _ => store_down(),
                    })
                }
                Err(_) => Err(Fault::Inside(crate::Kind::VaultUnavailable)),
            };
            match committed {
                Ok(()) => return Ok(()),
                Err(fault) if attempt == COMMIT_ATTEMPTS || fault == Fault::Lost => {
                    tracing::error!(credential = %credential.id, why = fault.word(), "a new token set could not be stored");
                    return Err(fault);
                }
                Err(_) => {
                    sleep(pause).await;
                    pause *= 2;
                }
            }
        }
        Err(Fault::Lost)
    }

    /// What is known of the grant after an answer, and its whole token set: a refresh token that was not replaced
    /// stays good (RFC 6749 section 6).
    pub(super) fn next_grant(
        &self,
        former: Grant,
        answer: TokenAnswer,
        present: Option<TokenSet>,
    ) -> (TokenSet, Grant) {
        let mut tokens = answer.tokens;
        let mut grant = Grant { revision: former.revision + 1, ..former };
        if let Some(present) = present {
            if let (Some(old), Some(new)) = (&present.refresh, &tokens.refresh) {
                grant.rotates = Some(old.expose() != new.expose());
            } else if present.refresh.is_some() {
                grant.rotates = Some(false);
            }
            tokens.refresh = tokens.refresh.or(present.refresh);
        }
        grant.has_refresh_token = tokens.refresh.is_some();
        if let Some(scopes) = answer.scopes {
            grant.scopes = scopes;
        }
        grant.values.extend(answer.values);
        if let Some(key) = answer.account.and_then(|account| account.key) {
            grant.account_key = Some(key);
        }
        let mut random = [0_u8; 2];
        // Without randomness there is no jitter, and nothing else is lost.
        let _ = rand::fill(&mut random);
        self.times(&mut grant, answer.life_seconds, u16::from_le_bytes(random));
        (tokens, grant)
    }

    async fn note_failure(&self, credential: &Credential, fence: u64, fault: Fault, may_be_spent: bool) {
        let now = self.clock.now();
        let needs_person =
            Settings::read(&credential.policy).is_ok_and(|settings| settings.grant.needs_person());
        let (status, pause) = match fault {
            fault if fault.ends_grant() && needs_person => (Some(Status::Expired), None),
            // Somebody set the client up wrongly; the grant itself is untouched.
            fault if !fault.is_transient() => (Some(Status::Failing), Some(REFUSED_PAUSE_MS)),
            Fault::Busy(Some(seconds)) => (None, Some(i64::from(seconds.min(MAX_RETRY_AFTER)) * 1_000)),
            _ => (None, Some(1_000)),
        };
        let detail = AuditDetail {
            purpose: Some("refresh".to_owned()),
            outcome: Some(fault.word().to_owned()),
            ..AuditDetail::default()
        };
        let end = EndRefresh {
            credential: credential.id,
            fence,
            retry_at: pause.map(|pause| now.plus_millis(pause)),
            may_be_spent,
            status: status.map(|status| (status, self.status_record(credential, status, fault))),
            audit: vec![self.record(credential, AuditAction::CredentialRefreshed, detail)],
        };
        if status.is_some() {
            tracing::warn!(credential = %credential.id, why = fault.word(), "a token could not be renewed");
        }
        if let Err(error) = self.store.end_refresh(end).await {
            tracing::warn!(credential = %credential.id, %error, "the end of a refresh could not be noted");
        }
    }
}

/// The key that the next tokens are bound to: the grant's own, or a fresh one; `None` where the service takes bearer
/// tokens.
///
/// # Errors
/// [`Fault::Inside`] when there is no randomness.
pub(super) fn proof_key(
    settings: &Settings,
    present: Option<&TokenSet>,
) -> Result<Option<SecretString>, Fault> {
    if !settings.ways.dpop {
        return Ok(None);
    }
    match present.and_then(|tokens| tokens.proof_key.as_ref()) {
        Some(key) => Ok(Some(again(key))),
        None => ProofKey::generate().map(Some),
    }
}

/// The same key for another token set: secrets are copied by name alone.
fn again(key: &SecretString) -> SecretString {
    SecretString::from(key.expose().as_str())
}

/// Whether an error can be about what was signed with a time in it: an assertion or a proof.
fn is_of_signature(error: OauthError, settings: &Settings, client: &Client) -> bool {
    match error {
        OauthError::InvalidDpopProof => true,
        OauthError::InvalidClient => client.private_key.is_some(),
        OauthError::InvalidGrant => settings.grant == GrantType::JwtBearer,
        _ => false,
    }
}

/// How many minutes this machine's clock is ahead of a service's, where that is more than servers bear: assertions and
/// proofs are good for a few minutes (RFC 7523 section 3, RFC 9449 section 11.1).
fn minutes_off(date: &str, now: Timestamp) -> Option<i64> {
    let minutes = now.millis_since(Timestamp::from_http_date(date)?) / 60_000;
    (minutes.abs() >= 2).then_some(minutes)
}
