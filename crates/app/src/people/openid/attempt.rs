//! The beginning of an attempt: the address that the browser opens, and what it keeps.
//!
//! The browser keeps one random secret in a cookie. `state`, `nonce` and the PKCE verifier are derived from it, so that
//! the attempt is bound to the browser by what it is made of, and nothing secret of it is stored here.

use aws_lc_rs::hmac;
use data_encoding::BASE64URL_NOPAD;
use flero_connect::oauth::openid::{OpenidClient, OpenidRequest};
use flero_keyring::Binding;
use flero_model::{IdentityProviderId, SessionId, secret::SecretString};
use flero_store::{
    identity::{OpenidAttempt, StoredProvider},
    sessions::Session,
};

use crate::{
    App, Error, Refusal, Result,
    people::sessions::{Origin, is_fresh, new_token, token_hash},
};

/// How long an attempt waits for its answer, in milliseconds.
pub const ATTEMPT_MS: i64 = 600_000;
/// The longest path to go on to, in bytes.
const MAX_RETURN_TO: usize = 1_000;

/// What a sign-in begins with.
#[derive(Debug, Clone)]
pub struct OpenidStart {
    /// With which provider.
    pub provider: IdentityProviderId,
    /// Where to go on: a path of this server; the first page unless told.
    pub return_to: Option<String>,
    /// The address that was typed in already.
    pub login_hint: Option<String>,
    /// Whether the person must sign in anew there: for a step-up.
    pub reauthenticates: bool,
}

/// An attempt that has begun.
#[derive(Debug)]
pub struct OpenidBegun {
    /// What the browser opens.
    pub authorization_url: String,
    /// What the browser keeps until it comes back.
    pub browser_secret: SecretString,
}

/// What an attempt is made of.
pub(super) struct Secrets {
    pub(super) state: SecretString,
    pub(super) nonce: SecretString,
    pub(super) verifier: SecretString,
}

impl Secrets {
    /// Derives them from what the browser keeps: 256 bits each, none of which tells another.
    pub(super) fn of(browser_secret: &str) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, browser_secret.as_bytes());
        let derive = |label: &str| {
            SecretString::new(BASE64URL_NOPAD.encode(hmac::sign(&key, label.as_bytes()).as_ref()))
        };
        Self {
            state: derive("flero openid state 1"),
            nonce: derive("flero openid nonce 1"),
            verifier: derive("flero openid verifier 1"),
        }
    }
}

/// The client at a provider, for the door.
pub(super) fn client_of(stored: &StoredProvider) -> OpenidClient {
    let provider = &stored.provider;
    let secret = stored.secret.as_ref().map(|sealed| sealed.blob.clone());
    OpenidClient {
        organization: provider.organization_id,
        issuer: provider.issuer.clone(),
        client_id: provider.client_id.clone(),
        method: provider.client_auth_method,
        key_id: provider.key_id.clone(),
        secret: secret.map(|blob| (Binding::of_identity_provider(provider), blob)),
    }
}

/// Checks where to go on: a path of this server and nothing that a browser could read as another one's address.
fn local_path(path: Option<String>) -> Result<String> {
    let Some(path) = path else { return Ok("/".to_owned()) };
    let second = path.chars().nth(1);
    let is_local = path.starts_with('/') && second != Some('/') && !path.starts_with("/api/");
    if is_local && path.len() <= MAX_RETURN_TO && !path.contains(|c: char| c == '\\' || !c.is_ascii_graphic())
    {
        return Ok(path);
    }
    let message = "Give a path of this server, for example /workflows.";
    Err(Error::field("/returnTo", "path.local", message))
}

impl App {
    /// Where a provider sends the browser back to: an address of its own for each provider, so that no answer of one is
    /// taken for another's (RFC 9700 section 4.4.2.2).
    #[must_use]
    pub fn openid_redirect_uri(&self, provider: IdentityProviderId) -> String {
        format!("{}/api/auth/openid/{provider}/callback", self.public_url())
    }

