//! Reading the JSON form: strict, and every fault reported at once with its place.

use serde_json::{Map, Value};

use super::{
    Backoff, Edge, ErrorPolicy, MAX_EDGES, MAX_NAME_CHARS, MAX_NODES, Node, NodeType, OnUncertain, Position,
    Settings, WorkflowDocument,
};
use crate::problem::{FieldProblem, pointer_segment};

/// Members that a GET gives and a PUT may therefore send back; they are ignored.
const READ_ONLY: &[&str] = &[
    "id",
    "workspaceId",
    "version",
    "activeVersion",
    "status",
    "ownerId",
    "createdAt",
    "updatedAt",
    "createdBy",
    "activatedBy",
    "activatedAt",
    "warnings",
    "webhookUrl",
    "nextRuns",
];

impl WorkflowDocument {
    /// Reads the JSON form.
    ///
    /// # Errors
    /// Every fault found, each with a JSON pointer. Submitted values are never quoted.
    pub fn parse(value: &Value) -> Result<Self, Vec<FieldProblem>> {
        let mut reader = Reader { problems: Vec::new() };
        let document = reader.document(value);
        match document {
            Some(document) if reader.problems.is_empty() => Ok(document),
            _ => Err(reader.problems),
        }
    }
}

struct Reader {
    problems: Vec<FieldProblem>,
}

impl Reader {
    fn fault(&mut self, at: &str, code: &'static str, message: impl Into<String>) {
        self.problems.push(FieldProblem::new(at, code, message));
    }

