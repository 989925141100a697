//! What an answer means: whether it is an error, of which kind, and what the service says about it.

use serde_json::Value;

use crate::extension::{ErrorClass, ErrorRules, Places};

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

/// The most texts of an object or a list that make one.
const MAX_TEXTS: usize = 8;

/// How deep texts are looked for in an object or a list.
const MAX_DEPTH: usize = 4;

/// The error of an answer, or `None` when it is a good one.
#[must_use]
pub fn error_of(rules: Option<&ErrorRules>, status: u16, body: &Value) -> Option<ServiceError> {
    let none = ErrorRules::default();
    let rules = rules.unwrap_or(&none);
    // What the connector names is a code whatever its signs are: Linear's are several words.
    let known =
        |value: &Value| value.as_str().filter(|text| rules.codes.contains_key(*text)).map(str::to_owned);
    let code = first(rules.code.as_ref(), body, |value| known(value).or_else(|| word(value)));
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
    let message = first(rules.message.as_ref(), body, message);
    Some(ServiceError { class, code, message })
}

/// What the first place has that has something.
fn first<T>(places: Option<&Places>, body: &Value, read: impl Fn(&Value) -> Option<T>) -> Option<T> {
    places?.all().iter().find_map(|place| read(body.pointer(place)?))
}

/// A text for people: a text itself, or the texts of an object or a list, each behind the names that lead to it. Rails,
/// Django and the like tell so which member is wrong: `{"name": ["is too long"]}`.
fn message(value: &Value) -> Option<String> {
    let mut texts = Vec::new();
    collect("", value, MAX_DEPTH, &mut texts);
    let text = crate::names::plain(&texts.join("; "), MAX_MESSAGE);
    (!text.is_empty()).then_some(text)
}

/// Collects the texts of a value, in their order.
fn collect(path: &str, value: &Value, depth: usize, texts: &mut Vec<String>) {
    if texts.len() >= MAX_TEXTS || depth == 0 {
        return;
    }
    match value {
        Value::String(text) if text.trim().is_empty() => {}
        Value::String(text) if path.is_empty() => texts.push(text.clone()),
        Value::String(text) => texts.push(format!("{path}: {text}")),
        Value::Array(items) => items.iter().for_each(|item| collect(path, item, depth - 1, texts)),
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            collect(&inner, value, depth - 1, texts);
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A code is one word; anything longer is a text that may quote what was sent. Where a code carries the name of its
/// space before a `#` or an address after a `:`, as errors of AWS services do (Smithy, "AWS JSON 1.1 protocol", Operation
/// error serialization), the word between them is the code.
fn word(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => {
            let text = text.split_once(":http").map_or(text.as_str(), |(word, _)| word);
            text.rsplit_once('#').map_or(text, |(_, word)| word).to_owned()
        }
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
            "codes": {"invalid_auth": "authentication", "authentication error": "authentication"}, "statuses": {"403": "rateLimit"}}))
        .unwrap();
        let of = |status, body: Value| error_of(Some(&rules), status, &body);
        assert_eq!(of(200, json!({"ok": true})), None);
        let refused = of(200, json!({"ok": false, "error": "invalid_auth"})).unwrap();
        assert_eq!(
            (refused.class, refused.code.as_deref()),
            (ErrorClass::Authentication, Some("invalid_auth"))
        );
        assert_eq!(of(200, json!({"ok": false, "error": "x y"})).unwrap().code, None);
        let several = of(400, json!({"error": "authentication error"})).unwrap();
        assert_eq!(
            several.class,
            ErrorClass::Authentication,
            "a code that the connector names has several words"
        );
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
        // The ways to write it are those of Smithy's protocol tests for errors.
        for told in [
            "ResourceNotFoundException",
            "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
            "ResourceNotFoundException:http://internal.amazon.com/coral/com.amazon.coral.validate/",
            "aws.protocoltests#ResourceNotFoundException:http://internal.amazon.com/coral/a.b/",
        ] {
            let error = error_of(Some(&rules), 400, &json!({ "__type": told })).unwrap();
            let told_as = (error.class, error.code.as_deref());
            assert_eq!(told_as, (ErrorClass::NotFound, Some("ResourceNotFoundException")), "{told}");
        }
    }

    #[test]
    fn a_text_and_a_code_are_what_the_first_place_with_something_has() {
        let rules: ErrorRules =
            serde_json::from_value(json!({"message": ["/message", "/error_description", "/errors", ""],
                "code": ["/error", "/type"]}))
            .unwrap();
        let of = |body: Value| {
            let error = error_of(Some(&rules), 422, &body).unwrap();
            (error.message.unwrap_or_default(), error.code)
        };
        for (body, wanted) in [
            (json!({"message": "No.", "errors": ["x"]}), "No."),
            (json!({"message": "", "error_description": "Expired"}), "Expired"),
            (
                json!({"message": {"name": ["is too long", "is odd"], "path": []}}),
                "name: is too long; name: is odd",
            ),
            (
                json!({"message": null, "errors": ["one", {"field": "b", "message": "two"}]}),
                "one; field: b; message: two",
            ),
            (json!({"message": {"owner": {"name": ["is odd"]}}}), "owner.name: is odd"),
            (json!({"name": ["required"]}), "name: required"),
            (json!({"message": 5, "errors": []}), ""),
        ] {
            assert_eq!(of(body.clone()).0, wanted, "{body}");
        }
        assert_eq!(of(json!({"error": "not one word", "type": "gone"})).1.as_deref(), Some("gone"));
        assert_eq!(of(json!({"error": "first", "type": "gone"})).1.as_deref(), Some("first"));
    }

    #[test]
    fn the_text_of_an_object_or_a_list_is_short() {
        let rules: ErrorRules = serde_json::from_value(json!({"message": "/errors"})).unwrap();
        let of = |errors: Value| {
            error_of(Some(&rules), 400, &json!({ "errors": errors })).unwrap().message.unwrap()
        };
        let many = of((0..100).map(|number| format!("e{number}")).collect());
        assert_eq!(many, "e0; e1; e2; e3; e4; e5; e6; e7");
        let long = of(json!({"a": "word ".repeat(200), "b": "<b>x</b>"}));
        assert!(long.len() <= MAX_MESSAGE + 8 && long.ends_with('\u{2026}'), "{long}");
        assert_eq!(of(json!({"a": "<b>bold</b>\n text"})), "a: bold text");
        let deep = (0..1_000).fold(json!("x"), |inner, _| json!([inner]));
        assert_eq!(error_of(Some(&rules), 400, &json!({ "errors": deep })).unwrap().message, None);
    }
}
