//! The description is generated, complete, and changes on purpose only.

use serde_json::Value;

const SNAPSHOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");

#[test]
fn the_description_is_the_one_that_was_reviewed() {
    let mut text = serde_json::to_string_pretty(&flero_api::description()).unwrap();
    text.push('\n');
    if std::env::var_os("FLERO_BLESS").is_some() {
        std::fs::write(SNAPSHOT, &text).unwrap();
    }
    let reviewed = std::fs::read_to_string(SNAPSHOT).unwrap_or_default();
    assert!(
        text == reviewed,
        "the description changed; review it with FLERO_BLESS=1 cargo test -p flero-api and commit openapi.json"
    );
}

#[test]
fn the_description_names_title_licence_and_key() {
    let document = serde_json::to_value(flero_api::description()).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    assert_eq!(document["info"]["title"], "Flero");
    assert_eq!(document["info"]["license"]["identifier"], "Apache-2.0");
    assert!(document["info"].get("contact").is_none_or(Value::is_null));
    assert_eq!(document["components"]["securitySchemes"]["apiKey"]["scheme"], "bearer");
}

#[tokio::test]
async fn the_description_and_the_pages_of_codes_are_served() {
    let server = flero_testing::TestServer::start().await;
    let open = server.owner.anonymous();
    let served = open.get("/api/openapi.json").await.expect(200);
    assert_eq!(served, serde_json::to_value(flero_api::description()).unwrap());
    for code in flero_api::error::codes::ALL {
        let page = open.get(&format!("/docs/errors/{}", code.code)).await;
        assert_eq!(page.status, 200);
        assert!(page.text().starts_with(&format!("# {}", code.code)));
    }
    for name in ["executions", "executions.md", "http.dns", "credential.destination_refused"] {
        let page = open.get(&format!("/docs/errors/{name}")).await;
        assert_eq!(
            (page.status.as_u16(), page.text().starts_with("# Codes of steps")),
            (200, true),
            "{name}"
        );
    }
    for name in ["http.nope", "http.", ".", "http"] {
        assert_eq!(open.get(&format!("/docs/errors/{name}")).await.status, 404, "{name}");
    }
    assert_eq!(open.get("/docs/errors/nope").await.problem(404), "not_found");
}

/// Security test 67: a name in a path is looked up in a table and never becomes a file.
#[tokio::test]
async fn a_path_that_climbs_out_finds_nothing() {
    let server = flero_testing::TestServer::start().await;
    for path in [
        "/docs/errors/..%2F..%2FCargo.toml",
        "/docs/errors/%2Fetc%2Fpasswd",
        "/webhook/../api/me",
        "/webhook/..%2F..%2Fx",
        "/docs/errors/not_found%00",
    ] {
        assert_eq!(server.owner.anonymous().get(path).await.status, 404, "{path}");
    }
}

/// The names of a schema's members, or the words of its enumeration.
fn members(schema: &str) -> Vec<String> {
    let document = serde_json::to_value(flero_api::description()).unwrap();
    let schema = &document["components"]["schemas"][schema];
    let mut names: Vec<String> = match schema["properties"].as_object() {
        Some(properties) => properties.keys().cloned().collect(),
        None => {
            schema["enum"].as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect()
        }
    };
    names.sort();
    names
}

fn keys(value: &Value) -> Vec<String> {
    let mut keys: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
    keys.sort();
    keys
}

#[test]
fn the_described_documents_are_those_that_are_read_and_written() {
    use flero_model::{CredentialId, Timestamp, execution, workflow::WorkflowDocument};
    let attempt = execution::AttemptReport {
        number: 1,
        started_at: Timestamp::from_millis(0),
        finished_at: Some(Timestamp::from_millis(1)),
        error: Some(execution::ErrorInfo::new("http.status", "x")),
        next_at: Some(Timestamp::from_millis(2)),
        uncertain: true,
    };
    let report = execution::NodeReport {
        node_id: String::new(),
        name: String::new(),
        status: execution::NodeStatus::Success,
        input: Value::Null,
        output: Value::Null,
        port: None,
        error: None,
        attempts: 1,
        attempt_details: vec![attempt.clone()],
        maybe_duplicated: true,
        iteration: vec![0],
        logs: vec![String::new()],
        started_at: Some(Timestamp::from_millis(0)),
        finished_at: None,
        credential_id: Some(CredentialId::from_u128(1)),
        credential_name: Some(String::new()),
    };
    assert_eq!(members("NodeReport"), keys(&serde_json::to_value(report).unwrap()));
    assert_eq!(members("AttemptReport"), keys(&serde_json::to_value(attempt).unwrap()));
    let statuses = ["pending", "running", "success", "failed", "cancelled", "timeout", "waitingForInput"];
    let mut known =
        statuses.map(|word| execution::ExecutionStatus::parse(word).unwrap().as_str().to_owned()).to_vec();
    known.sort();
    assert_eq!(members("ExecutionStatus"), known);
    let document = serde_json::json!({"name": "x", "settings": {"timeoutMs": 1_000, "errorPolicy": "workflow",
            "errorWorkflowId": "wf_01h455vb4pex5vsknk084sn02q", "saveSuccessfulRuns": true,
            "failOnExpressionError": true, "viewersMayRun": true},
        "nodes": [{"id": "s", "name": "s", "type": "Start", "position": {"x": 1, "y": 2}},
            {"id": "c", "name": "c", "type": "HTTPRequest", "credentialId": "cred_01h455vb4pex5vsknk084sn02q",
             "parameters": {"url": "https://x.example"}, "position": {"x": 1, "y": 2}, "retries": 1, "retryDelayMs": 5,
             "backoff": "fixed", "onUncertain": "fail", "disabled": true, "notes": "n"}],
        "edges": [{"from": "s", "fromPort": "error", "to": "c", "toPort": "other"}]});
    let parsed = WorkflowDocument::parse(&document).unwrap();
    let written = serde_json::to_value(&parsed).unwrap();
    assert_eq!(keys(&written["settings"]), members("Settings"));
    let node = keys(&written["nodes"][1]);
    assert!(node.iter().all(|name| members("Node").contains(name)), "{node:?}");
    assert_eq!(keys(&written["edges"][0]), members("Edge"));
}
