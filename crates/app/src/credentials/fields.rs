//! The checks of a submitted credential. What each auth type takes is data, in [`table`].

use std::collections::BTreeMap;

use flero_model::{
    Timestamp,
    credential::{AuthType, Policy},
    database::Engine,
    destination::{Destination, HostPattern, Scheme, parse_authority, read_url},
    mail::{Protocol, Security},
    problem::{FieldProblem, pointer_segment},
    secret::SecretString,
    service::{GENERIC, Service},
};
use serde_json::{Map, Value};

use super::{
    described,
    secret::{SecretField, SecretFields, is_placeholder},
};

mod key_file;
mod shapes;
mod table;
mod values;

use table::{AuthFields, Kind, PLACES, Parameter, fields_of};
use values::{is_free_header, is_pem, no_control};

pub use shapes::{AuthShape, FieldShape};

pub(super) use key_file::{account_of, complete};
pub(super) use table::{Form, Secret};

/// The longest secret value, in bytes.
const MAX_SECRET_BYTES: usize = 32 << 10;
/// The longest text of a parameter, in bytes, and that of a chain of certificates.
const MAX_TEXT_BYTES: usize = 1_000;
const MAX_PEM_BYTES: usize = 64 << 10;

/// Collects faults with their places.
#[derive(Default)]
pub(super) struct Faults(pub(super) Vec<FieldProblem>);

impl Faults {
    pub(super) fn add(&mut self, pointer: impl Into<String>, code: &'static str, message: impl Into<String>) {
        self.0.push(FieldProblem::new(pointer, code, message));
    }
}

/// Which secrets a submitted credential must hold.
#[derive(Clone, Copy)]
pub(super) enum Needed<'a> {
    /// Every one that the type requires: a new credential, or a rotation.
    Whole,
    /// Every one that the type requires and every one that is stored: the policy becomes wider.
    Again(&'a [String]),
    /// None; those that are left out keep their value.
    Changes,
}

/// Checks what is for people: name, notes, dates.
pub(super) fn check_labels(
    name: &str,
    notes: &str,
    expires_at: Option<Timestamp>,
    days: Option<u32>,
    now: Timestamp,
    faults: &mut Faults,
) {
    if name.trim().is_empty() || name.chars().count() > 120 {
        faults.add("/name", "json.required", "Give a name of 1 to 120 characters.");
    }
    if notes.chars().count() > 4_000 {
        faults.add("/notes", "json.too_long", "Use at most 4000 characters.");
    }
    if expires_at.is_some_and(|end| end <= now) {
        faults.add("/expiresAt", "json.range", "The expiry lies in the past.");
    }
    if days.is_some_and(|days| !(1..=3_650).contains(&days)) {
        faults.add("/rotateEveryDays", "json.range", "Expected a number from 1 to 3650.");
    }
}

/// Reads a policy, by the description of its service where there is one. `None` when there are faults.
pub(super) fn read_policy(
    service: &str,
    description: Option<&Service>,
    auth_type: AuthType,
    parameters: Map<String, Value>,
    hosts: &[String],
    faults: &mut Faults,
) -> Option<Policy> {
    let before = faults.0.len();
    // Where a database or a mail server is and how it is called is the same for every one, so no description can say it
    // otherwise.
    let is_server = matches!(auth_type, AuthType::Database | AuthType::Mail);
    if let Some(known) = description.filter(|_| !is_server) {
        let hosts = if hosts.is_empty() { Vec::new() } else { read_hosts(hosts, faults) };
        return described::read_policy(known, auth_type, parameters, &hosts, faults);
    }
    let Some(fields) = fields_of(auth_type) else {
        let message = "Only a connector describes credentials of the type custom.";
        faults.add("/authType", "credential.auth_type_unsupported", message);
        return None;
    };
    check_service(service, auth_type, &parameters, faults);
    check_parameters(auth_type, fields, &parameters, faults);
    let allowed_hosts = match auth_type {
        _ if is_server && faults.0.len() > before => Vec::new(),
        AuthType::Database | AuthType::Mail => read_server_hosts(auth_type, &parameters, hosts, faults),
        _ => read_hosts(hosts, faults),
    };
    if fields.is_http {
        check_common(&parameters, &allowed_hosts, faults);
    }
    (faults.0.len() == before).then(|| Policy {
        service: service.to_owned(),
        auth_type,
        allowed_hosts,
        parameters,
    })
}

