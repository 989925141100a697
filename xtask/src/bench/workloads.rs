//! The workflows that are measured.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::{flero::Flero, upstream::TOKEN};

/// Names and paths, in the order in which they are measured.
pub(crate) const ALL: [(&str, &str); 3] = [
    ("W1 webhook, GET with credential", "/webhook/bench-w1"),
    ("W2 webhook, 10 Set", "/webhook/bench-w2"),
    ("W3 webhook, 10 expressions", "/webhook/bench-w3"),
];

/// Creates and activates them.
pub(crate) fn create(flero: &Flero, upstream: u16) -> Result<()> {
    let credential = flero.call(
        "POST",
        "/api/credentials",
        Some(&json!({
            "name": "Bench", "service": "http", "authType": "bearer", "scope": "workspace", "parameters": {},
            "data": {"token": TOKEN}, "allowedHosts": [format!("http://127.0.0.1:{upstream}")]
        })),
    )?;
    let call = json!({"id": "call", "name": "Call", "type": "HTTPRequest", "credentialId": credential["id"],
        "parameters": {"method": "GET", "url": format!("http://127.0.0.1:{upstream}/item")}});
    activate(flero, "bench-w1", vec![call], "{{ $input.body }}")?;
    let fixed = (1..=10)
        .map(|place| set(place, json!({format!("field{place}"): format!("value {place}"), "number": place})));
    activate(flero, "bench-w2", fixed.collect(), "{{ $input }}")?;
    let chained = (1..=10).map(|place| {
        let former = if place == 1 {
            "{{ $trigger.method }}".to_owned()
        } else {
            format!("{{{{ $node[\"Set {}\"].json.value }}}}", place - 1)
        };
        set(place, json!({"value": former}))
    });
    activate(flero, "bench-w3", chained.collect(), "{{ $input }}")
}

fn set(place: usize, fields: Value) -> Value {
    json!({"id": format!("set{place}"), "name": format!("Set {place}"), "type": "Set", "parameters": {"fields": fields}})
}

fn activate(flero: &Flero, path: &str, middle: Vec<Value>, output: &str) -> Result<()> {
    let mut nodes = vec![json!({"id": "in", "name": "Webhook", "type": "WebhookTrigger",
        "parameters": {"path": path, "method": "GET", "responseMode": "onCompletion"}})];
    nodes.extend(middle);
    nodes.push(json!({"id": "end", "name": "Answer", "type": "Terminal", "parameters": {"output": output}}));
    let edges: Vec<Value> =
        nodes.windows(2).map(|pair| json!({"from": pair[0]["id"], "to": pair[1]["id"]})).collect();
    let workflow =
        flero.call("POST", "/api/workflows", Some(&json!({"name": path, "nodes": nodes, "edges": edges})))?;
    let id = workflow["id"].as_str().context("the workflow has no id")?;
    flero.call("POST", &format!("/api/workflows/{id}/status"), Some(&json!({"status": "active"})))?;
    Ok(())
}