    /// Begins a sign-in.
    ///
    /// # Errors
    /// [`Error::NotFound`] without such a provider; [`Error::Invalid`]; [`Error::TooManyAttempts`];
    /// [`Error::ProviderUnavailable`] when it does not answer.
    pub async fn start_openid(&self, start: OpenidStart, origin: &Origin) -> Result<OpenidBegun> {
        self.attempt_from(origin.address).await?;
        let stored = self.store().identity_provider(start.provider).await?;
        self.begin_openid(&stored, start, None).await
    }

    /// Begins to link an identity to the account of whoever is signed in.
    ///
    /// # Errors
    /// [`Error::Forbidden`] without a fresh proof; as [`App::start_openid`].
    pub async fn start_link(&self, own: &Session, start: OpenidStart) -> Result<OpenidBegun> {
        if !is_fresh(own, self.now()) {
            return Err(Error::Forbidden(Refusal::StepUp));
        }
        let stored = self.store().identity_provider(start.provider).await?;
        // A provider of an organization that the person is not in is like one that is not there.
        let _ = self.store().organization_role(own.user, stored.provider.organization_id).await?;
        self.begin_openid(&stored, start, Some(own.id)).await
    }

    async fn begin_openid(
        &self,
        stored: &StoredProvider,
        start: OpenidStart,
        links: Option<SessionId>,
    ) -> Result<OpenidBegun> {
        let return_to = local_path(start.return_to)?;
        if !stored.provider.is_enabled {
            return Err(Error::NotFound);
        }
        let (now, browser_secret) = (self.now(), new_token()?);
        let secrets = Secrets::of(browser_secret.expose());
        let redirect_uri = self.openid_redirect_uri(stored.provider.id);
        let request = OpenidRequest {
            redirect_uri: &redirect_uri,
            scopes: &stored.provider.rules.scopes,
            state: &secrets.state,
            nonce: &secrets.nonce,
            verifier: &secrets.verifier,
            login_hint: start.login_hint.as_deref(),
            reauthenticates: start.reauthenticates,
        };
        let url = self.0.connect.openid_url(&client_of(stored), request).await;
        let authorization_url = url.map_err(|fault| {
            tracing::warn!(provider = %stored.provider.id, reason = fault.word(), "a provider cannot be used");
            Error::ProviderUnavailable
        })?;
        let attempt = OpenidAttempt {
            state_hash: token_hash(secrets.state.expose()),
            provider: stored.provider.id,
            links,
            reauthenticates: start.reauthenticates,
            return_to,
            created_at: now,
            expires_at: now.plus_millis(ATTEMPT_MS),
        };
        self.store().begin_openid(attempt).await?;
        Ok(OpenidBegun { authorization_url, browser_secret })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_attempt_is_made_of_is_the_browsers_and_tells_nothing_of_each_other() {
        let (one, again, other) = (Secrets::of("a"), Secrets::of("a"), Secrets::of("b"));
        assert_eq!(one.state.expose(), again.state.expose());
        let all = [&one.state, &one.nonce, &one.verifier, &other.state, &other.nonce, &other.verifier];
        let mut texts: Vec<&String> = all.iter().map(|secret| secret.expose()).collect();
        assert!(texts.iter().all(|text| text.len() == 43), "a verifier has 43 to 128 characters");
        texts.sort();
        texts.dedup();
        assert_eq!(texts.len(), 6);
    }

    #[test]
    fn a_sign_in_goes_on_at_this_server_alone() {
        for good in ["/", "/workflows?x=1#y", "/logs/exec_1"] {
            assert_eq!(local_path(Some(good.into())).unwrap(), good);
        }
        assert_eq!(local_path(None).unwrap(), "/");
        for bad in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\r\nx: y",
            "x",
            "/api/me",
            "/ö",
        ] {
            assert!(local_path(Some(bad.into())).is_err(), "{bad:?}");
        }
    }
}
