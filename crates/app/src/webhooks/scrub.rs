//! The presented secret taken out of the other parts of a request.

use bytes::Bytes;
use flero_connect::scrub::Scrubber;
use http::HeaderMap;
use serde_json::{Map, Value};

/// The headers without the secret.
pub(super) fn headers(scrubber: &Scrubber, given: &HeaderMap) -> HeaderMap {
    let mut clean = given.clone();
    scrubber.scrub_headers(&mut clean);
    clean
}

/// A text without the secret.
pub(super) fn text(scrubber: &Scrubber, given: &str) -> String {
    if !scrubber.finds(given.as_bytes()) {
        return given.to_owned();
    }
    String::from_utf8_lossy(&scrubber.scrub(Bytes::copy_from_slice(given.as_bytes()))).into_owned()
}

/// Replaces the secret in every text of a value: strings, the names of fields, and numbers that are the secret.
pub(super) fn value(scrubber: &Scrubber, given: &mut Value) {
    match given {
        Value::Null | Value::Bool(_) => {}
        Value::Number(number) => {
            let written = number.to_string();
            if scrubber.finds(written.as_bytes()) {
                *given = Value::String(text(scrubber, &written));
            }
        }
        Value::String(found) => {
            if scrubber.finds(found.as_bytes()) {
                *found = text(scrubber, found);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| value(scrubber, item)),
        Value::Object(fields) => {
            if fields.keys().any(|name| scrubber.finds(name.as_bytes())) {
                *fields = std::mem::take(fields)
                    .into_iter()
                    .map(|(name, field)| (text(scrubber, &name), field))
                    .collect::<Map<_, _>>();
            }
            fields.values_mut().for_each(|field| value(scrubber, field));
        }
    }
}
