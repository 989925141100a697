//! Workflows: documents, versions, statuses, references.

use flero_testing::{Service, TestServer};
use serde_json::{Value, json};

use crate::{TOKEN, bearer, chain, made, node, set_status};

fn start() -> Value {
    node("s", "Start", json!({}))
}

#[tokio::test]
async fn every_save_is_a_version_and_a_former_one_can_be_put_back() {
    let server = TestServer::start().await;
    let id = made(&server, chain(vec![start()])).await;
    let path = format!("/api/workflows/{id}");
    let first = server.owner.get(&path).await;
    let tag = first.headers["etag"].to_str().unwrap().to_owned();
    let mut document = first.expect(200);
    assert_eq!((&document["version"], &document["status"]), (&json!(1), &json!("draft")));
    document["name"] = json!("Second");
    let headers = [("content-type", "application/json"), ("if-match", tag.as_str())];
    let saved = server.owner.send("PUT", &path, &headers, document.to_string()).await;
    assert_eq!((&saved.expect(200)["version"], &saved.json()["name"]), (&json!(2), &json!("Second")));
    assert_ne!(saved.headers["etag"].to_str().unwrap(), tag);
    assert_eq!(server.owner.send("PUT", &path, &headers, document.to_string()).await.problem(412), "changed");
    let versions = server.owner.get(&format!("{path}/versions?limit=1")).await.expect(200);
    assert_eq!((&versions["items"][0]["version"], &versions["total"]), (&json!(2), &json!(2)));
    let rest = server
        .owner
        .get(&format!("{path}/versions?cursor={}", versions["nextCursor"].as_str().unwrap()))
        .await
        .expect(200);
    assert_eq!((&rest["items"][0]["version"], &rest["nextCursor"]), (&json!(1), &Value::Null));
    assert_eq!(
        server.owner.get(&format!("{path}/versions/1")).await.expect(200)["document"]["name"],
        "Sample"
    );
    let back = server.owner.send("POST", &format!("{path}/versions/1/rollback"), &[], "").await.expect(200);
    assert_eq!((&back["version"], &back["name"]), (&json!(3), &json!("Sample")));
    assert_eq!(server.owner.get(&format!("{path}/versions/9")).await.problem(404), "not_found");
    assert_eq!(server.owner.delete(&path).await.status, 204);
    assert_eq!(server.owner.get(&path).await.problem(404), "not_found");
}

#[tokio::test]
async fn what_cannot_run_is_refused_with_the_place_of_each_fault() {
    let server = TestServer::start().await;
    let cycle = json!({"name": "x", "nodes": [start(), node("a", "Set", json!({"fields": {}})), node("b", "Set", json!({"fields": {}}))],
        "edges": [{"from": "s", "to": "a"}, {"from": "a", "to": "b"}, {"from": "b", "to": "a"}]});
    for (document, code) in [
        (cycle, "workflow.cycle"),
        (chain(vec![node("s", "Teleport", json!({}))]), "workflow.unknown_node_type"),
        (chain(vec![node("a", "Set", json!({"fields": {}}))]), "workflow.no_trigger"),
    ] {
        let answer = server.owner.post("/api/workflows", document).await;
        assert_eq!(answer.problem(422), "invalid_fields");
        assert_eq!(answer.json()["errors"][0]["code"], code);
    }
    let broken = chain(vec![start(), node("a", "Set", json!({"fields": {"x": "{{ $input.. }}"}}))]);
    let answer = server.owner.post("/api/workflows", broken).await.expect(422);
    assert!(
        answer["errors"][0]["pointer"].as_str().unwrap().starts_with("/nodes/1/parameters/fields/x"),
        "{answer}"
    );
    let unknown =
        chain(vec![start(), node("a", "HTTPRequest", json!({"url": "https://x.example.com", "colour": 1}))]);
    let answer = server.owner.post("/api/workflows", unknown).await.expect(422);
    assert_eq!(answer["errors"][0]["pointer"], "/nodes/1/parameters/colour");
}

