//! What a credential's policy says of OAuth: addresses, client, and the service's own ways. Pure.
//!
//! Everything is read from the policy, which is bound into the ciphertext of the secrets: whoever edits an address
//! in the database makes the secrets undecryptable.

use flero_model::{
    OauthAppId,
    credential::Policy,
    destination::{Destination, read_url},
    oauth_app::{OAUTH_APP, OauthApp},
    service::{self, ClientAuthMethod, Oauth, Pkce, Template},
};
use serde_json::Value;
use url::Url;

use super::fault::Fault;

/// How a token is asked for without anybody at the screen, or with somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantType {
    /// RFC 6749 section 4.1: a person allows it at the service.
    AuthorizationCode,
    /// RFC 6749 section 4.4: the client acts for itself.
    ClientCredentials,
    /// RFC 8628: a person types a code on another device.
    DeviceCode,
    /// RFC 7523: a signed assertion is the grant.
    JwtBearer,
    /// RFC 8693: another token is the grant.
    TokenExchange,
}

impl GrantType {
    /// Reads the name as it stands in parameters.
    #[must_use]
    pub fn read(name: &str) -> Option<Self> {
        Some(match name {
            "" | "authorization_code" => Self::AuthorizationCode,
            "client_credentials" => Self::ClientCredentials,
            "urn:ietf:params:oauth:grant-type:device_code" => Self::DeviceCode,
            "urn:ietf:params:oauth:grant-type:jwt-bearer" => Self::JwtBearer,
            "urn:ietf:params:oauth:grant-type:token-exchange" => Self::TokenExchange,
            _ => return None,
        })
    }

    /// The value of `grant_type` in the token request.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::ClientCredentials => "client_credentials",
            Self::DeviceCode => "urn:ietf:params:oauth:grant-type:device_code",
            Self::JwtBearer => "urn:ietf:params:oauth:grant-type:jwt-bearer",
            Self::TokenExchange => "urn:ietf:params:oauth:grant-type:token-exchange",
        }
    }

    /// Whether a person has to allow it at the service.
    #[must_use]
    pub const fn needs_person(self) -> bool {
        matches!(self, Self::AuthorizationCode | Self::DeviceCode)
    }
}

/// The OAuth settings of one credential.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The service's ways, its addresses filled in.
    pub ways: Oauth,
    /// How tokens are asked for.
    pub grant: GrantType,
    /// Whether a person chose how the client authenticates, so that nothing else is tried.
    pub is_method_given: bool,
    /// The client's identifier; empty where the service wants none.
    pub client_id: String,
    /// The scopes that are asked for.
    pub scopes: Vec<String>,
    /// The audience (RFC 8693 section 2.1, and the assertion's `aud`).
    pub audience: Option<String>,
    /// The resources (RFC 8707).
    pub resources: Vec<String>,
    /// The subject of an assertion (RFC 7523 section 3).
    pub subject: Option<String>,
    /// The identifier of the client's key (RFC 7517 section 4.5).
    pub key_id: Option<String>,
    /// The algorithm of assertions and proofs.
    pub algorithm: Option<String>,
    /// The type of the token that is exchanged (RFC 8693 section 3).
    pub subject_token_type: Option<String>,
    /// The OAuth app whose client it is, where it has none of its own.
    pub app: Option<OauthAppId>,
}

impl Settings {
    /// Reads a policy.
    ///
    /// # Errors
    /// [`Fault::Settings`] when a part is missing or is not of its kind.
    pub fn read(policy: &Policy) -> Result<Self, Fault> {
        let parameters = &policy.parameters;
        let mut ways = match parameters.get(service::OAUTH) {
            Some(described) => {
                serde_json::from_value(described.clone()).map_err(|_| Fault::Settings("oauth"))?
            }
            None => Oauth::default(),
        };
        let text = |name: &str| parameters.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        for (name, place) in [
            ("authorizationUrl", &mut ways.authorization_url),
            ("tokenUrl", &mut ways.token_url),
            ("refreshUrl", &mut ways.refresh_url),
            ("revocationUrl", &mut ways.revocation_url),
            ("deviceAuthorizationUrl", &mut ways.device_authorization_url),
            ("pushedAuthorizationUrl", &mut ways.pushed_authorization_url),
            ("issuer", &mut ways.issuer),
        ] {
            if let Some(url) = text(name) {
                *place = Some(Template::new(url).map_err(|_| Fault::Settings("a URL"))?);
            }
        }
        if let Some(method) = text("clientAuthMethod") {
            ways.client_auth_method =
                serde_json::from_value(method.into()).map_err(|_| Fault::Settings("clientAuthMethod"))?;
        }
        if let Some(wanted) = parameters.get("dpop").and_then(Value::as_bool) {
            ways.dpop = wanted;
        }
        if !parameters.contains_key(service::OAUTH) {
            // Only a connector's description can switch it off (RFC 9700 section 2.1.1).
            ways.pkce = Pkce::S256;
        }
        let grant = GrantType::read(text("grantType").unwrap_or(&ways.grant_type))
            .ok_or(Fault::Settings("grantType"))?;
        let asked = words(parameters.get("scopes"));
        let scopes = if parameters.contains_key("scopes") {
            asked
        } else {
            ways.permissions.iter().map(|permission| permission.scope.clone()).collect()
        };
        Ok(Self {
            grant,
            is_method_given: parameters.contains_key("clientAuthMethod"),
            scopes,
            client_id: text("clientId").unwrap_or_default().to_owned(),
            audience: text("audience").map(str::to_owned),
            resources: words(parameters.get("resource")),
            subject: text("subject").map(str::to_owned),
            key_id: text("keyId").map(str::to_owned),
            algorithm: text("algorithm").map(str::to_owned),
            subject_token_type: text("subjectTokenType").map(str::to_owned),
            app: match text(OAUTH_APP) {
                Some(id) => Some(id.parse().map_err(|_| Fault::Settings(OAUTH_APP))?),
                None => None,
            },
            ways,
        })
    }

