//! Postman collections of version 2.1 (and 2.0, which differs in the form of `auth`):
//! <https://schema.postman.com/collection/json/v2.1.0/draft-07/docs/index.html>.

mod auth;
mod url;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Pair, Recorded, RecordedBody, Recording, sounds_secret};
use crate::{
    document::child,
    limits::{MAX_OPERATIONS, MAX_REPORTED},
    names,
    report::LeftOut,
};

/// Header fields that belong to the connection, to the body or to Postman itself.
const NOT_INPUTS: &[&str] = &[
    "content-type",
    "content-length",
    "host",
    "connection",
    "user-agent",
    "accept-encoding",
    "accept",
    "postman-token",
    "cache-control",
];

/// Whether a document is a collection.
#[must_use]
pub fn is_collection(root: &Value) -> bool {
    let schema = root.pointer("/info/schema").and_then(Value::as_str).unwrap_or_default();
    let is_named = schema.contains("/collection/v2") || schema.contains("/collection/json/v2");
    root.get("item").is_some_and(Value::is_array) && (is_named || root.pointer("/info/_postman_id").is_some())
}

/// What came of a collection.
#[derive(Debug, Default)]
pub struct Read {
    /// The requests.
    pub recording: Recording,
    /// What could not be taken over, with its place.
    pub left_out: Vec<LeftOut>,
    /// How many of the requests could not.
    pub lost: usize,
}

/// Reads a collection. Values of variables are used for addresses alone.
#[must_use]
pub fn read(root: &Value) -> Read {
    let mut variables = BTreeMap::new();
    for variable in root["variable"].as_array().into_iter().flatten() {
        let name = variable["key"].as_str().or_else(|| variable["id"].as_str());
        if let (Some(name), Some(value)) = (name, variable["value"].as_str()) {
            variables.insert(name.to_owned(), value.to_owned());
        }
    }
    let title = names::plain(root.pointer("/info/name").and_then(Value::as_str).unwrap_or_default(), 100);
    let mut work = Work { variables, read: Read::default() };
    work.read.recording.title = title;
    work.read.recording.description = description(&root["info"]);
    let scheme = work.scheme(root.get("auth"), "/auth", &None);
    work.items(&root["item"], "/item", "", &scheme);
    work.read
}

struct Work {
    variables: BTreeMap<String, String>,
    read: Read,
}

impl Work {
    fn leave_out(&mut self, at: &str, reason: &str) {
        if self.read.left_out.len() < MAX_REPORTED {
            self.read.left_out.push(LeftOut { pointer: at.to_owned(), reason: reason.to_owned() });
        }
    }

    /// Folders and requests. The reader of the text has bounded how deep they are nested.
    fn items(&mut self, items: &Value, at: &str, group: &str, scheme: &Option<String>) {
        for (place, item) in items.as_array().into_iter().flatten().enumerate() {
            let at = format!("{at}/{place}");
            let name = item["name"].as_str().unwrap_or_default().trim();
            if item.get("item").is_some() {
                let scheme = self.scheme(item.get("auth"), &child(&at, "auth"), scheme);
                let group = if group.is_empty() { name.to_owned() } else { format!("{group} / {name}") };
                self.items(&item["item"], &child(&at, "item"), &group, &scheme);
                continue;
            }
            if self.read.recording.requests.len() + self.read.lost >= MAX_OPERATIONS {
                self.read.lost += 1;
                self.leave_out(&at, "A connector has no more operations than this.");
                continue;
            }
            match self.request(item, &at, scheme) {
                Ok(mut request) => {
                    request.group = names::plain(group, 100);
                    self.read.recording.requests.push(request);
                }
                Err(reason) => {
                    self.read.lost += 1;
                    self.leave_out(&at, reason);
                }
            }
        }
    }

