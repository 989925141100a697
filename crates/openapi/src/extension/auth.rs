//! `x-flero-auth` beside a security scheme: what the standard has no words for.

use flero_model::{
    credential::AuthType,
    service::{Field, LoginStep, Oauth, Placement, Template, TestRequest},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// `x-flero-auth`. What is left out is as the security scheme says.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct AuthHints {
    /// The auth type, where the scheme's own does not say it, for example `awsSigV4`.
    pub auth_type: Option<AuthType>,
    /// The name for people.
    pub name: Option<String>,
    /// What is asked of a person; without it, what the auth type takes.
    pub fields: Vec<Field>,
    /// Parameters that nobody types.
    pub parameters: Map<String, Value>,
    /// Where values go, for `custom`.
    pub placements: Vec<Placement>,
    /// The ways of OAuth 2; addresses and scopes come from the scheme's flow.
    pub oauth: Option<Oauth>,
    /// Where requests with this scheme go, where it is not the document's server.
    pub server: Option<Template>,
    /// Requests that trade what was typed for a token.
    pub login: Vec<LoginStep>,
    /// Requests that tell whether a credential works; without it, the connector's `test`.
    pub test: Vec<TestRequest>,
    /// The scheme is not offered: the service has ended it, or it is for browsers alone.
    pub hidden: bool,
}
