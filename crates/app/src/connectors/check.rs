//! What can be known of Connector nodes before they run.

use flero_model::{
    policy::Principal,
    problem::{FieldProblem, pointer_segment},
    workflow::WorkflowDocument,
};
use flero_openapi::{extension::TriggerHints, request::Fault};
use serde_json::{Map, Value};

use crate::{App, Error, Result};

impl App {
    /// Every fault of the Connector nodes: the operation is there, and its inputs are those that it has. Values with
    /// expressions are checked when the node runs.
    pub(crate) async fn check_operations(
        &self,
        who: &Principal,
        document: &WorkflowDocument,
    ) -> Result<Vec<FieldProblem>> {
        let mut problems = Vec::new();
        for (place, node) in document.nodes.iter().enumerate() {
            let Some(connector) = &node.connector else { continue };
            let at = format!("/nodes/{place}");
            let pack = match self.connector_pack(who, connector).await {
                Ok(pack) => pack,
                Err(Error::NotFound) => {
                    let message =
                        "There is no such connector. Import its description, or choose another one.";
                    problems.push(FieldProblem::new(
                        format!("{at}/connector"),
                        "connector.not_found",
                        message,
                    ));
                    continue;
                }
                Err(error) => return Err(error),
            };
            let damaged = |_| Error::Internal("a connector cannot be read; import it again");
            if let Some(event) = &node.event {
                let hints = pack.trigger(event).map_err(damaged)?.map(|trigger| trigger.hints);
                if let Some(hints) = described(hints, &at, &mut problems) {
                    let given = node.parameters.get("inputs").and_then(Value::as_object);
                    let given = given.cloned().unwrap_or_default();
                    let input = pack.event_input(&hints).map_err(damaged)?;
                    check_inputs(&given, &input, &format!("{at}/parameters/inputs"), "event", &mut problems);
                }
            }
            let Some(operation) = &node.operation else { continue };
            match pack.operation(operation).map_err(damaged)? {
                Some(found) => {
                    let at = format!("{at}/parameters");
                    check_inputs(&node.parameters, &found.input, &at, "operation", &mut problems);
                }
                None => problems.push(FieldProblem::new(
                    format!("{at}/operation"),
                    "connector.operation_not_found",
                    "The connector has no such operation.",
                )),
            }
        }
        Ok(problems)
    }
}

/// What an event that is there says of how it comes.
fn described(
    hints: Option<Option<TriggerHints>>,
    at: &str,
    problems: &mut Vec<FieldProblem>,
) -> Option<TriggerHints> {
    let Some(hints) = hints else {
        let message = "The connector has no such event.";
        problems.push(FieldProblem::new(format!("{at}/event"), "connector.event_not_found", message));
        return None;
    };
    let hints = hints.filter(|hints| hints.way().is_some());
    if hints.is_none() {
        let message = "The connector does not say how this event comes and how its sender is known. Use a WebhookTrigger, or add `x-flero-trigger` to the description.";
        problems.push(FieldProblem::new(format!("{at}/event"), "connector.event_not_described", message));
    }
    hints
}

/// The inputs are those that the schema names, and none is missing. `what` is what they are for.
fn check_inputs(
    given: &Map<String, Value>,
    schema: &Value,
    at: &str,
    what: &str,
    problems: &mut Vec<FieldProblem>,
) {
    let known: Vec<&str> = schema["properties"]
        .as_object()
        .map(|properties| properties.keys().map(String::as_str).collect())
        .unwrap_or_default();
    let is_closed = schema["additionalProperties"] == Value::Bool(false);
    for name in given.keys().filter(|name| is_closed && !known.contains(&name.as_str())) {
        let pointer = format!("{at}/{}", pointer_segment(name));
        let message = Fault::unknown(name, &known).message;
        problems.push(FieldProblem::new(pointer, "connector.unknown_input", message));
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if given.get(name).is_none_or(Value::is_null) {
            let pointer = format!("{at}/{}", pointer_segment(name));
            let message = format!("The {what} needs this input.");
            problems.push(FieldProblem::new(pointer, "connector.required_input", message));
        }
    }
}
