//! A request as the run sees it: what authenticated it is taken out before it becomes data.
//!
//! Whatever is in `$trigger` is stored, shown and passed on. Tokens, cookies and signatures are for the check at the
//! door alone (SECURITY.md 2.1, channel 12). A caller or a proxy may repeat the secret in other places (a `Referer`, an
//! `X-Original-URI`, the body); there it is replaced.

use bytes::Bytes;
use flero_connect::scrub::Scrubber;
use flero_model::Timestamp;
use http::HeaderMap;
use serde_json::{Map, Value};

use super::{Hook, InboundCredential, payload, scrub};
use crate::Result;

/// A request to a webhook whose body is complete.
#[derive(Debug)]
pub struct Incoming<'a> {
    /// The method.
    pub method: &'a str,
    /// The path below `/webhook/`.
    pub path: &'a str,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The query, without the question mark.
    pub query: Option<&'a str>,
    /// The body.
    pub body: Bytes,
}

impl Incoming<'_> {
    /// `$trigger`, without the secret that the caller presented in whatever place it stands.
    pub(super) fn input(&self, hook: &Hook, scrubber: Option<&Scrubber>, now: Timestamp) -> Result<Value> {
        let Some(scrubber) = scrubber else {
            return self.read(hook, now);
        };
        // As it was sent, which a body in base64 does not show any more.
        let headers = scrub::headers(scrubber, self.headers);
        let query = self.query.map(|query| scrub::text(scrubber, query));
        let path = scrub::text(scrubber, self.path);
        let clean = Incoming {
            method: self.method,
            path: &path,
            headers: &headers,
            query: query.as_deref(),
            body: scrubber.scrub(self.body.clone()),
        };
        let mut input = clean.read(hook, now)?;
        // As it is read: escapes in JSON, a query or a form can spell the secret in ways that no list names.
        scrub::value(scrubber, &mut input);
        Ok(input)
    }

    fn read(&self, hook: &Hook, now: Timestamp) -> Result<Value> {
        let body = payload::read(hook.options.payload_type, self.headers, &self.body)?;
        let mut input = Map::with_capacity(6);
        input.insert("body".to_owned(), body);
        input.insert("headers".to_owned(), Value::Object(headers(self.headers, hook.credential.as_ref())));
        input.insert("query".to_owned(), Value::Object(query(self.query, hook.credential.as_ref())));
        input.insert("method".to_owned(), self.method.into());
        input.insert("path".to_owned(), self.path.into());
        input.insert("timestamp".to_owned(), now.to_string().into());
        Ok(Value::Object(input))
    }
}

/// Headers that say nothing about who sends: the only ones that are passed on where a credential's own header names
/// are not known.
const ORDINARY: &[&str] = &[
    "accept",
    "accept-encoding",
    "accept-language",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "host",
    "origin",
    "referer",
    "user-agent",
];

pub(super) fn headers(given: &HeaderMap, credential: Option<&InboundCredential>) -> Map<String, Value> {
    let mut kept = Map::with_capacity(given.keys_len());
    for (name, value) in given {
        let name = name.as_str();
        let carries = credential.is_some_and(|credential| credential.carried_in.as_deref() == Some(name));
        let hidden =
            credential.is_some_and(|credential| credential.hides_headers) && !ORDINARY.contains(&name);
        if carries || hidden || is_authentication(name) {
            continue;
        }
        let value = String::from_utf8_lossy(value.as_bytes());
        match kept.get_mut(name) {
            // Repeated fields mean their list (RFC 9110 section 5.2).
            Some(Value::String(before)) => {
                before.push_str(", ");
                before.push_str(&value);
            }
            _ => {
                kept.insert(name.to_owned(), Value::String(value.into_owned()));
            }
        }
    }
    kept
}

pub(super) fn query(given: Option<&str>, credential: Option<&InboundCredential>) -> Map<String, Value> {
    let mut kept = Map::new();
    for (name, value) in url::form_urlencoded::parse(given.unwrap_or_default().as_bytes()) {
        let lower = name.to_ascii_lowercase();
        let carries = credential.is_some_and(|credential| credential.carried_in.as_deref() == Some(&lower));
        if !carries && !is_authentication(&lower) {
            payload::add(&mut kept, name.into_owned(), Value::String(value.into_owned()));
        }
    }
    kept
}

/// Whether a header or query parameter is named like something that authenticates. In lower case.
fn is_authentication(name: &str) -> bool {
    const PARTS: &[&str] = &[
        "authorization",
        "cookie",
        "signature",
        "hmac",
        "secret",
        "token",
        "password",
        "api-key",
        "apikey",
        "api_key",
        "access-key",
        "access_key",
        "credential",
        "jwt",
        "x-auth",
        "session",
    ];
    const WHOLE: &[&str] = &["sig", "auth", "key", "pwd", "passwd", "code", "dpop"];
    WHOLE.contains(&name) || PARTS.iter().any(|part| name.contains(part))
}
