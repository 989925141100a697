//! Inputs are held against the operation's schema before a request is made.
//!
//! A schema that no validator understands (vendors publish such) checks less and never keeps an operation from being
//! called: first its patterns are left out, then everything but the names.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::{connector::Operation, document::child, request::Fault, schema::names};

/// The most faults that are told of one set of inputs.
const MAX_FAULTS: usize = 20;

/// The largest program that one pattern of a schema may become, in bytes.
const MAX_PATTERN_BYTES: usize = 1 << 20;

/// Checks inputs against one operation's schema. Making one costs more than using it.
#[derive(Debug)]
pub struct Validator {
    compiled: Option<jsonschema::Validator>,
    types: BTreeMap<String, Value>,
}

impl Validator {
    /// The validator of an operation; `schemas` has what its schema names.
    #[must_use]
    pub fn of(operation: &Operation, schemas: &BTreeMap<String, Value>) -> Self {
        let mut schema = closed(&operation.input, schemas);
        let compiled = build(&schema).or_else(|| {
            without_patterns(&mut schema);
            build(&schema)
        });
        let properties = operation.input.get("properties").and_then(Value::as_object);
        let typed = properties
            .into_iter()
            .flatten()
            .filter_map(|(name, schema)| schema.get("type").map(|types| (name.clone(), types.clone())));
        Self { compiled, types: typed.collect() }
    }

    /// Makes texts numbers and numbers texts where the schema wants the other: forms and expressions give texts.
    pub fn coerce(&self, inputs: &mut Map<String, Value>) {
        for (name, value) in inputs.iter_mut() {
            if let Some(types) = self.types.get(name) {
                coerce(types, value);
            }
        }
    }

    /// Every fault of inputs. Values are never quoted.
    #[must_use]
    pub fn check(&self, inputs: &Map<String, Value>) -> Vec<Fault> {
        let Some(compiled) = &self.compiled else { return Vec::new() };
        let inputs = Value::Object(inputs.clone());
        compiled
            .iter_errors(&inputs)
            .take(MAX_FAULTS)
            .map(|error| {
                let message = error.masked_with("the value").to_string();
                Fault { pointer: error.instance_path().as_str().to_owned(), message: sentence(&message) }
            })
            .collect()
    }
}

fn sentence(message: &str) -> String {
    let mut signs = message.chars().take(300);
    let first: String = signs.next().into_iter().flat_map(char::to_uppercase).collect();
    let rest: String = signs.collect();
    format!("{first}{rest}.")
}

fn build(schema: &Value) -> Option<jsonschema::Validator> {
    let patterns = jsonschema::PatternOptions::regex().size_limit(MAX_PATTERN_BYTES);
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .with_pattern_options(patterns)
        .build(schema)
        .ok()
}

/// A schema with every schema that it names, directly or not.
#[must_use]
pub fn closed(schema: &Value, schemas: &BTreeMap<String, Value>) -> Value {
    let mut needed = BTreeSet::new();
    let mut waiting = Vec::new();
    names(schema, &mut waiting);
    while let Some(name) = waiting.pop() {
        if let Some(schema) = schemas.get(&name).filter(|_| !needed.contains(&name)) {
            names(schema, &mut waiting);
        }
        needed.insert(name);
    }
    let mut closed = schema.clone();
    if let (Value::Object(members), false) = (&mut closed, needed.is_empty()) {
        let of = |name: String| {
            let schema = schemas.get(&name).cloned().unwrap_or(Value::Bool(true));
            (name, schema)
        };
        members.insert("$defs".to_owned(), Value::Object(needed.into_iter().map(of).collect()));
    }
    closed
}

fn without_patterns(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.get("pattern").is_some_and(Value::is_string) {
                members.remove("pattern");
            }
            members.remove("patternProperties");
            members.values_mut().for_each(without_patterns);
        }
        Value::Array(items) => items.iter_mut().for_each(without_patterns),
        _ => {}
    }
}

