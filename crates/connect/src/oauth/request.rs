//! Writing token requests: the grant's parameters, the client's authentication, the service's format. Pure but for
//! the randomness of assertions.

use bytes::Bytes;
use data_encoding::BASE64;
use flero_model::{
    Timestamp,
    secret::SecretString,
    service::{ClientAuthMethod, Template, TokenFormat},
};
use http::{HeaderMap, HeaderValue, header};
use serde::Serialize as _;
use serde_json::{Map, json};
use std::{collections::BTreeMap, sync::Arc};
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use super::{client::Client, fault::Fault, jwt::SigningKey, pkce, settings::Settings};
use crate::auth::certificate::Identity;

/// How long an assertion is good: RFC 7523 section 3 asks for a short life; five minutes bear a clock that is off.
const ASSERTION_LIFE_MS: i64 = 300_000;

/// The parameters of a request, in order. Their values are wiped.
#[derive(Default)]
pub(crate) struct Parameters(Vec<(String, Zeroizing<String>)>);

impl std::fmt::Debug for Parameters {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Parameters({})", self.0.len())
    }
}

impl Parameters {
    /// Adds a parameter, in place of one of the same name unless that is repeatable.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.0.retain(|(other, _)| other != name);
        self.add(name, value);
    }

    /// Adds a parameter beside others of the same name.
    pub(crate) fn add(&mut self, name: &str, value: &str) {
        self.0.push((name.to_owned(), Zeroizing::new(value.to_owned())));
    }

    /// The same parameters for a second request.
    #[must_use]
    pub(crate) fn again(&self) -> Self {
        Self(self.0.iter().map(|(name, value)| (name.clone(), value.clone())).collect())
    }

    /// Adds what a description gives.
    pub(crate) fn extend(&mut self, described: &BTreeMap<String, Template>) {
        for (name, value) in described {
            self.set(name, value.as_str());
        }
    }

    /// The parameters as a form (RFC 6749 appendix B).
    pub(crate) fn form(&self) -> Zeroizing<String> {
        let mut form = form_urlencoded::Serializer::new(String::with_capacity(self.room()));
        for (name, value) in &self.0 {
            form.append_pair(name, value);
        }
        Zeroizing::new(form.finish())
    }

    fn json(&self) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let members: BTreeMap<&str, &str> =
            self.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let mut text = Zeroizing::new(Vec::with_capacity(self.room()));
        members
            .serialize(&mut serde_json::Serializer::new(&mut *text))
            .map_err(|_| Fault::Settings("parameters"))?;
        Ok(text)
    }

    /// Enough bytes for every form, so that nothing is left behind by a reallocation.
    fn room(&self) -> usize {
        self.0.iter().map(|(name, value)| 3 * (name.len() + value.len()) + 8).sum::<usize>() + 16
    }

    /// Gives the parameters the names that the service has for them.
    pub(crate) fn rename(&mut self, settings: &Settings) {
        for (name, _) in &mut self.0 {
            let renamed = settings.name(name).to_owned();
            *name = renamed;
        }
    }
}

/// A request that is ready to be sent with POST.
pub(crate) struct Prepared {
    /// Where to.
    pub(crate) url: Url,
    /// Its fields.
    pub(crate) headers: HeaderMap,
    /// Its body.
    pub(crate) body: Bytes,
    /// What its connection shows and trusts.
    pub(crate) identity: Option<Arc<Identity>>,
}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Prepared({} bytes)", self.body.len())
    }
}

/// Adds the client's authentication and writes the request.
///
/// # Errors
/// [`Fault::Settings`] when the client lacks what its method needs.
pub(crate) fn prepare(
    settings: &Settings,
    client: &Client,
    method: ClientAuthMethod,
    mut url: Url,
    mut parameters: Parameters,
    now: Timestamp,
) -> Result<Prepared, Fault> {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    authenticate(settings, client, method, &url, &mut parameters, &mut headers, now)?;
    parameters.rename(settings);
    let body = match settings.ways.token_format {
        TokenFormat::Form => {
            let form = HeaderValue::from_static("application/x-www-form-urlencoded");
            headers.insert(header::CONTENT_TYPE, form);
            Bytes::copy_from_slice(parameters.form().as_bytes())
        }
        TokenFormat::Json => {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            Bytes::copy_from_slice(&parameters.json()?)
        }
        TokenFormat::Query => {
            let form = parameters.form();
            let query = match url.query().filter(|query| !query.is_empty()) {
                Some(query) => format!("{query}&{}", *form),
                None => form.to_string(),
            };
            url.set_query(Some(&query));
            Bytes::new()
        }
    };
    Ok(Prepared { url, headers, body, identity: client.identity.clone() })
}

