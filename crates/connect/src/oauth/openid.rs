//! OpenID Connect Core 1.0, the relying party's side: who signed in at a provider.
//!
//! Discovery, keys, token request and userinfo go through the same guard as every call to an authorization server. The
//! access token that comes along is used for userinfo at most, and dropped; nothing of it is kept.

mod keys;
mod token;

use std::sync::Arc;

use flero_keyring::Binding;
use flero_model::{
    OrganizationId,
    credential::{AuthType, Policy},
    secret::{SecretBytes, SecretString},
    service::ClientAuthMethod,
};
use http::{HeaderMap, HeaderValue, header};
use serde_json::{Map, Value, json};
use url::Url;

use super::{
    broker::Broker,
    client::Client,
    discovery,
    fault::Fault,
    grants::{self, Code},
    jwt::SigningKey,
    pkce, request,
    settings::Settings,
};
use crate::Connect;

pub(super) use keys::Providers;
pub use token::{IdClaims, TokenFault};

/// What an OpenID provider says of itself (OpenID Connect Discovery 1.0 section 3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenidMetadata {
    /// Where people sign in.
    pub authorization_endpoint: String,
    /// Where the code is exchanged.
    pub token_endpoint: String,
    /// Where the keys are.
    pub jwks_uri: String,
    /// Where more is told of a person.
    pub userinfo_endpoint: Option<String>,
    /// Whether every authorization answer names its issuer (RFC 9207 section 3).
    pub names_issuer: bool,
    /// The algorithms of its ID tokens, as it lists them.
    pub algorithms: Vec<String>,
}

/// The client at a provider.
#[derive(Debug, Clone)]
pub struct OpenidClient {
    /// Whose provider it is: its policy says which hosts are called.
    pub organization: OrganizationId,
    /// The provider's issuer, letter for letter.
    pub issuer: String,
    /// The client's identifier.
    pub client_id: String,
    /// How it authenticates.
    pub method: ClientAuthMethod,
    /// What the provider calls the client's key, for `private_key_jwt`.
    pub key_id: Option<String>,
    /// Its sealed secret or private key, and what that is bound to.
    pub secret: Option<(Binding, Vec<u8>)>,
}

/// What an authorization request says besides the client.
#[derive(Debug)]
pub struct OpenidRequest<'a> {
    /// Where the answer comes to.
    pub redirect_uri: &'a str,
    /// Scopes besides `openid email profile`.
    pub scopes: &'a [String],
    /// Names the attempt.
    pub state: &'a SecretString,
    /// Comes back in the ID token.
    pub nonce: &'a SecretString,
    /// The PKCE verifier; its challenge is sent alone.
    pub verifier: &'a SecretString,
    /// The address that was typed in already, if any.
    pub login_hint: Option<&'a str>,
    /// Whether the person must sign in anew (`prompt=login`, `max_age=0`).
    pub reauthenticates: bool,
}

/// What an answer is exchanged with.
#[derive(Debug)]
pub struct OpenidAnswer {
    /// The code.
    pub code: SecretString,
    /// Where it came to.
    pub redirect_uri: String,
    /// The PKCE verifier of the attempt.
    pub verifier: SecretString,
    /// The nonce of the attempt.
    pub nonce: SecretString,
}

/// Why nobody is known to have signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenidFault {
    /// A call failed, or the provider refused.
    Call(Fault),
    /// The ID token is not one for us, now.
    Token(TokenFault),
}

impl OpenidFault {
    /// A word for the audit trail.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Call(fault) => fault.word(),
            Self::Token(fault) => fault.word(),
        }
    }
}

impl From<Fault> for OpenidFault {
    fn from(fault: Fault) -> Self {
        Self::Call(fault)
    }
}

