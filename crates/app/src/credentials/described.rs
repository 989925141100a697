//! Credentials of services that are described: by a built-in connector, by one that the workspace imported, or by
//! what the catalog knows. The hosts, the places and the addresses come from the description; the person gives only
//! the values that it asks for. What is stored is the credential's own policy, so that a newer description changes
//! nothing for it.

use flero_model::{
    credential::{AuthType, Policy},
    destination::HostPattern,
    oauth_app::OAUTH_APP,
    policy::Principal,
    service::{
        AuthKind, Format, GENERIC, Given, HostClass, LOGIN, OAUTH, PLACEMENTS, SERVER, Service, TEST, choose,
        resolve,
    },
};
use serde_json::{Map, Value};

use super::fields::{Faults, Form, Secret, check_common};
use crate::{App, Error, Result};

/// The parameter that names the way to authenticate, for services that have several of one auth type.
const KIND: &str = "authKind";

impl App {
    /// The description of a service; `None` for the generic one, and where there is no connector of that name.
    pub(super) async fn described(&self, who: &Principal, service: &str) -> Result<Option<Service>> {
        if service == GENERIC {
            return Ok(None);
        }
        match self.connector_pack(who, service).await {
            Ok(pack) => Ok(pack.connector().service(service)),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The way to authenticate that a policy was made by.
pub(super) fn kind_of<'s>(service: &'s Service, policy: &Policy) -> Option<&'s AuthKind> {
    kind(service, policy.auth_type, &policy.parameters)
}

fn kind<'s>(
    service: &'s Service,
    auth_type: AuthType,
    parameters: &Map<String, Value>,
) -> Option<&'s AuthKind> {
    choose(service, auth_type, parameters.get(KIND).and_then(Value::as_str))
}

/// The secrets of a way to authenticate, in the form in which they are checked.
pub(super) fn secrets(kind: &AuthKind) -> Vec<Secret<'_>> {
    let form = |format| if format == Format::Multiline { Form::Lines } else { Form::Line };
    let fields = kind.fields.iter().filter(|field| field.secret);
    fields
        .map(|field| Secret { name: &field.name, required: !field.optional, form: form(field.format) })
        .collect()
}

/// Makes the policy of a credential for a described service. `None` when there are faults.
pub(super) fn read_policy(
    service: &Service,
    auth_type: AuthType,
    mut parameters: Map<String, Value>,
    hosts: &[HostPattern],
    faults: &mut Faults,
) -> Option<Policy> {
    let Some(kind) = kind(service, auth_type, &parameters) else {
        let names: Vec<String> =
            service.auth.iter().map(|kind| format!("{} ({})", kind.auth_type.as_str(), kind.id)).collect();
        let message = format!("{} authenticates with: {}.", service.name, names.join(", "));
        faults.add("/authType", "credential.auth_type_unsupported", message);
        return None;
    };
    // An edit sends back what the description put there; it is made anew.
    for name in [OAUTH, TEST, PLACEMENTS, LOGIN, SERVER] {
        parameters.remove(name);
    }
    parameters.retain(|name, value| kind.parameters.get(name) != Some(value));
    let mut own = Map::new();
    let mut take = |name: &str| own.extend(parameters.remove(name).map(|value| (name.to_owned(), value)));
    take(KIND);
    if kind.oauth.is_some() {
        take("scopes");
        take(OAUTH_APP);
    }
    // Only a server of one's own can have a certificate that nobody else vouches for.
    if service.hosts.iter().any(|rule| rule.class == HostClass::Typed) {
        take("validateSsl");
    }
    // Where the description names no request to test with, the person can.
    if kind.test.is_empty() {
        take("testUrl");
    }
    check_scopes(&own, faults);
    // The secrets are checked with their values, elsewhere.
    let names: Vec<String> = secrets(kind).iter().map(|secret| secret.name.to_owned()).collect();
    let given = Given { parameters: &parameters, secrets: &names, hosts };
    match resolve(service, kind, given) {
        Ok(mut policy) => {
            check_common(&own, &policy.allowed_hosts, faults);
            if let Some(scopes) = asked_for(kind) {
                policy.parameters.insert("scopes".to_owned(), scopes);
            }
            policy.parameters.extend(own);
            faults.0.is_empty().then_some(policy)
        }
        Err(found) => {
            faults.0.extend(found);
            None
        }
    }
}

/// The permissions that every credential asks for; those that are needed for some purposes only are chosen.
fn asked_for(kind: &AuthKind) -> Option<Value> {
    let permissions = &kind.oauth.as_ref()?.permissions;
    let needed = permissions.iter().filter(|permission| !permission.optional);
    (!permissions.is_empty()).then(|| needed.map(|permission| permission.scope.clone()).collect())
}

fn check_scopes(own: &Map<String, Value>, faults: &mut Faults) {
    let is_word = |value: &Value| {
        value
            .as_str()
            .is_some_and(|text| (1..=1_000).contains(&text.len()) && !text.contains(char::is_control))
    };
    let fits = |value: &Value| match value {
        Value::Array(words) => words.len() <= 500 && words.iter().all(is_word),
        _ => false,
    };
    if own.get("scopes").is_some_and(|value| !fits(value)) {
        faults.add("/parameters/scopes", "json.value", "Expected a list of scopes.");
    }
}
