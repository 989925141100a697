//! Authorization code: the address that a person opens, and the exchange of the code that comes back.
//!
//! The verifier is made here and sealed for the attempt; the tokens that come are sealed for the attempt too. Neither
//! leaves this crate in plain.

use flero_keyring::Binding;
use flero_model::{
    credential::Credential,
    secret::{SecretBytes, SecretString},
    service::Pkce,
};
use flero_store::{
    keys::SealedSecret,
    oauth::{Attempt, Grant, Revocation, TOKENS_FIELD},
};
use serde_json::Value;

use super::{
    answer::{self, Account},
    broker::{Broker, store_down},
    client::{self, Client},
    device::DEVICE_CODE_FIELD,
    discovery::Metadata,
    fault::{Fault, OauthError},
    grants::{self, Code},
    pkce,
    refresh::proof_key,
    request::{self, Parameters},
    settings::{Settings, endpoint},
    token_set::TokenSet,
};
use crate::{CREDENTIAL_FIELD, Connect};

/// The field under which an attempt's verifier is sealed.
pub const VERIFIER_FIELD: &str = "verifier";

/// An attempt that can begin.
#[derive(Debug)]
pub struct Begun {
    /// What the person opens; it holds no secret.
    pub authorization_url: String,
    /// The attempt's sealed secrets.
    pub secrets: Vec<SealedSecret>,
}

/// What a person's consent gave.
#[derive(Debug)]
pub struct Consent {
    /// What is known of the grant.
    pub grant: Grant,
    /// Whose account it is, where the service told it.
    pub account: Option<Account>,
    /// The sealed token set.
    pub secrets: Vec<SealedSecret>,
}

impl Connect {
    /// The metadata of an issuer (RFC 8414), for a client with these settings.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn discover_issuer(&self, issuer: &str, settings: &Settings) -> Result<Metadata, Fault> {
        self.broker()?.discover(issuer, client::is_tls(settings.ways.client_auth_method)).await
    }

    /// Begins an attempt: makes the address to open, with `state` and a challenge; pushes the request first where the
    /// policy names an address for that (RFC 9126).
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn begin_authorization(
        &self,
        draft: &Credential,
        owner: &str,
        data: &SealedSecret,
        redirect_uri: &str,
        state: &SecretString,
    ) -> Result<Begun, Fault> {
        self.check_token_reach(draft).await?;
        self.broker()?.begin(draft, owner, data, redirect_uri, state).await
    }

    /// Revokes a grant at its service (RFC 7009): the refresh token, then the access token. A token that the service
    /// does not know is revoked (section 2.2).
    ///
    /// # Errors
    /// [`Fault`]; a transient one is worth another attempt.
    pub async fn revoke_grant(&self, revocation: &Revocation) -> Result<(), Fault> {
        self.check_token_reach(&revocation.credential).await?;
        self.broker()?.revoke(revocation).await
    }

    /// Exchanges the code of an attempt and seals what comes.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn exchange_code(&self, attempt: &Attempt, code: SecretString) -> Result<Consent, Fault> {
        self.check_token_reach(&attempt.draft).await?;
        self.broker()?.exchange(attempt, code).await
    }
}

/// The parameters of an authorization request (RFC 6749 section 4.1.1, RFC 7636 section 4.3, RFC 8707).
fn parameters(settings: &Settings, redirect_uri: &str, state: &str, challenge: Option<&str>) -> Parameters {
    let mut parameters = Parameters::default();
    parameters.set("response_type", "code");
    parameters.set("client_id", &settings.client_id);
    parameters.set("redirect_uri", redirect_uri);
    if let Some(scope) = settings.scope() {
        parameters.set("scope", &scope);
    }
    for resource in &settings.resources {
        parameters.add("resource", resource);
    }
    parameters.extend(&settings.ways.authorization_parameters);
    if let Some(audience) = &settings.audience {
        parameters.set("audience", audience);
    }
    if let Some(challenge) = challenge {
        parameters.set("code_challenge", challenge);
        parameters.set("code_challenge_method", "S256");
    }
    // Last, so that no description can replace it.
    parameters.set("state", state);
    parameters
}

impl Broker {
    async fn begin(
        &self,
        draft: &Credential,
        owner: &str,
        data: &SealedSecret,
        redirect_uri: &str,
        state: &SecretString,
    ) -> Result<Begun, Fault> {
        let data = self.unseal(&Binding::of_record(owner, draft, CREDENTIAL_FIELD), &data.blob).await?;
        let (settings, client) = self.resolve(&draft.policy, &data).await?;
        let (mut url, _) = endpoint(settings.ways.authorization_url.as_ref(), "authorizationUrl")?;
        let mut secrets = Vec::new();
        let mut challenge = None;
        if settings.ways.pkce == Pkce::S256 {
            let verifier = pkce::verifier()?;
            challenge = Some(pkce::challenge(&verifier));
            let binding = Binding::of_record(owner, draft, VERIFIER_FIELD);
            secrets.push(self.seal(&binding, &verifier.to_bytes()).await?);
        }
        let mut asked = parameters(&settings, redirect_uri, state.expose(), challenge.as_deref());
        if settings.ways.pushed_authorization_url.is_some() {
            // What the address has in its query is a part of the request, and only what is pushed counts.
            for (name, value) in url.query_pairs() {
                asked.add(&name, &value);
            }
            url.set_query(None);
            asked = self.push(&settings, &client, asked).await?;
        }
        asked.rename(&settings);
        // What the address has in its query already stays.
        let query = match url.query().filter(|query| !query.is_empty()) {
            Some(query) => format!("{query}&{}", *asked.form()),
            None => asked.form().to_string(),
        };
        url.set_query(Some(&query));
        Ok(Begun { authorization_url: url.to_string(), secrets })
    }