    /// Puts an app's client in the place of the credential's own.
    pub(crate) fn take_client(&mut self, app: &OauthApp) {
        let text = |name: &str| app.policy.parameters.get(name).and_then(Value::as_str).map(str::to_owned);
        app.client_id().clone_into(&mut self.client_id);
        self.key_id = text("keyId");
        self.algorithm = text("algorithm");
        if let Some(method) = app.policy.parameters.get("clientAuthMethod")
            && let Ok(method) = serde_json::from_value(method.clone())
        {
            self.ways.client_auth_method = method;
            self.is_method_given = true;
        }
    }

    /// Every address that the client authenticates at.
    pub(crate) fn client_endpoints(&self) -> impl Iterator<Item = Result<Url, Fault>> {
        let ways = &self.ways;
        let all = [
            (&ways.token_url, "tokenUrl"),
            (&ways.refresh_url, "refreshUrl"),
            (&ways.revocation_url, "revocationUrl"),
            (&ways.device_authorization_url, "deviceAuthorizationUrl"),
            (&ways.pushed_authorization_url, "pushedAuthorizationUrl"),
        ];
        let given = all.into_iter().filter(|(url, _)| url.is_some());
        given.map(|(url, name)| endpoint(url.as_ref(), name).map(|(url, _)| url))
    }

    /// The token endpoint.
    ///
    /// # Errors
    /// [`Fault::Settings`] when there is none, or it is no URL.
    pub fn token_url(&self) -> Result<(Url, Destination), Fault> {
        endpoint(self.ways.token_url.as_ref(), "tokenUrl")
    }

    /// Where tokens are refreshed.
    ///
    /// # Errors
    /// As [`Settings::token_url`].
    pub fn refresh_url(&self) -> Result<(Url, Destination), Fault> {
        endpoint(self.ways.refresh_url.as_ref().or(self.ways.token_url.as_ref()), "refreshUrl")
    }

    /// The issuer, exactly as it is configured.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.ways.issuer.as_ref().map(Template::as_str)
    }

    /// The scopes as one parameter; `None` when there are none.
    #[must_use]
    pub fn scope(&self) -> Option<String> {
        let separator =
            if self.ways.scope_separator.is_empty() { " " } else { self.ways.scope_separator.as_str() };
        (!self.scopes.is_empty()).then(|| self.scopes.join(separator))
    }

    /// Whether the client has a secret to present.
    #[must_use]
    pub const fn has_client_secret(&self) -> bool {
        matches!(
            self.ways.client_auth_method,
            ClientAuthMethod::ClientSecretBasic | ClientAuthMethod::ClientSecretPost
        )
    }

    /// The name of a parameter at this service.
    #[must_use]
    pub fn name<'n>(&'n self, standard: &'n str) -> &'n str {
        self.ways.renamed_parameters.get(standard).map_or(standard, String::as_str)
    }
}

/// An endpoint as a URL that may be called.
///
/// # Errors
/// [`Fault::Settings`] when there is none, or it is no URL.
pub(super) fn endpoint(template: Option<&Template>, name: &'static str) -> Result<(Url, Destination), Fault> {
    let text = template.ok_or(Fault::Settings(name))?.as_str();
    let (mut url, destination) = read_url(text).map_err(|_| Fault::Settings(name))?;
    url.set_fragment(None);
    Ok((url, destination))
}

/// A list, or words in one text.
fn words(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => text.split_whitespace().map(str::to_owned).collect(),
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}
