//! What each auth type takes, and the checks of a submitted credential.

use std::collections::BTreeMap;

use flero_model::{
    Timestamp,
    credential::{AuthType, Policy},
    destination::{HostPattern, read_url},
    problem::{FieldProblem, pointer_segment},
    secret::SecretString,
};
use serde_json::{Map, Value};

use super::secret::{SecretField, SecretFields, is_placeholder};

/// The generic service: any host that the credential allows.
const GENERIC: &str = "http";
/// The longest secret value, in bytes.
const MAX_SECRET_BYTES: usize = 32 << 10;
/// The places that an API key can go to.
const PLACES: &[&str] = &["header", "query", "cookie", "path", "body"];

/// The parameters of an auth type besides those that every type takes.
fn parameters_of(auth_type: AuthType) -> Option<&'static [&'static str]> {
    match auth_type {
        AuthType::Bearer | AuthType::CustomHeaders => Some(&[]),
        AuthType::Basic => Some(&["username"]),
        AuthType::ApiKey => Some(&["in", "name", "prefix"]),
        _ => None,
    }
}

/// The name of an auth type's one secret field.
pub(super) const fn secret_field(auth_type: AuthType) -> &'static str {
    match auth_type {
        AuthType::Bearer => "token",
        AuthType::Basic => "password",
        AuthType::CustomHeaders => "headers",
        _ => "key",
    }
}

/// Collects faults with their places.
#[derive(Default)]
pub(super) struct Faults(pub(super) Vec<FieldProblem>);

impl Faults {
    pub(super) fn add(&mut self, pointer: impl Into<String>, code: &'static str, message: impl Into<String>) {
        self.0.push(FieldProblem::new(pointer, code, message));
    }
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

/// Reads a policy. `None` when there are faults.
pub(super) fn read_policy(
    service: &str,
    auth_type: AuthType,
    parameters: Map<String, Value>,
    hosts: &[String],
    faults: &mut Faults,
) -> Option<Policy> {
    let before = faults.0.len();
    if service != GENERIC {
        faults.add(
            "/service",
            "credential.unknown_service",
            "Unknown service. This version knows `http`, the generic one.",
        );
    }
    let Some(known) = parameters_of(auth_type) else {
        let message = "This version takes bearer, basic, apiKey and customHeaders.";
        faults.add("/authType", "credential.auth_type_unsupported", message);
        return None;
    };
    let allowed_hosts = read_hosts(hosts, faults);
    for name in parameters.keys() {
        if !known.contains(&name.as_str()) && name != "testUrl" && name != "validateSsl" {
            let list: Vec<&str> = known.iter().copied().chain(["testUrl", "validateSsl"]).collect();
            let message = format!("Unknown parameter. {} takes: {}.", auth_type.as_str(), list.join(", "));
            faults.add(format!("/parameters/{}", pointer_segment(name)), "json.unknown_field", message);
        }
    }
    match auth_type {
        AuthType::Basic => check_text(
            &parameters,
            "username",
            true,
            |text| !text.contains(':') && no_control(text),
            "The user name; it holds no colon (RFC 7617).",
            faults,
        ),
        AuthType::ApiKey => check_api_key(&parameters, faults),
        _ => {}
    }
    check_common(&parameters, &allowed_hosts, faults);
    (faults.0.len() == before).then(|| Policy {
        service: service.to_owned(),
        auth_type,
        allowed_hosts,
        parameters,
    })
}

fn read_hosts(hosts: &[String], faults: &mut Faults) -> Vec<HostPattern> {
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

fn check_api_key(parameters: &Map<String, Value>, faults: &mut Faults) {
    let place = match parameters.get("in") {
        None => "header",
        Some(value) => value.as_str().filter(|text| PLACES.contains(text)).unwrap_or_else(|| {
            faults.add("/parameters/in", "json.choice", format!("Expected one of: {}.", PLACES.join(", ")));
            "header"
        }),
    };
    if place == "header" {
        check_text(
            parameters,
            "name",
            true,
            is_free_header,
            "The name of a header that is not part of the connection, for example X-Api-Key.",
            faults,
        );
    } else {
        check_text(
            parameters,
            "name",
            true,
            |text| !text.is_empty() && no_control(text),
            "The name of the parameter.",
            faults,
        );
    }
    check_text(
        parameters,
        "prefix",
        false,
        no_control,
        "A text in front of the key, for example `Token `.",
        faults,
    );
}

/// What every type takes for the generic service: where to test, and whether certificates may go unchecked.
fn check_common(parameters: &Map<String, Value>, hosts: &[HostPattern], faults: &mut Faults) {
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

fn check_text(
    parameters: &Map<String, Value>,
    name: &str,
    required: bool,
    fits: impl Fn(&str) -> bool,
    what: &str,
    faults: &mut Faults,
) {
    let at = format!("/parameters/{name}");
    match parameters.get(name) {
        None if required => faults.add(at, "json.required", what),
        None => {}
        Some(Value::String(text)) if text.len() <= 1_000 && fits(text) && !(required && text.is_empty()) => {}
        Some(_) => faults.add(at, "json.value", what),
    }
}

fn no_control(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

/// Whether a text is a header name (RFC 9110 section 5.6.2) that belongs to the request and not to the connection.
fn is_free_header(text: &str) -> bool {
    const RESERVED: &[&str] = &[
        "host",
        "content-length",
        "transfer-encoding",
        "connection",
        "upgrade",
        "te",
        "trailer",
        "expect",
        "keep-alive",
        "http2-settings",
    ];
    let lower = text.to_ascii_lowercase();
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
        && !RESERVED.contains(&lower.as_str())
        && !lower.starts_with("proxy-")
}

/// Checks that the secret fields are those of the auth type, whole, sendable and no placeholders.
pub(super) fn check_secret(auth_type: AuthType, data: &SecretFields, faults: &mut Faults) {
    let field = secret_field(auth_type);
    for name in data.0.keys().filter(|name| *name != field) {
        let message = format!("Unknown secret. {} takes: {field}.", auth_type.as_str());
        faults.add(format!("/data/{}", pointer_segment(name)), "json.unknown_field", message);
    }
    let at = format!("/data/{field}");
    match (data.0.get(field), auth_type) {
        (None, _) => faults.add(at, "credential.secret_required", "This secret is required."),
        (Some(SecretField::Named(named)), AuthType::CustomHeaders) => check_headers(named, &at, faults),
        (Some(SecretField::Text(text)), AuthType::Bearer | AuthType::Basic | AuthType::ApiKey) => {
            check_value(text, &at, faults)
        }
        (Some(_), AuthType::CustomHeaders) => {
            faults.add(at, "json.type", "Expected an object of header names and values.")
        }
        (Some(_), _) => faults.add(at, "json.type", "Expected a string."),
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
            check_value(value, &at, faults);
        }
    }
}

fn check_value(text: &SecretString, at: &str, faults: &mut Faults) {
    let text = text.expose();
    if text.is_empty() {
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
    } else if text.chars().any(char::is_control) {
        faults.add(at, "json.value", "A secret holds no line breaks or control characters; copy it again.");
    }
}