    /// Pushes the request (RFC 9126 section 2) and gives what is left for the address.
    async fn push(
        &self,
        settings: &Settings,
        client: &Client,
        asked: Parameters,
    ) -> Result<Parameters, Fault> {
        let (url, _) = endpoint(settings.ways.pushed_authorization_url.as_ref(), "pushedAuthorizationUrl")?;
        let method = settings.ways.client_auth_method;
        let prepared = request::prepare(settings, client, method, url, asked, self.clock.now())?;
        let answer = self.wire.post(prepared).await?;
        let value: Value = serde_json::from_slice(answer.body.expose()).map_err(|_| Fault::Answer)?;
        if !(200..300).contains(&answer.status) {
            let code = value.get("error").and_then(Value::as_str).unwrap_or_default();
            return Err(Fault::Refused(super::OauthError::read(code)));
        }
        let uri = value.get("request_uri").and_then(Value::as_str).ok_or(Fault::Answer)?;
        let mut left = Parameters::default();
        left.set("client_id", &settings.client_id);
        left.set("request_uri", uri);
        Ok(left)
    }

    async fn exchange(&self, attempt: &Attempt, code: SecretString) -> Result<Consent, Fault> {
        let owner = attempt.id.to_string();
        let Held { data, verifier, .. } = self.secrets_of_owner(&attempt.draft, &owner).await?;
        let (settings, client) = self.resolve(&attempt.draft.policy, &data).await?;
        let code = Code { code, redirect_uri: attempt.redirect_uri.clone(), verifier };
        let key = proof_key(&settings, None)?;
        let asked = grants::code(&settings, &code);
        let answer = self.call_token(&settings, &client, asked, false, key.as_ref()).await?;
        self.consent(attempt, answer).await
    }

    /// Seals what a person's consent gave.
    pub(super) async fn consent(
        &self,
        attempt: &Attempt,
        answer: super::answer::TokenAnswer,
    ) -> Result<Consent, Fault> {
        let settings = Settings::read(&attempt.draft.policy)?;
        let account = answer.account.clone();
        let former = Grant { scopes: settings.scopes.clone(), ..attempt.grant.clone() };
        let (tokens, grant) = self.next_grant(former, answer, None);
        let binding = Binding::of_record(&attempt.id.to_string(), &attempt.draft, TOKENS_FIELD);
        let sealed = self.seal(&binding, &tokens.document()).await?;
        Ok(Consent { grant: Grant { revision: 0, ..grant }, account, secrets: vec![sealed] })
    }

    /// What is kept under an owner of its own: the client's secrets, the verifier of an attempt, a token set.
    pub(super) async fn secrets_of_owner(&self, credential: &Credential, owner: &str) -> Result<Held, Fault> {
        let none = SecretBytes::new(b"{}".to_vec());
        let mut held = Held { data: none, verifier: None, tokens: None, device_code: None };
        for sealed in self.store.secrets_of(owner.to_owned()).await.map_err(|_| store_down())? {
            let field = sealed.address.field.as_str();
            let plain = self.unseal(&Binding::of_record(owner, credential, field), &sealed.blob).await?;
            match field {
                CREDENTIAL_FIELD => held.data = plain,
                VERIFIER_FIELD => held.verifier = plain.to_text().ok(),
                TOKENS_FIELD => held.tokens = TokenSet::read(&plain),
                DEVICE_CODE_FIELD => held.device_code = plain.to_text().ok(),
                _ => {}
            }
        }
        Ok(held)
    }

    async fn revoke(&self, revocation: &Revocation) -> Result<(), Fault> {
        let held = self.secrets_of_owner(&revocation.credential, &revocation.id.to_string()).await?;
        let (settings, client) = self.resolve(&revocation.credential.policy, &held.data).await?;
        let (url, _) = endpoint(settings.ways.revocation_url.as_ref(), "revocationUrl")?;
        let Some(tokens) = held.tokens else { return Ok(()) };
        let both = [("refresh_token", tokens.refresh.as_ref()), ("access_token", Some(&tokens.access))];
        for (hint, token) in both {
            let Some(token) = token else { continue };
            let mut asked = Parameters::default();
            asked.set("token", token.expose());
            asked.set("token_type_hint", hint);
            let method = settings.ways.client_auth_method;
            let prepared =
                request::prepare(&settings, &client, method, url.clone(), asked, self.clock.now())?;
            let answer = self.wire.post(prepared).await?;
            match answer.status {
                200..=299 => {}
                // A service that cannot revoke tokens of this type says so (RFC 7009 section 2.2.1); one that
                // answers that the token is invalid has it revoked.
                400 if answer::error_code(answer.body.expose()).is_some_and(|code| is_as_good(&code)) => {}
                408 | 425 | 429 | 500..=599 => return Err(Fault::Busy(None)),
                300..=399 => return Err(Fault::Redirected),
                _ => return Err(Fault::Refused(OauthError::Other)),
            }
        }
        Ok(())
    }

    pub(super) async fn seal(&self, binding: &Binding, plain: &SecretBytes) -> Result<SealedSecret, Fault> {
        let sealed = self.keyring.seal(binding, plain).await;
        sealed.map_err(|_| Fault::Inside(crate::Kind::VaultUnavailable))
    }
}

/// What is kept under an owner of its own.
pub(super) struct Held {
    /// The secret fields of the credential.
    pub(super) data: SecretBytes,
    pub(super) verifier: Option<SecretString>,
    pub(super) tokens: Option<TokenSet>,
    pub(super) device_code: Option<SecretString>,
}

/// Whether an error of a revocation endpoint leaves nothing to revoke.
fn is_as_good(code: &str) -> bool {
    matches!(code, "unsupported_token_type" | "invalid_token" | "invalid_grant")
}
