//! `x-flero-trigger`: how an event is asked for, how its sender is known, or how it is polled.

use std::collections::BTreeMap;

use flero_model::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::DynamicOptions;

/// `x-flero-trigger`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct TriggerHints {
    /// The name for people, where `summary` does not serve.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The inputs that need not be given although they stand in a text, or deeper than an operation's own inputs:
    /// without a value, what is one of them alone is left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub optional: Vec<String>,
    /// Inputs whose choices an operation lists, by input, besides those of which an operation that gets them whole says
    /// so; see [`TriggerHints::choices`].
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, DynamicOptions>,
    /// How the event is asked for at activation and given up at pause. Without it a person enters the webhook's
    /// URL at the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration: Option<Registration>,
    /// How the sender is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verification: Option<Verification>,
    /// Where a delivery names its event, and what it is called there; others are ignored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<EventName>,
    /// What the service asks the URL before it sends events there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handshake: Option<Handshake>,
    /// How it is polled, where the service sends nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub polling: Option<Polling>,
}

/// Where a delivery names its event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EventName {
    /// The header field, or
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// the place in the body: a JSON pointer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// Where a delivery has its events, if it brings several: a JSON pointer to the list, empty for the body itself.
    /// Each is an event of its own, and the other pointers begin there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<String>,
    /// The names that are this event.
    pub values: Vec<String>,
    /// Where a delivery has an id by which a repeated one is known: a header field, or a JSON pointer (it begins with
    /// a slash).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_id: Option<String>,
}

/// How an event is asked for. In `inputs`, the text `{{webhook.url}}` is the URL to be called and
/// `{{webhook.secret}}` a secret that is made for this one registration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Registration {
    /// The `operationId` that registers.
    pub operation: String,
    /// What it is called with; inputs of the trigger stand for themselves as `{{name}}`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub inputs: Map<String, Value>,
    /// Where its answer has the registration's id.
    pub id: String,
    /// Where its answer has the secret of the signatures, where the service makes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// The `operationId` that removes it again.
    pub remove: String,
    /// What that is called with; `{{registration.id}}` is the id.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub remove_inputs: Map<String, Value>,
}

/// A question that the URL has to answer: in plain text, or as `answer` says. In its texts `{{challenge}}` and
/// `{{signature}}` (the signature of the challenge alone, as the verification writes it) are filled in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Handshake {
    /// Asked in the query, by whoever wants: the answer is the value of this parameter. Microsoft Graph does so
    /// (`validationToken`), and Meta (`hub.challenge`).
    Query {
        /// The parameter.
        query: String,
    },
    /// Asked in a header field, by whoever wants. Okta does so (`X-Okta-Verification-Challenge`), and Asana, which wants
    /// the field back (`X-Hook-Secret`).
    Header {
        /// The field.
        header: String,
        /// The answer, in JSON.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answer: Option<Value>,
        /// The header field of the answer, which has no body then; see [`Handshake::is_echo_field`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answer_header: Option<String>,
    },
    /// Asked in a delivery that is verified as every other. Slack does so (`url_verification`).
    Body {
        /// Where the body says that it is the question: a JSON pointer. Without it, a challenge is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pointer: Option<String>,
        /// What stands there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        equals: Option<String>,
        /// Where the answer stands: a JSON pointer.
        challenge: String,
        /// The answer, in JSON. Zoom wants one with a signature (`endpoint.url_validation`).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answer: Option<Value>,
    },
    /// The service sends the secret of its signatures to the URL, before it sends anything else; a person confirms it
    /// there and gives it to Flero. Notion does so (`verification_token`). Nothing is verified by it until then.
    Secret {
        /// Where it stands: a header field, or a JSON pointer (it begins with a slash).
        secret: String,
    },
}

impl Handshake {
    /// Whether a challenge may be sent back in a header field of this name. The names of other fields mean something to
    /// browsers and to proxies (`Set-Cookie`, `X-Accel-Redirect`), and anybody can ask.
    #[must_use]
    pub fn is_echo_field(name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        is_name && ["hook", "challenge", "verification", "validation"].iter().any(|part| name.contains(part))
    }

    /// The challenge of a delivery, where it is the question; `None` in every other one.
    #[must_use]
    pub fn asked_in<'b>(&self, body: &'b Value) -> Option<&'b str> {
        let Self::Body { pointer, equals, challenge, .. } = self else { return None };
        let is_asked = match (pointer, equals) {
            (Some(pointer), Some(word)) => body.pointer(pointer).and_then(Value::as_str) == Some(word),
            (None, None) => true,
            _ => false,
        };
        is_asked.then(|| body.pointer(challenge)?.as_str())?
    }
}

/// How a signature is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SignatureEncoding {
    /// Hexadecimal digits.
    Hex,
    /// Base64 (RFC 4648 section 4).
    Base64,
}

/// How the key of the signatures is written in the secret.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SecretEncoding {
    /// The secret is the key as it stands, in UTF-8.
    #[default]
    Text,
    /// Base64 (RFC 4648 section 4).
    Base64,
}

/// How a time is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TimeUnit {
    /// Seconds, most often since 1970.
    #[default]
    Seconds,
    /// Milliseconds, most often since 1970, as Linear tells when its limit ends
    /// (<https://linear.app/developers/rate-limiting>).
    Milliseconds,
    /// A text (RFC 3339), as Box sends it.
    Rfc3339,
}

impl TimeUnit {
    /// The milliseconds that a text counts: since 1970, unless it is a number that is meant from now on.
    #[must_use]
    pub fn millis(self, text: &str) -> Option<i64> {
        match self {
            Self::Seconds => text.parse::<i64>().ok().map(|seconds| seconds.saturating_mul(1_000)),
            Self::Milliseconds => text.parse().ok(),
            Self::Rfc3339 => text.parse::<Timestamp>().ok().map(Timestamp::as_millis),
        }
    }

