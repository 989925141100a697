//! `ConnectorTrigger`: which event of which connector begins a run.
//!
//! Its inputs say what is registered or asked for at the service, once for all runs: there is no run yet that an
//! expression could refer to.

use flero_model::workflow::Node;
use serde_json::{Map, Value};

use super::{Reader, Work, trigger};

/// How often a service is asked unless told, in minutes.
const DEFAULT_MINUTES: u64 = 5;
/// One to ten minutes, from the product specification.
const MINUTES: (u64, u64) = (1, 10);

/// What a ConnectorTrigger waits for.
#[derive(Debug, Clone, PartialEq)]
pub struct EventOptions {
    /// The connector.
    pub connector: String,
    /// The event, by its name in the connector.
    pub event: String,
    /// The inputs by name.
    pub inputs: Map<String, Value>,
    /// How often the service is asked, where it sends nothing by itself; in milliseconds.
    pub interval_ms: u64,
}

pub(super) fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Work> {
    let inputs = match reader.raw("inputs") {
        None => Map::new(),
        Some(Value::Object(inputs)) => inputs.clone(),
        Some(_) => {
            reader.fault("inputs", "node.parameter", "Expected an object of the event's inputs.");
            Map::new()
        }
    };
    if inputs.values().any(has_braces) {
        let message = "An event is asked for before there is a run; an expression is not taken here.";
        reader.fault("inputs", "node.parameter", message);
    }
    let minutes = reader.fixed_number("pollMinutes", MINUTES.0, MINUTES.1).unwrap_or(DEFAULT_MINUTES);
    let options = trigger::options(reader);
    reader.finish();
    let event = EventOptions {
        connector: node.connector.clone()?,
        event: node.event.clone()?,
        inputs,
        interval_ms: minutes * 60_000,
    };
    Some(Work::Event(Box::new(event), options))
}

fn has_braces(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains("{{"),
        Value::Array(items) => items.iter().any(has_braces),
        Value::Object(members) => members.values().any(has_braces),
        _ => false,
    }
}
