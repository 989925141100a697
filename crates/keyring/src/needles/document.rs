//! The needles of a whole secret document: of each value in it, of each line of a PEM key, and of each value of a
//! key file that is itself JSON.

use data_encoding::BASE64;
use serde_json::Value;
use zeroize::{Zeroize, Zeroizing};

use super::{MIN_NEEDLE_BYTES, Needle, of_secret, unique};

/// Members of a service account's key file that are no secrets: the same for everybody, or names. Looking for
/// them would blank out ordinary answers.
const PUBLIC_MEMBERS: [&str; 9] = [
    "type",
    "project_id",
    "client_email",
    "client_id",
    "auth_uri",
    "token_uri",
    "auth_provider_x509_cert_url",
    "client_x509_cert_url",
    "universe_domain",
];

/// The needles of every secret in a credential's document (JSON). Bytes that are not JSON count as one secret.
pub fn of_document(document: &[u8]) -> Vec<Needle> {
    let mut needles = Vec::new();
    match serde_json::from_slice::<Value>(document) {
        Ok(value) => of_value(value, &[], &mut needles),
        Err(_) => of_text_or_bytes(document, &mut needles),
    }
    unique(needles)
}

/// The needles of a user name and password as HTTP Basic joins them (RFC 7617): the password's own, and those of
/// `user:password`.
pub fn of_basic(username: &str, password: &[u8]) -> Vec<Needle> {
    let mut needles = of_secret(password);
    needles.extend(super::of_prefixed(&format!("{username}:"), password));
    unique(needles)
}

/// Walks a document and wipes it on the way.
fn of_value(value: Value, without: &[&str], needles: &mut Vec<Needle>) {
    match value {
        Value::String(text) => {
            let text = Zeroizing::new(text);
            of_text_or_bytes(text.as_bytes(), needles);
        }
        Value::Number(number) => {
            let text = Zeroizing::new(number.to_string());
            of_text_or_bytes(text.as_bytes(), needles);
        }
        Value::Array(items) => items.into_iter().for_each(|item| of_value(item, without, needles)),
        Value::Object(members) => {
            for (mut name, value) in members {
                if !without.contains(&name.as_str()) {
                    of_value(value, without, needles);
                }
                name.zeroize();
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}

fn of_text_or_bytes(secret: &[u8], needles: &mut Vec<Needle>) {
    if secret.is_empty() {
        return;
    }
    needles.extend(of_secret(secret));
    let Ok(text) = std::str::from_utf8(secret) else { return };
    if text.contains("-----BEGIN ") {
        of_pem(text, needles);
    }
    // A key file is kept as the text that the person uploaded; its values come back one by one.
    if text.trim_start().starts_with('{')
        && let Ok(value @ Value::Object(_)) = serde_json::from_str(text)
    {
        of_value(value, &PUBLIC_MEMBERS, needles);
    }
}

/// Each line of the body, the body without line breaks, and the decoded key.
fn of_pem(text: &str, needles: &mut Vec<Needle>) {
    let mut body = Zeroizing::new(Vec::with_capacity(text.len()));
    for line in text.lines().map(str::trim) {
        if line.starts_with("-----BEGIN ") {
            body.clear();
        } else if line.starts_with("-----END ") {
            of_pem_body(&body, needles);
            body.clear();
        } else if !line.contains(':') {
            // Encrypted PEM has `Proc-Type:` and `DEK-Info:` lines, which are no secrets.
            body.extend_from_slice(line.as_bytes());
            if line.len() >= MIN_NEEDLE_BYTES {
                needles.extend(of_secret(line.as_bytes()));
            }
        }
    }
}

fn of_pem_body(body: &[u8], needles: &mut Vec<Needle>) {
    needles.extend(of_secret(body));
    let mut der = Zeroizing::new(vec![0; BASE64.decode_len(body.len()).unwrap_or(0)]);
    if let Ok(length) = BASE64.decode_mut(body, &mut der)
        && length >= MIN_NEEDLE_BYTES
    {
        needles.extend(of_secret(&der[..length]));
    }
}
