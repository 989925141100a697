//! Requests that tell whether a credential works, and requests that trade a credential for a token.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Template, TokenFormat};

/// A request that changes nothing at the service and tells whether a credential is good.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TestRequest {
    /// The method, `GET` or `POST`.
    pub method: String,
    /// The whole address; places are filled in from the parameters.
    pub url: Template,
    /// Header fields besides authentication.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, Template>,
    /// The JSON body of a `POST`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// What a good answer looks like.
    #[serde(default)]
    pub accept: AcceptRule,
    /// JSON pointers into the answer that tell the account, the first that is there counts: `["/login", "/email"]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub account: Vec<String>,
    /// The header that lists the granted scopes, for example `X-OAuth-Scopes`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes_header: Option<String>,
}

/// What answer says that a secret was taken. Without a rule, a status of 200 to 299 whose counterpart without the
/// secret is 401 or 403.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct AcceptRule {
    /// The JSON pointer of a value that must be there, for services that answer 200 to failures too.
    pub pointer: Option<String>,
    /// What that value must be; any besides `null` and `false` when left out.
    pub equals: Option<Value>,
    /// The JSON pointer of what went wrong, when the rule is not met.
    pub error_pointer: Option<String>,
    /// Whether the answer speaks of the account by itself, so that no second request without the secret is needed.
    pub proves_identity: bool,
}

impl AcceptRule {
    /// Whether the body of an answer is what a good one looks like.
    #[must_use]
    pub fn is_met(&self, body: &Value) -> bool {
        let Some(pointer) = &self.pointer else { return true };
        let found = body.pointer(pointer);
        match &self.equals {
            Some(expected) => found == Some(expected),
            None => found.is_some_and(|value| !matches!(value, Value::Null | Value::Bool(false))),
        }
    }
}

/// A request that trades what was typed for a token (a log-in that is not OAuth).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LoginStep {
    /// The method.
    pub method: String,
    /// The whole address.
    pub url: Template,
    /// Header fields.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, Template>,
    /// How the parameters are written.
    #[serde(default)]
    pub format: TokenFormat,
    /// The parameters, with fields in braces.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, Template>,
    /// Values kept from the answer, name first, then the JSON pointer: `access: /token`.
    pub keep: BTreeMap<String, String>,
    /// When what was kept ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry: Option<Expiry>,
}

/// When a token ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Expiry {
    /// After so many seconds.
    Seconds(u64),
    /// After the number of seconds at this JSON pointer of the answer.
    SecondsAt(String),
    /// At the time (RFC 3339, or seconds since 1970) at this JSON pointer of the answer.
    TimeAt(String),
}
