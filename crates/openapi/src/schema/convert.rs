//! One schema of any version as JSON Schema 2020-12.

use serde_json::{Map, Value, json};

use super::Schemas;
use crate::{
    document::{Version, child, reference},
    limits::MAX_DESCRIPTION_BYTES,
    names::plain,
};

/// Keywords whose value is taken as it is.
const PLAIN: &[&str] = &[
    "const",
    "format",
    "multipleOf",
    "maximum",
    "minimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "maxProperties",
    "minProperties",
    "maxContains",
    "minContains",
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
    "contentEncoding",
    "contentMediaType",
    "xml",
];

/// Keywords whose value is a schema.
const ONE: &[&str] = &[
    "items",
    "additionalProperties",
    "not",
    "if",
    "then",
    "else",
    "contains",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
];

/// Keywords whose value is a list of schemas.
const LISTS: &[&str] = &["allOf", "anyOf", "oneOf", "prefixItems"];

/// Keywords whose value is an object of schemas.
const MAPS: &[&str] = &["properties", "patternProperties", "dependentSchemas"];

/// The types of JSON Schema.
const TYPES: &[&str] = &["string", "number", "integer", "boolean", "array", "object", "null"];

/// The longest example that is kept, in bytes of JSON.
const MAX_EXAMPLE_BYTES: usize = 200;

pub(super) fn schema(set: &mut Schemas<'_>, value: &Value, at: &str) -> Value {
    let Value::Object(given) = value else {
        return match value {
            Value::Bool(_) => value.clone(),
            _ => Value::Bool(true),
        };
    };
    let mut out = Map::new();
    if let Some(target) = reference(value) {
        match set.refer(target, at) {
            Value::Object(named) => out = named,
            any => return any,
        }
        // Before 3.1 nothing counts beside a reference.
        if set.document.version < Version::V3_1 || given.len() == 1 {
            return Value::Object(out);
        }
    }
    types(given, &mut out);
    for name in PLAIN {
        if let Some(value) = given.get(*name) {
            out.insert((*name).to_owned(), value.clone());
        }
    }
    texts(given, &mut out);
    bounds(given, &mut out);
    choices(given, &mut out);
    for name in ONE {
        match given.get(*name) {
            // The list form of `items` is `prefixItems` since 2020-12.
            Some(Value::Array(items)) if *name == "items" => {
                let items = items.iter().enumerate();
                let all =
                    items.map(|(place, item)| schema(set, item, &format!("{at}/items/{place}"))).collect();
                out.insert("prefixItems".to_owned(), Value::Array(all));
            }
            Some(value) => {
                let converted = schema(set, value, &child(at, name));
                out.insert((*name).to_owned(), converted);
            }
            None => {}
        }
    }
    for name in LISTS {
        if let Some(Value::Array(items)) =
            given.get(*name).filter(|list| list.as_array().is_some_and(|list| !list.is_empty()))
        {
            let items = items.iter().enumerate();
            let all = items.map(|(place, item)| schema(set, item, &format!("{at}/{name}/{place}"))).collect();
            out.insert((*name).to_owned(), Value::Array(all));
        }
    }
    for name in MAPS {
        if let Some(Value::Object(members)) = given.get(*name) {
            let all = members.iter().map(|(member, value)| {
                (member.clone(), schema(set, value, &child(&child(at, name), member)))
            });
            out.insert((*name).to_owned(), Value::Object(all.collect()));
        }
    }
    // Before JSON Schema draft 4, and by mistake, `required` was a boolean of the member itself.
    if let Some(Value::Array(required)) = given.get("required") {
        let names: Vec<&Value> = required.iter().filter(|name| name.is_string()).collect();
        if !names.is_empty() {
            out.insert("required".to_owned(), json!(names));
        }
    }
    Value::Object(out)
}

/// `type` and the words of older versions for values that may be null and for files.
fn types(given: &Map<String, Value>, out: &mut Map<String, Value>) {
    let is_nullable =
        ["nullable", "x-nullable"].iter().any(|word| given.get(*word) == Some(&Value::Bool(true)));
    let mut types: Vec<&str> = match given.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => return,
    };
    // What is sent for a file is a text or a reference to a stored one, so its type says nothing.
    let is_file = types == ["file"] || given.get("format").is_some_and(|format| format == "binary");
    if is_file {
        out.insert("format".to_owned(), json!("binary"));
        return;
    }
    types.retain(|name| TYPES.contains(name));
    if is_nullable && !types.is_empty() && !types.contains(&"null") {
        types.push("null");
    }
    match types.as_slice() {
        [] => {}
        [one] => {
            out.insert("type".to_owned(), json!(one));
        }
        many => {
            out.insert("type".to_owned(), json!(many));
        }
    }
}

/// What is for people.
fn texts(given: &Map<String, Value>, out: &mut Map<String, Value>) {
    for name in ["title", "description"] {
        if let Some(Value::String(text)) = given.get(name) {
            let text = plain(text, MAX_DESCRIPTION_BYTES);
            if !text.is_empty() {
                out.insert(name.to_owned(), json!(text));
            }
        }
    }
    let example = given.get("example").or_else(|| match given.get("examples") {
        Some(Value::Array(examples)) => examples.first(),
        _ => None,
    });
    if let Some(example) = example.filter(|example| is_small(example)) {
        out.insert("examples".to_owned(), json!([example]));
    }
}

/// Whether a value is short enough to be kept for people, without writing all of a long one.
fn is_small(value: &Value) -> bool {
    match value {
        Value::String(text) => text.len() <= MAX_EXAMPLE_BYTES,
        Value::Array(items) => {
            items.len() <= 5 && items.iter().all(|item| !item.is_object() && is_small(item))
        }
        Value::Object(_) => false,
        _ => true,
    }
}

/// `exclusiveMinimum` and `exclusiveMaximum` were booleans before 3.1.
fn bounds(given: &Map<String, Value>, out: &mut Map<String, Value>) {
    for (exclusive, plain) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        match given.get(exclusive) {
            Some(Value::Bool(true)) => {
                if let Some(bound) = out.remove(plain) {
                    out.insert(exclusive.to_owned(), bound);
                }
            }
            Some(number @ Value::Number(_)) => {
                out.insert(exclusive.to_owned(), number.clone());
            }
            _ => {}
        }
    }
}

/// `enum`, which has to name null where null is allowed by the word of an older version.
fn choices(given: &Map<String, Value>, out: &mut Map<String, Value>) {
    let Some(Value::Array(choices)) = given.get("enum") else { return };
    if choices.is_empty() {
        return;
    }
    let mut choices = choices.clone();
    let may_be_null =
        out.get("type").and_then(Value::as_array).is_some_and(|types| types.contains(&json!("null")));
    if may_be_null && !choices.contains(&Value::Null) {
        choices.push(Value::Null);
    }
    out.insert("enum".to_owned(), Value::Array(choices));
}
