//! A request as it is shown: with a mask where a credential puts its secret.

use flero_model::{
    credential::AuthType,
    service::{AuthKind, Piece, Place, Template},
};
use flero_openapi::{
    connector::{Connector, Operation},
    request::{Built, RequestBody},
};
use serde_json::{Map, Value, json};

/// Stands for a secret.
const MASK: &str = "********";

/// A request for people's eyes.
pub(super) struct Shown {
    pub(super) method: String,
    pub(super) url: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<Value>,
    /// What a mask cannot show.
    pub(super) notes: Vec<String>,
}

/// The way of authentication that an operation takes first; `None` when it needs none or there is none.
pub(super) fn kind_of<'c>(connector: &'c Connector, operation: &Operation) -> Option<&'c AuthKind> {
    let named = operation
        .security
        .iter()
        .flatten()
        .find_map(|(scheme, _)| connector.auth.iter().find(|kind| kind.id == *scheme));
    named.or_else(|| connector.auth.first().filter(|_| !operation.security.is_empty()))
}

/// The request with masks in place of what `kind` adds.
pub(super) fn shown(built: &Built, kind: Option<&AuthKind>) -> Shown {
    let (headers, body) = with_body(built);
    let mut shown =
        Shown { method: built.method.clone(), url: built.url.clone(), headers, body, notes: Vec::new() };
    let Some(kind) = kind else { return shown };
    let scheme = |name: &str| format!("{name} {MASK}");
    let text = |name: &str| kind.parameters.get(name).and_then(Value::as_str).unwrap_or_default();
    match kind.auth_type {
        AuthType::Bearer | AuthType::Oauth2 | AuthType::ServiceAccount => {
            shown.put(Place::Header, "Authorization", &scheme("Bearer"));
        }
        AuthType::Basic => shown.put(Place::Header, "Authorization", &scheme("Basic")),
        AuthType::Digest => shown.put(Place::Header, "Authorization", &scheme("Digest")),
        AuthType::Oauth1 => shown.put(Place::Header, "Authorization", &scheme("OAuth")),
        AuthType::AwsSigV4 => shown.put(Place::Header, "Authorization", &scheme("AWS4-HMAC-SHA256")),
        AuthType::ApiKey => {
            let prefix = text("prefix");
            let value = if prefix.is_empty() { MASK.to_owned() } else { scheme(prefix) };
            let place = match text("in") {
                "query" => Place::Query,
                "cookie" => Place::Cookie,
                "path" => Place::Path,
                "body" => Place::Body,
                _ => Place::Header,
            };
            shown.put(place, text("name"), &value);
        }
        AuthType::Custom => {
            for placement in &kind.placements {
                shown.put(placement.place, &placement.name, &masked(&placement.value, kind));
            }
        }
        AuthType::Certificate => shown.notes.push("The connection is made with a client certificate.".into()),
        AuthType::CustomHeaders => shown.notes.push("The credential's header fields are added.".into()),
        AuthType::Database | AuthType::Mail => {}
    }
    shown
}

/// A template whose secret fields are masked. What is not secret stands in it by its name.
fn masked(template: &Template, kind: &AuthKind) -> String {
    let is_open = |name: &str| kind.fields.iter().any(|field| field.name == name && !field.secret);
    let piece = |piece: Piece<'_>| match piece {
        Piece::Text(text) => text.to_owned(),
        Piece::Name(name) if is_open(name) => format!("{{{name}}}"),
        Piece::Name(_) => MASK.to_owned(),
    };
    template.pieces().map(piece).collect()
}

impl Shown {
    fn put(&mut self, place: Place, name: &str, value: &str) {
        match place {
            Place::Header => {
                self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
                self.headers.insert(0, (name.to_owned(), value.to_owned()));
            }
            Place::Query => {
                let sign = if self.url.contains('?') { '&' } else { '?' };
                self.url.push_str(&format!("{sign}{name}={value}"));
            }
            Place::Cookie => self.headers.push(("Cookie".to_owned(), format!("{name}={value}"))),
            Place::Path => self.url = self.url.replace(&format!("{{{name}}}"), value),
            Place::Body => match &mut self.body {
                Some(Value::Object(members)) => {
                    members.insert(name.to_owned(), value.into());
                }
                _ => self.notes.push(format!("The body's field {name} is added: {value}.")),
            },
        }
    }

    /// As a message of HTTP/1.1, the form of fixtures.
    pub(super) fn text(&self) -> String {
        let mut out = format!("{} {}\n", self.method, self.url);
        for (name, value) in &self.headers {
            out.push_str(&format!("{name}: {value}\n"));
        }
        if let Some(body) = &self.body {
            let body = match body {
                Value::String(text) => text.clone(),
                other => serde_json::to_string_pretty(other).unwrap_or_default(),
            };
            out.push_str(&format!("\n{body}\n"));
        }
        for note in &self.notes {
            out.push_str(&format!("\n# {note}\n"));
        }
        out
    }

    pub(super) fn json(&self) -> Value {
        let headers: Map<String, Value> =
            self.headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        json!({"method": self.method, "url": self.url, "headers": headers, "body": self.body, "notes": self.notes})
    }
}

fn with_body(built: &Built) -> (Vec<(String, String)>, Option<Value>) {
    let mut headers = built.headers.clone();
    let mut typed = |media_type: &str| {
        headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
        headers.push(("Content-Type".to_owned(), media_type.to_owned()));
    };
    let body = match &built.body {
        RequestBody::Empty => None,
        RequestBody::Text { media_type, text } => {
            typed(media_type);
            let parsed = if media_type.contains("json") { serde_json::from_str(text).ok() } else { None };
            Some(parsed.unwrap_or_else(|| json!(text)))
        }
        RequestBody::File { media_type, file } => {
            typed(media_type);
            Some(file.clone())
        }
        RequestBody::Multipart(parts) => {
            typed("multipart/form-data");
            Some(parts.iter().map(|part| json!({"name": part.name, "value": part.value})).collect())
        }
    };
    (headers, body)
}
