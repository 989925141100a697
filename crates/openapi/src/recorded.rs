//! Requests that somebody recorded, a Postman collection or a cURL command, as an OpenAPI document, which then becomes a
//! connector like every other.
//!
//! Values are somebody's data and may be secret: types are taken over, and of values only what a query or header field
//! shows as an example where its name says nothing of a secret.

pub mod postman;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// A name and its value in a query, a header or a form.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pair {
    /// The name.
    pub name: String,
    /// What it is.
    pub description: String,
    /// A value to show as an example.
    pub example: Option<String>,
    /// Whether the request is made without it by default.
    pub optional: bool,
    /// Whether the value is a file; in forms of parts only.
    pub file: bool,
}

/// A recorded body.
#[derive(Debug, Clone, PartialEq)]
pub enum RecordedBody {
    /// JSON; its types are taken over.
    Json(Value),
    /// `application/x-www-form-urlencoded`.
    Form(Vec<Pair>),
    /// `multipart/form-data`.
    Multipart(Vec<Pair>),
    /// Text of a media type.
    Text(String),
    /// A file.
    File,
}

/// A recorded request.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recorded {
    /// What it was called.
    pub name: String,
    /// The folder that it lay in.
    pub group: String,
    /// What was written about it.
    pub description: String,
    /// The method.
    pub method: String,
    /// Scheme and host; `None` where a variable stood in their place.
    pub server: Option<String>,
    /// The path with `{places}`.
    pub path: String,
    /// What was written about places of the path.
    pub places: BTreeMap<String, String>,
    /// The query.
    pub query: Vec<Pair>,
    /// Header fields besides those of authentication and of the body.
    pub headers: Vec<Pair>,
    /// The body.
    pub body: Option<RecordedBody>,
    /// Answers by status.
    pub answers: BTreeMap<u16, Value>,
    /// The name of its security scheme; `None` where it needs none.
    pub scheme: Option<String>,
}

/// Recorded requests of one service.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recording {
    /// The service's name.
    pub title: String,
    /// What it is.
    pub description: String,
    /// Security schemes by their names, as OpenAPI writes them.
    pub schemes: Map<String, Value>,
    /// The requests.
    pub requests: Vec<Recorded>,
}

/// Words in a name that mean a secret.
const SECRET_WORDS: &[&str] = &[
    "auth",
    "token",
    "secret",
    "key",
    "passw",
    "pwd",
    "session",
    "credential",
    "signature",
    "cookie",
    "jwt",
];

/// Whether a name says that its value is secret. Errs on the safe side.
#[must_use]
pub fn sounds_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_WORDS.iter().any(|word| name.contains(word))
}

/// The OpenAPI 3.1 document of a recording.
#[must_use]
pub fn document(recording: &Recording) -> Value {
    let mut servers: Vec<&str> = Vec::new();
    for request in &recording.requests {
        if let Some(server) = request.server.as_deref()
            && !servers.contains(&server)
        {
            servers.push(server);
        }
    }
    let main = servers.first().copied();
    let mut paths: Map<String, Value> = Map::new();
    for request in &recording.requests {
        let method = request.method.to_ascii_lowercase();
        let path = free(&paths, &request.path, &method);
        let mut operation = operation(request);
        if let Some(server) = request.server.as_deref().filter(|server| Some(*server) != main) {
            operation["servers"] = json!([{ "url": server }]);
        }
        paths.entry(path).or_insert_with(|| json!({}))[method] = operation;
    }
    let servers: Vec<Value> = main.iter().map(|url| json!({ "url": url })).collect();
    json!({
        "openapi": "3.1.0",
        "info": {"title": recording.title, "description": recording.description, "version": "1"},
        "servers": servers,
        "components": {"securitySchemes": recording.schemes},
        "paths": paths,
    })
}

/// A key of `paths` under which the method is free. A fragment makes keys of the same path different; it is not sent.
fn free(paths: &Map<String, Value>, path: &str, method: &str) -> String {
    let is_free = |key: &str| paths.get(key).is_none_or(|item| item.get(method).is_none());
    let numbered = (2..).map(|number| format!("{path}#{number}"));
    std::iter::once(path.to_owned()).chain(numbered).find(|key| is_free(key)).unwrap_or_default()
}