/// Security test 24: a credential is named by its ID alone. Security test 21: a foreign one is like a missing one.
#[tokio::test]
async fn a_workflow_names_only_credentials_that_its_saver_may_use() {
    let server = TestServer::start().await;
    let with = |reference: Value| {
        let mut call = node("call", "HTTPRequest", json!({"url": "https://api.example.com"}));
        call["credentialId"] = reference;
        chain(vec![start(), call])
    };
    for reference in ["Practice", "{{ $input.credential }}", "cred_"] {
        let answer = server.owner.post("/api/workflows", with(json!(reference))).await.expect(422);
        assert_eq!(answer["errors"][0]["code"], "workflow.credential_reference");
    }
    let service = Service::start(TOKEN).await;
    let new: Value = bearer(&service);
    let foreign = server.app.create_credential(&server.stranger(), new_credential(&new)).await.unwrap().id;
    let mut answers = Vec::new();
    for id in [foreign.to_string(), "cred_01h455vb4pex5vsknk084sn02q".to_owned()] {
        let answer = server.owner.post("/api/workflows", with(json!(id))).await.expect(404);
        assert_eq!(answer["errors"][0]["pointer"], "/nodes/1/credentialId");
        answers.push(answer);
    }
    assert_eq!(answers[0], answers[1]);
    let denied = server.owner.get("/api/audit?action=credential.denied").await.expect(200);
    assert_eq!(denied["total"], 2);
}

fn new_credential(body: &Value) -> flero_app::credentials::NewCredential {
    flero_app::credentials::NewCredential {
        name: "Foreign".into(),
        service: "http".into(),
        auth_type: flero_model::credential::AuthType::Bearer,
        scope: flero_model::credential::Scope::Workspace,
        parameters: serde_json::Map::new(),
        data: serde_json::from_value(body["data"].clone()).unwrap(),
        allowed_hosts: vec!["api.example.com".into()],
        notes: String::new(),
        expires_at: None,
        rotate_every_days: None,
    }
}

#[tokio::test]
async fn a_pasted_secret_is_told_at_save_and_not_quoted() {
    let server = TestServer::start().await;
    let token = format!("ghp_{}", "a1B2c3D4e5F6".repeat(3));
    let call = node(
        "call",
        "HTTPRequest",
        json!({"url": "https://api.github.com", "headers": {"Authorization": format!("Bearer {token}")}}),
    );
    let answer = server.owner.post("/api/workflows", chain(vec![start(), call])).await.expect(201);
    let warning = &answer["warnings"][0];
    assert_eq!(
        (&warning["pointer"], &warning["kind"]),
        (&json!("/nodes/1/parameters/headers/Authorization"), &json!("GitHub personal access token"))
    );
    assert!(!warning["message"].as_str().unwrap().contains(&token));
    let clean = server.owner.post("/api/workflows", chain(vec![start()])).await.expect(201);
    assert_eq!(clean["warnings"], json!([]));
}

#[tokio::test]
async fn activation_checks_every_reference_anew() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let credential = crate::stored(&server, &service).await;
    let mut call = node("call", "HTTPRequest", json!({"url": service.url("/me")}));
    call["credentialId"] = json!(credential);
    let id = made(&server, chain(vec![node("in", "WebhookTrigger", json!({"path": "anew"})), call])).await;
    assert_eq!(server.owner.delete(&format!("/api/credentials/{credential}")).await.status, 204);
    let answer = server.owner.post(&format!("/api/workflows/{id}/status"), json!({"status": "active"})).await;
    assert_eq!(answer.problem(404), "not_found");
    assert_eq!(answer.json()["errors"][0]["pointer"], "/nodes/1/credentialId");
    assert_eq!(server.owner.post("/webhook/anew", json!({})).await.status, 404);
}

#[tokio::test]
async fn a_webhook_path_is_unique_and_names_nobody() {
    let server = TestServer::start().await;
    let hook = || chain(vec![node("in", "WebhookTrigger", json!({"path": "taken"}))]);
    let (first, second) = (made(&server, hook()).await, made(&server, hook()).await);
    set_status(&server, &first, "active").await;
    let answer =
        server.owner.post(&format!("/api/workflows/{second}/status"), json!({"status": "active"})).await;
    assert_eq!(answer.problem(409), "webhook_path_taken");
    assert!(!answer.text().contains(&first));
    set_status(&server, &first, "inactive").await;
    set_status(&server, &second, "active").await;
}

