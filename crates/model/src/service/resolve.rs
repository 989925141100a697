//! What a description and a person's answers make together: the policy of a credential.
//!
//! The hosts come from the description's rules and the person's values, never from the person alone. A value
//! that stands in a host is checked by its format first: one label stays one label, a choice is one of the
//! choices, so that no value can lead a secret out of the domain that the description names.

use serde_json::{Map, Value};

use super::{
    AuthKind, Field, Format, HostClass, LOGIN, OAUTH, Oauth, PLACEMENTS, Piece, SERVER, Service, TEST,
    Template,
};
use crate::credential::{AuthType, Policy};
use crate::destination::{HostPattern, parse_authority};
use crate::problem::{FieldProblem, pointer_segment};

#[cfg(test)]
mod tests;

/// The longest value of a field that is not secret, in bytes.
const MAX_VALUE_BYTES: usize = 1_000;

/// What a person gave for a credential.
#[derive(Debug, Clone, Copy)]
pub struct Given<'g> {
    /// Values that are not secret, by the names of their fields.
    pub parameters: &'g Map<String, Value>,
    /// The names of the secret values.
    pub secrets: &'g [String],
    /// Hosts that were named besides: they can only narrow what the description allows. Empty for all of it.
    pub hosts: &'g [HostPattern],
}

/// Chooses the way to authenticate: by its name, or else the first of the auth type.
#[must_use]
pub fn choose<'s>(service: &'s Service, auth_type: AuthType, kind: Option<&str>) -> Option<&'s AuthKind> {
    service.auth.iter().find(|one| one.auth_type == auth_type && kind.is_none_or(|name| one.id == name))
}

/// Makes the policy of a credential of `service` that authenticates by `kind`.
///
/// # Errors
/// Every fault, each with its place in the submitted document.
pub fn resolve(service: &Service, kind: &AuthKind, given: Given<'_>) -> Result<Policy, Vec<FieldProblem>> {
    let mut faults = Vec::new();
    let values = read_values(service, kind, given, &mut faults);
    check_secrets(kind, given.secrets, &mut faults);
    if !faults.is_empty() {
        return Err(faults);
    }
    let allowed_hosts = hosts(service, kind, &values, given.hosts, &mut faults);
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut parameters = kind.parameters.clone();
    parameters.extend(values.clone());
    let fill = |template: &Template| fill_known(template, &values);
    if !kind.placements.is_empty() {
        parameters.insert(PLACEMENTS.into(), plain(&kind.placements));
    }
    if let Some(oauth) = &kind.oauth {
        parameters.insert(OAUTH.into(), plain(&filled_oauth(oauth, fill)));
    }
    if !kind.login.is_empty() {
        let mut steps = kind.login.clone();
        for step in &mut steps {
            step.url = fill(&step.url);
        }
        parameters.insert(LOGIN.into(), plain(&steps));
    }
    if let Some(server) = &kind.server {
        parameters.insert(SERVER.into(), fill(server).as_str().into());
    }
    if !kind.test.is_empty() {
        let mut tests = kind.test.clone();
        for test in &mut tests {
            test.url = fill(&test.url);
            test.headers.values_mut().for_each(|value| *value = fill(value));
        }
        parameters.insert(TEST.into(), plain(&tests));
    }
    Ok(Policy { service: service.id.clone(), auth_type: kind.auth_type, allowed_hosts, parameters })
}