fn operation(request: &Recorded) -> Value {
    let mut parameters: Vec<Value> = places(&request.path)
        .into_iter()
        .map(|name| {
            let description = request.places.get(&name).cloned().unwrap_or_default();
            json!({"name": name, "in": "path", "required": true, "description": description, "schema": {"type": "string"}})
        })
        .collect();
    let mut add = |place: &str, pairs: &[Pair]| {
        for pair in pairs {
            let is_known = |known: &Value| known["name"] == pair.name.as_str() && known["in"] == place;
            if pair.name.is_empty() || parameters.iter().any(is_known) {
                continue;
            }
            parameters.push(json!({"name": pair.name, "in": place, "description": pair.description, "schema": text(pair)}));
        }
    };
    add("query", &request.query);
    add("header", &request.headers);
    let mut operation = json!({
        "summary": request.name,
        "description": request.description,
        "parameters": parameters,
        "responses": answers(&request.answers),
    });
    if !request.group.is_empty() {
        operation["tags"] = json!([request.group]);
    }
    if let Some(body) = &request.body {
        operation["requestBody"] = json!({ "content": content(body) });
    }
    operation["security"] = match &request.scheme {
        Some(scheme) => json!([{ scheme: [] }]),
        None => json!([]),
    };
    operation
}

/// The schema of a pair: a text, with its example.
fn text(pair: &Pair) -> Value {
    match pair.example.as_ref().filter(|_| !sounds_secret(&pair.name)) {
        Some(example) => json!({"type": "string", "examples": [example]}),
        None => json!({"type": "string"}),
    }
}

/// The names of the places of a path.
fn places(path: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for part in path.split('{').skip(1) {
        if let Some((name, _)) = part.split_once('}')
            && !names.iter().any(|known| known == name)
        {
            names.push(name.to_owned());
        }
    }
    names
}

fn content(body: &RecordedBody) -> Value {
    let form = |pairs: &[Pair]| {
        let mut properties = Map::new();
        for pair in pairs.iter().filter(|pair| !pair.name.is_empty()) {
            // A field that stands several times is a list.
            let schema = match properties.contains_key(&pair.name) {
                true => json!({"type": "array", "items": {"type": "string"}}),
                false if pair.file => json!({"type": "string", "format": "binary"}),
                false => json!({"type": "string"}),
            };
            properties.insert(pair.name.clone(), schema);
            properties[&pair.name]["description"] = json!(pair.description);
        }
        json!({"schema": {"type": "object", "properties": properties}})
    };
    match body {
        RecordedBody::Json(value) => json!({"application/json": {"schema": schema(value)}}),
        RecordedBody::Form(pairs) => json!({"application/x-www-form-urlencoded": form(pairs)}),
        RecordedBody::Multipart(pairs) => json!({"multipart/form-data": form(pairs)}),
        RecordedBody::Text(kind) => json!({ kind: {"schema": {"type": "string"}} }),
        RecordedBody::File => {
            json!({"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}})
        }
    }
}

fn answers(answers: &BTreeMap<u16, Value>) -> Value {
    let mut all: Map<String, Value> = answers
        .iter()
        .map(|(status, body)| {
            let content = json!({"application/json": {"schema": schema(body)}});
            (status.to_string(), json!({"description": "As recorded", "content": content}))
        })
        .collect();
    all.entry("default").or_insert_with(|| json!({"description": "The answer"}));
    Value::Object(all)
}

/// The types of a value as a schema. Nothing is required: one record does not tell what may be left out.
fn schema(value: &Value) -> Value {
    match value {
        Value::Null => json!({}),
        Value::Bool(_) => json!({"type": "boolean"}),
        // A record of 5 does not tell that 5.5 is refused.
        Value::Number(_) => json!({"type": "number"}),
        Value::String(_) => json!({"type": "string"}),
        Value::Array(items) => {
            json!({"type": "array", "items": items.first().map(schema).unwrap_or(json!({}))})
        }
        Value::Object(members) => {
            let properties: Map<String, Value> =
                members.iter().map(|(name, value)| (name.clone(), schema(value))).collect();
            json!({"type": "object", "properties": properties})
        }
    }
}
