//! The members of an object schema, seen through references and `allOf`.

use serde_json::{Map, Value};

use super::Schemas;
use crate::document::child;

/// How deep `allOf` and references are looked through.
const MAX_LAYERS: usize = 12;

/// The members of an object.
#[derive(Debug, Default)]
pub(crate) struct Members {
    /// Name, schema as the document has it, and where it stands.
    pub(crate) properties: Vec<(String, Value, String)>,
    /// The names that have to be there.
    pub(crate) required: Vec<String>,
    /// Whether the document says itself that there may be others.
    pub(crate) open: bool,
}

impl Schemas<'_> {
    /// The members of a schema, where it is an object with members that can be listed.
    pub(crate) fn members(&self, schema: &Value, at: &str) -> Option<Members> {
        let mut members = Members::default();
        let is_listed = self.gather(schema, at, 0, &mut members);
        (is_listed && !members.properties.is_empty()).then_some(members)
    }

    /// Adds the members of one schema; `false` when they cannot be listed.
    fn gather(&self, schema: &Value, at: &str, layer: usize, members: &mut Members) -> bool {
        if layer > MAX_LAYERS {
            return false;
        }
        let Ok((schema, at)) = self.document.follow(schema, at) else { return false };
        let Value::Object(schema) = schema else { return false };
        if !may_be_object(schema) {
            return false;
        }
        let own = schema.get("properties").and_then(Value::as_object);
        for (name, value) in own.into_iter().flatten() {
            let place = child(&child(&at, "properties"), name);
            match members.properties.iter_mut().find(|(known, ..)| known == name) {
                Some(known) => (known.1, known.2) = (value.clone(), place),
                None => members.properties.push((name.clone(), value.clone(), place)),
            }
        }
        if let Some(Value::Array(required)) = schema.get("required") {
            members.required.extend(required.iter().filter_map(Value::as_str).map(str::to_owned));
        }
        members.open |= match schema.get("additionalProperties") {
            Some(Value::Bool(open)) => *open,
            Some(Value::Object(_)) => true,
            _ => false,
        };
        let parts = schema.get("allOf").and_then(Value::as_array);
        let parts = parts.into_iter().flatten().enumerate();
        for (place, part) in parts {
            if !self.gather(part, &format!("{at}/allOf/{place}"), layer + 1, members) {
                return false;
            }
        }
        // Alternatives that only say which members go together leave the list as it is; others cannot be listed.
        ["anyOf", "oneOf"].iter().all(|word| match schema.get(*word) {
            Some(Value::Array(parts)) => parts.iter().all(only_requires),
            _ => true,
        })
    }
}

fn may_be_object(schema: &Map<String, Value>) -> bool {
    match schema.get("type") {
        Some(Value::String(name)) => name == "object",
        Some(Value::Array(names)) => names.iter().any(|name| name == "object"),
        _ => true,
    }
}

fn only_requires(part: &Value) -> bool {
    part.as_object().is_some_and(|part| part.keys().all(|key| key == "required" || key == "title"))
}