#[tokio::test]
async fn an_archived_workflow_is_put_away_until_it_is_brought_back() {
    let server = TestServer::start().await;
    let id = made(&server, chain(vec![start()])).await;
    set_status(&server, &id, "archived").await;
    assert_eq!(server.owner.get("/api/workflows").await.expect(200)["total"], 0);
    assert_eq!(server.owner.get("/api/workflows?status=archived").await.expect(200)["total"], 1);
    let path = format!("/api/workflows/{id}");
    assert_eq!(
        server.owner.json("PUT", &path, &chain(vec![start()])).await.problem(409),
        "workflow_archived"
    );
    assert_eq!(server.owner.post(&format!("{path}/run"), json!({})).await.problem(409), "workflow_archived");
    assert_eq!(
        server.owner.post(&format!("{path}/status"), json!({"status": "active"})).await.problem(409),
        "workflow_archived"
    );
    set_status(&server, &id, "inactive").await;
    let _ = server.owner.post(&format!("{path}/run"), json!({})).await.expect(202);
    assert_eq!(
        server.owner.post(&format!("{path}/status"), json!({"status": "on"})).await.problem(422),
        "invalid_fields"
    );
}

#[tokio::test]
async fn a_curl_command_becomes_a_node_without_its_secret() {
    let server = TestServer::start().await;
    let command = "curl -X POST https://api.example.com/v1/items -H 'Authorization: Bearer canary-curl-1234567890' -H 'X-Trace: 1' -d '{\"a\":1}'";
    let answer = server.owner.post("/api/workflows/import-curl", json!({ "command": command })).await;
    let imported = answer.expect(200);
    assert_eq!(
        (&imported["node"]["type"], &imported["node"]["parameters"]["method"]),
        (&json!("HTTPRequest"), &json!("POST"))
    );
    assert_eq!(imported["credentials"][0]["authType"], "bearer");
    assert_eq!(imported["credentials"][0]["allowedHosts"], json!(["api.example.com"]));
    assert!(!answer.text().contains("canary-curl"));
    assert_eq!(
        server.owner.post("/api/workflows/import-curl", json!({"command": "wget x"})).await.problem(422),
        "invalid_fields"
    );
}

#[tokio::test]
async fn a_scheduled_workflow_tells_its_next_five_fires() {
    let server = TestServer::start().await;
    let trigger = node(
        "s",
        "ScheduleTrigger",
        json!({"type": "cron", "cron": "0 9 * * 1", "timeZone": "Europe/Berlin"}),
    );
    let id = made(&server, chain(vec![trigger])).await;
    let view = server.owner.get(&format!("/api/workflows/{id}")).await.expect(200);
    // The clock of the test stands at 2027-01-15, a Friday.
    assert_eq!(
        view["nextRuns"],
        json!([
            "2027-01-18T08:00:00.000Z",
            "2027-01-25T08:00:00.000Z",
            "2027-02-01T08:00:00.000Z",
            "2027-02-08T08:00:00.000Z",
            "2027-02-15T08:00:00.000Z"
        ])
    );
    // What a GET gave can be sent back.
    let saved = server.owner.json("PUT", &format!("/api/workflows/{id}"), &view).await.expect(200);
    assert_eq!(saved["nextRuns"], view["nextRuns"]);
    let other = made(&server, chain(vec![node("s", "Start", json!({}))])).await;
    let view = server.owner.get(&format!("/api/workflows/{other}")).await.expect(200);
    assert!(view.get("nextRuns").is_none());
}

#[tokio::test]
async fn retention_is_read_and_set_by_administrators_on_the_record() {
    let server = TestServer::start().await;
    let path = "/api/settings/retention";
    assert_eq!(server.owner.get(path).await.expect(200), json!({"maxCount": 100_000, "maxAgeDays": 30}));
    let set = server.owner.json("PUT", path, &json!({"maxCount": 5, "maxAgeDays": 7})).await.expect(200);
    assert_eq!(server.owner.get(path).await.expect(200), set);
    let bad = server.owner.json("PUT", path, &json!({"maxCount": 0, "maxAgeDays": 4_000})).await;
    assert_eq!(bad.problem(422), "invalid_fields");
    let pointers: Vec<_> =
        bad.json()["errors"].as_array().unwrap().iter().map(|e| e["pointer"].clone()).collect();
    assert_eq!(pointers, ["/maxCount", "/maxAgeDays"]);
    let audit = server.owner.get("/api/audit?action=settings.changed").await.expect(200);
    assert_eq!(
        (&audit["total"], &audit["items"][0]["detail"]["to"]),
        (&json!(1), &json!("5 executions, 7 days"))
    );
    let me = server.owner.get("/api/me").await.expect(200);
    let may = |name: &str| me["permissions"].as_array().unwrap().contains(&json!(name));
    assert!(may("settings.write") && may("workflows.create"));
    let reader = server.owner.with_key(&crate::key_with(&server, &["workflows:read"]).await);
    let me = reader.get("/api/me").await.expect(200);
    assert_eq!(me["permissions"], json!(["workflows.read", "variables.read"]));
}
