//! The answer of a provider. Everything in it is hostile until it is checked.
//!
//! The order matters: whose browser it is, then the attempt, which is used up by that, then the provider and the issuer
//! (RFC 9207), and only then the code. Whoever is refused is told one of a few words; which account there is, or why
//! somebody may not come in, stands in the trail alone.

use flero_connect::oauth::openid::{IdClaims, OpenidAnswer};
use flero_model::{
    IdentityProviderId, Timestamp, UserId,
    audit::{Actor, AuditAction, AuditDetail},
    secret::SecretString,
};
use flero_store::{
    identity::{OpenidAttempt, StoredProvider},
    sessions::Session,
};

use super::attempt::{Secrets, client_of};
use crate::{
    App, Result,
    credentials::oauth::Parameters,
    people::{
        mfa::{Factor, SignInStep},
        sessions::{FRESH_MS, Origin, SignedIn, token_hash},
    },
};

/// How far a provider's clock may be off where a fresh sign-in is asked for, in milliseconds.
const SKEW_MS: i64 = 60_000;
/// The longest code that is taken, in bytes.
const MAX_CODE_BYTES: usize = 8 << 10;

/// What came back.
#[derive(Debug)]
pub struct OpenidCallback {
    /// The provider that the address is for.
    pub provider: IdentityProviderId,
    /// The query, as it came.
    pub query: SecretString,
    /// What the browser kept.
    pub browser_secret: Option<SecretString>,
    /// Who is signed in there.
    pub session: Option<Session>,
}

/// What came of it.
#[derive(Debug)]
pub enum OpenidLanding {
    /// Signed in; to go on at the path.
    SignedIn(SignedIn, String),
    /// A second factor is awaited.
    Factor(SignedIn, Vec<Factor>, String),
    /// The identity is linked; to go on at the path.
    Linked(String),
    /// Nothing.
    Refused(OpenidRefusal),
}

/// Why nothing came of it, as far as the person is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenidRefusal {
    /// No attempt of this browser belongs to it: used, over, or begun elsewhere.
    Unknown,
    /// The person gave up at the provider, or it refused.
    Cancelled,
    /// The provider's answer could not be used.
    Failed,
    /// Nobody here is linked to that identity, and nobody may become it.
    NotAllowed,
    /// The identity belongs to another account.
    Taken,
}

impl OpenidRefusal {
    /// The word that the sign-in page is told.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "openid_unknown",
            Self::Cancelled => "openid_cancelled",
            Self::Failed => "openid_failed",
            Self::NotAllowed => "openid_not_allowed",
            Self::Taken => "openid_taken",
        }
    }
}

/// Why an answer is not used: a word for the trail, and what the person is told.
pub(super) struct Refused {
    pub(super) word: &'static str,
    pub(super) told: OpenidRefusal,
}

pub(super) const fn refused(word: &'static str, told: OpenidRefusal) -> Refused {
    Refused { word, told }
}

/// What a step of a sign-in gives, or why it ends there.
pub(super) type Step<T> = Result<std::result::Result<T, Refused>>;

impl App {
    /// Takes the answer of a provider. The attempt is used up by it, whatever comes of it.
    ///
    /// # Errors
    /// When the store fails; every other failure is an [`OpenidLanding::Refused`].
    pub async fn take_openid_callback(
        &self,
        callback: OpenidCallback,
        origin: &Origin,
    ) -> Result<OpenidLanding> {
        let unknown = Ok(OpenidLanding::Refused(OpenidRefusal::Unknown));
        let parameters = Parameters::read(callback.query.expose());
        let (Ok(Some(state)), Some(kept)) = (parameters.one("state"), &callback.browser_secret) else {
            return unknown;
        };
        let secrets = Secrets::of(kept.expose());
        let is_same = aws_lc_rs::constant_time::verify_slices_are_equal(
            secrets.state.expose().as_bytes(),
            state.as_bytes(),
        );
        if is_same.is_err() {
            return unknown;
        }
        let attempt = match self.store().take_openid(token_hash(state), self.now()).await {
            Ok(attempt) => attempt,
            Err(flero_store::Error::NotFound) => return unknown,
            Err(error) => return Err(error.into()),
        };
        let stored = match self.store().identity_provider(attempt.provider).await {
            Ok(stored) => stored,
            Err(flero_store::Error::NotFound) => return unknown,
            Err(error) => return Err(error.into()),
        };
        let came = match self.identify(&stored, &attempt, &callback, &parameters, secrets).await? {
            Ok(claims) => match attempt.links {
                Some(_) => self.link(&stored.provider, &attempt, callback.session, &claims).await?,
                None => self.enter(&stored, &attempt, &claims, origin).await?,
            },
            Err(refused) => Err(refused),
        };
        match came {
            Ok(landing) => Ok(landing),
            Err(Refused { word, told }) => {
                self.note_refused(&stored, word).await?;
                Ok(OpenidLanding::Refused(told))
            }
        }
    }