fn check_service(service: &str, auth_type: AuthType, parameters: &Map<String, Value>, faults: &mut Faults) {
    let kind = match auth_type {
        AuthType::Database => parameters.get("engine"),
        AuthType::Mail => parameters.get("protocol"),
        _ => None,
    };
    if service != GENERIC && kind.and_then(Value::as_str) != Some(service) {
        faults.add(
            "/service",
            "credential.unknown_service",
            "Unknown service. Name one of the connectors, import its description, or use `http`, the generic one.",
        );
    }
}

fn check_parameters(
    auth_type: AuthType,
    fields: &AuthFields,
    parameters: &Map<String, Value>,
    faults: &mut Faults,
) {
    let common: &[&str] = if fields.is_http { &["testUrl", "validateSsl"] } else { &[] };
    let known = || fields.parameters.iter().map(|parameter| parameter.name).chain(common.iter().copied());
    for name in parameters.keys().filter(|name| !known().any(|known| known == name.as_str())) {
        let list: Vec<&str> = known().collect();
        let message = format!("Unknown parameter. {} takes: {}.", auth_type.as_str(), list.join(", "));
        faults.add(format!("/parameters/{}", pointer_segment(name)), "json.unknown_field", message);
    }
    for parameter in fields.parameters {
        check_parameter(parameter, parameters.get(parameter.name), faults);
    }
    match auth_type {
        AuthType::ApiKey => check_api_key(parameters, faults),
        AuthType::Oauth2 => super::oauth::check_parameters(parameters, faults),
        AuthType::AwsSigV4
            if parameters.contains_key("externalId") && !parameters.contains_key("roleArn") =>
        {
            faults.add(
                "/parameters/roleArn",
                "json.required",
                "An external ID is only sent to assume a role.",
            );
        }
        _ => {}
    }
}

fn check_parameter(parameter: &Parameter, value: Option<&Value>, faults: &mut Faults) {
    let at = format!("/parameters/{}", parameter.name);
    let Some(value) = value else {
        if parameter.required {
            faults.add(at, "json.required", parameter.what);
        }
        return;
    };
    let text = value.as_str();
    // An optional text may be empty, as a form sends it.
    if text == Some("") && !parameter.required {
        return;
    }
    let short = text.filter(|text| !text.is_empty() && text.len() <= MAX_TEXT_BYTES);
    match &parameter.kind {
        Kind::Text(fits) if short.is_some_and(fits) => {}
        Kind::Choice(words) if text.is_some_and(|text| words.contains(&text)) => {}
        Kind::Choice(words) => {
            faults.add(at, "json.choice", format!("Expected one of: {}.", words.join(", ")))
        }
        // Whether the operator's list opens clear text is decided at the door.
        Kind::Url if short.is_some_and(|text| read_url(text).is_ok()) => {}
        Kind::Url => faults.add(at, "credential.url", "Expected a URL that starts with https://."),
        Kind::Words if is_words(value) => {}
        Kind::Pem(label) if text.is_some_and(|text| text.len() <= MAX_PEM_BYTES && is_pem(text, label)) => {}
        Kind::Flag if value.is_boolean() => {}
        Kind::Flag => faults.add(at, "json.type", "Expected true or false."),
        Kind::Port if port_of(value).is_some() => {}
        _ => faults.add(at, "json.value", parameter.what),
    }
}

/// A port: a number, or its digits, as the form of a connector gives them.
fn port_of(value: &Value) -> Option<u16> {
    let number = match value {
        Value::String(digits) => digits.parse().ok(),
        value => value.as_u64().and_then(|port| u16::try_from(port).ok()),
    };
    number.filter(|port| *port > 0)
}

