//! What `x-flero`, `x-flero-operation` and `x-flero-trigger` say: the part of a connector that OpenAPI has no words
//! for. Unknown members are faults, so that a typing error is found; `docs/connectors/format.md` explains each.

mod auth;
mod operation;
mod trigger;

use std::collections::BTreeMap;

use flero_model::{
    database::Engine,
    mail::Protocol,
    service::{AcceptRule, Field, HostRule},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use auth::AuthHints;
pub use operation::{
    DynamicOptions, ErrorClass, ErrorRules, Example, IdempotencyHint, OperationHints, PagingHint,
    RateLimitHint,
};
pub use trigger::{
    EventName, Handshake, Places, Polling, Registration, SecretEncoding, SignatureEncoding, Signed, TimeUnit,
    Token, TriggerHints, Verification,
};

/// `x-flero` at the top of a document.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Flero {
    /// What kind of service it is: one word of the list in the format's description.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub category: String,
    /// Other words by which it is found.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// The brand's colour as `#rrggbb`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
    /// The only hosts that a credential of this connector may be sent to. Without it, the hosts of `servers`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<HostRule>,
    /// Parameters of the connection that `servers` names: how they are asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub connection: Vec<Field>,
    /// Which operation tests a credential and tells the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<TestHint>,
    /// Every permission that is asked for, with its reason.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub permissions: BTreeMap<String, String>,
    /// Header fields of every request, for example the version of the API.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// How errors are told, where an operation says nothing of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors: Option<ErrorRules>,
    /// How pages are followed, where an operation that has pages does not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pagination: Option<PagingHint>,
    /// Which header fields tell of limits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<RateLimitHint>,
    /// The engine of a database connector; then operations are statements instead of requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<Engine>,
    /// The protocol of a mail connector; then operations are [`crate::mail::Action`]s instead of requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail: Option<Protocol>,
}

impl Flero {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// The operation that tests a credential.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TestHint {
    /// Its `operationId`. It changes nothing at the service.
    pub operation: String,
    /// What it is called with.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub inputs: Map<String, Value>,
    /// What a good answer looks like, where the status does not say it.
    #[serde(default)]
    pub accept: AcceptRule,
    /// Where the answer tells whose account it is: JSON pointers, of which the first that is there counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub account: Vec<String>,
    /// The header field that lists the granted scopes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes_header: Option<String>,
}