    fn object<'v>(&mut self, value: &'v Value, at: &str, known: &[&str]) -> Option<&'v Map<String, Value>> {
        let Some(object) = value.as_object() else {
            self.fault(at, "json.type", "Expected an object.");
            return None;
        };
        for name in object.keys() {
            if !known.contains(&name.as_str()) {
                let message = format!("Unknown field. Known here: {}.", known.join(", "));
                self.fault(&format!("{at}/{}", pointer_segment(name)), "json.unknown_field", message);
            }
        }
        Some(object)
    }

    fn text(&mut self, object: &Map<String, Value>, name: &str, at: &str, max: usize) -> Option<String> {
        match object.get(name) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) if text.chars().count() <= max => Some(text.clone()),
            Some(Value::String(_)) => {
                self.fault(
                    &format!("{at}/{name}"),
                    "json.too_long",
                    format!("Use at most {max} characters."),
                );
                None
            }
            Some(_) => {
                self.fault(&format!("{at}/{name}"), "json.type", "Expected a string.");
                None
            }
        }
    }

    /// A text that must be there and must not be blank.
    fn label(&mut self, object: &Map<String, Value>, name: &str, at: &str) -> String {
        let before = self.problems.len();
        match self.text(object, name, at, MAX_NAME_CHARS) {
            Some(text) if !text.trim().is_empty() => text,
            _ => {
                if self.problems.len() == before {
                    self.fault(&format!("{at}/{name}"), "json.required", "Give a text that is not empty.");
                }
                String::new()
            }
        }
    }

    fn number(
        &mut self,
        object: &Map<String, Value>,
        name: &str,
        at: &str,
        least: u64,
        most: u64,
    ) -> Option<u64> {
        let value = object.get(name).filter(|value| !value.is_null())?;
        match value.as_u64() {
            Some(number) if (least..=most).contains(&number) => Some(number),
            _ => {
                let message = format!("Expected a whole number from {least} to {most}.");
                self.fault(&format!("{at}/{name}"), "json.range", message);
                None
            }
        }
    }

    fn flag(&mut self, object: &Map<String, Value>, name: &str, at: &str, default: bool) -> bool {
        match object.get(name) {
            None | Some(Value::Null) => default,
            Some(Value::Bool(flag)) => *flag,
            Some(_) => {
                self.fault(&format!("{at}/{name}"), "json.type", "Expected true or false.");
                default
            }
        }
    }

    fn choice<T: Copy>(
        &mut self,
        object: &Map<String, Value>,
        name: &str,
        at: &str,
        choices: &[(&str, T)],
    ) -> Option<T> {
        let value = object.get(name).filter(|value| !value.is_null())?;
        let found = value.as_str().and_then(|text| choices.iter().find(|(word, _)| *word == text));
        if found.is_none() {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            self.fault(
                &format!("{at}/{name}"),
                "json.choice",
                format!("Expected one of: {}.", words.join(", ")),
            );
        }
        found.map(|(_, choice)| *choice)
    }

    fn list<'v>(&mut self, object: &'v Map<String, Value>, name: &str, most: usize) -> &'v [Value] {
        match object.get(name) {
            None | Some(Value::Null) => &[],
            Some(Value::Array(items)) if items.len() <= most => items,
            Some(Value::Array(_)) => {
                self.fault(&format!("/{name}"), "json.too_long", format!("Use at most {most} entries."));
                &[]
            }
            Some(_) => {
                self.fault(&format!("/{name}"), "json.type", "Expected an array.");
                &[]
            }
        }
    }

    fn document(&mut self, value: &Value) -> Option<WorkflowDocument> {
        let mut known = vec!["name", "description", "tags", "nodes", "edges", "settings"];
        known.extend_from_slice(READ_ONLY);
        let object = self.object(value, "", &known)?;
        let name = self.label(object, "name", "");
        let description = self.text(object, "description", "", 4_000).unwrap_or_default();
        let mut tags = Vec::new();
        for (place, tag) in self.list(object, "tags", 50).iter().enumerate() {
            match tag.as_str() {
                Some(tag) if !tag.is_empty() && tag.chars().count() <= 60 => tags.push(tag.to_owned()),
                _ => self.fault(
                    &format!("/tags/{place}"),
                    "json.type",
                    "Expected a text of 1 to 60 characters.",
                ),
            }
        }
        if !matches!(object.get("nodes"), Some(Value::Array(_))) {
            self.fault("/nodes", "json.required", "Give an array of nodes.");
        }
        let nodes = self.list(object, "nodes", MAX_NODES).iter().enumerate();
        let nodes = nodes.filter_map(|(place, node)| self.node(node, &format!("/nodes/{place}"))).collect();
        let edges = self.list(object, "edges", MAX_EDGES).iter().enumerate();
        let edges = edges.filter_map(|(place, edge)| self.edge(edge, &format!("/edges/{place}"))).collect();
        let settings = object.get("settings").filter(|value| !value.is_null());
        let settings = settings.map_or_else(Settings::default, |value| self.settings(value));
        Some(WorkflowDocument { name, description, tags, nodes, edges, settings })
    }

    fn node(&mut self, value: &Value, at: &str) -> Option<Node> {
        let known = [
            "id",
            "name",
            "type",
            "connector",
            "operation",
            "event",
            "credentialId",
            "parameters",
            "position",
            "retries",
            "retryDelayMs",
            "backoff",
            "onUncertain",
            "disabled",
            "notes",
        ];
        let object = self.object(value, at, &known)?;
        let id = self.label(object, "id", at);
        let name = self.label(object, "name", at);
        let kind = self.kind(object, at);
        let [connector, operation, event] = self.called(object, at, kind);
        let credential_id = self.credential_id(object, at);
        let parameters = match object.get("parameters") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(parameters)) => parameters.clone(),
            Some(_) => {
                self.fault(&format!("{at}/parameters"), "json.type", "Expected an object.");
                Map::new()
            }
        };
        Some(Node {
            id,
            name,
            connector,
            operation,
            event,
            credential_id,
            parameters,
            position: self.position(object, at),
            retries: self.number(object, "retries", at, 0, 10).map(|number| number as u32),
            retry_delay_ms: self.number(object, "retryDelayMs", at, 0, 86_400_000),
            backoff: self.choice(
                object,
                "backoff",
                at,
                &[("fixed", Backoff::Fixed), ("exponential", Backoff::Exponential)],
            ),
            on_uncertain: self.choice(
                object,
                "onUncertain",
                at,
                &[("retry", OnUncertain::Retry), ("fail", OnUncertain::Fail)],
            ),
            disabled: self.flag(object, "disabled", at, false),
            notes: self.text(object, "notes", at, 4_000).unwrap_or_default(),
            kind: kind?,
        })
    }

    /// What a Connector node calls, or a ConnectorTrigger waits for: connector, operation, event. They are fixed in the
    /// document: an expression here would let data decide what is done with a credential.
    fn called(
        &mut self,
        object: &Map<String, Value>,
        at: &str,
        kind: Option<NodeType>,
    ) -> [Option<String>; 3] {
        let calls = kind == Some(NodeType::Connector);
        let waits = kind == Some(NodeType::ConnectorTrigger);
        [("connector", calls || waits), ("operation", calls), ("event", waits)].map(|(name, is_meant)| {
            let value = object.get(name).filter(|value| !value.is_null());
            let fits = |text: &str| !text.is_empty() && text.len() <= 200 && !text.contains("{{");
            match value.and_then(Value::as_str).filter(|text| fits(text)) {
                Some(text) if is_meant => return Some(text.to_owned()),
                None if !is_meant && value.is_none() => {}
                None if is_meant => {
                    let message = "Name it by its identifier; an expression is not taken here.";
                    self.fault(&format!("{at}/{name}"), "json.required", message);
                }
                _ => {
                    let owner = match name {
                        "connector" => "Only a Connector or ConnectorTrigger node has this.",
                        "operation" => "Only a Connector node has this.",
                        _ => "Only a ConnectorTrigger node has this.",
                    };
                    self.fault(&format!("{at}/{name}"), "json.unknown_field", owner);
                }
            }
            None
        })
    }

    fn kind(&mut self, object: &Map<String, Value>, at: &str) -> Option<NodeType> {
        let kind = object.get("type").and_then(Value::as_str).and_then(NodeType::parse);
        if kind.is_none() {
            let words: Vec<&str> = NodeType::ALL.iter().map(|kind| kind.as_str()).collect();
            let message = format!("Unknown node type. There are: {}.", words.join(", "));
            self.fault(&format!("{at}/type"), "workflow.unknown_node_type", message);
        }
        kind
    }

    /// Security test 24 stands on this: an identifier and nothing else, never a name, never an expression.
    fn credential_id(&mut self, object: &Map<String, Value>, at: &str) -> Option<crate::CredentialId> {
        let value = object.get("credentialId").filter(|value| !value.is_null())?;
        let id = value.as_str().and_then(|text| text.parse().ok());
        if id.is_none() {
            self.fault(
                &format!("{at}/credentialId"),
                "workflow.credential_reference",
                "Expected the ID of a credential (cred_...); a name or an expression is not taken.",
            );
        }
        id
    }

    fn position(&mut self, object: &Map<String, Value>, at: &str) -> Option<Position> {
        let value = object.get("position").filter(|value| !value.is_null())?;
        let at = format!("{at}/position");
        let place = self.object(value, &at, &["x", "y"])?;
        match (place.get("x").and_then(Value::as_f64), place.get("y").and_then(Value::as_f64)) {
            (Some(x), Some(y)) => Some(Position { x, y }),
            _ => {
                self.fault(&at, "json.type", "Expected x and y as numbers.");
                None
            }
        }
    }

    fn edge(&mut self, value: &Value, at: &str) -> Option<Edge> {
        let object = self.object(value, at, &["id", "from", "fromPort", "to", "toPort"])?;
        Some(Edge {
            from: self.label(object, "from", at),
            to: self.label(object, "to", at),
            from_port: self
                .text(object, "fromPort", at, MAX_NAME_CHARS)
                .unwrap_or_else(|| "output".to_owned()),
            to_port: self.text(object, "toPort", at, MAX_NAME_CHARS).unwrap_or_else(|| "input".to_owned()),
        })
    }

    fn settings(&mut self, value: &Value) -> Settings {
        let known = [
            "timeoutMs",
            "errorPolicy",
            "errorWorkflowId",
            "saveSuccessfulRuns",
            "failOnExpressionError",
            "viewersMayRun",
        ];
        let default = Settings::default();
        let Some(object) = self.object(value, "/settings", &known) else { return default };
        let at = "/settings";
        let policies = [
            ("stop", ErrorPolicy::Stop),
            ("continue", ErrorPolicy::Continue),
            ("workflow", ErrorPolicy::Workflow),
        ];
        let error_workflow_id = match object.get("errorWorkflowId").filter(|value| !value.is_null()) {
            None => None,
            Some(value) => {
                let id = value.as_str().and_then(|text| text.parse().ok());
                if id.is_none() {
                    self.fault(
                        "/settings/errorWorkflowId",
                        "json.type",
                        "Expected the ID of a workflow (wf_...).",
                    );
                }
                id
            }
        };
        Settings {
            // A day at most; longer waits belong into a schedule.
            timeout_ms: self.number(object, "timeoutMs", at, 1, 86_400_000).unwrap_or(default.timeout_ms),
            error_policy: self.choice(object, "errorPolicy", at, &policies).unwrap_or_default(),
            error_workflow_id,
            save_successful_runs: self.flag(object, "saveSuccessfulRuns", at, true),
            fail_on_expression_error: self.flag(object, "failOnExpressionError", at, false),
            viewers_may_run: self.flag(object, "viewersMayRun", at, false),
        }
    }
}