fn is_words(value: &Value) -> bool {
    let fits = |text: &str| text.len() <= MAX_TEXT_BYTES && no_control(text);
    match value {
        Value::String(text) => text.len() <= 8 * MAX_TEXT_BYTES && no_control(text),
        Value::Array(words) => words.len() <= 500 && words.iter().all(|word| word.as_str().is_some_and(fits)),
        _ => false,
    }
}

/// Checks the client that an OAuth app stands for.
pub(super) fn check_app(parameters: &Map<String, Value>, data: &SecretFields, faults: &mut Faults) {
    let Some(fields) = fields_of(AuthType::Oauth2) else { return };
    let known = |name: &str| ["clientId", "clientAuthMethod", "keyId", "algorithm"].contains(&name);
    for name in parameters.keys().filter(|name| !known(name)) {
        let message = "Unknown parameter. An OAuth app takes: clientId, clientAuthMethod, keyId, algorithm.";
        faults.add(format!("/parameters/{}", pointer_segment(name)), "json.unknown_field", message);
    }
    if text_of(parameters, "clientId").is_empty() {
        faults.add("/parameters/clientId", "json.required", "The client ID that the service gave your app.");
    }
    if text_of(parameters, "clientAuthMethod").ends_with("tls_client_auth") {
        let message =
            "A certificate is a credential's own; an OAuth app has a client secret or a private key.";
        faults.add("/parameters/clientAuthMethod", "json.choice", message);
    }
    for parameter in fields.parameters.iter().filter(|parameter| known(parameter.name)) {
        check_parameter(parameter, parameters.get(parameter.name), faults);
    }
    let secrets: Vec<Secret<'_>> = fields
        .secrets
        .iter()
        .filter(|secret| ["clientSecret", "privateKey"].contains(&secret.name))
        .map(|secret| Secret { ..*secret })
        .collect();
    check_secrets(&secrets, "An OAuth app", data, Needed::Whole, faults);
}

fn text_of<'p>(parameters: &'p Map<String, Value>, name: &str) -> &'p str {
    parameters.get(name).and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn read_hosts(hosts: &[String], faults: &mut Faults) -> Vec<HostPattern> {
    if hosts.is_empty() {
        let message = "Name the hosts that this secret may be sent to, for example api.example.com.";
        faults.add("/allowedHosts", "credential.hosts_required", message);
    }
    if hosts.len() > 100 {
        faults.add("/allowedHosts", "json.too_long", "Use at most 100 hosts.");
    }
    let mut read = Vec::new();
    for (place, text) in hosts.iter().enumerate() {
        match text.parse::<HostPattern>() {
            Ok(host) => read.push(host),
            Err(fault) => {
                let mut message = fault.to_string();
                message[..1].make_ascii_uppercase();
                faults.add(format!("/allowedHosts/{place}"), "credential.host", format!("{message}."));
            }
        }
    }
    read
}

/// The server that the parameters name is the only one that the password is sent to. Left out, the list is made from
/// them; given, it must hold that server.
fn read_server_hosts(
    auth_type: AuthType,
    parameters: &Map<String, Value>,
    hosts: &[String],
    faults: &mut Faults,
) -> Vec<HostPattern> {
    let text = |name: &str| parameters.get(name).and_then(Value::as_str).unwrap_or_default();
    let Ok((host, _)) = parse_authority(text("host")) else { return Vec::new() };
    let port = parameters.get("port").and_then(port_of);
    let scheme = if text("tls") == "disable" { Scheme::Http } else { Scheme::Https };
    let usual = match auth_type {
        AuthType::Mail => {
            let protocol = Protocol::of(text("protocol")).unwrap_or(Protocol::Smtp);
            protocol.default_port(Security::of(text("tls")).unwrap_or_default())
        }
        _ => Engine::of(text("engine")).unwrap_or(Engine::Postgresql).default_port(),
    };
    let server = Destination { scheme, host, port: port.unwrap_or(usual) };
    if hosts.is_empty() {
        // A destination is written as an entry is, except for a port that HTTP would imply.
        let scheme = if scheme == Scheme::Http { "http://" } else { "" };
        return format!("{scheme}{}:{}", server.host, server.port).parse().into_iter().collect();
    }
    let read = read_hosts(hosts, faults);
    // Whether the operator's list opens clear text is decided at the door; here the host counts.
    if !read.iter().any(|host| host.allows(&server, true)) {
        let message = "The server must stand in allowedHosts; leave the list out to have it made.";
        faults.add("/allowedHosts", "credential.host", message);
    }
    read
}

