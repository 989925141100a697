//! Flero's own API keys.

use flero_model::Clock;
use flero_testing::TestServer;
use serde_json::json;

use crate::key_with;

/// Security test 61: a key is shown once, stored as a hash alone, and a typo is told from a wrong key.
#[tokio::test]
async fn a_key_is_shown_once_and_stored_as_a_hash() {
    let server = TestServer::start().await;
    let made = server
        .owner
        .post("/api/api-keys", json!({"name": "ci", "scopes": ["audit:read", "audit:read"]}))
        .await;
    assert!(made.headers["location"].to_str().unwrap().starts_with("/api/api-keys/key_"));
    let made = made.expect(201);
    let key = made["key"].as_str().unwrap();
    assert!(flero_model::api_key::is_well_formed(key));
    assert_eq!(made["scopes"], json!(["audit:read"]));
    let listed = server.owner.get("/api/api-keys").await;
    assert!(!listed.text().contains(key) && listed.text().contains(&key[key.len() - 4..]));
    for entry in std::fs::read_dir(server.folder()).unwrap().flatten().filter(|entry| entry.path().is_file())
    {
        let bytes = std::fs::read(entry.path()).unwrap();
        assert!(!bytes.windows(key.len()).any(|window| window == key.as_bytes()), "{:?}", entry.path());
    }
    let typo = format!("{}{}", &key[..key.len() - 1], if key.ends_with('a') { 'b' } else { 'a' });
    for (presented, code) in [
        (typo.as_str(), "invalid_api_key"),
        ("", "authentication_required"),
        ("sk_live_x", "invalid_api_key"),
    ] {
        assert_eq!(server.owner.with_key(presented).get("/api/me").await.problem(401), code, "{presented}");
    }
    for authorization in ["Basic YTpi", key, ""] {
        let answer = server.owner.send("GET", "/api/me", &[("authorization", authorization)], "").await;
        assert_eq!(answer.status, 401);
    }
}

/// Security test 61: a revoked key is refused from the next request on, though it was in use a moment ago.
#[tokio::test]
async fn a_revoked_key_is_refused_at_once() {
    let server = TestServer::start().await;
    let made =
        server.owner.post("/api/api-keys", json!({"name": "k", "scopes": ["audit:read"]})).await.expect(201);
    let client = server.owner.with_key(made["key"].as_str().unwrap());
    for _ in 0..3 {
        let _ = client.get("/api/audit").await.expect(200);
    }
    let path = format!("/api/api-keys/{}", made["id"].as_str().unwrap());
    assert_eq!(server.owner.delete(&path).await.status, 204);
    assert_eq!(client.get("/api/audit").await.problem(401), "invalid_api_key");
    let listed = server.owner.get("/api/api-keys").await.expect(200);
    let revoked = listed["items"].as_array().unwrap().iter().find(|key| key["id"] == made["id"]).unwrap();
    assert!(revoked["revokedAt"].is_string());
}

/// Security test 61: another process that revokes a key is noticed within a second.
#[tokio::test]
async fn a_key_that_another_process_revoked_is_refused_within_a_second() {
    use flero_store::ApiKeyStore;
    let server = TestServer::start().await;
    let made =
        server.owner.post("/api/api-keys", json!({"name": "k", "scopes": ["audit:read"]})).await.expect(201);
    let client = server.owner.with_key(made["key"].as_str().unwrap());
    let _ = client.get("/api/audit").await.expect(200);
    let id = made["id"].as_str().unwrap().parse().unwrap();
    server.store.revoke_api_key(server.workspace, id, server.clock.now(), Vec::new()).await.unwrap();
    server.clock.advance(999);
    assert_eq!(client.get("/api/audit").await.problem(401), "invalid_api_key");
}

