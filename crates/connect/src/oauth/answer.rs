//! Reading the answers of token endpoints, which are as varied as their makers. Pure.
//!
//! RFC 6749 section 5.1 asks for JSON with numbers; services send forms, numbers as text, errors with status 200.
//! What cannot be understood is a [`Fault`] and never a guess.

use std::collections::BTreeMap;

use flero_model::secret::{SecretBytes, SecretString};
use serde_json::{Map, Value};
use zeroize::Zeroize;

use super::{
    fault::{Fault, OauthError},
    settings::Settings,
    token_set::TokenSet,
};

/// The longest life that is believed, in seconds: ten years.
const MAX_LIFE_SECONDS: i64 = 10 * 365 * 86_400;
/// The longest value that is kept from an answer beside the tokens, in bytes.
const MAX_VALUE_BYTES: usize = 1_024;
/// The longest token, in bytes. The largest JWTs of directory services have some 20 KiB.
const MAX_TOKEN_BYTES: usize = 64 << 10;

/// What a token endpoint gave.
#[derive(Debug)]
pub struct TokenAnswer {
    /// The tokens.
    pub tokens: TokenSet,
    /// How long the access token lives, in seconds; `None` when the service does not say.
    pub life_seconds: Option<i64>,
    /// The granted scopes; `None` when they are the ones that were asked for (RFC 6749 section 5.1).
    pub scopes: Option<Vec<String>>,
    /// Values that the description asks to keep.
    pub values: BTreeMap<String, String>,
    /// What the ID token says of the account (OpenID Connect Core section 2), in words and as a key.
    pub account: Option<Account>,
}

/// Whose account it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// For people: an address or a name.
    pub name: String,
    /// What tells it apart: issuer and subject.
    pub key: Option<String>,
}

/// Reads an answer with its status, content type and `Retry-After`.
///
/// # Errors
/// [`Fault`].
pub fn read(
    settings: &Settings,
    status: u16,
    content_type: Option<&str>,
    retry_after: Option<&str>,
    body: &SecretBytes,
) -> Result<TokenAnswer, Fault> {
    if (300..400).contains(&status) {
        return Err(Fault::Redirected);
    }
    let busy = || Fault::Busy(retry_after.and_then(|text| text.trim().parse().ok()));
    let Some(mut value) = parse(content_type, body.expose()) else {
        return Err(match status {
            408 | 425 | 429 | 500..=599 => busy(),
            401 => Fault::Refused(OauthError::InvalidClient),
            _ => Fault::Answer,
        });
    };
    let read = from_value(settings, status, &value, busy);
    wipe(&mut value);
    read
}

fn from_value(
    settings: &Settings,
    status: u16,
    value: &Value,
    busy: impl Fn() -> Fault,
) -> Result<TokenAnswer, Fault> {
    if let Some(error) = error_of(value) {
        // An overloaded server sends its own words with its own status.
        return Err(match (error, status) {
            (OauthError::Other, 429 | 500..=599) => busy(),
            _ => Fault::Refused(error),
        });
    }
    match status {
        200..=299 => {}
        408 | 425 | 429 | 500..=599 => return Err(busy()),
        401 => return Err(Fault::Refused(OauthError::InvalidClient)),
        _ => return Err(Fault::Refused(OauthError::Other)),
    }
    let at = if settings.ways.access_token_at.is_empty() {
        "/access_token"
    } else {
        settings.ways.access_token_at.as_str()
    };
    let access =
        value.pointer(at).and_then(Value::as_str).filter(|text| sendable(text)).ok_or(Fault::Answer)?;
    // Members that belong to a nested token stand beside it.
    let beside = at.rsplit_once('/').and_then(|(parent, _)| value.pointer(parent)).unwrap_or(value);
    let member = |name: &str| beside.get(name).or_else(|| value.get(name));
    let token_type = member("token_type").and_then(Value::as_str).unwrap_or("bearer");
    // A service with ways of its own may call its bearer tokens what it likes; what must not be sent as a bearer
    // token is what RFC 6749 section 7.1 and its successors define otherwise. A token that was asked for with a
    // proof and is not bound to its key is not used (RFC 9449 section 5).
    let is_proven = token_type.eq_ignore_ascii_case("dpop");
    if is_proven != settings.ways.dpop
        || ["mac", "hmac", "pop"].iter().any(|name| token_type.eq_ignore_ascii_case(name))
    {
        return Err(Fault::TokenType);
    }
    let refresh = member("refresh_token").and_then(Value::as_str).filter(|text| sendable(text));
    let account = member("id_token").and_then(Value::as_str).and_then(account_of);
    Ok(TokenAnswer {
        tokens: TokenSet {
            access: SecretString::from(access),
            refresh: refresh.map(SecretString::from),
            proof_key: None,
        },
        life_seconds: life(member("expires_in")).or_else(|| {
            settings.ways.default_lifetime_seconds.and_then(|seconds| i64::try_from(seconds).ok())
        }),
        scopes: member("scope").and_then(scopes),
        values: kept(settings, value),
        account,
    })
}

