//! The triggers: what they take, and the options that every one of them has.

use std::sync::Arc;

use serde_json::Value;

use super::{Reader, Work};
use crate::{schedule, template::Template};

/// How the body of a webhook request is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayloadType {
    /// By its `Content-Type`.
    Auto,
    /// As JSON.
    Json,
    /// As a form (`application/x-www-form-urlencoded` or `multipart/form-data`).
    Form,
    /// As text.
    Text,
    /// As bytes, in base64.
    Binary,
}

/// When a webhook request is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseMode {
    /// When the run is accepted.
    Immediately,
    /// When the run has ended, with what it returned.
    OnCompletion,
}

/// What a WebhookTrigger says about the requests that it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookOptions {
    /// The path below `/webhook/`, without a slash at either end.
    pub path: String,
    /// The method; `None` for any.
    pub method: Option<&'static str>,
    /// How the body is read.
    pub payload_type: PayloadType,
    /// When the request is answered.
    pub response_mode: ResponseMode,
    /// The status of a good answer.
    pub response_code: u16,
    /// The origins that browsers may call from; `*` alone for all.
    pub allowed_origins: Vec<String>,
}

/// What happens to a run beyond the trigger's limit of concurrent runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WhenFull {
    /// It is accepted and begins when another one ends.
    Wait,
    /// It is not accepted.
    Reject,
}

/// The options of every trigger.
#[derive(Debug, Clone, Default)]
pub(crate) struct TriggerOptions {
    pub(crate) concurrency: Option<(u32, WhenFull)>,
    pub(crate) idempotency_key: Option<Template>,
    /// At most this many runs in this many milliseconds.
    pub(crate) rate_limit: Option<(u32, u64)>,
    pub(crate) active_when: Option<Template>,
}

impl TriggerOptions {
    /// Whether there is nothing to look at.
    pub(crate) fn is_empty(&self) -> bool {
        self.concurrency.is_none()
            && self.idempotency_key.is_none()
            && self.rate_limit.is_none()
            && self.active_when.is_none()
    }
}

/// An entry of an object parameter as a whole number in a range.
fn member(reader: &mut Reader<'_>, at: &str, value: Option<&Value>, least: u64, most: u64) -> Option<u64> {
    let number = value.and_then(Value::as_u64).filter(|number| (least..=most).contains(number));
    if number.is_none() {
        reader.fault(at, "node.parameter", format!("Expected a whole number from {least} to {most}."));
    }
    number
}

pub(super) fn options(reader: &mut Reader<'_>) -> TriggerOptions {
    let mut options = TriggerOptions::default();
    match reader.raw("concurrency") {
        None => {}
        Some(Value::Object(members)) => {
            reader.only("concurrency", members, &["max", "whenFull"]);
            let max = member(reader, "concurrency/max", members.get("max"), 1, 10_000);
            let when_full = match members.get("whenFull").map(|word| word.as_str()) {
                None | Some(Some("wait")) => WhenFull::Wait,
                Some(Some("reject")) => WhenFull::Reject,
                Some(_) => {
                    reader.fault("concurrency/whenFull", "node.choice", "Expected one of: wait, reject.");
                    WhenFull::Wait
                }
            };
            options.concurrency = max.and_then(|max| u32::try_from(max).ok()).map(|max| (max, when_full));
        }
        Some(_) => {
            reader.fault("concurrency", "node.parameter", "Expected an object with `max` and `whenFull`.")
        }
    }
    match reader.raw("rateLimit") {
        None => {}
        Some(Value::Object(members)) => {
            reader.only("rateLimit", members, &["max", "perMs"]);
            let max = member(reader, "rateLimit/max", members.get("max"), 1, 1_000_000);
            let per = member(reader, "rateLimit/perMs", members.get("perMs"), 1, 86_400_000);
            options.rate_limit = max.and_then(|max| u32::try_from(max).ok()).zip(per);
        }
        Some(_) => reader.fault("rateLimit", "node.parameter", "Expected an object with `max` and `perMs`."),
    }
    options.idempotency_key = reader.template("idempotencyKey");
    options.active_when = reader.template("activeWhen");
    options
}

pub(super) fn webhook(reader: &mut Reader<'_>) -> Option<Work> {
    let path = reader.fixed_text("path", 200).map(|path| path.trim_matches('/').to_owned());
    match &path {
        None if reader.raw("path").is_none() => {
            reader.fault("path", "node.required", "Give the path below /webhook/.")
        }
        Some(path) if !is_path(path) => reader.fault(
            "path",
            "node.parameter",
            "Use letters, digits, `-`, `_`, `.` and `~`, with `/` between parts; no part is `.` or `..`.",
        ),
        _ => {}
    }
    let method = match reader.raw("method") {
        None => Some("POST"),
        Some(value) if value.as_str().is_some_and(|text| text.eq_ignore_ascii_case("any")) => None,
        Some(value) => {
            let known = value
                .as_str()
                .and_then(|text| super::METHODS.into_iter().find(|method| method.eq_ignore_ascii_case(text)));
            if known.is_none() {
                let message = format!("Expected one of: {}, ANY.", super::METHODS.join(", "));
                reader.fault("method", "node.choice", message);
            }
            known
        }
    };
    let payloads = [
        ("auto", PayloadType::Auto),
        ("json", PayloadType::Json),
        ("form", PayloadType::Form),
        ("text", PayloadType::Text),
        ("binary", PayloadType::Binary),
    ];
    let payload_type = reader.choice("payloadType", &payloads).unwrap_or(PayloadType::Auto);
    let modes = [("immediately", ResponseMode::Immediately), ("onCompletion", ResponseMode::OnCompletion)];
    let response_mode = reader.choice("responseMode", &modes).unwrap_or(ResponseMode::Immediately);
    let response_code = reader.fixed_number("responseCode", 200, 599).unwrap_or(200);
    let allowed_origins = origins(reader);
    let options = options(reader);
    reader.finish();
    let webhook = WebhookOptions {
        path: path?,
        method,
        payload_type,
        response_mode,
        response_code: u16::try_from(response_code).unwrap_or(200),
        allowed_origins,
    };
    Some(Work::Webhook(Arc::new(webhook), options))
}

/// Only characters that no URL has to escape (RFC 3986 section 2.3), and no part that means another place.
fn is_path(path: &str) -> bool {
    !path.is_empty()
        && path.split('/').all(|part| {
            !part.is_empty()
                && part != "."
                && part != ".."
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte))
        })
}

fn origins(reader: &mut Reader<'_>) -> Vec<String> {
    let Some(value) = reader.raw("allowedOrigins") else { return Vec::new() };
    let list: Option<Vec<String>> = match value {
        Value::String(one) => Some(vec![one.clone()]),
        Value::Array(items) => items.iter().map(|item| item.as_str().map(str::to_owned)).collect(),
        _ => None,
    };
    let good = |origin: &String| {
        origin == "*"
            || url::Url::parse(origin)
                .is_ok_and(|url| url.origin().is_tuple() && url.origin().ascii_serialization() == *origin)
    };
    match list {
        Some(list) if list.iter().all(good) => list,
        _ => {
            let message = "Expected origins such as https://app.example.com, or * alone.";
            reader.fault("allowedOrigins", "node.parameter", message);
            Vec::new()
        }
    }
}

pub(super) fn schedule(reader: &mut Reader<'_>) -> Option<Work> {
    let options = options(reader);
    let schedule = schedule::read(reader);
    reader.finish();
    schedule.map(|schedule| Work::Schedule(Box::new(schedule), options))
}
