//! Whether a delivery of an event was sent by the service: its signature, or the token that it carries.
//!
//! Pure: the secret, the rule and the delivery go in. What is compared is compared in constant time, over the raw body
//! as it came; the time of sending has to be within the tolerance on both sides of the present.

mod public_key;

use std::{borrow::Cow, cell::OnceCell};

use aws_lc_rs::{constant_time::verify_slices_are_equal, digest, hmac};
use data_encoding::{BASE64, BASE64_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};
use flero_model::{Timestamp, secret::SecretString};
use flero_openapi::extension::{SecretEncoding, SignatureEncoding, Signed, TimeUnit, Verification};
use http::HeaderMap;
use serde_json::Value;
use zeroize::Zeroizing;

/// The most signatures of one delivery that are looked at: services send one for each secret in use.
const MOST_SIGNATURES: usize = 10;

/// A delivery as it came.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a> {
    /// The method.
    pub method: &'a str,
    /// The URL under which the service knows the webhook.
    pub url: &'a str,
    /// The query, without the question mark.
    pub query: Option<&'a str>,
    /// The header fields.
    pub headers: &'a HeaderMap,
    /// The raw body.
    pub body: &'a [u8],
}

/// What a delivery proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Proof {
    /// SHA-256 of the signature that was expected; `None` for a token.
    pub(crate) signature: Option<[u8; 32]>,
    /// Whether the body is signed. A signature over a number that is used once says nothing of it.
    pub(crate) body_signed: bool,
    /// Whether the header fields that a delivery's id may stand in are signed too.
    pub(crate) headers_signed: bool,
}

impl<'d> Delivery<'d> {
    fn field(&self, name: &str) -> Option<&'d str> {
        self.headers.get(name)?.to_str().ok().map(str::trim)
    }
}

/// A delivery whose parts are named: header fields, and members of its body, which is read when one is asked for.
struct Parts<'d> {
    delivery: Delivery<'d>,
    body: OnceCell<Value>,
}

impl<'d> Parts<'d> {
    fn of(delivery: Delivery<'d>) -> Self {
        Self { delivery, body: OnceCell::new() }
    }

    /// What stands at a place: a header field, or a JSON pointer, which begins with a slash.
    fn text(&self, place: &str) -> Option<Cow<'_, str>> {
        if !place.starts_with('/') {
            return self.delivery.field(place).map(Cow::Borrowed);
        }
        let body = self.body.get_or_init(|| serde_json::from_slice(self.delivery.body).unwrap_or_default());
        match body.pointer(place)? {
            Value::String(text) => Some(Cow::Borrowed(text)),
            Value::Number(number) => Some(Cow::Owned(number.to_string())),
            _ => None,
        }
    }
}

/// Checks a delivery; `None` when it is not from the owner of the secret, or too old.
pub(crate) fn verify(
    rule: &Verification,
    secret: &SecretString,
    delivery: Delivery<'_>,
    now: Timestamp,
) -> Option<Proof> {
    match rule {
        Verification::Token(token) => {
            let given = match &token.query {
                Some(name) => {
                    let pairs = url::form_urlencoded::parse(delivery.query.unwrap_or_default().as_bytes());
                    pairs.into_iter().find(|(found, _)| found == name)?.1
                }
                None => Cow::Borrowed(delivery.field(&token.header)?),
            };
            // Compared as hashes, so that not even the length of the secret shows.
            let hash = |text: &str| digest::digest(&digest::SHA256, text.as_bytes());
            let (given, wanted) = (hash(&given), hash(secret.expose()));
            verify_slices_are_equal(given.as_ref(), wanted.as_ref()).ok()?;
            (!secret.expose().is_empty()).then_some(Proof {
                signature: None,
                body_signed: false,
                headers_signed: false,
            })
        }
        _ => signed(rule, rule.signed()?, secret, delivery, now),
    }
}