#[tokio::test]
async fn a_key_ends_at_its_expiry_and_outside_of_its_networks() {
    let server = TestServer::start().await;
    let now = server.clock.now();
    let body = json!({"name": "k", "scopes": ["audit:read"], "expiresAt": now.plus_millis(60_000), "allowedNetworks": ["127.0.0.0/8"]});
    let made = server.owner.post("/api/api-keys", body).await.expect(201);
    let client = server.owner.with_key(made["key"].as_str().unwrap());
    let _ = client.get("/api/audit").await.expect(200);
    server.clock.advance(60_000);
    assert_eq!(client.get("/api/audit").await.problem(401), "expired_api_key");
    let elsewhere = json!({"name": "k", "scopes": ["audit:read"], "allowedNetworks": ["203.0.113.7"]});
    let made = server.owner.post("/api/api-keys", elsewhere).await.expect(201);
    assert_eq!(made["allowedNetworks"], json!(["203.0.113.7/32"]));
    let client = server.owner.with_key(made["key"].as_str().unwrap());
    assert_eq!(client.get("/api/audit").await.problem(401), "network_not_allowed");
    for body in [
        json!({"name": "k", "scopes": ["audit:read"], "expiresAt": now}),
        json!({"name": "", "scopes": ["audit:read"]}),
        json!({"name": "k", "scopes": []}),
        json!({"name": "k", "scopes": ["audit:read"], "allowedNetworks": ["everywhere"]}),
    ] {
        assert_eq!(server.owner.post("/api/api-keys", body).await.problem(422), "invalid_fields");
    }
}

#[tokio::test]
async fn a_key_makes_no_key_that_can_do_more_than_itself() {
    let server = TestServer::start().await;
    let end = server.clock.now().plus_millis(3_600_000);
    let body = json!({"name": "k", "scopes": ["members:write", "audit:read"], "expiresAt": end, "allowedNetworks": ["127.0.0.0/8"]});
    let made = server.owner.post("/api/api-keys", body).await.expect(201);
    let client = server.owner.with_key(made["key"].as_str().unwrap());
    let narrower =
        json!({"name": "n", "scopes": ["audit:read"], "expiresAt": end, "allowedNetworks": ["127.0.0.1"]});
    let _ = client.post("/api/api-keys", narrower.clone()).await.expect(201);
    for (field, value) in [
        ("scopes", json!(["workflows:read"])),
        ("expiresAt", json!(end.plus_millis(1))),
        ("expiresAt", json!(null)),
        ("allowedNetworks", json!([])),
        ("allowedNetworks", json!(["0.0.0.0/0"])),
    ] {
        let mut wider = narrower.clone();
        wider[field] = value;
        assert_eq!(client.post("/api/api-keys", wider).await.problem(403), "key_widening", "{field}");
    }
}

#[tokio::test]
async fn a_key_for_chosen_workflows_makes_no_key_for_all_or_for_others() {
    let server = TestServer::start().await;
    let document = || crate::chain(vec![crate::node("s", "Start", json!({}))]);
    let (own, other) = (crate::made(&server, document()).await, crate::made(&server, document()).await);
    let bound = json!({"name": "k", "scopes": ["members:write", "workflows:read"], "workflowIds": [own]});
    let made = server.owner.post("/api/api-keys", bound.clone()).await.expect(201);
    let client = server.owner.with_key(made["key"].as_str().unwrap());
    let _ = client.post("/api/api-keys", bound.clone()).await.expect(201);
    let with = |workflows: serde_json::Value| {
        let mut body = bound.clone();
        body["workflowIds"] = workflows;
        body
    };
    assert_eq!(client.post("/api/api-keys", with(json!(null))).await.problem(403), "key_widening");
    for others in [json!([other]), json!([own, other])] {
        assert_eq!(client.post("/api/api-keys", with(others)).await.problem(404), "not_found");
    }
}

