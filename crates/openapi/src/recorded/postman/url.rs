//! Addresses of collections: `{{variables}}`, `:places`, and a query beside the text.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{description, pair};
use crate::recorded::Pair;

/// The parts of an address.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Address {
    pub(super) server: Option<String>,
    pub(super) path: String,
    pub(super) places: BTreeMap<String, String>,
    pub(super) query: Vec<Pair>,
}

/// How often a variable's value may name another one.
const MAX_FILLS: usize = 5;
/// The longest address that is read, in bytes; variables could make it longer without end.
const MAX_ADDRESS: usize = 16_384;

/// Reads an address.
pub(super) fn read(url: &Value, variables: &BTreeMap<String, String>) -> Result<Address, &'static str> {
    let text = match url {
        Value::String(text) => text.clone(),
        Value::Object(_) => match url["raw"].as_str().filter(|raw| !raw.trim().is_empty()) {
            Some(raw) => raw.to_owned(),
            None => assembled(url),
        },
        _ => return Err("The request has no address."),
    };
    let text = filled(text.trim(), variables);
    if text.is_empty() || text.len() > MAX_ADDRESS {
        return Err("The request has no address, or one that is too long.");
    }
    let text = text.split('#').next().unwrap_or_default();
    let (address, query) = text.split_once('?').map_or((text, ""), |(address, query)| (address, query));
    let (server, path) = split(address)?;
    let mut read = Address { server, path: templated(path), ..Address::default() };
    for place in url["variable"].as_array().into_iter().flatten() {
        if let Some(name) = place["key"].as_str() {
            read.places.insert(name.to_owned(), description(place));
        }
    }
    read.query = match url["query"].as_array() {
        Some(query) => query.iter().map(pair).collect(),
        None => query.split('&').filter(|part| !part.is_empty()).map(in_text).collect(),
    };
    Ok(read)
}

fn in_text(part: &str) -> Pair {
    let mut pairs = url::form_urlencoded::parse(part.as_bytes());
    let (name, value) = pairs.next().unwrap_or_default();
    let example =
        (!value.is_empty() && !value.contains("{{") && value.len() <= 200).then(|| value.into_owned());
    Pair { name: name.into_owned(), example, ..Pair::default() }
}

/// The text of an address that is given in parts.
fn assembled(url: &Value) -> String {
    let joined = |name: &str, between: &str| match &url[name] {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let part = |part: &Value| match part {
                Value::String(text) => text.clone(),
                part => part["value"].as_str().unwrap_or_default().to_owned(),
            };
            parts.iter().map(part).collect::<Vec<_>>().join(between)
        }
        _ => String::new(),
    };
    let host = joined("host", ".");
    if host.is_empty() {
        return String::new();
    }
    let protocol = url["protocol"].as_str().map(|name| format!("{name}://")).unwrap_or_default();
    let port = url["port"].as_str().map(|port| format!(":{port}")).unwrap_or_default();
    let path = joined("path", "/");
    format!("{protocol}{host}{port}/{}", path.trim_start_matches('/'))
}

/// Variables with a value are filled in; others stay.
fn filled(text: &str, variables: &BTreeMap<String, String>) -> String {
    let mut text = text.to_owned();
    for _ in 0..MAX_FILLS {
        let mut next = String::with_capacity(text.len());
        let mut rest = text.as_str();
        let mut has_changed = false;
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((name, behind)) = after.split_once("}}") else { break };
            next.push_str(before);
            match variables.get(name.trim()).filter(|value| !value.is_empty()) {
                // Only what an address begins with is a part of it; a place of the path stays an input.
                Some(value) if next.is_empty() || !next.contains('/') || next.ends_with("://") => {
                    next.push_str(value);
                    has_changed = true;
                }
                _ => {
                    next.push_str("{{");
                    next.push_str(name);
                    next.push_str("}}");
                }
            }
            rest = behind;
        }
        next.push_str(rest);
        if !has_changed || next.len() > MAX_ADDRESS {
            return if next.len() > MAX_ADDRESS { String::new() } else { next };
        }
        text = next;
    }
    text
}

/// Server and path. Without a server where its host is a variable without a value.
fn split(address: &str) -> Result<(Option<String>, &str), &'static str> {
    let (scheme, rest) = match address.split_once("://") {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
        None => ("https".to_owned(), address),
    };
    let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    if scheme.contains("{{") || host.contains("{{") {
        return Ok((None, path));
    }
    if !matches!(scheme.as_str(), "http" | "https") {
        return Err("The address is neither http nor https.");
    }
    // User information is a secret; the host alone is taken over.
    let host = host.rsplit('@').next().unwrap_or_default();
    let server = format!("{scheme}://{host}");
    if host.is_empty() || url::Url::parse(&server).is_err() {
        return Err("The address has no host.");
    }
    Ok((Some(server), path))
}

/// `:id` and `{{id}}` as `{id}`.
fn templated(path: &str) -> String {
    let part = |part: &str| match part.strip_prefix(':').filter(|name| !name.is_empty()) {
        Some(name) => format!("{{{}}}", plain(name)),
        None => {
            let mut out = String::new();
            let mut rest = part;
            while let Some((before, after)) = rest.split_once("{{") {
                let Some((name, behind)) = after.split_once("}}") else { break };
                out.push_str(before);
                out.push_str(&format!("{{{}}}", plain(name)));
                rest = behind;
            }
            out.push_str(rest);
            out
        }
    };
    let path = path.split('/').map(part).collect::<Vec<_>>().join("/");
    if path.starts_with('/') { path } else { format!("/{path}") }
}

/// A name of a place: letters, digits and a few signs.
fn plain(name: &str) -> String {
    let name: String =
        name.trim().chars().filter(|sign| sign.is_alphanumeric() || "_-.".contains(*sign)).collect();
    if name.is_empty() { "value".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn addresses_are_read_in_every_form() {
        let variables = BTreeMap::from([
            ("base".to_owned(), "{{host}}/v1".to_owned()),
            ("host".to_owned(), "https://api.acme.example".to_owned()),
            ("loop".to_owned(), "{{loop}}{{loop}}".to_owned()),
            ("id".to_owned(), "7".to_owned()),
        ]);
        let of = |url: Value| read(&url, &variables).map(|read| (read.server, read.path));
        let server = Some("https://api.acme.example".to_owned());
        for (url, path) in [
            (json!("{{base}}/users/:id?limit=1#x"), "/v1/users/{id}"),
            (json!({"raw": "https://api.acme.example/a/{{id}}.json"}), "/a/{id}.json"),
            (
                json!({"protocol": "https", "host": ["api", "acme", "example"], "path": ["a", {"value": ":b"}]}),
                "/a/{b}",
            ),
            (json!("https://me:secret@api.acme.example"), "/"),
            (json!("api.acme.example/a"), "/a"),
        ] {
            assert_eq!(of(url).unwrap(), (server.clone(), path.to_owned()));
        }
        assert_eq!(of(json!("{{unknown}}/a")).unwrap(), (None, "/a".to_owned()));
        for bad in
            [json!(""), json!(null), json!("ftp://a.example/"), json!("https:///a"), json!({"raw": " "})]
        {
            of(bad).unwrap_err();
        }
        assert!(of(json!("https://{{loop}}/")).is_ok_and(|(server, _)| server.is_none()));
    }
}