impl Connect {
    /// What a provider says of itself; kept for ten minutes. Every address of it that is called is one that the
    /// organization lets anything of it call.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn openid_metadata(
        &self,
        organization: OrganizationId,
        issuer: &str,
    ) -> Result<Arc<OpenidMetadata>, Fault> {
        self.check_address(organization, issuer).await?;
        let metadata = self.broker()?.openid_metadata(issuer).await?;
        for address in metadata.called() {
            self.check_address(organization, address).await?;
        }
        Ok(metadata)
    }

    async fn check_address(&self, organization: OrganizationId, address: &str) -> Result<(), Fault> {
        let url = Url::parse(address).map_err(|_| Fault::Answer)?;
        self.check_reach(organization, &url).await.map_err(|error| Fault::Call(error.kind()))
    }

    /// The address that a person opens to sign in.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn openid_url(
        &self,
        client: &OpenidClient,
        request: OpenidRequest<'_>,
    ) -> Result<String, Fault> {
        let metadata = self.openid_metadata(client.organization, &client.issuer).await?;
        authorization_url(&metadata, client, &request)
    }

    /// Exchanges a code and tells who signed in.
    ///
    /// # Errors
    /// [`OpenidFault`].
    pub async fn openid_exchange(
        &self,
        client: &OpenidClient,
        answer: OpenidAnswer,
    ) -> Result<IdClaims, OpenidFault> {
        let metadata = self.openid_metadata(client.organization, &client.issuer).await?;
        self.broker()?.openid_exchange(client, &metadata, answer).await
    }
}

impl OpenidMetadata {
    /// The addresses that Flero itself calls.
    fn called(&self) -> impl Iterator<Item = &str> {
        [&self.token_endpoint, &self.jwks_uri].into_iter().chain(&self.userinfo_endpoint).map(String::as_str)
    }
}

/// Whether a text is a private key in PEM that a client can sign with (RFC 7523).
#[must_use]
pub fn is_signing_key(pem: &SecretString) -> bool {
    SigningKey::from_pem(pem, None).is_ok()
}

/// Writes an authentication request (OpenID Connect Core 1.0 section 3.1.2.1).
fn authorization_url(
    metadata: &OpenidMetadata,
    client: &OpenidClient,
    asked: &OpenidRequest<'_>,
) -> Result<String, Fault> {
    let mut url = Url::parse(&metadata.authorization_endpoint).map_err(|_| Fault::Answer)?;
    let mut scopes = vec!["openid", "email", "profile"];
    scopes.extend(asked.scopes.iter().map(String::as_str));
    let mut query = url.query_pairs_mut();
    query
        .append_pair("response_type", "code")
        .append_pair("client_id", &client.client_id)
        .append_pair("redirect_uri", asked.redirect_uri)
        .append_pair("scope", &scopes.join(" "))
        .append_pair("nonce", asked.nonce.expose())
        .append_pair("code_challenge", &pkce::challenge(asked.verifier))
        .append_pair("code_challenge_method", "S256");
    if let Some(hint) = asked.login_hint {
        query.append_pair("login_hint", hint);
    }
    if asked.reauthenticates {
        query.append_pair("prompt", "login").append_pair("max_age", "0");
    }
    query.append_pair("state", asked.state.expose());
    drop(query);
    Ok(url.into())
}

/// Reads the metadata of a provider. Its issuer must be the configured one, letter for letter.
fn read(issuer: &str, body: &[u8]) -> Result<OpenidMetadata, Fault> {
    let common = discovery::read(issuer, body, false)?;
    let value: Value = serde_json::from_slice(body).map_err(|_| Fault::Answer)?;
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let words = value.get("id_token_signing_alg_values_supported").and_then(Value::as_array);
    Ok(OpenidMetadata {
        authorization_endpoint: text("authorization_endpoint").ok_or(Fault::Answer)?,
        token_endpoint: text("token_endpoint").ok_or(Fault::Answer)?,
        jwks_uri: text("jwks_uri").ok_or(Fault::Answer)?,
        userinfo_endpoint: text("userinfo_endpoint"),
        names_issuer: common.names_issuer,
        algorithms: words.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect(),
    })
}