/// JSON, or a form where the content type says so or says nothing of use.
fn parse(content_type: Option<&str>, body: &[u8]) -> Option<Value> {
    if let Ok(value @ Value::Object(_)) = serde_json::from_slice(body) {
        return Some(value);
    }
    let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let may_be_form = ["application/x-www-form-urlencoded", "text/plain", ""]
        .iter()
        .any(|form| essence.eq_ignore_ascii_case(form));
    if !may_be_form {
        return None;
    }
    let members: Map<String, Value> = url::form_urlencoded::parse(body)
        .map(|(name, text)| (name.into_owned(), Value::String(text.into_owned())))
        .collect();
    (members.contains_key("access_token") || members.contains_key("error")).then_some(Value::Object(members))
}

/// The error that an answer names, whatever its status: services answer 200 with `error`, or with `ok: false`.
fn error_of(value: &Value) -> Option<OauthError> {
    match value.get("error") {
        Some(Value::String(code)) if !code.is_empty() => return Some(OauthError::read(code)),
        // Some put an object there, with a code inside.
        Some(Value::Object(inner)) => {
            let code = ["code", "error", "type"].iter().find_map(|name| inner.get(*name)?.as_str());
            return Some(code.map_or(OauthError::Other, OauthError::read));
        }
        _ => {}
    }
    let failed = [("ok", Value::Bool(false)), ("success", Value::Bool(false))];
    failed.iter().any(|(name, no)| value.get(*name) == Some(no)).then_some(OauthError::Other)
}

/// A life as a number or a number in text. Zero and less say nothing: services use them for "never".
fn life(value: Option<&Value>) -> Option<i64> {
    let seconds = match value? {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse::<f64>().ok()?,
        _ => return None,
    };
    // The comparison is false for what is no number.
    (seconds >= 1.0).then_some(if seconds >= MAX_LIFE_SECONDS as f64 {
        MAX_LIFE_SECONDS
    } else {
        seconds as i64
    })
}

/// Scopes as words, separated by blanks or commas, or as a list.
fn scopes(value: &Value) -> Option<Vec<String>> {
    let words: Vec<String> = match value {
        Value::String(text) => text.split([' ', ',']).map(str::to_owned).collect(),
        Value::Array(items) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => return None,
    };
    let kept = words.into_iter().filter(|word| !word.is_empty() && word.len() <= 256 && is_plain(word));
    Some(kept.take(500).collect())
}

fn kept(settings: &Settings, value: &Value) -> BTreeMap<String, String> {
    let mut kept = BTreeMap::new();
    for (name, pointer) in &settings.ways.answer_values {
        let text = match value.pointer(pointer) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => continue,
        };
        if text.len() <= MAX_VALUE_BYTES && is_plain(&text) {
            kept.insert(name.clone(), text);
        }
    }
    kept
}

/// What an ID token says of the account. It came from the token endpoint itself, so TLS vouches for it (OpenID
/// Connect Core section 3.1.3.7, point 6); it decides nothing but a name on the screen and whether it changed.
pub(super) fn account_of(id_token: &str) -> Option<Account> {
    let payload = id_token.split('.').nth(1)?;
    let bytes = data_encoding::BASE64URL_NOPAD.decode(payload.trim_end_matches('=').as_bytes()).ok()?;
    account_of_claims(&serde_json::from_slice(&bytes).ok()?)
}

/// The account that claims name.
pub(super) fn account_of_claims(claims: &Value) -> Option<Account> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).filter(|text| is_name(text));
    let name = ["email", "preferred_username", "upn", "name", "sub"].iter().find_map(|name| text(name))?;
    let key = text("sub").map(|sub| format!("{}|{sub}", text("iss").unwrap_or_default()));
    Some(Account { name: name.to_owned(), key })
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= 256 && is_plain(text)
}

fn is_plain(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

/// Whether a token can stand in a header field (RFC 6750 section 2.1 allows less; services send more).
fn sendable(token: &str) -> bool {
    !token.is_empty()
        && token.len() <= MAX_TOKEN_BYTES
        && token.bytes().all(|byte| (0x21..0x7f).contains(&byte))
}

/// Overwrites every text of an answer.
pub(super) fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(wipe),
        Value::Object(members) => members.values_mut().for_each(wipe),
        _ => {}
    }
}

/// The error code of an answer, where it has one.
pub(super) fn error_code(body: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(body).ok()?;
    value.get("error")?.as_str().map(str::to_owned)
}
