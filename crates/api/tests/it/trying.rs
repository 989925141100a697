//! Trying what is being built: checks, previews of expressions, tests of a node.

use flero_testing::{Service, TestServer};
use serde_json::json;

use crate::{TOKEN, chain, made, node, stored};

#[tokio::test]
async fn a_document_is_checked_without_being_saved() {
    let server = TestServer::start().await;
    let call = node(
        "call",
        "HTTPRequest",
        json!({"url": "", "headers": {"Authorization": "Bearer ghp_16C7e42F292c6912E7710c838347Ae178B4a"}}),
    );
    let schedule =
        node("s", "ScheduleTrigger", json!({"type": "cron", "cron": "0 8 * * *", "concurrency": {"max": 2}}));
    let found = server.owner.post("/api/workflows/check", chain(vec![schedule, call])).await.expect(200);
    assert_eq!(found["errors"][0]["pointer"], "/nodes/1/parameters/url", "{found}");
    assert_eq!(found["warnings"][0]["pointer"], "/nodes/1/parameters/headers/Authorization", "{found}");
    assert!(!found.to_string().contains("ghp_16C7"), "the value is never quoted");
    assert_eq!(found["nextRuns"].as_array().unwrap().len(), 5, "{found}");
    let broken =
        server.owner.post("/api/workflows/check", json!({"name": "x", "nodes": [{}]})).await.expect(200);
    assert!(!broken["errors"].as_array().unwrap().is_empty());
    assert_eq!(server.owner.get("/api/workflows").await.expect(200)["total"], 0);
}

#[tokio::test]
async fn expressions_are_previewed_with_given_data_and_the_workspaces_variables() {
    let server = TestServer::start().await;
    let _ = server.owner.json("PUT", "/api/variables", &json!({"REGION": "eu"})).await.expect(200);
    let body = json!({
        "value": {"a": "{{ $node[\"Look up\"].json.id + 1 }}", "b": "in {{ $env.REGION }}", "c": "{{ $input.gone.far }}"},
        "roots": {"input": {"x": 1}, "env": {"REGION": "spoofed"}},
        "nodes": {"Look up": {"id": 41}},
    });
    let seen = server.owner.post("/api/expressions/preview", body).await.expect(200);
    assert_eq!((&seen["value"]["a"], &seen["value"]["b"]), (&json!(42), &json!("in eu")), "{seen}");
    assert_eq!(
        (&seen["errors"][0]["pointer"], &seen["errors"][0]["kind"]),
        (&json!("/c"), &json!("unresolved"))
    );
    let endless = json!({"value": "{{ range(1, 900000).map(x => range(1, 900).length) }}"});
    let limited = server.owner.post("/api/expressions/preview", endless).await.expect(200);
    assert_eq!(limited["errors"][0]["kind"], "limit", "{limited}");
}

#[tokio::test]
async fn a_node_is_tested_alone_with_its_credential_and_what_came_before_it() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let credential = stored(&server, &service).await;
    let mut call = node(
        "call",
        "HTTPRequest",
        json!({"url": format!("{}?from={{{{ $node.set.json.word }}}}", service.url("/me"))}),
    );
    call["credentialId"] = json!(credential);
    let fail = node("set", "Set", json!({"fields": {"word": "never"}}));
    let id = made(&server, chain(vec![node("s", "Start", json!({})), fail, call])).await;
    let path = format!("/api/workflows/{id}/test?wait=true");
    let test = json!({"node": "call", "given": {"set": {"output": {"word": "given"}}}});
    let ended = server.owner.post(&path, test).await.expect(200);
    assert_eq!(ended["status"], "success", "{ended}");
    assert_eq!(ended["trigger"]["kind"], "test");
    assert_eq!(ended["output"]["body"]["account"], "ada");
    let nodes = ended["nodes"].as_array().unwrap();
    assert_eq!((&nodes[0]["nodeId"], &nodes[0]["input"]), (&json!("call"), &json!({"word": "given"})));
    assert!(nodes[1..].iter().all(|node| node["status"] == "skipped"), "{ended}");
    let gone = server.owner.post(&path, json!({"node": "gone"})).await;
    assert_eq!(gone.status, 409, "{gone:?}");
}
