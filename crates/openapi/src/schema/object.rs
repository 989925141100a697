//! The members of an object schema, seen through references and `allOf`.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::Schemas;
use crate::document::child;

/// How deep `allOf` and references are looked through.
const MAX_LAYERS: usize = 12;

/// How many parts of `allOf` are looked through; each of them may have as many again.
const MAX_PARTS: usize = 1_000;

/// The members of an object.
#[derive(Debug, Default)]
pub(crate) struct Members<'d> {
    /// Those that have a name, in the order of the document.
    pub(crate) properties: Vec<Member<'d>>,
    /// The names that have to be there.
    pub(crate) required: HashSet<&'d str>,
    /// Whether the document says itself that there may be others.
    pub(crate) open: bool,
    /// Where each stands among the properties.
    places: HashMap<&'d str, usize>,
    /// How many parts were looked through.
    parts: usize,
}

/// A member of an object.
#[derive(Debug)]
pub(crate) struct Member<'d> {
    pub(crate) name: &'d str,
    /// Its schema as the document has it.
    pub(crate) schema: &'d Value,
    /// Where that stands.
    pub(crate) at: String,
}

impl<'d> Schemas<'d> {
    /// The members of a schema, where it is an object with members that can be listed.
    pub(crate) fn members(&self, schema: &'d Value, at: &str) -> Option<Members<'d>> {
        let mut members = Members::default();
        let is_listed = self.gather(schema, at, 0, &mut members);
        (is_listed && !members.properties.is_empty()).then_some(members)
    }

    /// Adds the members of one schema; `false` when they cannot be listed.
    fn gather(&self, schema: &'d Value, at: &str, layer: usize, members: &mut Members<'d>) -> bool {
        members.parts += 1;
        if layer > MAX_LAYERS || members.parts > MAX_PARTS {
            return false;
        }
        let Ok((schema, at)) = self.document.follow(schema, at) else { return false };
        let Value::Object(schema) = schema else { return false };
        if !may_be_object(schema) {
            return false;
        }
        let own = schema.get("properties").and_then(Value::as_object);
        for (name, schema) in own.into_iter().flatten() {
            let member = Member { name, schema, at: child(&child(&at, "properties"), name) };
            match members.places.get(member.name) {
                Some(place) => members.properties[*place] = member,
                None => {
                    members.places.insert(name, members.properties.len());
                    members.properties.push(member);
                }
            }
        }
        if let Some(Value::Array(required)) = schema.get("required") {
            members.required.extend(required.iter().filter_map(Value::as_str));
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