/// A key is ended by whoever made it and by an admin; for everybody else it is not there.
#[tokio::test]
async fn nobody_revokes_a_key_of_somebody_else_but_an_admin() {
    let server = TestServer::start().await;
    let made =
        server.owner.post("/api/api-keys", json!({"name": "k", "scopes": ["audit:read"]})).await.expect(201);
    let key = server.owner.with_key(made["key"].as_str().unwrap());
    let path = format!("/api/api-keys/{}", made["id"].as_str().unwrap());
    let (editor, _) = crate::matrix::guest(&server, "bob@example.com", "editor").await;
    assert_eq!(editor.get("/api/api-keys").await.expect(200)["total"], 0);
    assert_eq!(editor.delete(&path).await.problem(404), "not_found");
    let _ = key.get("/api/audit").await.expect(200);
    let own = editor.post("/api/api-keys", json!({"name": "k", "scopes": ["workflows:read"]})).await;
    let own = format!("/api/api-keys/{}", own.expect(201)["id"].as_str().unwrap());
    assert_eq!(editor.delete(&own).await.status, 204);
    let (admin, _) = crate::matrix::guest(&server, "grace@example.com", "admin").await;
    assert_eq!(admin.delete(&path).await.status, 204);
    assert_eq!(key.get("/api/audit").await.problem(401), "invalid_api_key");
}

#[tokio::test]
async fn a_key_for_chosen_workflows_sees_no_other() {
    let server = TestServer::start().await;
    let document = || crate::chain(vec![crate::node("s", "Start", json!({}))]);
    let (own, other) = (crate::made(&server, document()).await, crate::made(&server, document()).await);
    let scopes = ["workflows:read", "workflows:write", "executions:read", "executions:write"];
    let made = server
        .owner
        .post("/api/api-keys", json!({"name": "k", "scopes": scopes, "workflowIds": [own]}))
        .await
        .expect(201);
    let client = server.owner.with_key(made["key"].as_str().unwrap());
    let listed = client.get("/api/workflows").await.expect(200);
    assert_eq!((listed["total"].as_u64(), &listed["items"][0]["id"]), (Some(1), &json!(own)));
    let _ = client.get(&format!("/api/workflows/{own}")).await.expect(200);
    assert_eq!(client.get(&format!("/api/workflows/{other}")).await.problem(404), "not_found");
    assert_eq!(
        client.post(&format!("/api/workflows/{other}/run"), json!({})).await.problem(404),
        "not_found"
    );
    let _ = client.post(&format!("/api/workflows/{own}/run"), json!({})).await.expect(202);
    let of_other = server.owner.post(&format!("/api/workflows/{other}/run"), json!({})).await.expect(202);
    assert_eq!(client.get("/api/executions").await.expect(200)["total"], 1);
    let path = format!("/api/executions/{}", of_other["executionId"].as_str().unwrap());
    assert_eq!(client.get(&path).await.problem(404), "not_found");
    assert_eq!(client.post("/api/workflows", document()).await.problem(403), "scope_missing");
}

