//! The document as a person may get it wrong.

use serde_json::{Value, json};

use super::*;

fn node(id: &str, kind: &str) -> Value {
    json!({"id": id, "name": id, "type": kind, "parameters": {}})
}

fn codes(value: &Value) -> Vec<&'static str> {
    match WorkflowDocument::parse(value) {
        Ok(document) => document.check().iter().map(|problem| problem.code).collect(),
        Err(problems) => problems.iter().map(|problem| problem.code).collect(),
    }
}

#[test]
fn the_document_of_the_contract_is_read_and_written_back() {
    let value = json!({
        "name": "Orders", "nodes": [
            {"id": "in", "name": "Webhook", "type": "WebhookTrigger", "parameters": {"path": "orders"}, "position": {"x": 0.0, "y": 1.5}},
            {"id": "call", "name": "Look up", "type": "HTTPRequest", "credentialId": "cred_01h455vb4pex5vsknk084sn02q",
             "parameters": {"url": "https://api.example.com/{{ $trigger.body.id }}"}, "onUncertain": "fail", "retries": 2}],
        "edges": [{"from": "in", "to": "call"}],
        "settings": {"timeoutMs": 1000, "errorPolicy": "continue", "saveSuccessfulRuns": false}
    });
    let document = WorkflowDocument::parse(&value).unwrap();
    assert_eq!(document.check(), []);
    let again = serde_json::to_value(&document).unwrap();
    assert_eq!(WorkflowDocument::parse(&again).unwrap(), document);
    assert_eq!(again["nodes"], value["nodes"]);
}

/// Security test 64: unknown fields are refused, with their place.
#[test]
fn unknown_fields_are_refused_with_their_place() {
    let problems = WorkflowDocument::parse(&json!({"name": "x", "nodes": [{"id": "a", "name": "a", "type": "Start", "secret/x": 1}], "edgez": []})).unwrap_err();
    let pointers: Vec<&str> = problems.iter().map(|problem| problem.pointer.as_str()).collect();
    assert_eq!(pointers, ["/edgez", "/nodes/0/secret~1x"]);
}

/// Security test 24: a credential is referred to by its ID, never by a name or an expression.
#[test]
fn a_credential_reference_that_is_no_id_is_refused() {
    for reference in ["My key", "{{ $input.credential }}", "cred_", "wf_01h455vb4pex5vsknk084sn02q", ""] {
        let mut call = node("call", "HTTPRequest");
        call["credentialId"] = json!(reference);
        let value = json!({"name": "x", "nodes": [node("s", "Start"), call]});
        assert_eq!(codes(&value), ["workflow.credential_reference"], "{reference}");
    }
}

#[test]
fn each_fault_of_the_graph_has_its_code() {
    let edges = |edges: Value, nodes: Value| json!({"name": "x", "nodes": nodes, "edges": edges});
    let start = || node("s", "Start");
    assert_eq!(codes(&edges(json!([]), json!([]))), ["workflow.no_trigger"]);
    assert_eq!(codes(&edges(json!([]), json!([node("a", "Nope")]))), ["workflow.unknown_node_type"]);
    assert_eq!(codes(&edges(json!([{"from": "s", "to": "x"}]), json!([start()]))), ["workflow.unknown_node"]);
    assert_eq!(
        codes(&edges(json!([{"from": "a", "to": "s"}]), json!([start(), node("a", "Set")]))),
        ["workflow.edge_into_trigger"]
    );
    assert_eq!(
        codes(&edges(json!([]), json!([start(), start()]))),
        ["workflow.duplicate_id", "workflow.duplicate_name", "workflow.second_trigger"]
    );
    let cycle = json!([{"from": "s", "to": "a"}, {"from": "a", "to": "b"}, {"from": "b", "to": "a"}]);
    assert_eq!(
        codes(&edges(cycle, json!([start(), node("a", "Set"), node("b", "Set")]))),
        ["workflow.cycle"]
    );
    assert_eq!(
        codes(&edges(json!([]), json!([start(), node("w", "WebhookTrigger"), node("c", "ScheduleTrigger")]))),
        ["workflow.second_trigger"]
    );
}

//  s ──► l ─loop─► a ──► b        s ──► b enters the body from outside
#[test]
fn an_edge_into_a_loop_body_is_refused() {
    let value = |extra: Value| {
        let mut edges = vec![
            json!({"from": "s", "to": "l"}),
            json!({"from": "l", "fromPort": "loop", "to": "a"}),
            json!({"from": "a", "to": "b"}),
            json!({"from": "l", "fromPort": "done", "to": "d"}),
        ];
        edges.extend(extra.as_array().cloned().unwrap_or_default());
        json!({"name": "x", "nodes": [node("s", "Start"), node("l", "Loop"), node("a", "Set"), node("b", "Set"), node("d", "Set")], "edges": edges})
    };
    assert_eq!(codes(&value(json!([]))), Vec::<&str>::new());
    assert_eq!(codes(&value(json!([{"from": "s", "to": "b"}]))), ["workflow.loop_body_entered"]);
    assert_eq!(codes(&value(json!([{"from": "d", "to": "b"}]))), ["workflow.loop_body_entered"]);
}