    /// Who signed in at the provider.
    async fn identify(
        &self,
        stored: &StoredProvider,
        attempt: &OpenidAttempt,
        callback: &OpenidCallback,
        parameters: &Parameters,
        secrets: Secrets,
    ) -> Step<IdClaims> {
        use OpenidRefusal::{Cancelled, Failed, NotAllowed};
        if callback.provider != attempt.provider {
            return Ok(Err(refused("wrong_callback", Failed)));
        }
        if !stored.provider.is_enabled {
            return Ok(Err(refused("disabled", NotAllowed)));
        }
        let client = client_of(stored);
        let names_issuer = match self.0.connect.openid_metadata(client.organization, &client.issuer).await {
            Ok(metadata) => metadata.names_issuer,
            Err(fault) => return Ok(Err(refused(fault.word(), Failed))),
        };
        match parameters.one("iss") {
            Ok(Some(issuer)) if issuer == client.issuer => {}
            Ok(None) if !names_issuer => {}
            _ => return Ok(Err(refused("issuer_mismatch", Failed))),
        }
        match parameters.one("error") {
            Ok(None) => {}
            Ok(Some("access_denied" | "login_required" | "interaction_required" | "consent_required")) => {
                return Ok(Err(refused("cancelled", Cancelled)));
            }
            _ => return Ok(Err(refused("provider_error", Failed))),
        }
        let Ok(Some(code)) = parameters.one("code") else { return Ok(Err(refused("no_code", Failed))) };
        if code.is_empty() || code.len() > MAX_CODE_BYTES {
            return Ok(Err(refused("no_code", Failed)));
        }
        let answer = OpenidAnswer {
            code: SecretString::from(code),
            redirect_uri: self.openid_redirect_uri(attempt.provider),
            verifier: secrets.verifier,
            nonce: secrets.nonce,
        };
        let claims = match self.0.connect.openid_exchange(&client, answer).await {
            Ok(claims) => claims,
            Err(fault) => return Ok(Err(refused(fault.word(), Failed))),
        };
        let is_anew = claims.auth_time.is_some_and(|at| at >= attempt.created_at.plus_millis(-SKEW_MS));
        if attempt.reauthenticates && !is_anew {
            return Ok(Err(refused("not_reauthenticated", Failed)));
        }
        Ok(Ok(claims))
    }

    /// Signs in whoever the identity belongs to, or makes an account where the rules allow it.
    async fn enter(
        &self,
        stored: &StoredProvider,
        attempt: &OpenidAttempt,
        claims: &IdClaims,
        origin: &Origin,
    ) -> Step<OpenidLanding> {
        let provider = &stored.provider;
        // No groups and groups that are not told are two things: nobody loses a membership by the second.
        if provider.rules.group_claim.as_ref().is_some_and(|claim| claims.is_elsewhere(claim)) {
            return Ok(Err(refused("groups_elsewhere", OpenidRefusal::Failed)));
        }
        let known = self.store().identity(provider.id, &provider.issuer, &claims.subject).await;
        let user = match known {
            Ok(identity) => match self.enter_known(provider, &identity, claims).await? {
                Ok(()) => identity.user,
                Err(refused) => return Ok(Err(refused)),
            },
            Err(flero_store::Error::NotFound) => match self.join(provider, claims).await? {
                Ok(user) => user,
                Err(refused) => return Ok(Err(refused)),
            },
            Err(error) => return Err(error.into()),
        };
        let has_factor = provider.rules.trusts_factor(&claims.amr, claims.acr.as_deref());
        let step = self.begin_openid_session(user, claims.auth_time, has_factor, origin).await?;
        let return_to = attempt.return_to.clone();
        Ok(Ok(match step {
            SignInStep::Done(signed_in) => OpenidLanding::SignedIn(signed_in, return_to),
            SignInStep::Factor(awaiting, factors) => OpenidLanding::Factor(awaiting, factors, return_to),
        }))
    }

    /// Begins the session. Whoever has a factor here proves it, unless the provider proved one that the organization
    /// takes for one. The sign-in there may lie hours back: it is as fresh as the provider says, and no fresher.
    async fn begin_openid_session(
        &self,
        user: UserId,
        auth_time: Option<Timestamp>,
        has_provider_factor: bool,
        origin: &Origin,
    ) -> Result<SignInStep> {
        let factors = self.store().factors(user).await?;
        if factors.has_any() && !has_provider_factor {
            let awaiting = self.begin_awaiting(user, origin).await?;
            return Ok(SignInStep::Factor(awaiting, Factor::of(factors)));
        }
        let now = self.now();
        let stale = now.plus_millis(-FRESH_MS);
        let proved_at = auth_time.unwrap_or(stale).min(now);
        let complete = |session: Session| Session { proved_at, has_provider_factor, ..session };
        Ok(SignInStep::Done(self.begin_session_with(user, origin, complete).await?))
    }

    /// Records a sign-in that came to nothing, in the trail of the workspace that the provider was set up from.
    async fn note_refused(&self, stored: &StoredProvider, word: &'static str) -> Result<()> {
        let provider = &stored.provider;
        let detail = AuditDetail { outcome: Some(word.to_owned()), ..AuditDetail::default() };
        let record = self.record_in(
            provider.workspace_id,
            Actor::System,
            AuditAction::OpenidRefused,
            provider.id,
            detail,
        );
        Ok(self.store().append_audit(vec![record]).await?)
    }
}
