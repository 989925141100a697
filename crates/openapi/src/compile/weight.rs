//! How much memory what was compiled takes: an estimate, so that what many operations name cannot become without measure
//! as many copies of it.

use serde_json::Value;

use crate::connector::{Operation, Trigger};

/// A value in a list.
const VALUE: usize = size_of::<Value>();

/// A member of an object beside its value: its name, its place in the order, its share of the table.
const MEMBER: usize = 48;

/// An object or a list besides what is in it.
const NEST: usize = 64;

/// The memory of an operation, in bytes.
pub(super) fn of_operation(operation: &Operation) -> usize {
    let texts = [&operation.id, &operation.name, &operation.group, &operation.description, &operation.path];
    let security = operation.security.iter().flatten().map(|(scheme, scopes)| {
        NEST + scheme.len() + scopes.iter().map(|scope| size_of::<String>() + scope.len()).sum::<usize>()
    });
    let constants = operation.parameters.iter().filter_map(|parameter| parameter.constant.as_ref());
    let fields = operation.body.iter().flat_map(|body| &body.fields);
    let names = operation.parameters.iter().map(|parameter| parameter.name.len() + parameter.input.len());
    size_of::<Operation>()
        + texts.iter().map(|text| text.len()).sum::<usize>()
        + security.sum::<usize>()
        + constants.map(of_value).sum::<usize>()
        + names.map(|length| length + 2 * NEST).sum::<usize>()
        + fields
            .map(|field| 2 * NEST + field.name.len() + field.constant.as_ref().map_or(0, of_value))
            .sum::<usize>()
        + of_value(&operation.input)
        + operation.output.as_ref().map_or(0, of_value)
}

/// The memory of an event, in bytes.
pub(super) fn of_event(event: &Trigger) -> usize {
    size_of::<Trigger>()
        + event.id.len()
        + event.name.len()
        + event.description.len()
        + event.payload.as_ref().map_or(0, of_value)
}

fn of_value(value: &Value) -> usize {
    match value {
        Value::String(text) => VALUE + text.len(),
        Value::Array(items) => VALUE + NEST + items.iter().map(of_value).sum::<usize>(),
        Value::Object(members) => {
            let of = |(name, value): (&String, &Value)| MEMBER + name.len() + of_value(value);
            VALUE + NEST + members.iter().map(of).sum::<usize>()
        }
        _ => VALUE,
    }
}
