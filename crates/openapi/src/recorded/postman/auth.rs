//! How requests of a collection authenticate, as security schemes. The values stay behind.

use serde_json::{Map, Value, json};

use super::Work;
use crate::names;

impl Work {
    /// The scheme of an `auth`; what says nothing has that of the folder around it.
    pub(super) fn scheme(
        &mut self,
        auth: Option<&Value>,
        at: &str,
        around: &Option<String>,
    ) -> Option<String> {
        let Some(auth) = auth.filter(|auth| !auth.is_null()) else { return around.clone() };
        let kind = auth["type"].as_str().unwrap_or_default();
        let values = values(&auth[kind]);
        let of = |name: &str| {
            let text = values.get(name).and_then(Value::as_str).unwrap_or_default().trim();
            if text.contains("{{") { "" } else { text }
        };
        let scheme = match kind {
            "noauth" => return None,
            "bearer" | "jwt" => json!({"type": "http", "scheme": "bearer"}),
            "basic" => json!({"type": "http", "scheme": "basic"}),
            "digest" => json!({"type": "http", "scheme": "digest"}),
            "apikey" => {
                let name = if of("key").is_empty() { "X-API-Key" } else { of("key") };
                let place = if of("in") == "query" { "query" } else { "header" };
                json!({"type": "apiKey", "in": place, "name": name})
            }
            "awsv4" => json!({"type": "apiKey", "in": "header", "name": "Authorization",
                "x-flero-auth": {"authType": "awsSigV4"}}),
            "oauth2" => oauth2(&of),
            "oauth1" => json!({"type": "apiKey", "in": "header", "name": "Authorization",
                "x-flero-auth": {"authType": "oauth1"}}),
            _ => {
                self.leave_out(at, "This way of authentication is not known; choose a credential that fits.");
                return None;
            }
        };
        Some(self.put(kind, scheme))
    }

    /// The scheme of a header field that carries a secret.
    pub(super) fn scheme_of_header(&mut self, name: &str, value: &str) -> String {
        let is_authorization = name.eq_ignore_ascii_case("authorization");
        let word = value.split_ascii_whitespace().next().unwrap_or_default().to_ascii_lowercase();
        let has_word = is_authorization && value.trim().contains(' ');
        match word.as_str() {
            "bearer" | "basic" | "digest" if has_word => {
                self.put(&word, json!({"type": "http", "scheme": word}))
            }
            _ => self.put("key", json!({"type": "apiKey", "in": "header", "name": name})),
        }
    }

    /// The scheme of a parameter of the query that carries a secret.
    pub(super) fn scheme_of_query(&mut self, name: &str) -> String {
        self.put("key", json!({"type": "apiKey", "in": "query", "name": name}))
    }

    /// Keeps a scheme once, under a name of its own.
    fn put(&mut self, name: &str, scheme: Value) -> String {
        let schemes = &mut self.read.recording.schemes;
        if let Some((known, _)) = schemes.iter().find(|(_, known)| **known == scheme) {
            return known.clone();
        }
        let mut taken = schemes.keys().cloned().collect();
        let name = names::unique(name, &mut taken);
        schemes.insert(name.clone(), scheme);
        name
    }
}

/// The members of an `auth`: a list of keys and values (2.1), or an object (2.0).
fn values(given: &Value) -> Map<String, Value> {
    match given {
        Value::Object(members) => members.clone(),
        Value::Array(list) => {
            let pair = |one: &Value| Some((one["key"].as_str()?.to_owned(), one["value"].clone()));
            list.iter().filter_map(pair).collect()
        }
        _ => Map::new(),
    }
}

/// OAuth 2 with addresses where the collection has them, else a token that somebody got elsewhere.
fn oauth2<'v>(of: &dyn Fn(&str) -> &'v str) -> Value {
    let (authorization, token) = (of("authUrl"), of("accessTokenUrl"));
    let scopes: Map<String, Value> =
        of("scope").split_ascii_whitespace().map(|scope| (scope.to_owned(), json!(""))).collect();
    let is_url = |text: &str| text.starts_with("https://");
    let flows = match (is_url(authorization), is_url(token)) {
        (true, true) => {
            json!({"authorizationCode": {"authorizationUrl": authorization, "tokenUrl": token, "scopes": scopes}})
        }
        (false, true) => json!({"clientCredentials": {"tokenUrl": token, "scopes": scopes}}),
        _ => return json!({"type": "http", "scheme": "bearer"}),
    };
    json!({"type": "oauth2", "flows": flows})
}