    #[allow(clippy::trivially_copy_pass_by_ref)] // The signature is serde's.
    pub(super) const fn is_seconds(&self) -> bool {
        matches!(self, Self::Seconds)
    }
}

/// How the sender of a delivery is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Verification {
    /// HMAC-SHA256 (RFC 2104) over the raw body, or over what `payload` composes.
    HmacSha256(Signed),
    /// HMAC-SHA1, as older services still send it.
    HmacSha1(Signed),
    /// HMAC-SHA512.
    HmacSha512(Signed),
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 section 8.2) by the service's key; the secret is its public key.
    RsaSha256(Signed),
    /// ECDSA on P-256 with SHA-256, the signature in ASN.1 (FIPS 186-5); the secret is the service's public key.
    EcdsaP256Sha256(Signed),
    /// Ed25519 (RFC 8032); the secret is the service's public key.
    Ed25519(Signed),
    /// A secret that is sent as it is.
    Token(Token),
}

/// Where a signature stands and what is signed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Signed {
    /// The header field with the signature, or a JSON pointer into the body (it begins with a slash).
    pub header: String,
    /// Further header fields with signatures of the same, each by a key of its own: one of them all has to be right.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_headers: Vec<String>,
    /// What stands before the signature, for example `sha256=`. With `elements`, the name of the element.
    #[serde(default)]
    pub prefix: String,
    /// Whether the field is a list of `name=value` elements, as Stripe's is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub elements: bool,
    /// How the signature is written.
    pub encoding: SignatureEncoding,
    /// What is signed: a text in which `{timestamp}`, `{body}`, `{form}`, `{method}`, `{url}` and, for the header
    /// field `name`, `{header.name}`, for what stands in the body `{/pointer}`, are filled in; `{form}` is the fields of a form, sorted by name, names and values
    /// without anything between them. Without it, the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<String>,
    /// Where the time of sending stands: a header field, a JSON pointer, or the name of an element. It proves something only where
    /// `payload` holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<String>,
    /// How that time is written.
    #[serde(default)]
    pub timestamp_unit: TimeUnit,
    /// How old a delivery may be, in seconds.
    #[serde(default = "five_minutes")]
    pub tolerance_seconds: u32,
    /// What stands before the key in the secret, for example `whsec_`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub secret_prefix: String,
    /// How the key is written in the secret. A public key is PEM, or Base64 or hexadecimal digits, whatever this says.
    #[serde(default)]
    pub secret_encoding: SecretEncoding,
    /// The field of the credential that is the secret; without it, the secret belongs to the registration, or a person
    /// gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential_field: Option<String>,
}

/// Where a token stands: in a header field, or in a parameter of the query, which the URL brings that is registered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Token {
    /// The header field; empty where it stands in the query.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub header: String,
    /// The parameter of the query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// As in [`Signed`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential_field: Option<String>,
}

impl Verification {
    /// How the delivery is signed; `None` for a token.
    #[must_use]
    pub const fn signed(&self) -> Option<&Signed> {
        match self {
            Self::HmacSha256(signed)
            | Self::HmacSha1(signed)
            | Self::HmacSha512(signed)
            | Self::RsaSha256(signed)
            | Self::EcdsaP256Sha256(signed)
            | Self::Ed25519(signed) => Some(signed),
            Self::Token(_) => None,
        }
    }

    /// Whether the secret is the service's public key: then nobody but the service can make it.
    #[must_use]
    pub const fn has_public_key(&self) -> bool {
        matches!(self, Self::RsaSha256(_) | Self::EcdsaP256Sha256(_) | Self::Ed25519(_))
    }

    /// The field of the credential that is the secret.
    #[must_use]
    pub fn credential_field(&self) -> Option<&str> {
        match self {
            Self::Token(token) => token.credential_field.as_deref(),
            _ => self.signed()?.credential_field.as_deref(),
        }
    }

    /// The header fields that a caller proves itself by.
    pub fn headers(&self) -> impl Iterator<Item = &str> {
        let (first, others) = match self {
            Self::Token(token) => (token.header.as_str(), &[][..]),
            _ => self.signed().map_or(("", &[][..]), |signed| (&signed.header, &signed.other_headers)),
        };
        std::iter::once(first).chain(others.iter().map(String::as_str)).filter(|name| !name.is_empty())
    }
}

const fn five_minutes() -> u32 {
    300
}

/// One JSON pointer, or several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Places {
    /// One.
    One(String),
    /// Several, in their order.
    Several(Vec<String>),
}

impl Places {
    /// All of them, in their order.
    #[must_use]
    pub fn all(&self) -> &[String] {
        match self {
            Self::One(place) => std::slice::from_ref(place),
            Self::Several(places) => places,
        }
    }
}

/// How an event is polled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Polling {
    /// The `operationId` that lists what is new.
    pub operation: String,
    /// What it is called with. `{{cursor}}` is what the last poll ended with.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub inputs: Map<String, Value>,
    /// Where the items stand.
    #[serde(default)]
    pub items: String,
    /// Whether the list is left out when there is nothing, as SQS does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
    /// Where an item has its id, by which a repeated one is known: one place, or several that are it together.
    pub id: Places,
    /// Where an item has the value that the cursor follows: it only grows.
    pub cursor: String,
    /// The cursor of the first poll: a text in which `{{now}}` (RFC 3339) or `{{now.seconds}}` (since 1970) is filled
    /// in. Without it, the first poll asks without a cursor, and what it brings counts as old.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// Where the answer tells the cursor to begin at, for lists that are empty at first: a JSON pointer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begin: Option<String>,
}
