//! How a service does OAuth 2, in the words of its RFCs, and where it goes its own way.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Template;

/// A service's OAuth 2 endpoints and ways. Everything that is left out is as the RFCs say.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Oauth {
    /// The grant (RFC 6749 names, or the URN of an extension grant); `authorization_code` when empty.
    pub grant_type: String,
    /// The authorization endpoint (RFC 6749 section 3.1).
    pub authorization_url: Option<Template>,
    /// The token endpoint (RFC 6749 section 3.2).
    pub token_url: Option<Template>,
    /// Where tokens are refreshed, when not at the token endpoint.
    pub refresh_url: Option<Template>,
    /// The revocation endpoint (RFC 7009).
    pub revocation_url: Option<Template>,
    /// The device authorization endpoint (RFC 8628).
    pub device_authorization_url: Option<Template>,
    /// The pushed authorization request endpoint (RFC 9126).
    pub pushed_authorization_url: Option<Template>,
    /// The issuer, exactly as its metadata says it (RFC 8414); missing addresses are discovered from it.
    pub issuer: Option<Template>,
    /// Whether PKCE (RFC 7636) is sent.
    pub pkce: Pkce,
    /// How the client authenticates at the token endpoint.
    pub client_auth_method: ClientAuthMethod,
    /// How the token request is written.
    pub token_format: TokenFormat,
    /// What stands between scopes; one blank when empty (RFC 6749 section 3.3).
    pub scope_separator: String,
    /// What is asked for, each with its reason.
    pub permissions: Vec<Permission>,
    /// Further parameters of the authorization request, for example `access_type: offline`.
    pub authorization_parameters: BTreeMap<String, Template>,
    /// Further parameters of the token request.
    pub token_parameters: BTreeMap<String, Template>,
    /// Further parameters of the refresh request.
    pub refresh_parameters: BTreeMap<String, Template>,
    /// Parameters under another name, standard name first, for example `client_id: client_key`.
    pub renamed_parameters: BTreeMap<String, String>,
    /// The JSON pointer of the access token in the token answer; `/access_token` when empty.
    pub access_token_at: String,
    /// Values kept from the token answer, name first, then the JSON pointer: `instance_url: /instance_url`. They
    /// fill places in base addresses and are checked against the host rules.
    pub answer_values: BTreeMap<String, String>,
    /// Names of values kept from the query of the callback, for example `realmId`.
    pub callback_values: Vec<String>,
    /// How long an access token lives when the answer does not say, in seconds.
    pub default_lifetime_seconds: Option<u64>,
    /// Whether every refresh answers a new refresh token and ends the old one.
    pub rotates_refresh_tokens: Option<bool>,
    /// Whether access tokens are bound to a key of ours (DPoP, RFC 9449).
    pub dpop: bool,
}

/// One permission (an OAuth scope) with the reason to ask for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Permission {
    /// The scope as the service names it.
    pub scope: String,
    /// Why it is asked for, in one sentence.
    pub reason: String,
    /// Whether a person may untick it.
    #[serde(default)]
    pub optional: bool,
}

/// Whether PKCE is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Pkce {
    /// With the S256 method, for confidential clients too (RFC 9700 section 2.1.1).
    #[default]
    S256,
    /// Not at all: the service refuses requests that have it. Only a connector's description can say so.
    #[serde(rename = "off")]
    Off,
}

/// How the client authenticates at the token endpoint (names of the IANA registry of RFC 8414).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuthMethod {
    /// HTTP Basic (RFC 6749 section 2.3.1).
    #[default]
    ClientSecretBasic,
    /// In the body (RFC 6749 section 2.3.1).
    ClientSecretPost,
    /// A signed assertion (RFC 7523).
    PrivateKeyJwt,
    /// A TLS client certificate of an authority that the service trusts (RFC 8705 section 2.1).
    TlsClientAuth,
    /// A TLS client certificate that the service knows itself (RFC 8705 section 2.2).
    SelfSignedTlsClientAuth,
    /// A public client.
    None,
}

/// How the token request is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TokenFormat {
    /// As a form (RFC 6749).
    #[default]
    Form,
    /// As JSON.
    Json,
    /// In the query of the address.
    Query,
}