/// A key in a header needs a name that a header can have.
fn check_api_key(parameters: &Map<String, Value>, faults: &mut Faults) {
    let place = parameters.get("in").and_then(Value::as_str).filter(|place| PLACES.contains(place));
    let name = parameters.get("name").and_then(Value::as_str).unwrap_or_default();
    if place.unwrap_or("header") == "header" && !name.is_empty() && !is_free_header(name) {
        let message = "The name of a header that is not part of the connection, for example X-Api-Key.";
        faults.add("/parameters/name", "json.value", message);
    }
}

/// What every type of HTTP takes: where to test, and whether certificates may go unchecked.
pub(super) fn check_common(parameters: &Map<String, Value>, hosts: &[HostPattern], faults: &mut Faults) {
    if let Some(value) = parameters.get("testUrl") {
        // Whether the operator's list opens clear text is decided at the door; here the host counts.
        let allowed = value
            .as_str()
            .and_then(|text| read_url(text).ok())
            .map(|(_, destination)| hosts.iter().any(|host| host.allows(&destination, true)));
        match allowed {
            Some(true) => {}
            Some(false) => faults.add(
                "/parameters/testUrl",
                "credential.test_url",
                "The test's host must stand in allowedHosts.",
            ),
            None => faults.add(
                "/parameters/testUrl",
                "credential.test_url",
                "Expected a URL that starts with https://.",
            ),
        }
    }
    if parameters.get("validateSsl").is_some_and(|value| !value.is_boolean()) {
        faults.add("/parameters/validateSsl", "json.type", "Expected true or false.");
    }
}

/// Checks that the secret fields are those of the policy's auth type, whole, sendable and no placeholders.
pub(super) fn check_secret(
    policy: &Policy,
    description: Option<&Service>,
    data: &SecretFields,
    needed: Needed<'_>,
    faults: &mut Faults,
) {
    // A description that no longer knows the way that the policy was made by says nothing of its secrets.
    if let Some(kind) = description.and_then(|service| described::kind_of(service, policy)) {
        check_secrets(&described::secrets(kind), &kind.name, data, needed, faults);
    } else if let Some(fields) = fields_of(policy.auth_type) {
        check_secrets(fields.secrets, policy.auth_type.as_str(), data, needed, faults);
    }
    check_together(policy, data, faults);
}

