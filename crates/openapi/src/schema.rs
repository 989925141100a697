//! Schemas of every version as JSON Schema 2020-12, and the set of those that are named by reference.
//!
//! Only what says something about values is kept. A reference becomes `#/$defs/NAME`; what it names is converted
//! once and kept in the set.

mod convert;
mod cycles;
mod object;

pub(crate) use self::object::Member;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use serde_json::{Map, Value, json};

use crate::{
    connector::NamedSchemas,
    document::{Document, Unresolved, local},
    limits::MAX_SCHEMA_BYTES,
    names,
    report::Report,
};

/// Converts schemas and collects those that they name.
pub(crate) struct Schemas<'d> {
    pub(super) document: &'d Document,
    /// The name of each pointer that was named.
    known: HashMap<String, String>,
    taken: HashSet<String>,
    waiting: VecDeque<(String, String)>,
    pub(crate) report: Report,
    /// References that lead nowhere, each told once.
    dead: HashSet<String>,
}

impl<'d> Schemas<'d> {
    pub(crate) fn new(document: &'d Document) -> Self {
        Self {
            document,
            known: HashMap::new(),
            taken: HashSet::new(),
            waiting: VecDeque::new(),
            report: Report::default(),
            dead: HashSet::new(),
        }
    }

    /// Converts a schema that stands at a pointer.
    pub(crate) fn convert(&mut self, schema: &Value, at: &str) -> Value {
        convert::schema(self, schema, at)
    }

    /// The reference to what stands at `reference`; anything at all where it leads nowhere.
    pub(super) fn refer(&mut self, reference: &str, at: &str) -> Value {
        match self.target(reference) {
            Ok(pointer) => json!({ "$ref": format!("#/$defs/{}", self.name(&pointer)) }),
            Err(reason) => {
                self.tell_dead(reference, at, &reason);
                Value::Bool(true)
            }
        }
    }

    fn target(&self, reference: &str) -> Result<String, Unresolved> {
        let pointer = local(reference).ok_or(Unresolved::External)?;
        let value = self.document.at(&pointer).ok_or(Unresolved::Missing)?;
        // A chain of references is followed here, so that none can lead back to itself later.
        self.document.follow(value, &pointer).map(|(_, pointer)| pointer).map_err(|(reason, _)| reason)
    }

    pub(crate) fn tell_dead(&mut self, reference: &str, at: &str, reason: &Unresolved) {
        if self.dead.insert(reference.to_owned()) {
            let shown: String = reference.chars().filter(|sign| !sign.is_control()).take(200).collect();
            self.report.leave_out(at, format!("The reference {shown} {reason}; any value is taken there."));
        }
    }

    /// Whether a reference was told already.
    pub(crate) fn is_told(&self, reference: &str) -> bool {
        self.dead.contains(reference)
    }

    fn name(&mut self, pointer: &str) -> String {
        if let Some(name) = self.known.get(pointer) {
            return name.clone();
        }
        let last = pointer.rsplit('/').next().unwrap_or_default();
        let wanted: String = last
            .chars()
            .map(|sign| if sign.is_ascii_alphanumeric() || "_-.".contains(sign) { sign } else { '_' })
            .take(80)
            .collect();
        let name = names::unique(if wanted.is_empty() { "schema" } else { &wanted }, &mut self.taken);
        self.known.insert(pointer.to_owned(), name.clone());
        self.waiting.push_back((pointer.to_owned(), name.clone()));
        name
    }

    /// Converts everything that was named, until nothing new is named, and breaks what would never end.
    pub(crate) fn finish(mut self) -> (NamedSchemas, Report) {
        let document = self.document;
        let mut converted = NamedSchemas::default();
        let (mut places, mut named, mut size) = (HashMap::new(), BTreeMap::new(), 0);
        while let Some((pointer, name)) = self.waiting.pop_front() {
            let mut schema = Value::Bool(true);
            if size > MAX_SCHEMA_BYTES {
                // A schema that stands within others is converted with each of them.
                self.report
                    .leave_out(&pointer, "The schemas are too large together; this one is not checked.");
            } else if let Some(given) = document.at(&pointer) {
                schema = convert::schema(&mut self, given, &pointer);
            }
            named.insert(name.clone(), cycles::in_place(&schema));
            // What is converted is kept as a text, so that the values of all of them are never there at once.
            size += converted.insert(name.clone(), &schema);
            places.insert(name, pointer);
        }
        for (name, cut) in cycles::cuts(&named) {
            if let Some(mut schema) = converted.get(&name) {
                cycles::take_out(&mut schema, &cut.names);
                converted.insert(name.clone(), &schema);
            }
            let reason = if cut.is_excessive {
                "The schema names others in its own place, and they others, too many times; those are not checked."
            } else {
                "The schema contains itself in its own place; that part is not checked."
            };
            self.report.leave_out(places.get(&name).map_or("", String::as_str), reason);
        }
        (converted, self.report)
    }
}

/// The `$ref` of a converted schema as a name of the set.
#[must_use]
pub(crate) fn named(schema: &Map<String, Value>) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix("#/$defs/")
}

/// The names of `#/$defs/` that a schema refers to.
pub(crate) fn names(schema: &Value, found: &mut Vec<String>) {
    match schema {
        Value::Object(members) => {
            found.extend(named(members).map(str::to_owned));
            members.values().for_each(|value| names(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| names(item, found)),
        _ => {}
    }
}
