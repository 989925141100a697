//! What is refused at save, with its place and its code.

use flero_model::workflow::WorkflowDocument;
use serde_json::{Value, json};

use super::*;

fn faults(kind: &str, parameters: Value) -> Vec<(String, &'static str)> {
    let mut nodes = vec![json!({"id": "n", "name": "N", "type": kind, "parameters": parameters})];
    if !NodeType::parse(kind).unwrap().is_trigger() {
        nodes.push(json!({"id": "s", "name": "S", "type": "Start"}));
    }
    let document = WorkflowDocument::parse(&json!({"name": "x", "nodes": nodes})).unwrap();
    let strip = |pointer: &str| pointer.strip_prefix("/nodes/0/parameters").unwrap_or(pointer).to_owned();
    check(&document).into_iter().map(|problem| (strip(&problem.pointer), problem.code)).collect()
}

#[test]
fn good_parameters_of_every_type_are_taken() {
    for (kind, parameters) in [
        ("Start", json!({})),
        (
            "WebhookTrigger",
            json!({"path": "/orders/new/", "method": "any", "responseMode": "onCompletion", "responseCode": 201, "payloadType": "json", "allowedOrigins": ["https://app.example.com"],
            "concurrency": {"max": 5, "whenFull": "reject"}, "rateLimit": {"max": 10, "perMs": 1000}, "idempotencyKey": "{{ $trigger.headers.id }}", "activeWhen": "{{ true }}"}),
        ),
        (
            "ScheduleTrigger",
            json!({"type": "cron", "cron": "0 8 * * mon-fri", "timeZone": "Europe/Berlin", "payload": {"a": 1}, "window": {"from": "2026-01-01T00:00:00Z", "days": ["mon"], "hours": {"from": "08:00", "to": "18:00"}}}),
        ),
        (
            "ScheduleTrigger",
            json!({"type": "once", "at": "2030-01-31T08:00", "timeZone": "America/New_York"}),
        ),
        ("ErrorTrigger", json!({})),
        (
            "HTTPRequest",
            json!({"url": "https://a.example/{{ $input.id }}", "method": "PATCH", "query": {"a": 1}, "headers": "{{ $input.h }}", "bodyType": "form", "body": {"a": "b"}, "timeoutMs": 5, "retries": 3,
            "retryDelayMs": 0, "backoff": "exponential", "retryOn": "all", "followRedirects": false, "validateSsl": false, "failOnError": false, "pagination": {"type": "cursor"}, "responseFormat": "json"}),
        ),
        ("If", json!({"conditions": [{"value1": 1, "operator": "isNull"}], "combinator": "or"})),
        ("Switch", json!({"value": 1, "cases": [{"match": "a*", "port": "x"}]})),
        ("Loop", json!({"mode": "batch", "items": [], "batchSize": 5})),
        ("Merge", json!({"mode": "combine"})),
        ("Set", json!({"fields": {"a": 1}, "keepInput": false, "variables": {}})),
        ("Filter", json!({"conditions": [{"value1": "{{ $item }}", "operator": "isTrue"}]})),
        ("Wait", json!({"durationMs": 10})),
        ("Code", json!({"source": "return {{a: 1}}.a"})),
        ("SubWorkflow", json!({"workflowId": "wf_01h455vb4pex5vsknk084sn02q", "wait": false})),
        ("ErrorHandling", json!({"filters": [{"type": "custom", "pattern": "x", "port": "p"}]})),
        ("Terminal", json!({"output": null})),
    ] {
        assert_eq!(faults(kind, parameters.clone()), [], "{kind} {parameters}");
    }
}

fn one(place: &str, code: &'static str) -> Vec<(String, &'static str)> {
    vec![(place.to_owned(), code)]
}

#[test]
fn each_fault_of_a_trigger_has_its_place_and_its_code() {
    for (kind, parameters, expected) in [
        ("Start", json!({"x": 1}), one("/x", "node.unknown_parameter")),
        ("WebhookTrigger", json!({}), one("/path", "node.required")),
        ("WebhookTrigger", json!({"path": "a/../b"}), one("/path", "node.parameter")),
        ("WebhookTrigger", json!({"path": "{{ $env.P }}"}), one("/path", "node.parameter")),
        ("WebhookTrigger", json!({"path": "a", "method": "TRACE"}), one("/method", "node.choice")),
        ("WebhookTrigger", json!({"path": "a", "responseCode": 99}), one("/responseCode", "node.parameter")),
        (
            "WebhookTrigger",
            json!({"path": "a", "allowedOrigins": ["https://a.example/path"]}),
            one("/allowedOrigins", "node.parameter"),
        ),
        (
            "WebhookTrigger",
            json!({"path": "a", "concurrency": {"max": 0}}),
            one("/concurrency/max", "node.parameter"),
        ),
        (
            "WebhookTrigger",
            json!({"path": "a", "rateLimit": {"max": 1}}),
            one("/rateLimit/perMs", "node.parameter"),
        ),
        ("ScheduleTrigger", json!({}), one("/type", "node.required")),
        ("ScheduleTrigger", json!({"type": "cron", "cron": "* * * *"}), one("/cron", "node.cron")),
        ("ScheduleTrigger", json!({"type": "cron", "cron": "* * * * * *"}), one("/cron", "node.cron")),
        ("ScheduleTrigger", json!({"type": "cron", "cron": "0 0 30 2 *"}), one("/cron", "node.cron")),
        ("ScheduleTrigger", json!({"type": "interval"}), one("/intervalMs", "node.required")),
        (
            "ScheduleTrigger",
            json!({"type": "interval", "intervalMs": 10}),
            one("/intervalMs", "node.parameter"),
        ),
        ("ScheduleTrigger", json!({"type": "once", "at": "tomorrow"}), one("/at", "node.parameter")),
        (
            "ScheduleTrigger",
            json!({"type": "once", "at": "2030-01-31T08:00", "timeZone": "Mars/Olympus"}),
            one("/timeZone", "node.time_zone"),
        ),
    ] {
        assert_eq!(faults(kind, parameters.clone()), expected, "{kind} {parameters}");
    }
}