#[tokio::test]
async fn a_key_for_chosen_workflows_starts_no_other_through_its_own() {
    let server = TestServer::start().await;
    let start = || crate::node("s", "Start", json!({}));
    let own = crate::made(&server, crate::chain(vec![start()])).await;
    let other = crate::made(&server, crate::chain(vec![start()])).await;
    let scopes = ["workflows:read", "workflows:write", "executions:read", "executions:write"];
    let made = server
        .owner
        .post("/api/api-keys", json!({"name": "k", "scopes": scopes, "workflowIds": [own]}))
        .await
        .expect(201);
    let client = server.owner.with_key(made["key"].as_str().unwrap());
    let calls = |id: &str| {
        let call = crate::node("call", "SubWorkflow", json!({"workflowId": id}));
        crate::chain(vec![start(), call])
    };
    let fails_into = |id: &str| {
        let mut document = crate::chain(vec![start()]);
        document["settings"] = json!({"errorWorkflowId": id});
        document
    };
    let path = format!("/api/workflows/{own}");
    for (document, pointer) in [
        (calls(&other), "/nodes/1/parameters/workflowId"),
        (calls("wf_01h455vb4pex5vsknk084sn02q"), "/nodes/1/parameters/workflowId"),
        (fails_into(&other), "/settings/errorWorkflowId"),
    ] {
        let refused = client.json("PUT", &path, &document).await.expect(404);
        assert_eq!(refused["errors"][0]["pointer"], pointer);
        assert_eq!(refused["errors"][0]["code"], "workflow.not_found");
    }
    let by_expression = client.json("PUT", &path, &calls("{{ $input.id }}")).await;
    assert_eq!(by_expression.problem(422), "invalid_fields");
    let _ = client.json("PUT", &path, &calls(&own)).await.expect(200);
    let missing = server.owner.json("PUT", &path, &calls("wf_01h455vb4pex5vsknk084sn02q")).await;
    assert_eq!(missing.problem(404), "not_found");
    let _ = server.owner.json("PUT", &path, &fails_into(&other)).await.expect(200);
    let _ = server.owner.json("PUT", &path, &calls(&other)).await.expect(200);
    // The key cannot put the owner's version back either.
    let _ = client.json("PUT", &path, &crate::chain(vec![start()])).await.expect(200);
    let versions = server.owner.get(&format!("{path}/versions")).await.expect(200);
    let before = versions["items"][1]["version"].as_u64().unwrap();
    let back = client.send("POST", &format!("{path}/versions/{before}/rollback"), &[], "").await;
    assert_eq!(back.problem(404), "not_found");
}

#[tokio::test]
async fn the_last_use_is_told() {
    let server = TestServer::start().await;
    let client = server.owner.with_key(&key_with(&server, &["audit:read"]).await);
    let _ = client.get("/api/me").await.expect(200);
    for _ in 0..100 {
        let listed = server.owner.get("/api/api-keys").await.expect(200);
        if listed["items"].as_array().unwrap().iter().all(|key| key["lastUsedAt"].is_string()) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the last use was not noted");
}

/// What all workflows share belongs to the others too, and so does what they did with a credential.
#[tokio::test]
async fn a_key_for_chosen_workflows_changes_nothing_that_all_share() {
    let server = TestServer::start().await;
    let service = flero_testing::Service::start(crate::TOKEN).await;
    let own = crate::made(&server, crate::chain(vec![crate::node("s", "Start", json!({}))])).await;
    let credential = crate::stored(&server, &service).await;
    let body = |workflows: serde_json::Value| {
        json!({"name": "k", "workflowIds": workflows, "scopes": ["workflows:read", "workflows:write", "connectors:read",
            "connectors:write", "credentials:read"]})
    };
    let key = async |workflows| {
        let made = server.owner.post("/api/api-keys", body(workflows)).await.expect(201);
        server.owner.with_key(made["key"].as_str().unwrap())
    };
    let (bound, free) = (key(json!([own])).await, key(json!(null)).await);
    let _ = bound.get("/api/variables").await.expect(200);
    let document = json!({"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "paths": {"/a": {"get": {}}}, "servers": [{"url": "https://x.example"}]});
    for (path, body) in [("/api/variables", json!({"A": 1})), ("/api/connectors/import", document)] {
        let method = if path == "/api/variables" { "PUT" } else { "POST" };
        assert_eq!(bound.json(method, path, &body).await.problem(403), "scope_missing", "{path}");
        assert!(free.json(method, path, &body).await.status.is_success(), "{path}");
    }
    assert_eq!(bound.delete("/api/connectors/x").await.problem(403), "scope_missing");
    let _ = bound.get("/api/connectors/x").await.expect(200);
    let audit = format!("/api/credentials/{credential}/audit");
    assert_eq!(bound.get(&audit).await.expect(200)["total"], 0);
    assert!(free.get(&audit).await.expect(200)["total"].as_u64() > Some(0));
}
