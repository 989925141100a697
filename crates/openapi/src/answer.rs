//! What an answer means: whether it is an error, of which kind, and what the service says about it.

use serde_json::Value;

use crate::extension::{ErrorClass, ErrorRules};

/// An error that a service told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceError {
    /// What kind of failure it is.
    pub class: ErrorClass,
    /// The service's own code, where it is short and plain.
    pub code: Option<String>,
    /// The service's own text, cut to a sentence or two.
    pub message: Option<String>,
}

/// The longest text of a service that is passed on, in bytes.
const MAX_MESSAGE: usize = 300;

/// The error of an answer, or `None` when it is a good one.
#[must_use]
pub fn error_of(rules: Option<&ErrorRules>, status: u16, body: &Value) -> Option<ServiceError> {
    let none = ErrorRules::default();
    let rules = rules.unwrap_or(&none);
    let code = rules.code.as_deref().and_then(|pointer| word(body.pointer(pointer)?));
    let by_status =
        rules.statuses.get(&status.to_string()).copied().or_else(|| ErrorClass::of_status(status));
    let by_code = code.as_ref().and_then(|code| rules.codes.get(code)).copied();
    // Services that answer 200 to everything say in the body whether it went well.
    let told = rules.ok.as_deref().is_some_and(|pointer| body.pointer(pointer) == Some(&Value::Bool(false)))
        || rules.present.as_deref().and_then(|pointer| body.pointer(pointer)).is_some_and(is_something);
    let class = match (by_status, told) {
        (None, false) => return None,
        (Some(by_status), _) => by_code.unwrap_or(by_status),
        (None, true) => by_code.unwrap_or(ErrorClass::Validation),
    };
    let message = rules.message.as_deref().and_then(|pointer| body.pointer(pointer)).and_then(Value::as_str);
    let message = message.map(|text| crate::names::plain(text, MAX_MESSAGE)).filter(|text| !text.is_empty());
    Some(ServiceError { class, code, message })
}

/// A code is one word; anything longer is a text that may quote what was sent. Where a code carries the name of its
/// space before a `#`, as errors of AWS JSON services do (Smithy, "AWS JSON 1.1 protocol", Operation error
/// serialization), the word behind it is the code.
fn word(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.rsplit_once('#').map_or(text.as_str(), |(_, word)| word).to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let good = |sign: char| sign.is_ascii_alphanumeric() || "_-.:".contains(sign);
    ((1..=80).contains(&text.len()) && text.chars().all(good)).then_some(text)
}

fn is_something(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        Value::String(text) => !text.is_empty(),
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::Bool(true) => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn statuses_and_codes_become_kinds() {
        for (status, class) in [
            (401, ErrorClass::Authentication),
            (403, ErrorClass::Permission),
            (404, ErrorClass::NotFound),
            (422, ErrorClass::Validation),
            (429, ErrorClass::RateLimit),
            (503, ErrorClass::Server),
        ] {
            assert_eq!(error_of(None, status, &Value::Null).unwrap().class, class, "{status}");
        }
        assert_eq!(error_of(None, 204, &Value::Null), None);
    }

    #[test]
    fn an_answer_of_200_can_be_an_error() {
        let rules: ErrorRules = serde_json::from_value(json!({"ok": "/ok", "code": "/error",
            "codes": {"invalid_auth": "authentication"}, "statuses": {"403": "rateLimit"}}))
        .unwrap();
        let of = |status, body: Value| error_of(Some(&rules), status, &body);
        assert_eq!(of(200, json!({"ok": true})), None);
        let refused = of(200, json!({"ok": false, "error": "invalid_auth"})).unwrap();
        assert_eq!(
            (refused.class, refused.code.as_deref()),
            (ErrorClass::Authentication, Some("invalid_auth"))
        );
        assert_eq!(of(200, json!({"ok": false, "error": "x y"})).unwrap().code, None);
        assert_eq!(of(403, json!({})).unwrap().class, ErrorClass::RateLimit);
    }

    #[test]
    fn a_count_of_failures_is_an_error_unless_it_is_zero() {
        let rules: ErrorRules = serde_json::from_value(json!({"present": "/FailedEntryCount"})).unwrap();
        assert_eq!(error_of(Some(&rules), 200, &json!({"FailedEntryCount": 0})), None);
        assert!(error_of(Some(&rules), 200, &json!({"FailedEntryCount": 2})).is_some());
    }

    #[test]
    fn a_code_is_the_word_behind_its_space() {
        let rules: ErrorRules = serde_json::from_value(json!({"code": "/__type",
            "codes": {"ResourceNotFoundException": "notFound"}}))
        .unwrap();
        let body = json!({"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"});
        let error = error_of(Some(&rules), 400, &body).unwrap();
        assert_eq!(
            (error.class, error.code.as_deref()),
            (ErrorClass::NotFound, Some("ResourceNotFoundException"))
        );
    }
}