#[test]
fn each_fault_of_a_step_has_its_place_and_its_code() {
    for (kind, parameters, expected) in [
        ("HTTPRequest", json!({}), one("/url", "node.required")),
        ("HTTPRequest", json!({"url": "ftp://a.example"}), one("/url", "node.url")),
        ("HTTPRequest", json!({"url": "a.example/x"}), one("/url", "node.url")),
        ("HTTPRequest", json!({"url": "https://a:b@a.example"}), one("/url", "node.url")),
        (
            "HTTPRequest",
            json!({"url": "https://a.example", "method": "CONNECT"}),
            one("/method", "node.parameter"),
        ),
        ("HTTPRequest", json!({"url": "https://a.example", "query": [1]}), one("/query", "node.parameter")),
        ("HTTPRequest", json!({"url": "https://a.example/{{ $x }}"}), one("/url", "node.expression")),
        (
            "HTTPRequest",
            json!({"url": "https://a.example", "retries": 11}),
            one("/retries", "node.parameter"),
        ),
        (
            "HTTPRequest",
            json!({"url": "https://a.example", "pagination": "sideways"}),
            one("/pagination/type", "node.choice"),
        ),
        ("If", json!({}), one("/conditions", "node.required")),
        (
            "If",
            json!({"conditions": [{"value1": 1, "operator": "like"}]}),
            one("/conditions/0/operator", "node.choice"),
        ),
        (
            "If",
            json!({"conditions": [{"value1": 1, "operator": "regex", "value2": "(?=x)"}]}),
            one("/conditions/0/value2", "node.pattern"),
        ),
        ("Switch", json!({"cases": []}), one("/value", "node.required")),
        (
            "Switch",
            json!({"value": 1, "cases": [{"match": 1, "port": "error"}]}),
            one("/cases/0/port", "node.parameter"),
        ),
        ("Loop", json!({"mode": "range"}), one("/to", "node.required")),
        ("Loop", json!({"mode": "spiral"}), one("/mode", "node.choice")),
        ("Merge", json!({"mode": "zip"}), one("/mode", "node.choice")),
        ("Set", json!({"fields": [1]}), one("/fields", "node.parameter")),
        ("Set", json!({"fields": {"a/b": "{{ 1 + }}"}}), one("/fields/a~1b", "node.expression")),
        ("Wait", json!({}), one("/durationMs", "node.required")),
        (
            "Wait",
            json!({"durationMs": 1, "until": "2030-01-01T00:00:00Z"}),
            one("/durationMs", "node.required"),
        ),
        ("Code", json!({}), one("/source", "node.required")),
        (
            "SubWorkflow",
            json!({"workflowId": "{{ $input.id }}"}),
            one("/workflowId", "node.workflow_reference"),
        ),
        (
            "ErrorHandling",
            json!({"filters": [{"type": "custom"}]}),
            one("/filters/0/pattern", "node.required"),
        ),
        ("ErrorHandling", json!({"filters": [{"type": "weather"}]}), one("/filters/0/type", "node.choice")),
    ] {
        assert_eq!(faults(kind, parameters.clone()), expected, "{kind} {parameters}");
    }
}

#[test]
fn an_edge_from_a_port_that_is_not_there_is_refused() {
    let document = json!({"name": "x", "nodes": [{"id": "s", "name": "S", "type": "Start"}, {"id": "i", "name": "I", "type": "If", "parameters": {"conditions": [{"value1": 1, "operator": "isNull"}]}}, {"id": "t", "name": "T", "type": "Terminal"}],
        "edges": [{"from": "s", "to": "i"}, {"from": "i", "to": "t"}, {"from": "i", "fromPort": "error", "to": "t"}, {"from": "s", "fromPort": "error", "to": "t"}]});
    let document = WorkflowDocument::parse(&document).unwrap();
    let found: Vec<_> = check(&document).into_iter().map(|problem| (problem.pointer, problem.code)).collect();
    assert_eq!(
        found,
        [
            ("/edges/3/fromPort".to_owned(), "node.unknown_port"),
            ("/edges/1/fromPort".to_owned(), "node.unknown_port")
        ]
    );
}

#[test]
fn no_message_quotes_what_was_submitted() {
    let canary = "cnry51f0";
    for (kind, parameters) in [
        (
            "HTTPRequest",
            json!({"url": canary, "method": canary, "query": canary, "retries": canary, "bodyType": canary}),
        ),
        (
            "WebhookTrigger",
            json!({"path": format!("{canary} ?"), "method": canary, "payloadType": canary, "responseCode": canary}),
        ),
        ("ScheduleTrigger", json!({"type": "cron", "cron": canary, "timeZone": canary})),
        ("SubWorkflow", json!({"workflowId": canary})),
        (
            "If",
            json!({"conditions": [{"value1": canary, "operator": canary}, {"operator": "regex", "value2": format!("({canary}")}]}),
        ),
    ] {
        let node =
            json!({"name": "x", "nodes": [{"id": "n", "name": "N", "type": kind, "parameters": parameters}]});
        let document = WorkflowDocument::parse(&node).unwrap();
        for problem in check(&document) {
            assert!(!problem.message.contains(canary), "{}", problem.message);
        }
    }
}