/// Checks the secrets against those that a way to authenticate takes; `kind` is its name.
fn check_secrets(
    secrets: &[Secret<'_>],
    kind: &str,
    data: &SecretFields,
    needed: Needed<'_>,
    faults: &mut Faults,
) {
    let known = |name: &str| secrets.iter().any(|secret| secret.name == name);
    for name in data.0.keys().filter(|name| !known(name)) {
        let list: Vec<&str> = secrets.iter().map(|secret| secret.name).collect();
        let message = format!("Unknown secret. {kind} takes: {}.", list.join(", "));
        faults.add(format!("/data/{}", pointer_segment(name)), "json.unknown_field", message);
    }
    for secret in secrets {
        let at = format!("/data/{}", secret.name);
        match (data.0.get(secret.name), needed) {
            (None, Needed::Changes) => {}
            (None, Needed::Again(stored))
                if secret.required || stored.iter().any(|name| name == secret.name) =>
            {
                let message =
                    "This change lets the secret go to further places or in another way, so enter it again.";
                faults.add(at, "credential.secret_required", message);
            }
            (None, _) if secret.required => {
                faults.add(at, "credential.secret_required", "This secret is required.");
            }
            (None, _) => {}
            (Some(SecretField::Removed), Needed::Again(_) | Needed::Changes) if !secret.required => {}
            (Some(field), _) => check_field(secret, field, &at, faults),
        }
    }
}

fn check_field(secret: &Secret<'_>, field: &SecretField, at: &str, faults: &mut Faults) {
    match (field, secret.form) {
        (SecretField::Named(named), Form::Headers) => check_headers(named, at, faults),
        (_, Form::Headers) => faults.add(at, "json.type", "Expected an object of header names and values."),
        (SecretField::Text(text), Form::KeyFile) => {
            if check_value(text, true, at, faults) {
                key_file::check(text, at, faults);
            }
        }
        (SecretField::Text(text), form) => {
            check_value(text, form == Form::Lines, at, faults);
        }
        (SecretField::Named(_) | SecretField::Removed, _) => {
            faults.add(at, "json.type", "Expected a string.");
        }
    }
}

/// What one secret says of another, or of a parameter.
fn check_together(policy: &Policy, data: &SecretFields, faults: &mut Faults) {
    let text = |name: &str| match data.0.get(name) {
        Some(SecretField::Text(text)) => Some(text.expose()),
        _ => None,
    };
    let parameter = |name: &str| policy.parameters.get(name).and_then(Value::as_str).unwrap_or_default();
    match policy.auth_type {
        AuthType::Oauth1 => {
            let is_rsa = parameter("signatureMethod").starts_with("RSA");
            match text("consumerSecret") {
                Some(key) if is_rsa && !key.contains("-----BEGIN ") => faults.add(
                    "/data/consumerSecret",
                    "json.value",
                    "RSA signatures need the private key as PEM.",
                ),
                Some(key) if !is_rsa && !no_control(key) => {
                    faults.add("/data/consumerSecret", "json.value", NO_CONTROL)
                }
                _ => {}
            }
        }
        AuthType::Certificate => match text("privateKey") {
            Some(key) if key.contains("-----BEGIN ") && parameter("certificate").is_empty() => faults.add(
                "/parameters/certificate",
                "json.required",
                "A private key as PEM needs its certificate.",
            ),
            _ => {}
        },
        _ => {}
    }
}

fn check_headers(named: &BTreeMap<String, SecretString>, at: &str, faults: &mut Faults) {
    if named.is_empty() || named.len() > 50 {
        faults.add(at, "json.range", "Give 1 to 50 headers.");
    }
    for (name, value) in named {
        let at = format!("{at}/{}", pointer_segment(name));
        if !is_free_header(name) {
            faults.add(at, "json.value", "This is no name of a header that a credential can set.");
        } else {
            check_value(value, false, &at, faults);
        }
    }
}

const NO_CONTROL: &str = "A secret holds no line breaks or control characters; copy it again.";

/// Whether a text can be a secret; the faults say why not.
fn check_value(text: &SecretString, has_lines: bool, at: &str, faults: &mut Faults) -> bool {
    let text = text.expose();
    let is_break = |letter: char| has_lines && matches!(letter, '\n' | '\r' | '\t');
    let before = faults.0.len();
    if text.trim().is_empty() {
        faults.add(
            at,
            "credential.secret_required",
            "This secret is empty. To keep the stored one, leave the field out.",
        );
    } else if is_placeholder(text) {
        let message =
            "This is what a screen shows in place of a secret. To keep the stored one, leave the field out.";
        faults.add(at, "credential.placeholder", message);
    } else if text.len() > MAX_SECRET_BYTES {
        faults.add(at, "json.too_long", "Use at most 32 KiB.");
    } else if text.chars().any(|letter| letter.is_control() && !is_break(letter)) {
        faults.add(at, "json.value", NO_CONTROL);
    }
    faults.0.len() == before
}
