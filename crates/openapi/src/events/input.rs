//! What an event asks for, and where the choices come from: what the operations that it calls say of their inputs.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{Way, collect, fill, next};
use crate::extension::{DynamicOptions, TriggerHints};

impl TriggerHints {
    /// The operations that it calls, each with the inputs that it gives.
    fn calls(&self) -> Vec<(&str, &Map<String, Value>)> {
        match self.way() {
            Some(Way::Registered) => self
                .registration
                .iter()
                .flat_map(|one| {
                    [(one.operation.as_str(), &one.inputs), (one.remove.as_str(), &one.remove_inputs)]
                })
                .collect(),
            Some(Way::Polling) => {
                self.polling.iter().map(|one| (one.operation.as_str(), &one.inputs)).collect()
            }
            Some(Way::Manual) | None => Vec::new(),
        }
    }

    /// A schema of an object with the inputs that the event asks for. An input that an operation gets whole is what the
    /// operation says of it, and has to be given where the operation needs it. One that stands in a text, or deeper, is
    /// a text that has to be given, unless it is `optional`. `operation` tells the input schema of an operation.
    #[must_use]
    pub fn input(&self, operation: &dyn Fn(&str) -> Option<Value>) -> Value {
        let (mut properties, mut required) = (Map::new(), BTreeSet::new());
        for (id, inputs) in self.calls() {
            let schema = operation(id).unwrap_or_default();
            let needs = |input: &str| {
                schema["required"].as_array().is_some_and(|names| names.iter().any(|name| name == input))
            };
            for (input, value) in inputs {
                let is_whole = whole(value).is_some();
                collect(value, &mut |name| {
                    if is_own(name) {
                        return;
                    }
                    let told =
                        is_whole.then(|| schema["properties"][input].clone()).filter(|told| !told.is_null());
                    let known = properties.entry(name).or_insert(Value::Null);
                    if known.is_null() {
                        *known = told.unwrap_or_default();
                    }
                    if !is_whole || needs(input) {
                        required.insert(name.to_owned());
                    }
                });
            }
        }
        properties
            .values_mut()
            .filter(|schema| schema.is_null())
            .for_each(|schema| *schema = json!({"type": "string"}));
        required.retain(|name| !self.optional.contains(name));
        json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
    }

    /// The inputs of the event whose choices an operation lists: those that [`TriggerHints::options`] names, and those
    /// that an operation gets whole and has choices for. What these depend on is what the event calls that operation
    /// with. `operation` tells the choices of an operation's inputs.
    #[must_use]
    pub fn choices(
        &self,
        operation: &dyn Fn(&str) -> Option<BTreeMap<String, DynamicOptions>>,
    ) -> BTreeMap<String, DynamicOptions> {
        let mut found = self.options.clone();
        for (id, inputs) in self.calls() {
            for (input, mut options) in operation(id).unwrap_or_default() {
                let name = inputs.get(&input).and_then(whole).filter(|name| !is_own(name));
                let Some(name) = name else { continue };
                options.inputs = fill(&options.inputs, &|name| inputs.get(name).cloned());
                found.entry(name.to_owned()).or_insert(options);
            }
        }
        found
    }
}

/// The name, of a text that is one name alone.
fn whole(value: &Value) -> Option<&str> {
    let (before, name, after) = next(value.as_str()?)?;
    (before.is_empty() && after.is_empty()).then_some(name)
}

/// Whether a name is Flero's own: such a one has a dot in it, but for these.
fn is_own(name: &str) -> bool {
    name.contains('.') || matches!(name, "cursor" | "now")
}
