//! What is known of a service: its hosts, the ways to authenticate, and a request that tells whether a credential
//! works.
//!
//! Descriptions come from connectors. **A credential stands by itself:** when it is made, the chosen
//! [`AuthKind`] is filled in with what the person gave, and the result is written into the credential's
//! [`Policy`](crate::credential::Policy), which is bound into the ciphertext. What uses a secret reads that policy
//! and never the description, so that a newer description changes no existing credential: it can propose a host
//! or a place, but not add one.
//!
//! The entries of the policy's parameters that come from a description and not from a person are
//! [`PLACEMENTS`], [`OAUTH`], [`TEST`], [`LOGIN`] and [`SERVER`].

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::credential::AuthType;

mod known;
mod oauth;
mod resolve;
mod template;
mod test;

pub use known::{Category, Confirmation, KnownService};
pub use oauth::{ClientAuthMethod, Oauth, Permission, Pkce, TokenFormat};
pub use resolve::{Given, choose, resolve};
pub use template::{Piece, Template, TemplateError};
pub use test::{AcceptRule, Expiry, LoginStep, TestRequest};

/// The service that is none: any host that the credential allows.
pub const GENERIC: &str = "http";
/// The parameter that holds the [`Placement`]s of a `custom` credential.
pub const PLACEMENTS: &str = "placements";
/// The parameter that holds the [`Oauth`] description of a credential, its templates filled in.
pub const OAUTH: &str = "oauth";
/// The parameter that holds the [`TestRequest`]s of a credential, their templates filled in.
pub const TEST: &str = "test";

/// The parameter that holds the [`LoginStep`]s of a credential, their addresses filled in.
pub const LOGIN: &str = "loginSteps";
/// The parameter that holds the base address of a credential, where its way to authenticate has one of its own.
pub const SERVER: &str = "serverUrl";

/// How a service authenticates and where it lives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Service {
    /// The identifier: the name of its folder, `[a-z0-9-]`.
    pub id: String,
    /// The name as its owner writes it.
    pub name: String,
    /// Where requests go, for example `https://{subdomain}.example.com/api`.
    pub base_url: Template,
    /// The hosts that its credentials may be sent to.
    pub hosts: Vec<HostRule>,
    /// The ways to authenticate; the first is offered first.
    pub auth: Vec<AuthKind>,
    /// The vendor's pages on which this stands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub docs: Vec<String>,
}

/// One host of a service. Its class decides how strictly a value is checked before a secret is sent there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HostRule {
    /// The host, `api.example.com` or with a parameter, `{subdomain}.example.com`; `:port` may follow.
    pub host: Template,
    /// Who decides what it is.
    pub class: HostClass,
}

/// Who decides what a host is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum HostClass {
    /// The description.
    Fixed,
    /// The person, but only one label inside a fixed domain.
    Label,
    /// The person, out of the choices of a field.
    Listed,
    /// The service, in its token answer, and only inside the domain that the description names.
    Told,
    /// The person, freely: a server of their own. It is confirmed on screen before a secret is sent.
    Typed,
}

/// One way to authenticate at a service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AuthKind {
    /// The name of its security scheme in the document, unique within the service.
    pub id: String,
    /// The auth type of credentials of this kind.
    pub auth_type: AuthType,
    /// What people call it, for example `Personal access token`.
    pub name: String,
    /// What is asked of a person, in this order.
    pub fields: Vec<Field>,
    /// Parameters that the description gives and nobody types, for example `{"in": "header", "name": "X-Api-Key"}`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub parameters: Map<String, Value>,
    /// Where values go, for [`AuthType::Custom`]. Every request carries all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub placements: Vec<Placement>,
    /// For [`AuthType::Oauth2`]: addresses and the service's ways.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oauth: Option<Oauth>,
    /// Where requests of credentials of this kind go, where that is not the service's base address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<Template>,
    /// Requests that trade what was typed for a token, before any other request; their answers' values are named
    /// in placements as `{token.NAME}`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub login: Vec<LoginStep>,
    /// Requests that tell whether a credential works, tried in this order until one says so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub test: Vec<TestRequest>,
}

/// One thing that is asked of a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Field {
    /// Its name in `parameters`, or in `data` when it is secret.
    pub name: String,
    /// What the form says.
    pub label: String,
    /// Where to find it, in one or two sentences.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub help: String,
    /// Whether it is secret: sealed, never returned.
    #[serde(default)]
    pub secret: bool,
    /// Whether it can be left out.
    #[serde(default)]
    pub optional: bool,
    /// What it is when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// The only values that it can have; empty for any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// What it looks like.
    #[serde(default)]
    pub format: Format,
}

/// What a field's value looks like; checked before anything is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Format {
    /// One line of text.
    #[default]
    Text,
    /// Several lines, as in a PEM file.
    Multiline,
    /// One label of a host name (RFC 1123): letters, digits and inner hyphens, at most 63.
    HostLabel,
    /// A host name, perhaps with a port.
    Host,
    /// An absolute `https://` address.
    Url,
    /// An e-mail address.
    Email,
}

/// A value that every request of a `custom` credential carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Placement {
    /// Where it goes.
    #[serde(rename = "in")]
    pub place: Place,
    /// The name of the header, query parameter, cookie or body field; for [`Place::Path`] the placeholder in the
    /// path.
    pub name: String,
    /// The value, with fields in braces: `Token {apiKey}`. `{base64:user}:{pass}` is not written this way: use
    /// [`AuthType::Basic`].
    pub value: Template,
}

/// Where a value goes in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Place {
    /// A header field.
    Header,
    /// A query parameter.
    Query,
    /// A cookie.
    Cookie,
    /// A placeholder in the path, for example `/bot{token}/getMe`.
    Path,
    /// A field of a form or JSON body.
    Body,
}