/// The algorithm of a rule whose key both sides have.
fn algorithm(rule: &Verification) -> Option<hmac::Algorithm> {
    match rule {
        Verification::HmacSha256(_) => Some(hmac::HMAC_SHA256),
        Verification::HmacSha1(_) => Some(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY),
        Verification::HmacSha512(_) => Some(hmac::HMAC_SHA512),
        _ => None,
    }
}

fn signed(
    rule: &Verification,
    how: &Signed,
    secret: &SecretString,
    delivery: Delivery<'_>,
    now: Timestamp,
) -> Option<Proof> {
    let parts = Parts::of(delivery);
    let fields = std::iter::once(&how.header).chain(&how.other_headers);
    let fields: Vec<Cow<'_, str>> = fields.filter_map(|place| parts.text(place)).collect();
    let given = fields.first()?.as_ref();
    let time = match &how.timestamp {
        Some(name) if how.elements => Some(Cow::Borrowed(element(given, name).next()?)),
        Some(name) => Some(parts.text(name)?),
        None => None,
    };
    if let Some(time) = &time {
        is_recent(time, how.timestamp_unit, how.tolerance_seconds, now).then_some(())?;
    }
    let time = time.unwrap_or_default();
    let payload = how.payload.as_deref().unwrap_or("{body}");
    let candidates = fields.iter().flat_map(|field| signatures(how, field));
    let candidates = candidates.take(MOST_SIGNATURES).filter_map(|one| decode(one, how.encoding));
    let (is_right, hash) = match algorithm(rule) {
        Some(algorithm) => {
            let mut tags = Vec::with_capacity(1);
            for key in keys(how, secret)? {
                let mut context = hmac::Context::with_key(&hmac::Key::new(algorithm, &key));
                compose(payload, &time, &parts, &mut |bytes| context.update(bytes))?;
                tags.push(context.sign());
            }
            let mut is_right = false;
            for (given, tag) in candidates.flat_map(|given| tags.iter().map(move |tag| (given.clone(), tag)))
            {
                is_right |= verify_slices_are_equal(&given, tag.as_ref()).is_ok();
            }
            // By the first key whichever was right, so that the other signature does not make another delivery of it.
            (is_right, digest::digest(&digest::SHA256, tags.first()?.as_ref()))
        }
        None => {
            let mut text = Vec::new();
            compose(payload, &time, &parts, &mut |bytes| text.extend_from_slice(bytes))?;
            let is_right = public_key::verifies(rule, secret.expose(), &text, candidates);
            // What was signed and not the signature: others can make a second valid one of an ECDSA signature.
            (is_right, digest::digest(&digest::SHA256, &text))
        }
    };
    is_right.then_some(Proof {
        signature: hash.as_ref().try_into().ok(),
        body_signed: payload.contains("{body}") || payload.contains("{form}"),
        headers_signed: payload.contains("{header."),
    })
}

/// The values of the elements of a name: `t=1,v1=ab,v1=cd`.
fn element<'a>(text: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    text.split(',').filter_map(move |pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name).then_some(value)
    })
}

/// The signatures that stand in a field, as they are written.
fn signatures<'a>(how: &'a Signed, field: &'a str) -> Box<dyn Iterator<Item = &'a str> + 'a> {
    if how.elements {
        return Box::new(element(field, &how.prefix));
    }
    Box::new(field.split_ascii_whitespace().filter_map(|one| one.strip_prefix(how.prefix.as_str())))
}

/// The keys of the signatures: the secret, or, where several fields are signed, one for each at most, with spaces between
/// them. `None` when it does not have the form that the rule says.
fn keys(how: &Signed, secret: &SecretString) -> Option<Vec<Zeroizing<Vec<u8>>>> {
    let secret = secret.expose().trim();
    if how.other_headers.is_empty() {
        return Some(vec![key(how, secret)?]);
    }
    let keys: Vec<_> = secret.split_ascii_whitespace().map(|text| key(how, text)).collect::<Option<_>>()?;
    (1..=1 + how.other_headers.len()).contains(&keys.len()).then_some(keys)
}