impl Broker {
    async fn openid_exchange(
        &self,
        client: &OpenidClient,
        metadata: &OpenidMetadata,
        answer: OpenidAnswer,
    ) -> Result<IdClaims, OpenidFault> {
        let OpenidAnswer { code, redirect_uri, verifier, nonce } = answer;
        let code = Code { code, redirect_uri, verifier: Some(verifier) };
        let tokens = self.openid_tokens(client, metadata, &code).await?;
        let text = |name: &str| tokens.get(name).and_then(Value::as_str);
        let id_token = text("id_token").ok_or(OpenidFault::Token(TokenFault::Missing))?;
        let expected = token::Expected {
            issuer: &client.issuer,
            client_id: &client.client_id,
            nonce: nonce.expose(),
            algorithms: &metadata.algorithms,
        };
        let mut claims = self.verified(id_token, metadata, &expected).await?;
        if let (Some(url), Some(access)) = (&metadata.userinfo_endpoint, text("access_token")) {
            let more = self.userinfo(url, access).await?;
            claims.add(more).map_err(OpenidFault::Token)?;
        }
        Ok(claims)
    }

    /// The claims of an ID token. A key that is not known may be a new one of the provider's: its keys are read once
    /// more then.
    async fn verified(
        &self,
        id_token: &str,
        metadata: &OpenidMetadata,
        expected: &token::Expected<'_>,
    ) -> Result<IdClaims, OpenidFault> {
        let now = self.clock.now();
        let keys = self.openid_keys(&metadata.jwks_uri, false).await?;
        match token::verify(id_token, &keys, expected, now) {
            Err(TokenFault::Key) => {
                let keys = self.openid_keys(&metadata.jwks_uri, true).await?;
                token::verify(id_token, &keys, expected, now).map_err(OpenidFault::Token)
            }
            verified => verified.map_err(OpenidFault::Token),
        }
    }

    /// Exchanges the code (OpenID Connect Core 1.0 section 3.1.3).
    async fn openid_tokens(
        &self,
        client: &OpenidClient,
        metadata: &OpenidMetadata,
        code: &Code,
    ) -> Result<Map<String, Value>, Fault> {
        let parameters = json!({
            "issuer": client.issuer,
            "clientId": client.client_id,
            "clientAuthMethod": client.method,
            "keyId": client.key_id,
            "tokenUrl": metadata.token_endpoint,
        });
        let settings = Settings::read(&Policy {
            service: "openid".to_owned(),
            auth_type: AuthType::Oauth2,
            allowed_hosts: Vec::new(),
            parameters: parameters.as_object().cloned().unwrap_or_default(),
        })?;
        let presented = self.presented(client).await?;
        let (url, _) = settings.token_url()?;
        let asked = grants::code(&settings, code);
        let prepared = request::prepare(&settings, &presented, client.method, url, asked, self.clock.now())?;
        let reply = self.wire.post(prepared).await?;
        match reply.status {
            200 => serde_json::from_slice(reply.body.expose()).map_err(|_| Fault::Answer),
            300..=399 => Err(Fault::Redirected),
            429 | 500..=599 => Err(Fault::Busy(None)),
            _ => {
                let code = super::answer::error_code(reply.body.expose()).unwrap_or_default();
                Err(Fault::Refused(super::OauthError::read(&code)))
            }
        }
    }

    /// What the client authenticates with.
    async fn presented(&self, client: &OpenidClient) -> Result<Client, Fault> {
        let Some((binding, blob)) = &client.secret else { return Ok(Client::default()) };
        let plain: SecretBytes = self.unseal(binding, blob).await?;
        let secret = plain.to_text().map_err(|_| Fault::Settings("clientSecret"))?;
        Ok(match client.method {
            ClientAuthMethod::PrivateKeyJwt => Client { private_key: Some(secret), ..Client::default() },
            _ => Client { client_secret: Some(secret), ..Client::default() },
        })
    }

    /// What the provider tells of the person besides (OpenID Connect Core 1.0 section 5.3). Many put no address into the
    /// ID token.
    async fn userinfo(&self, url: &str, access_token: &str) -> Result<Map<String, Value>, Fault> {
        let url = Url::parse(url).map_err(|_| Fault::Answer)?;
        let mut headers = HeaderMap::new();
        let mut value =
            HeaderValue::from_str(&format!("Bearer {access_token}")).map_err(|_| Fault::Answer)?;
        value.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, value);
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        let reply = self.wire.get(url, headers).await?;
        match reply.status {
            200 => serde_json::from_slice(reply.body.expose()).map_err(|_| Fault::Answer),
            // A provider that tells nothing more is fine; what the ID token says stands.
            _ => Ok(Map::new()),
        }
    }
}

#[cfg(test)]
mod tests;
