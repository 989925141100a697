//! The key file of a service account: JSON with a private key and with what is no secret.
//!
//! Where the signed assertion is sent is a part of the policy, which is bound into the ciphertext; so the file's
//! `token_uri` is copied into the parameter `tokenUrl` when the credential is made, and the file's own is not
//! looked at afterwards.

use flero_model::{
    credential::{AuthType, Policy},
    destination::read_url,
    secret::SecretString,
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Faults, SecretField, SecretFields};

/// The members that count. The private key is only looked at in place.
#[derive(Deserialize)]
struct KeyFile<'a> {
    client_email: Option<String>,
    token_uri: Option<String>,
    #[serde(borrow)]
    private_key: Option<&'a serde_json::value::RawValue>,
}

fn read(text: &SecretString) -> Option<KeyFile<'_>> {
    serde_json::from_str(text.expose()).ok()
}

/// Checks the form of a key file.
pub(super) fn check(text: &SecretString, at: &str, faults: &mut Faults) {
    let Some(file) = read(text) else {
        faults.add(at, "json.value", "Expected the JSON key file as the service gave it, as a string.");
        return;
    };
    if file.client_email.is_none_or(|email| email.is_empty()) {
        faults.add(at, "json.value", "The key file has no client_email; download it again.");
    }
    if !file.private_key.is_some_and(|key| key.get().contains("-----BEGIN ")) {
        faults.add(at, "json.value", "The key file has no private_key; download it again.");
    }
    if file.token_uri.is_some_and(|url| read_url(&url).is_err()) {
        faults.add(at, "json.value", "The key file's token_uri is not a URL that starts with https://.");
    }
}

/// Where assertions go if neither the parameters nor the file say so.
const GOOGLE_TOKEN_URL: &str = "https://oauth2.googleapis.com/token";

/// Completes the parameters of a service account: a `tokenUrl` that is left out is the stored one, or the file's.
pub(in crate::credentials) fn complete(
    auth_type: AuthType,
    parameters: &mut Map<String, Value>,
    data: &SecretFields,
    stored: Option<&Policy>,
) {
    if auth_type != AuthType::ServiceAccount || parameters.contains_key("tokenUrl") {
        return;
    }
    let from_file = match data.0.get("key") {
        Some(SecretField::Text(text)) => read(text).and_then(|file| file.token_uri),
        _ => None,
    };
    let kept = stored
        .filter(|policy| policy.auth_type == auth_type)
        .and_then(|policy| policy.parameters.get("tokenUrl"))
        .and_then(Value::as_str)
        .map(str::to_owned);
    let url = from_file.or(kept).unwrap_or_else(|| GOOGLE_TOKEN_URL.to_owned());
    parameters.insert("tokenUrl".to_owned(), Value::String(url));
}

/// The account that a secret names by itself: a service account's address.
pub(in crate::credentials) fn account_of(auth_type: AuthType, data: &SecretFields) -> Option<String> {
    match data.0.get("key") {
        Some(SecretField::Text(text)) if auth_type == AuthType::ServiceAccount => {
            read(text)?.client_email.filter(|email| email.len() <= 320)
        }
        _ => None,
    }
}
