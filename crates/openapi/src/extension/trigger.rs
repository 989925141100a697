//! `x-flero-trigger`: how an event is asked for, how its sender is known, or how it is polled.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// `x-flero-trigger`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct TriggerHints {
    /// The name for people, where `summary` does not serve.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
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
    /// The names that are this event.
    pub values: Vec<String>,
    /// Where a delivery has an id by which a repeated one is known: a header field or a JSON pointer.
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

/// How a signature is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SignatureEncoding {
    /// Hexadecimal digits.
    Hex,
    /// Base64 (RFC 4648 section 4).
    Base64,
}

/// How the sender of a delivery is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Verification {
    /// HMAC-SHA256 over the raw body, or over what `payload` composes.
    HmacSha256 {
        /// The header field with the signature.
        header: String,
        /// What stands before the signature, for example `sha256=`. With `elements`, the name of the element.
        #[serde(default)]
        prefix: String,
        /// Whether the field is a list of `name=value` elements, as Stripe's is.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        elements: bool,
        /// How the signature is written.
        encoding: SignatureEncoding,
        /// What is signed: a text in which `{timestamp}` and `{body}` are filled in. Without it, the body.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        payload: Option<String>,
        /// Where the time of sending stands, in seconds since 1970: a header field, or the name of an element.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        timestamp: Option<String>,
        /// How old a delivery may be, in seconds.
        #[serde(default = "five_minutes")]
        tolerance_seconds: u32,
    },
    /// A secret that is sent as it is.
    Token {
        /// The header field.
        header: String,
    },
}

const fn five_minutes() -> u32 {
    300
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
    /// Where an item has its id, by which a repeated one is known.
    pub id: String,
    /// Where an item has the value that the cursor follows: it only grows.
    pub cursor: String,
}