    fn request(&mut self, item: &Value, at: &str, scheme: &Option<String>) -> Result<Recorded, &'static str> {
        // A request can be its URL alone.
        let given = item.get("request").ok_or("This item has neither a request nor items.")?;
        let url = if given.is_string() { given } else { &given["url"] };
        let address = url::read(url, &self.variables)?;
        let at_request = child(at, "request");
        let mut scheme = self.scheme(given.get("auth"), &child(&at_request, "auth"), scheme);
        let mut headers = Vec::new();
        for header in list(&given["header"]) {
            let name = header["key"].as_str().unwrap_or_default().trim().to_owned();
            let value = header["value"].as_str().unwrap_or_default();
            let is_on = header["disabled"] != Value::Bool(true);
            if NOT_INPUTS.contains(&name.to_ascii_lowercase().as_str()) {
                continue;
            }
            if sounds_secret(&name) && !name.to_ascii_lowercase().contains("idempotency") {
                if is_on && scheme.is_none() {
                    scheme = Some(self.scheme_of_header(&name, value));
                }
                continue;
            }
            headers.push(pair(&header));
        }
        let mut query = Vec::new();
        for one in address.query {
            if sounds_secret(&one.name) && scheme.is_none() {
                scheme = Some(self.scheme_of_query(&one.name));
            } else {
                query.push(one);
            }
        }
        let method = given["method"].as_str().unwrap_or("GET").to_ascii_uppercase();
        let is_known =
            ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"].contains(&method.as_str());
        if !is_known {
            return Err("The request has a method that is not sent.");
        }
        let body = self.body(&given["body"], &given["header"], &child(&at_request, "body"));
        let mut answers = BTreeMap::new();
        for answer in item["response"].as_array().into_iter().flatten() {
            let status = answer["code"].as_u64().and_then(|code| u16::try_from(code).ok());
            let text = answer["body"].as_str().unwrap_or_default();
            if let (Some(status @ 200..=299), Ok(body)) = (status, serde_json::from_str(text)) {
                answers.entry(status).or_insert(body);
            }
        }
        let name = item["name"].as_str().unwrap_or_default();
        Ok(Recorded {
            name: names::plain(name, 200),
            group: String::new(),
            description: description(if given.is_object() { given } else { item }),
            method,
            server: address.server,
            path: address.path,
            places: address.places,
            query,
            headers,
            body: body.filter(|_| !given.is_string()),
            answers,
            scheme,
        })
    }

    fn body(&mut self, body: &Value, headers: &Value, at: &str) -> Option<RecordedBody> {
        if body["disabled"] == Value::Bool(true) {
            return None;
        }
        let kind = list(headers).into_iter().find_map(|header| {
            let is_type = header["key"].as_str()?.eq_ignore_ascii_case("content-type");
            is_type.then(|| header["value"].as_str().map(str::to_ascii_lowercase)).flatten()
        });
        let pairs = |name: &str| list(&body[name]).iter().map(pair).collect::<Vec<_>>();
        match body["mode"].as_str()? {
            "raw" => {
                let text = body["raw"].as_str().unwrap_or_default();
                let language = body.pointer("/options/raw/language").and_then(Value::as_str);
                raw(text, language, kind.as_deref())
            }
            "urlencoded" => Some(RecordedBody::Form(pairs("urlencoded"))),
            "formdata" => Some(RecordedBody::Multipart(pairs("formdata"))),
            "graphql" => {
                let variables = body.pointer("/graphql/variables").and_then(Value::as_str).unwrap_or("{}");
                let variables = without_places(variables).unwrap_or_else(|| Value::Object(Map::new()));
                Some(RecordedBody::Json(serde_json::json!({"query": "", "variables": variables})))
            }
            "file" => Some(RecordedBody::File),
            _ => {
                self.leave_out(
                    at,
                    "The body is of a mode that is not known; the request is sent without it.",
                );
                None
            }
        }
    }
}

fn raw(text: &str, language: Option<&str>, kind: Option<&str>) -> Option<RecordedBody> {
    if text.trim().is_empty() {
        return None;
    }
    let is_json = language == Some("json")
        || kind.is_some_and(|kind| kind.contains("json"))
        || (language.is_none() && kind.is_none() && text.trim_start().starts_with(['{', '[']));
    if is_json {
        // What is no JSON, for its comments or because a variable is half of it, is any JSON.
        return Some(RecordedBody::Json(without_places(text).unwrap_or(Value::Null)));
    }
    let bare = kind.map(|kind| kind.split(';').next().unwrap_or_default().trim().to_owned());
    let kind = bare.filter(|kind| kind.contains('/')).unwrap_or_else(|| match language {
        Some("xml") => "application/xml".to_owned(),
        Some("html") => "text/html".to_owned(),
        _ => "text/plain".to_owned(),
    });
    Some(RecordedBody::Text(kind))
}

/// JSON in which variables stand, within texts or alone.
fn without_places(text: &str) -> Option<Value> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, after)) = after.split_once("}}") else { break };
        out.push_str(before);
        // `{"a":{{}}` is JSON and no variable.
        if name.is_empty() || name.contains(['"', '{', '\n']) {
            out.push_str("{{");
            out.push_str(name);
            out.push_str("}}");
        } else {
            out.push_str("null");
        }
        rest = after;
    }
    out.push_str(rest);
    serde_json::from_str(text).or_else(|_| serde_json::from_str(&out)).ok()
}

/// Entries of a list; header fields may be one text too.
fn list(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items.clone(),
        Value::String(text) => {
            let line = |line: &str| {
                line.split_once(':')
                    .map(|(key, value)| serde_json::json!({"key": key.trim(), "value": value.trim()}))
            };
            text.lines().filter_map(line).collect()
        }
        _ => Vec::new(),
    }
}

fn pair(given: &Value) -> Pair {
    let value = given["value"].as_str().filter(|value| !value.is_empty() && !value.contains("{{"));
    Pair {
        name: given["key"].as_str().unwrap_or_default().trim().to_owned(),
        description: description(given),
        example: value.filter(|value| value.len() <= 200).map(str::to_owned),
        optional: given["disabled"] == Value::Bool(true),
        file: given["type"] == "file",
    }
}

/// A description is a text, or an object with one.
fn description(of: &Value) -> String {
    let given = &of["description"];
    let text = given.as_str().or_else(|| given["content"].as_str()).unwrap_or_default();
    names::plain(text, crate::limits::MAX_DESCRIPTION_BYTES)
}

#[cfg(test)]
mod tests;
