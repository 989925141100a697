//! Log-ins that are not OAuth: requests that a service's description names trade what a person typed for values, which
//! then stand in every request as the description says (`Bearer {token.access}`).

use std::collections::BTreeMap;

use flero_model::{
    Timestamp,
    credential::Policy,
    service::{Expiry, LOGIN, LoginStep, Placement, Template, TokenFormat},
};
use http::{HeaderMap, HeaderValue, Method, header};
use serde_json::{Map, Value};
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use super::{
    Document, Moment, Scheme, encode_unreserved,
    exchange::{Asked, DEFAULT_TOKEN_SECONDS, MAX_TOKEN_SECONDS},
    field_name, placements, secret_value,
};
use crate::error::Kind;

/// How a template names a value that a log-in gave.
const TOKEN: &str = "token.";

/// The longest value that is kept of an answer, in bytes.
const MAX_VALUE_BYTES: usize = 64 << 10;

/// Values by their names.
pub(crate) type Values = BTreeMap<String, Zeroizing<String>>;

/// The requests of a log-in, and what they are made of.
pub(crate) struct Login {
    pub(crate) steps: Vec<LoginStep>,
    placements: Vec<Placement>,
    typed: Values,
}

impl Login {
    /// The log-in of a credential; `None` where its description names none.
    ///
    /// # Errors
    /// [`Kind::CredentialMalformed`].
    pub(super) fn read(policy: &Policy, document: &Document) -> Result<Option<Self>, Kind> {
        let Some(described) = policy.parameters.get(LOGIN) else { return Ok(None) };
        let steps: Vec<LoginStep> =
            serde_json::from_value(described.clone()).map_err(|_| Kind::CredentialMalformed)?;
        let placements = placements::described(policy)?;
        let mut typed = Values::new();
        let templates = steps.iter().flat_map(templates).chain(placements.iter().map(|one| &one.value));
        for name in templates.flat_map(Template::names) {
            let value = document
                .optional_text(name)
                .or_else(|| policy.parameters.get(name).and_then(Value::as_str))
                .filter(|text| !text.is_empty());
            typed.extend(value.map(|text| (name.to_owned(), Zeroizing::new(text.to_owned()))));
        }
        Ok(Some(Self { steps, placements, typed }))
    }

    fn value<'v>(&'v self, name: &str, given: &'v Values) -> Option<&'v str> {
        let found = match name.strip_prefix(TOKEN) {
            Some(name) => given.get(name),
            None => self.typed.get(name),
        };
        found.map(|text| text.as_str())
    }

    /// The request of a step, with what earlier steps gave.
    ///
    /// # Errors
    /// [`Kind::CredentialMalformed`] when a value is missing or cannot stand in its place.
    pub(crate) fn ask(&self, step: &LoginStep, given: &Values) -> Result<Asked, Kind> {
        let fill = |template: &Template| {
            let filled = template.fill(|name| self.value(name, given));
            filled.map(Zeroizing::new).map_err(|_| Kind::CredentialMalformed)
        };
        let method = Method::from_bytes(step.method.as_bytes()).map_err(|_| Kind::CredentialMalformed)?;
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        for (name, value) in &step.headers {
            headers.insert(field_name(name)?, secret_value(&[&fill(value)?])?);
        }
        // What was left out is left out: an optional value has no place in the request.
        let is_there = |value: &Template| value.names().all(|name| self.value(name, given).is_some());
        let mut parameters = Vec::new();
        for (name, value) in step.parameters.iter().filter(|(_, value)| is_there(value)) {
            parameters.push((name, fill(value)?));
        }
        let mut url = self.url(&step.url, given)?;
        let format = if method == Method::GET { TokenFormat::Query } else { step.format };
        let body = match format {
            _ if parameters.is_empty() => Zeroizing::new(String::new()),
            TokenFormat::Query => {
                let mut query = url.query_pairs_mut();
                for (name, value) in &parameters {
                    query.append_pair(name, value);
                }
                drop(query);
                Zeroizing::new(String::new())
            }
            TokenFormat::Form => {
                let form = HeaderValue::from_static("application/x-www-form-urlencoded");
                headers.insert(header::CONTENT_TYPE, form);
                let mut form = form_urlencoded::Serializer::new(String::new());
                form.extend_pairs(parameters.iter().map(|(name, value)| (name, value.as_str())));
                Zeroizing::new(form.finish())
            }
            TokenFormat::Json => {
                headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
                let pairs = parameters.iter().map(|(name, value)| ((*name).clone(), value.as_str().into()));
                Zeroizing::new(Value::Object(pairs.collect::<Map<String, Value>>()).to_string())
            }
        };
        Ok(Asked { method, url: url.into(), headers, body: body.as_bytes().to_vec().into() })
    }