fn coerce(types: &Value, value: &mut Value) {
    let allows = |name: &str| match types {
        Value::String(one) => one == name,
        Value::Array(many) => many.iter().any(|one| one == name),
        _ => false,
    };
    let made = match value {
        Value::String(text) if !allows("string") => {
            let text = text.trim();
            let number = || serde_json::from_str::<Value>(text).ok().filter(Value::is_number);
            match text {
                "true" | "false" if allows("boolean") => Some(json!(text == "true")),
                _ if allows("integer") || allows("number") => number(),
                _ if (allows("array") && text.starts_with('['))
                    || (allows("object") && text.starts_with('{')) =>
                {
                    serde_json::from_str(text).ok()
                }
                _ => None,
            }
        }
        Value::Number(number) if allows("string") && !allows("number") && !allows("integer") => {
            Some(json!(number.to_string()))
        }
        Value::Bool(flag) if allows("string") && !allows("boolean") => Some(json!(flag.to_string())),
        _ => None,
    };
    if let Some(made) = made {
        *value = made;
    }
}

/// The first fault of a value, without the value itself.
#[must_use]
pub fn first_fault(schema: &Value, value: &Value) -> Option<String> {
    let compiled = build(schema)?;
    let error = compiled.iter_errors(value).next()?;
    let place = error.instance_path().as_str().to_owned();
    Some(format!("{place}: {}", sentence(&error.masked_with("the value").to_string())))
}

impl Fault {
    /// The fault of an input that is not known.
    #[must_use]
    pub fn unknown(name: &str, known: &[&str]) -> Self {
        let list = known.iter().take(40).copied().collect::<Vec<_>>().join(", ");
        Self {
            pointer: child("", name),
            message: format!("This operation has no such input. It has: {list}."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operation(input: Value) -> Operation {
        Operation { input, ..Operation::default() }
    }

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn faults_have_places_and_no_values() {
        let schemas = BTreeMap::from([(
            "Tree".to_owned(),
            json!({"type": "object", "properties": {"left": {"$ref": "#/$defs/Tree"}, "n": {"type": "integer"}}}),
        )]);
        let input = json!({"type": "object", "required": ["a"], "additionalProperties": false,
            "properties": {"a": {"type": "string", "maxLength": 3}, "tree": {"$ref": "#/$defs/Tree"}}});
        let validator = Validator::of(&operation(input), &schemas);
        let faults =
            validator.check(&object(json!({"a": "secret-value", "tree": {"left": {"n": "secret-value"}}})));
        let places: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(places, ["/a", "/tree/left/n"]);
        assert!(faults.iter().all(|fault| !fault.message.contains("secret-value")), "{faults:?}");
        assert!(validator.check(&object(json!({"a": "x", "tree": {"left": {"left": {"n": 1}}}}))).is_empty());
    }

    #[test]
    fn texts_become_what_the_schema_wants() {
        let input = json!({"properties": {"n": {"type": "integer"}, "b": {"type": ["boolean", "null"]}, "s": {"type": "string"},
            "l": {"type": "array"}, "any": {}}});
        let validator = Validator::of(&operation(input), &BTreeMap::new());
        let mut inputs = object(json!({"n": "12", "b": "true", "s": 5, "l": "[1]", "any": "7"}));
        validator.coerce(&mut inputs);
        assert_eq!(Value::Object(inputs), json!({"n": 12, "b": true, "s": "5", "l": [1], "any": "7"}));
    }

    #[test]
    fn a_schema_that_cannot_be_compiled_checks_less_and_never_fails() {
        let input =
            json!({"properties": {"a": {"type": "string", "pattern": "(?<=x)y"}, "n": {"type": "integer"}}});
        let validator = Validator::of(&operation(input), &BTreeMap::new());
        assert!(validator.check(&object(json!({"a": "z"}))).is_empty());
        assert_eq!(validator.check(&object(json!({"n": "z"}))).len(), 1);
        let endless = json!({"properties": {"a": {"pattern": "((a{1000}){1000}){1000}"}}});
        assert!(
            Validator::of(&operation(endless), &BTreeMap::new()).check(&object(json!({"a": "z"}))).is_empty()
        );
    }
}
