//! Whether a delivery of an event was sent by the service: its signature, or the token that it carries.
//!
//! Pure: the secret, the rule and the delivery go in. What is compared is compared in constant time, over the raw body
//! as it came; the time of sending has to be within the tolerance on both sides of the present.

use aws_lc_rs::{constant_time::verify_slices_are_equal, digest, hmac};
use data_encoding::{BASE64, BASE64_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};
use flero_model::{Timestamp, secret::SecretString};
use flero_openapi::extension::{SecretEncoding, SignatureEncoding, TimeUnit, Verification};
use http::HeaderMap;
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
    /// Whether the header fields that a delivery's id may stand in are signed too.
    pub(crate) headers_signed: bool,
}

impl Delivery<'_> {
    fn field(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok().map(str::trim)
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
        Verification::Token { header, .. } => {
            let given = delivery.field(header)?;
            // Compared as hashes, so that not even the length of the secret shows.
            let hash = |text: &str| digest::digest(&digest::SHA256, text.as_bytes());
            let (given, wanted) = (hash(given), hash(secret.expose()));
            verify_slices_are_equal(given.as_ref(), wanted.as_ref()).ok()?;
            (!secret.expose().is_empty()).then_some(Proof { signature: None, headers_signed: false })
        }
        Verification::HmacSha256 { .. } => signed(rule, secret, delivery, now),
    }
}

fn signed(
    rule: &Verification,
    secret: &SecretString,
    delivery: Delivery<'_>,
    now: Timestamp,
) -> Option<Proof> {
    let Verification::HmacSha256 {
        header,
        prefix,
        elements,
        encoding,
        payload,
        timestamp,
        timestamp_unit,
        tolerance_seconds,
        ..
    } = rule
    else {
        return None;
    };
    let given = delivery.field(header)?;
    let time = match timestamp {
        Some(name) if *elements => Some(element(given, name).next()?),
        Some(name) => Some(delivery.field(name)?),
        None => None,
    };
    if let Some(time) = time {
        is_recent(time, *timestamp_unit, *tolerance_seconds, now).then_some(())?;
    }
    let key = key(rule, secret)?;
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &key));
    let payload = payload.as_deref().unwrap_or("{body}");
    compose(payload, time.unwrap_or_default(), delivery, &mut context)?;
    let tag = context.sign();
    let candidates: Vec<&str> = if *elements {
        element(given, prefix).collect()
    } else {
        given.split_ascii_whitespace().filter_map(|one| one.strip_prefix(prefix.as_str())).collect()
    };
    let mut is_right = false;
    for candidate in candidates.into_iter().take(MOST_SIGNATURES) {
        is_right |= decode(candidate, *encoding)
            .is_some_and(|given| verify_slices_are_equal(&given, tag.as_ref()).is_ok());
    }
    let hash = digest::digest(&digest::SHA256, tag.as_ref());
    is_right.then_some(Proof {
        signature: hash.as_ref().try_into().ok(),
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

/// The key of the signatures; `None` when the secret does not have the form that the rule says.
fn key(rule: &Verification, secret: &SecretString) -> Option<Zeroizing<Vec<u8>>> {
    let Verification::HmacSha256 { secret_prefix, secret_encoding, .. } = rule else { return None };
    let text = secret.expose().trim();
    let text = text.strip_prefix(secret_prefix.as_str()).unwrap_or(text);
    let key = match secret_encoding {
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
        Verification::Token { .. } => !secret.expose().trim().is_empty(),
        Verification::HmacSha256 { .. } => key(rule, secret).is_some(),
    }
}

/// A new secret in the form that the rule says.
pub(crate) fn secret_of(rule: &Verification, random: &[u8; 32]) -> SecretString {
    let text = match rule {
        Verification::HmacSha256 { secret_prefix, secret_encoding: SecretEncoding::Base64, .. } => {
            format!("{secret_prefix}{}", BASE64.encode(random))
        }
        Verification::HmacSha256 { secret_prefix, .. } => {
            format!("{secret_prefix}{}", HEXLOWER.encode(random))
        }
        Verification::Token { .. } => HEXLOWER.encode(random),
    };
    SecretString::new(text)
}

fn is_recent(text: &str, unit: TimeUnit, tolerance_seconds: u32, now: Timestamp) -> bool {
    let Ok(number) = text.parse::<i64>() else { return false };
    let millis = match unit {
        TimeUnit::Seconds => number.saturating_mul(1_000),
        TimeUnit::Milliseconds => number,
    };
    let distance = i128::from(now.as_millis()) - i128::from(millis);
    distance.unsigned_abs() <= u128::from(tolerance_seconds) * 1_000
}

fn decode(text: &str, encoding: SignatureEncoding) -> Option<Vec<u8>> {
    match encoding {
        SignatureEncoding::Hex => HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok(),
        SignatureEncoding::Base64 => BASE64.decode(text.as_bytes()).ok(),
    }
}

/// Feeds what is signed. `None` when a named header field is missing or a name is unknown.
fn compose(payload: &str, time: &str, delivery: Delivery<'_>, into: &mut hmac::Context) -> Option<()> {
    let mut rest = payload;
    while let Some((before, tail)) = rest.split_once('{') {
        let (name, after) = tail.split_once('}')?;
        into.update(before.as_bytes());
        match name {
            "body" => into.update(delivery.body),
            "timestamp" => into.update(time.as_bytes()),
            "method" => into.update(delivery.method.as_bytes()),
            "url" => into.update(delivery.url.as_bytes()),
            name => into.update(delivery.field(name.strip_prefix("header.")?)?.as_bytes()),
        }
        rest = after;
    }
    into.update(rest.as_bytes());
    Some(())
}

#[cfg(test)]
mod tests;