    /// The address of a step. What was typed in the open stands in it already; a secret in it is one segment.
    fn url(&self, template: &Template, given: &Values) -> Result<Url, Kind> {
        let coded: BTreeMap<&str, Zeroizing<String>> = template
            .names()
            .filter_map(|name| Some((name, Zeroizing::new(encode_unreserved(self.value(name, given)?)))))
            .collect();
        let filled = template.fill(|name| coded.get(name).map(|text| text.as_str()));
        let filled = Zeroizing::new(filled.map_err(|_| Kind::CredentialMalformed)?);
        Url::parse(&filled).map_err(|_| Kind::CredentialMalformed)
    }

    /// Takes what a step's answer gives; says when it ends.
    ///
    /// # Errors
    /// [`Kind::ExchangeRefused`] when the service does not take what was typed; [`Kind::ExchangeFailed`] when its
    /// answer cannot be used.
    pub(crate) fn take(
        step: &LoginStep,
        status: u16,
        body: &[u8],
        moment: &Moment,
        given: &mut Values,
    ) -> Result<Timestamp, Kind> {
        match status {
            200..=299 => {}
            400 | 401 | 403 => return Err(Kind::ExchangeRefused),
            _ => return Err(Kind::ExchangeFailed),
        }
        let answer: Value = serde_json::from_slice(body).map_err(|_| Kind::ExchangeFailed)?;
        for (name, pointer) in &step.keep {
            let text = match answer.pointer(pointer) {
                Some(Value::String(text)) if !text.is_empty() && text.len() <= MAX_VALUE_BYTES => {
                    text.clone()
                }
                Some(Value::Number(number)) => number.to_string(),
                // Services that answer 200 to everything say in the body that they refuse.
                _ => return Err(Kind::ExchangeRefused),
            };
            given.insert(name.clone(), Zeroizing::new(text));
        }
        Ok(ends_at(step, &answer, moment.now))
    }

    /// What requests carry afterwards.
    ///
    /// # Errors
    /// [`Kind::CredentialMalformed`] when a value is missing or cannot stand in its place.
    pub(super) fn placed(&self, given: &Values) -> Result<Scheme, Kind> {
        placements::place(&self.placements, |name| self.value(name, given)).map(Scheme::All)
    }
}

fn templates(step: &LoginStep) -> impl Iterator<Item = &Template> {
    std::iter::once(&step.url).chain(step.headers.values()).chain(step.parameters.values())
}

fn ends_at(step: &LoginStep, answer: &Value, now: Timestamp) -> Timestamp {
    let number = |pointer: &str| match answer.pointer(pointer)? {
        Value::Number(number) => number.as_i64(),
        // Some services write the number as a text.
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    let seconds = match &step.expiry {
        Some(Expiry::Seconds(seconds)) => i64::try_from(*seconds).ok(),
        Some(Expiry::SecondsAt(pointer)) => number(pointer),
        Some(Expiry::TimeAt(pointer)) => {
            let written = answer.pointer(pointer).and_then(Value::as_str).and_then(|text| text.parse().ok());
            let time = written.or_else(|| Some(Timestamp::from_millis(number(pointer)?.checked_mul(1_000)?)));
            time.map(|time: Timestamp| time.millis_since(now) / 1_000)
        }
        None => None,
    };
    let seconds = seconds.unwrap_or(DEFAULT_TOKEN_SECONDS).clamp(0, MAX_TOKEN_SECONDS);
    now.plus_millis(seconds * 1_000)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_end_of_a_token_is_read_as_services_write_it() {
        let now = Timestamp::from_millis(1_767_225_600_000);
        let ends = |expiry: Value, answer: Value| {
            let step = json!({"method": "POST", "url": "https://a.example", "keep": {}, "expiry": expiry});
            ends_at(&serde_json::from_value(step).unwrap(), &answer, now).millis_since(now) / 1_000
        };
        assert_eq!(ends(json!({"seconds": 60}), json!({})), 60);
        assert_eq!(ends(json!({"secondsAt": "/a"}), json!({"a": "90"})), 90);
        assert_eq!(ends(json!({"secondsAt": "/a"}), json!({"a": -5})), 0);
        assert_eq!(ends(json!({"secondsAt": "/a"}), json!({"a": 1e300})), DEFAULT_TOKEN_SECONDS);
        assert_eq!(ends(json!({"timeAt": "/a"}), json!({"a": "2026-01-01T00:02:00Z"})), 120);
        assert_eq!(ends(json!({"timeAt": "/a"}), json!({"a": 1_767_225_630})), 30);
        assert_eq!(ends(json!({"timeAt": "/a"}), json!({"a": i64::MAX})), DEFAULT_TOKEN_SECONDS);
        assert_eq!(ends(json!({"seconds": u64::MAX}), json!({})), DEFAULT_TOKEN_SECONDS);
        assert_eq!(ends(json!({"seconds": 10_000_000}), json!({})), MAX_TOKEN_SECONDS);
        assert_eq!(ends(Value::Null, json!({})), DEFAULT_TOKEN_SECONDS);
    }
}
