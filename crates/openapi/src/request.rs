//! Inputs become a request: pure, without authentication, which the door adds.

mod body;
mod style;
mod test;

use std::collections::BTreeMap;

use flero_model::service::SERVER;
use serde_json::{Map, Value};

pub use body::{BodyPart, RequestBody};
pub(crate) use test::test_request;

use crate::connector::{Operation, Parameter, Place};

/// A request that is ready but for its authentication.
#[derive(Debug, Clone, PartialEq)]
pub struct Built {
    /// The method, in capitals.
    pub method: String,
    /// The whole URL. Places in braces that the credential fills (a token in the path) are still there.
    pub url: String,
    /// Header fields.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: RequestBody,
}

/// Why inputs make no request. Values are never quoted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
    /// The input: a JSON pointer.
    pub pointer: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl Fault {
    pub(crate) fn new(input: &str, message: impl Into<String>) -> Self {
        Self { pointer: crate::document::child("", input), message: message.into() }
    }
}

/// What an operation belongs to, as far as a request needs it.
#[derive(Debug, Clone, Copy)]
pub struct Base<'b> {
    /// The connector's base address.
    pub url: &'b str,
    /// The parameters of the connection, as the credential has them: those of its policy and what the service told
    /// with its token. One of the name [`SERVER`] takes the place of `url`.
    pub connection: &'b Map<String, Value>,
    /// Defaults of those parameters.
    pub defaults: &'b [flero_model::service::Field],
    /// Header fields of every request.
    pub headers: &'b BTreeMap<String, String>,
}

/// Builds the request of an operation. Inputs are taken as they are; [`crate::validate`] checks them before.
///
/// # Errors
/// [`Fault`] where an input that the path needs is missing or cannot stand in its place.
pub fn build(base: &Base<'_>, operation: &Operation, inputs: &Map<String, Value>) -> Result<Built, Fault> {
    let mut url = address(base, operation, inputs)?;
    let mut query: Vec<String> = Vec::new();
    let mut headers: Vec<(String, String)> =
        base.headers.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    for (name, value) in &operation.hints.headers {
        headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        headers.push((name.clone(), value.clone()));
    }
    let mut cookies: Vec<String> = Vec::new();
    let mut path = operation.path.clone();
    for parameter in &operation.parameters {
        let value = parameter.constant.as_ref().or_else(|| inputs.get(parameter.input()));
        let Some(value) = value.filter(|value| is_given(value, parameter.as_json)) else {
            if parameter.place == Place::Path {
                return Err(Fault::new(
                    parameter.input(),
                    "This is a part of the address and has to be given.",
                ));
            }
            continue;
        };
        match parameter.place {
            Place::Path => {
                let text = segment(parameter, value)?;
                path = path.replace(&format!("{{{}}}", parameter.name), &text);
            }
            Place::Query => query.extend(style::query(parameter, value)),
            Place::QueryString => query.push(style::whole_query(value)),
            Place::Header => {
                headers.retain(|(name, _)| !name.eq_ignore_ascii_case(&parameter.name));
                headers.push((parameter.name.clone(), style::header(parameter, value)));
            }
            Place::Cookie => cookies.extend(style::cookie(parameter, value)),
        }
    }
    url.push_str(&path);
    query.retain(|pair| !pair.is_empty());
    if !query.is_empty() {
        url.push('?');
        url.push_str(&query.join("&"));
    }
    if !cookies.is_empty() {
        headers.push(("Cookie".to_owned(), cookies.join("; ")));
    }
    let body = match &operation.body {
        Some(body) => body::write(body, operation, inputs)?,
        None => RequestBody::Empty,
    };
    Ok(Built { method: operation.method.clone(), url, headers, body })
}

/// A list without members is no value, and neither is an object without any (RFC 6570 section 2.3), but as JSON.
fn is_given(value: &Value, as_json: bool) -> bool {
    match value {
        Value::Null => false,
        Value::Array(items) => as_json || !items.is_empty(),
        Value::Object(members) => as_json || !members.is_empty(),
        _ => true,
    }
}

/// The base address with the connection's parameters. A place that nothing fills stays: the credential's.
fn address(base: &Base<'_>, operation: &Operation, inputs: &Map<String, Value>) -> Result<String, Fault> {
    let of_kind = base.connection.get(SERVER).and_then(Value::as_str).map(|url| url.trim_end_matches('/'));
    let given = operation.base_url.as_deref().or(of_kind).unwrap_or(base.url);
    let mut url = given.to_owned();
    // What the service told fills its places too, though nobody is asked for it.
    let told = base.connection.iter().filter_map(|(name, value)| Some((name, value.as_str()?)));
    let is_asked = |name: &str| base.defaults.iter().any(|field| field.name == name);
    for (name, value) in told.filter(|(name, value)| !is_asked(name) && !value.is_empty()) {
        url = put(url, given, name, value)?;
    }
    for field in base.defaults {
        let place = format!("{{{}}}", field.name);
        if !given.contains(&place) {
            continue;
        }
        let of = |values: &Map<String, Value>| {
            values.get(&field.name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let Some(value) = of(base.connection).or_else(|| of(inputs)).or_else(|| field.default.clone()) else {
            let message =
                format!("The address needs `{}` ({}), which the credential holds.", field.name, field.label);
            return Err(Fault::new(&field.name, message));
        };
        url = put(url, given, &field.name, &value)?;
    }
    Ok(url)
}

/// Puts a parameter of the connection into its places. One of the host is checked by the credential's policy; one of
/// the path must stay in its place.
fn put(url: String, given: &str, name: &str, value: &str) -> Result<String, Fault> {
    let place = format!("{{{name}}}");
    if !given.contains(&place) {
        return Ok(url);
    }
    let in_host = given.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
    if !in_host.contains(&place) {
        return Ok(url.replace(&place, &style::encode(value, false)));
    }
    // Services tell the address of an account as a whole URL.
    let value = if in_host == place { value.strip_prefix("https://").unwrap_or(value) } else { value };
    let value = value.strip_suffix('/').unwrap_or(value);
    if value.contains(['/', '?', '#', '@', '\\']) || value.chars().any(char::is_whitespace) {
        return Err(Fault::new(name, "This is a host or a part of one, without a path."));
    }
    Ok(url.replace(&place, value))
}

/// A value as a part of the path. It cannot lead to another path: dots alone would be taken for "here" and "up".
fn segment(parameter: &Parameter, value: &Value) -> Result<String, Fault> {
    let text = style::path(parameter, value);
    if text.is_empty() {
        return Err(Fault::new(parameter.input(), "This is a part of the address and cannot be empty."));
    }
    let climbs = if parameter.allow_reserved {
        text.split('/').any(|part| matches!(part, "." | ".."))
            || text.contains(['?', '#', '\\'])
            || text.to_ascii_lowercase().contains("%2e")
    } else {
        matches!(text.as_str(), "." | "..")
    };
    if climbs {
        let message = "This is a part of the address: `.` and `..`, `?` and `#` cannot stand there.";
        return Err(Fault::new(parameter.input(), message));
    }
    Ok(text)
}

#[cfg(test)]
mod tests;