/// A description's part as JSON. The types write themselves without fail.
fn plain(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// The values of the fields that are not secret: what was given, or the defaults.
fn read_values(
    service: &Service,
    kind: &AuthKind,
    given: Given<'_>,
    faults: &mut Vec<FieldProblem>,
) -> Map<String, Value> {
    let open = || kind.fields.iter().filter(|field| !field.secret);
    for name in given.parameters.keys().filter(|name| !open().any(|field| field.name == **name)) {
        let names: Vec<&str> = open().map(|field| field.name.as_str()).collect();
        let message = format!("Unknown parameter. {} takes: {}.", service.name, names.join(", "));
        faults.push(FieldProblem::new(place(name), "json.unknown_field", message));
    }
    let mut values = Map::new();
    for field in open() {
        let text = match given.parameters.get(&field.name) {
            None | Some(Value::Null) => field.default.as_deref().unwrap_or_default(),
            Some(Value::String(text)) => text.trim(),
            Some(_) => {
                faults.push(FieldProblem::new(place(&field.name), "json.type", "Expected a text."));
                continue;
            }
        };
        if text.is_empty() {
            if !field.optional {
                let message = format!("{}: {}", field.label, hint(field));
                faults.push(FieldProblem::new(place(&field.name), "json.required", message));
            }
        } else if let Err(message) = check(field, text, stands_in_url(service, kind, &field.name)) {
            let code = if field.choices.is_empty() { "json.format" } else { "json.choice" };
            faults.push(FieldProblem::new(place(&field.name), code, message));
        } else {
            values.insert(field.name.clone(), Value::String(text.to_owned()));
        }
    }
    values
}

fn place(name: &str) -> String {
    format!("/parameters/{}", pointer_segment(name))
}

/// What to say when a field is empty.
fn hint(field: &Field) -> &str {
    if field.help.is_empty() { "a value is needed." } else { &field.help }
}

/// Whether a field stands in an address, where its value must not begin a new part of it.
fn stands_in_url(service: &Service, kind: &AuthKind, name: &str) -> bool {
    let tests = kind.test.iter().map(|test| &test.url);
    let logins = kind.login.iter().map(|step| &step.url);
    let endpoints = kind.oauth.iter().flat_map(endpoints);
    std::iter::once(&service.base_url)
        .chain(tests)
        .chain(logins)
        .chain(endpoints)
        .any(|url| url.names().any(|one| one == name))
}

fn endpoints(oauth: &Oauth) -> impl Iterator<Item = &Template> {
    [
        &oauth.authorization_url,
        &oauth.token_url,
        &oauth.refresh_url,
        &oauth.revocation_url,
        &oauth.device_authorization_url,
        &oauth.pushed_authorization_url,
        &oauth.issuer,
    ]
    .into_iter()
    .flatten()
}

/// Checks a value by its field's choices and format. The fault never quotes the value.
fn check(field: &Field, text: &str, in_url: bool) -> Result<(), String> {
    if !field.choices.is_empty() {
        let found = field.choices.iter().any(|choice| choice == text);
        return if found { Ok(()) } else { Err(format!("Choose one of: {}.", field.choices.join(", "))) };
    }
    let fault = match field.format {
        _ if text.len() > MAX_VALUE_BYTES => "Use at most 1000 bytes.",
        Format::HostLabel if !is_host_label(text) => {
            "Write one part of a host name: letters, digits and hyphens, without dots."
        }
        Format::Host if parse_authority(text).is_err() => {
            "Write the host alone, for example crm.example.com or crm.example.com:8443."
        }
        Format::Url if !text.starts_with("https://") => "Write an address that begins with https://.",
        Format::Email if !text.contains('@') => "Write an e-mail address.",
        Format::Text | Format::Email if text.chars().any(char::is_control) => "Write one line.",
        // Braces would be read as places when the filled address is read again.
        _ if text.contains(['{', '}']) => "Braces cannot stand here.",
        Format::Text | Format::Email if in_url && !is_segment(text) => {
            "This stands in an address: use letters, digits and - . _ ~ @ : + only."
        }
        _ => return Ok(()),
    };
    Err(fault.to_owned())
}

/// One label of a host name (RFC 1123 section 2.1).
fn is_host_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    text.len() <= 63 && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

/// What can stand in one segment of a path or in a query without changing the rest (RFC 3986 section 3.3).
fn is_segment(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~@:+".contains(&byte);
    text.bytes().all(plain) && !matches!(text, "." | "..")
}

fn check_secrets(kind: &AuthKind, secrets: &[String], faults: &mut Vec<FieldProblem>) {
    let fields = || kind.fields.iter().filter(|field| field.secret);
    for field in fields().filter(|field| !field.optional && !secrets.contains(&field.name)) {
        let message = format!("{}: {}", field.label, hint(field));
        faults.push(FieldProblem::new(
            format!("/data/{}", pointer_segment(&field.name)),
            "json.required",
            message,
        ));
    }
    for name in secrets.iter().filter(|name| !fields().any(|field| field.name == **name)) {
        let names: Vec<&str> = fields().map(|field| field.name.as_str()).collect();
        let message = format!("Unknown secret. {} takes: {}.", kind.name, names.join(", "));
        faults.push(FieldProblem::new(
            format!("/data/{}", pointer_segment(name)),
            "json.unknown_field",
            message,
        ));
    }
}

/// The hosts of the rules that this kind's values fill, narrowed to what was asked for.
fn hosts(
    service: &Service,
    kind: &AuthKind,
    values: &Map<String, Value>,
    asked: &[HostPattern],
    faults: &mut Vec<FieldProblem>,
) -> Vec<HostPattern> {
    let mut found: Vec<HostPattern> = Vec::new();
    for rule in &service.hosts {
        // A rule may name the field of another way to authenticate; then it is not for this credential.
        let is_own = rule.host.names().all(|name| kind.fields.iter().any(|field| field.name == name));
        if !is_own && rule.class != HostClass::Told {
            continue;
        }
        match fill_known(&rule.host, values).as_str().parse() {
            Ok(host) if !found.contains(&host) => found.push(host),
            Ok(_) => {}
            Err(fault) => {
                let name = rule.host.names().next().unwrap_or_default();
                faults.push(FieldProblem::new(place(name), "credential.host", format!("{fault}.")));
            }
        }
    }
    for (at, host) in asked.iter().enumerate() {
        if !found.iter().any(|allowed| allowed.covers(host)) {
            let list: Vec<String> = found.iter().map(ToString::to_string).collect();
            let message = format!("{} is reached at {} only.", service.name, list.join(", "));
            faults.push(FieldProblem::new(format!("/allowedHosts/{at}"), "credential.host", message));
        }
    }
    if asked.is_empty() { found } else { asked.to_vec() }
}

/// Fills in what is known; other places stay: what the service tells is known later.
fn fill_known(template: &Template, values: &Map<String, Value>) -> Template {
    let mut filled = String::new();
    for piece in template.pieces() {
        match piece {
            Piece::Text(text) => filled.push_str(text),
            Piece::Name(name) => match values.get(name).and_then(Value::as_str) {
                Some(value) => filled.push_str(value),
                None => filled.extend(["{", name, "}"]),
            },
        }
    }
    // Values hold no braces, so the text reads as it was.
    Template::new(filled).unwrap_or_else(|_| template.clone())
}

fn filled_oauth(oauth: &Oauth, fill: impl Fn(&Template) -> Template) -> Oauth {
    let mut filled = oauth.clone();
    let urls = [
        &mut filled.authorization_url,
        &mut filled.token_url,
        &mut filled.refresh_url,
        &mut filled.revocation_url,
        &mut filled.device_authorization_url,
        &mut filled.pushed_authorization_url,
        &mut filled.issuer,
    ];
    urls.into_iter().flatten().for_each(|url| *url = fill(url));
    let further = filled.authorization_parameters.values_mut();
    let further = further.chain(filled.token_parameters.values_mut());
    further.chain(filled.refresh_parameters.values_mut()).for_each(|value| *value = fill(value));
    for permission in &mut filled.permissions {
        // A scope can name the environment (`https://acme.example.com/.default`).
        if let Ok(scope) = Template::new(permission.scope.clone()) {
            permission.scope = fill(&scope).as_str().to_owned();
        }
    }
    filled
}
