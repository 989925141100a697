//! What an event asks for: a schema, made of what the operations that it calls say of their inputs.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{Way, collect, next};
use crate::extension::TriggerHints;

impl TriggerHints {
    /// A schema of an object with the inputs that the event asks for. An input that an operation gets whole is what the
    /// operation says of it, and has to be given where the operation needs it. One that stands in a text, or deeper, is
    /// a text that has to be given, unless it is `optional`. `operation` tells the input schema of an operation.
    #[must_use]
    pub fn input(&self, operation: &dyn Fn(&str) -> Option<Value>) -> Value {
        let calls: Vec<(&str, &Map<String, Value>)> = match self.way() {
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
        };
        let (mut properties, mut required) = (Map::new(), BTreeSet::new());
        for (id, inputs) in calls {
            let schema = operation(id).unwrap_or_default();
            let needs = |input: &str| {
                schema["required"].as_array().is_some_and(|names| names.iter().any(|name| name == input))
            };
            for (input, value) in inputs {
                let whole = value
                    .as_str()
                    .and_then(next)
                    .filter(|(before, _, after)| before.is_empty() && after.is_empty());
                collect(value, &mut |name| {
                    // What is Flero's own has a dot in its name.
                    if name.contains('.') || matches!(name, "cursor" | "now") {
                        return;
                    }
                    let told =
                        whole.map(|_| schema["properties"][input].clone()).filter(|told| !told.is_null());
                    let known = properties.entry(name).or_insert(Value::Null);
                    if known.is_null() {
                        *known = told.unwrap_or_default();
                    }
                    if whole.is_none() || needs(input) {
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
}