fn key(how: &Signed, text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let text = text.strip_prefix(how.secret_prefix.as_str()).unwrap_or(text);
    let key = match how.secret_encoding {
        SecretEncoding::Text => text.as_bytes().to_vec(),
        SecretEncoding::Base64 => {
            BASE64.decode(text.as_bytes()).or_else(|_| BASE64_NOPAD.decode(text.as_bytes())).ok()?
        }
    };
    // Without a key everybody could sign.
    (!key.is_empty()).then(|| Zeroizing::new(key))
}

/// Whether a person's secret has the form that the rule says.
pub(crate) fn is_usable(rule: &Verification, secret: &SecretString) -> bool {
    match rule {
        Verification::Token(_) => !secret.expose().trim().is_empty(),
        _ if rule.has_public_key() => public_key::is_readable(rule, secret.expose()),
        _ => rule.signed().is_some_and(|how| keys(how, secret).is_some()),
    }
}

/// The signature of a text alone, without a prefix; `None` where only the service can sign.
pub(crate) fn sign_text(rule: &Verification, secret: &SecretString, text: &str) -> Option<String> {
    let how = rule.signed()?;
    let keys = keys(how, secret)?;
    let tag = hmac::sign(&hmac::Key::new(algorithm(rule)?, keys.first()?), text.as_bytes());
    Some(match how.encoding {
        SignatureEncoding::Hex => HEXLOWER.encode(tag.as_ref()),
        SignatureEncoding::Base64 => BASE64.encode(tag.as_ref()),
    })
}

/// A new secret in the form that the rule says.
pub(crate) fn secret_of(rule: &Verification, random: &[u8; 32]) -> SecretString {
    let text = match rule.signed() {
        Some(how) if how.secret_encoding == SecretEncoding::Base64 => {
            format!("{}{}", how.secret_prefix, BASE64.encode(random))
        }
        Some(how) => format!("{}{}", how.secret_prefix, HEXLOWER.encode(random)),
        None => HEXLOWER.encode(random),
    };
    SecretString::new(text)
}

fn is_recent(text: &str, unit: TimeUnit, tolerance_seconds: u32, now: Timestamp) -> bool {
    let Some(millis) = unit.millis(text) else { return false };
    let distance = i128::from(now.as_millis()) - i128::from(millis);
    distance.unsigned_abs() <= u128::from(tolerance_seconds) * 1_000
}

fn decode(text: &str, encoding: SignatureEncoding) -> Option<Vec<u8>> {
    match encoding {
        SignatureEncoding::Hex => HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok(),
        SignatureEncoding::Base64 => BASE64.decode(text.as_bytes()).ok(),
    }
}

/// Feeds what is signed. `None` when a named part is missing or a name is unknown.
fn compose(payload: &str, time: &str, parts: &Parts<'_>, feed: &mut dyn FnMut(&[u8])) -> Option<()> {
    let delivery = parts.delivery;
    let mut rest = payload;
    while let Some((before, tail)) = rest.split_once('{') {
        let (name, after) = tail.split_once('}')?;
        feed(before.as_bytes());
        match name {
            "body" => feed(delivery.body),
            "form" => form(delivery.body, feed),
            "timestamp" => feed(time.as_bytes()),
            "method" => feed(delivery.method.as_bytes()),
            "url" => feed(delivery.url.as_bytes()),
            name if name.starts_with('/') => feed(parts.text(name)?.as_bytes()),
            name => feed(delivery.field(name.strip_prefix("header.")?)?.as_bytes()),
        }
        rest = after;
    }
    feed(rest.as_bytes());
    Some(())
}

/// The fields of a form, sorted by name: names and values without anything between them. A body that is no form has
/// none.
fn form(body: &[u8], feed: &mut dyn FnMut(&[u8])) {
    let mut pairs: Vec<_> = url::form_urlencoded::parse(body).collect();
    pairs.sort();
    for (name, value) in pairs {
        feed(name.as_bytes());
        feed(value.as_bytes());
    }
}

#[cfg(test)]
mod tests;