fn authenticate(
    settings: &Settings,
    client: &Client,
    method: ClientAuthMethod,
    url: &Url,
    parameters: &mut Parameters,
    headers: &mut HeaderMap,
    now: Timestamp,
) -> Result<(), Fault> {
    let held = client.client_secret.as_ref().filter(|secret| !secret.expose().is_empty());
    let secret = || held.ok_or(Fault::Settings("clientSecret"));
    // Without a secret and without a word on the method it is a public client (RFC 6749 section 2.1).
    let method = match method {
        ClientAuthMethod::ClientSecretBasic | ClientAuthMethod::ClientSecretPost
            if held.is_none() && !settings.is_method_given =>
        {
            ClientAuthMethod::None
        }
        method => method,
    };
    match method {
        ClientAuthMethod::ClientSecretBasic => {
            // RFC 6749 section 2.3.1: each half is encoded as in a form before they are joined.
            let coded = |text: &str| {
                Zeroizing::new(form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>())
            };
            let pair =
                Zeroizing::new(format!("{}:{}", *coded(&settings.client_id), *coded(secret()?.expose())));
            let value = Zeroizing::new(format!("Basic {}", BASE64.encode(pair.as_bytes())));
            let mut value =
                HeaderValue::from_bytes(value.as_bytes()).map_err(|_| Fault::Settings("clientSecret"))?;
            value.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, value);
        }
        ClientAuthMethod::ClientSecretPost => {
            parameters.set("client_id", &settings.client_id);
            parameters.set("client_secret", secret()?.expose());
        }
        ClientAuthMethod::PrivateKeyJwt => {
            // RFC 7523 section 3: the audience is the server; draft-ietf-oauth-rfc7523bis wants its issuer.
            let audience = settings.issuer().unwrap_or(url.as_str());
            let assertion = assertion(settings, client, &settings.client_id, audience, None, now)?;
            parameters.set("client_id", &settings.client_id);
            parameters.set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
            parameters.set("client_assertion", assertion.expose());
        }
        // RFC 8705 section 2: the certificate of the connection says the rest.
        ClientAuthMethod::TlsClientAuth
        | ClientAuthMethod::SelfSignedTlsClientAuth
        | ClientAuthMethod::None => {
            if !settings.client_id.is_empty() {
                parameters.set("client_id", &settings.client_id);
            }
        }
    }
    Ok(())
}

/// A signed assertion (RFC 7523 section 3): at most five minutes good, and never twice the same.
///
/// # Errors
/// [`Fault::Settings`] when there is no usable key.
pub(crate) fn assertion(
    settings: &Settings,
    client: &Client,
    subject: &str,
    audience: &str,
    scope: Option<String>,
    now: Timestamp,
) -> Result<SecretString, Fault> {
    let pem = client.private_key.as_ref().ok_or(Fault::Settings("privateKey"))?;
    let key = SigningKey::from_pem(pem, settings.algorithm.as_deref())?;
    let seconds = now.as_millis() / 1_000;
    let mut claims = json!({
        "iss": settings.client_id,
        "sub": subject,
        "aud": audience,
        "iat": seconds,
        "exp": seconds + ASSERTION_LIFE_MS / 1_000,
        "jti": pkce::random_text()?.expose(),
    });
    if let Some(scope) = scope {
        // Services whose assertion is the grant read the scopes there (Google, DocuSign); others ignore it.
        claims["scope"] = scope.into();
    }
    let mut header = Map::new();
    header.insert("typ".into(), "JWT".into());
    if let Some(id) = &settings.key_id {
        header.insert("kid".into(), id.as_str().into());
    }
    key.sign(header, &claims)
}
